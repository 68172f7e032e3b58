//! Records: what is stored and what crosses to JavaScript. Stored text may have been altered.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::string::string_regex;
use proptest::test_runner::TestCaseResult;

use super::holds;
use super::input::Alteration;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::record::{Record, record};

record! {
    /// A field of every kind.
    #[derive(Debug)]
    struct Outer {
        secret: Secret,
        at: UnixTime,
        count: u64,
        flag: bool,
        maybe: Option<String>,
        inner: Shared<Inner>,
        list: Vec<Shared<Inner>>,
    }

    #[derive(Debug)]
    struct Inner {
        text: String,
        maybe: Option<u64>,
    }
}

fn inner() -> impl Strategy<Value = Inner> {
    (".{1,6}", option::of(any::<u64>())).prop_map(|(text, maybe)| Inner { text, maybe })
}

fn outer() -> impl Strategy<Value = Outer> {
    // Milliseconds are exact below 2^52, also when two digits are added to these.
    let at = (0..10_u64.pow(13)).prop_map(|at| UnixTime::EPOCH.plus(at as f64 / 1000.0));
    let texts = (".{1,6}", option::of(".{1,6}"));
    let numbers = (at, any::<u64>(), any::<bool>());
    (texts, numbers, inner(), vec(inner(), 0..3)).prop_map(
        |((secret, maybe), (at, count, flag), inner, list)| Outer {
            secret: Secret::new(secret),
            at,
            count,
            flag,
            maybe,
            inner: Shared::new(inner),
            list: list.into_iter().map(Shared::new).collect(),
        },
    )
}

/// The fields, for comparison.
fn fields(record: &Outer) -> impl PartialEq + std::fmt::Debug + use<> {
    let inner = |inner: &Shared<Inner>| (inner.text.clone(), inner.maybe);
    (
        String::from(record.secret.expose()),
        record.at,
        (record.count, record.flag, record.maybe.clone()),
        inner(&record.inner),
        record.list.iter().map(inner).collect::<Vec<_>>(),
    )
}

/// A record that was read lacks nothing, and is stored in the form in which it is read again.
fn is_whole(record: &Outer) -> TestCaseResult {
    let inner = record.list.iter().chain([&record.inner]);
    let mut texts = inner.map(|inner| inner.text.as_str());
    prop_assert!(texts.all(|text| !text.is_empty()));
    prop_assert!(!record.secret.expose().is_empty());
    prop_assert_ne!(record.maybe.as_deref(), Some(""));
    prop_assert!(record.at.seconds() >= 0.0);
    let again = Outer::from_text(&record.to_text());
    prop_assert_eq!(again.as_ref().map(fields), Some(fields(record)));
    Ok(())
}

#[test]
fn a_record_reads_what_it_wrote() {
    holds(outer(), |record| is_whole(&record));
}

#[test]
fn an_altered_record_is_whole_or_none() {
    let alteration = Alteration::with("[&=%+012af]{0,2}|[ -~]");
    holds((outer(), alteration), |(record, alteration)| {
        let altered = alteration.of(&record.to_text());
        Outer::from_text(&altered).map_or(Ok(()), |record| is_whole(&record))
    });
}

#[test]
fn no_text_breaks_the_reading() {
    let parameter = string_regex(
        "(secret|at|count|flag|maybe|inner|list)=\
            (1|[0-9]{0,15}|18446744073709551616|a%26|text(=|%3[dD])a|.{0,2})",
    );
    let parameter = parameter.unwrap();
    let text = vec(parameter, 0..12).prop_map(|parameters| parameters.join("&"));
    holds(prop_oneof![9 => text, 1 => any::<String>()], |text| {
        Outer::from_text(&text).map_or(Ok(()), |record| is_whole(&record))
    });
}

#[test]
fn a_record_without_one_of_its_fields_is_none() {
    holds((outer(), any::<Index>()), |(record, index)| {
        let text = record.to_text();
        let mut parameters: Vec<_> = text.split('&').collect();
        let index = index.index(parameters.len());
        let name = parameters[index].split('=').next().unwrap();
        let emptied = format!("{name}=");
        parameters[index] = &emptied;
        let read = Outer::from_text(&parameters.join("&"));
        prop_assert_eq!(read.is_some(), name == "maybe", "{} is empty", name);
        parameters.remove(index);
        let read = Outer::from_text(&parameters.join("&"));
        let is_optional = ["flag", "maybe", "list"].contains(&name);
        prop_assert_eq!(read.is_some(), is_optional, "{} is absent", name);
        Ok(())
    });
}

#[test]
fn the_order_of_a_records_fields_means_nothing() {
    holds((outer(), any::<Index>()), |(record, index)| {
        let text = record.to_text();
        let is_single = |field: &&str| !field.starts_with("list=");
        let mut parameters: Vec<_> = text.split('&').filter(is_single).collect();
        let before = Outer::from_text(&parameters.join("&"));
        let first = index.index(parameters.len());
        parameters.rotate_left(first);
        let after = Outer::from_text(&parameters.join("&"));
        prop_assert!(before.is_some());
        prop_assert_eq!(after.as_ref().map(fields), before.as_ref().map(fields));
        Ok(())
    });
}
