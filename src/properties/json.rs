//! JSON, read strictly: RFC 8259, RFC 7515 section 4, RFC 7519 section 4. The values are compared
//! with those that `serde_json` makes of the whole text.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::holds;
use super::input::Alteration;
use crate::core::wire::json::{JsonFault, JsonObject, WrongType};
use crate::edge::json::{parse_json, parse_json_array};

/// Short names, so that some stand twice and others differ in one letter only.
const NAME: &str = "[ab]{1,5}|[a\u{e9}\"\\\\\n]{0,2}";

type Members = Vec<(String, Value)>;

fn members() -> impl Strategy<Value = Members> {
    vec((NAME, values()), 0..6)
}

fn values() -> impl Strategy<Value = Value> {
    // `serde_json` rounds longer fractions its own way.
    let fraction = |number| Value::from(f64::from(number) / 1000.0);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i32>().prop_map(fraction),
        "[0-9]{1,3}|.{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let array = vec(inner.clone(), 0..4).prop_map(Value::from);
        let object = vec((NAME, inner), 0..3);
        prop_oneof![array, object.prop_map(|members| value_of(members).into())]
    })
}

fn value_of(members: Members) -> Map<String, Value> {
    members.into_iter().collect()
}

/// The object as text, with the names as they are or in escapes, which changes no name.
fn written(members: &Members, is_escaped: bool) -> String {
    let mut text = String::from("{");
    for (name, value) in members {
        if text.len() > 1 {
            text += " ,";
        }
        if is_escaped {
            let units = name.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            text += &format!("\"{}\"", units.collect::<String>());
        } else {
            text += &Value::from(name.as_str()).to_string();
        }
        text += &format!(": {value}");
    }
    text + "}"
}

fn has_duplicates(members: &Members) -> bool {
    let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
    names.sort();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

/// Whether every reader reads every member by its type, and one that is absent as absent.
fn is_read(object: &dyn JsonObject, members: &Map<String, Value>) -> TestCaseResult {
    for (name, value) in members.iter().chain([(&"absent".into(), &Value::Null)]) {
        let string = value.as_str().map(String::from);
        let number = value.as_f64();
        let strings: Option<Vec<String>> = serde_json::from_value(value.clone()).ok();
        let one_or_more = string.clone().map(|one| vec![one]).or(strings.clone());
        let is_digit = |letter: char| letter.is_ascii_digit();
        let digits = value.as_str().filter(|text| text.chars().all(is_digit));
        let whole = digits.and_then(|digits| digits.parse::<u64>().ok());
        let number_or_digits = number.or(whole.map(|whole| whole as f64));

        prop_assert_eq!(object.string(name), of_type(value, string));
        prop_assert_eq!(object.number(name), of_type(value, number));
        prop_assert_eq!(object.boolean(name), of_type(value, value.as_bool()));
        prop_assert_eq!(object.strings(name), of_type(value, strings));
        prop_assert_eq!(object.string_or_strings(name), of_type(value, one_or_more));
        prop_assert_eq!(
            object.number_or_digits(name),
            of_type(value, number_or_digits)
        );
    }
    Ok(())
}

/// `null` counts as absent, and a value of another type is an error.
fn of_type<T>(value: &Value, read: Option<T>) -> Result<Option<T>, WrongType> {
    if value.is_null() {
        return Ok(None);
    }
    read.map(Some).ok_or(WrongType)
}

#[test]
fn rfc_7515_4_and_rfc_7519_4_members_are_read_and_stand_once() {
    holds(
        (members(), any::<bool>()),
        |(members, is_escaped)| match parse_json(&written(&members, is_escaped)) {
            Ok(object) => {
                prop_assert!(!has_duplicates(&members));
                is_read(&*object, &value_of(members))
            }
            Err(fault) => {
                prop_assert_eq!(fault, JsonFault::Duplicate);
                prop_assert!(has_duplicates(&members));
                Ok(())
            }
        },
    );
}

#[test]
fn rfc_8259_2_text_that_is_not_json_is_refused() {
    let altered = (
        members(),
        Alteration::with("[{}\\[\\]\",:\\\\ 1e\0\u{feff}]{0,2}"),
    )
        .prop_map(|(members, alteration)| alteration.of(&written(&members, false)));
    holds(prop_oneof![9 => altered, 1 => any::<String>()], |text| {
        let expected = serde_json::from_str(&text).ok();
        match (parse_json(&text), expected) {
            (Ok(object), Some(members)) => is_read(&*object, &members),
            (Err(JsonFault::NotAnObject), expected) => {
                prop_assert_eq!(expected, None);
                Ok(())
            }
            // A value that is not asked for may be a number that is too large, or half a character.
            (Ok(_) | Err(JsonFault::Duplicate | JsonFault::TooManyMembers), _) => {
                prop_assert!(serde_json::from_str::<IgnoredAny>(&text).is_ok());
                Ok(())
            }
        }
    });
}

#[test]
fn rfc_7517_5_the_objects_of_an_array_are_read_and_the_rest_is_left_out() {
    let no_object = values().prop_filter("an object", |value| !value.is_object());
    let elements = prop_oneof![
        members().prop_map(|members| (written(&members, false), Some(members))),
        no_object.prop_map(|value| (value.to_string(), None)),
    ];
    holds(vec(elements, 0..5), |elements| {
        let texts: Vec<_> = elements.iter().map(|(text, _)| text.as_str()).collect();
        let text = format!("{{\"x\": 1, \"keys\": [{}]}}", texts.join(","));
        let objects = parse_json_array(&text, "keys").ok().unwrap();
        let good = elements.into_iter().filter_map(|(_, members)| members);
        let good: Vec<_> = good.filter(|members| !has_duplicates(members)).collect();
        prop_assert_eq!(objects.len(), good.len());
        for (object, members) in objects.iter().zip(good) {
            is_read(&**object, &value_of(members))?;
        }
        prop_assert!(parse_json_array(&text, "x").is_err());
        prop_assert!(parse_json_array(&text, "absent").is_err());
        Ok(())
    });
}
