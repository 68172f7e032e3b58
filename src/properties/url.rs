//! What is decided about URLs, against the URL standard as the crate `url` implements it. What that
//! crate does not parse goes nowhere.

use ::url::{Host, Position, Url};
use proptest::prelude::*;
use proptest::sample::select;

use super::holds;
use super::input::Alteration;
use crate::core::wire::url::{is_secure, origin, path, without_query};

const HOSTS: &[&str] = &[
    "as.example",
    "AS.example",
    "m\u{fc}nchen.example",
    "a!b",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "localhost.as.example",
    "notlocalhost",
    "127.0.0.1",
    "127.0.0.1.as.example",
    "127.1",
    "2130706433",
    "8.8.8.8",
    "1.2",
    "[::1]",
    "[0:0::1]",
    "[::1].as.example",
    "[::2]",
    "[::1",
    "",
    "::1",
];

/// Mostly one of the usual texts.
fn mostly(
    usual: &'static [&str],
    other: &'static [&str],
) -> impl Strategy<Value = &'static str> + Clone {
    prop_oneof![6 => select(usual), 1 => select(other)]
}

/// URLs and what comes close to one: put together from parts that parsers disagree about, with
/// strange characters somewhere.
fn urls() -> impl Strategy<Value = String> {
    let parts = (
        mostly(
            &["https", "http"],
            &["HTTPS", "ftp", " https", "javascript"],
        ),
        mostly(&["://"], &[":", ":/", ":///", ":\\\\"]),
        mostly(&[""], &["user@", "as.example:443@"]),
        select(HOSTS),
        mostly(&["", ":8080"], &[":", ":80", ":443", ":99999"]),
        mostly(
            &["", "/", "/a/b?c=d#e", "?a/b", "#a?b"],
            &["@as.example/", "/\u{e9}/../b", "/%2f?\\", ".as.example"],
        ),
    );
    let url = parts.prop_map(|(scheme, separator, user, host, port, tail)| {
        [scheme, separator, user, host, port, tail].concat()
    });
    let alteration = Alteration::with("[\t\n\r\0\u{7f}\\\\@/ %.:\u{3002}\u{ff0f}]{0,2}");
    let altered = (url.clone(), alteration).prop_map(|(url, alteration)| alteration.of(&url));
    prop_oneof![10 => url, 5 => altered, 1 => any::<String>()]
}

#[test]
fn rfc_6749_3_2_a_secure_url_goes_over_tls_or_to_loopback() {
    holds(urls(), |text| {
        if is_secure(&text)
            && let Ok(parsed) = Url::parse(&text)
        {
            let is_loopback = match parsed.host() {
                Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            };
            let scheme = parsed.scheme();
            prop_assert!(
                scheme == "https" || scheme == "http" && is_loopback,
                "{parsed}"
            );
        }
        Ok(())
    });
}

#[test]
fn rfc_6454_4_the_origin_is_where_the_url_goes() {
    holds(urls(), |text| {
        let parsed = Url::parse(&text).ok().filter(Url::has_host);
        if let (Some(origin), Some(parsed)) = (origin(&text), parsed) {
            let alone = Url::parse(origin).unwrap();
            let host = |url: &Url| (url.host_str().map(String::from), url.port());
            prop_assert_eq!(host(&alone), host(&parsed));
            prop_assert_eq!(alone.scheme(), parsed.scheme());
            prop_assert!(parsed.username().is_empty() && parsed.password().is_none());
        }
        Ok(())
    });
}

#[test]
fn a_url_as_the_standard_writes_it_is_split_as_the_standard_splits_it() {
    holds(urls(), |text| {
        let Some(parsed) = Url::parse(&text).ok().filter(|url| url.origin().is_tuple()) else {
            return Ok(());
        };
        let text = parsed.as_str();
        prop_assert_eq!(without_query(text), &parsed[..Position::AfterPath]);
        if let Some(origin) = origin(text) {
            prop_assert_eq!(origin, parsed.origin().ascii_serialization());
            prop_assert_eq!(path(text), Some(&parsed[Position::BeforePath..]));
        } else {
            let has_user = !parsed.username().is_empty() || parsed.password().is_some();
            let unusual =
                |letter: char| !letter.is_ascii_alphanumeric() && !"-._[:]".contains(letter);
            let is_unusual = parsed.host_str().is_some_and(|host| host.contains(unusual));
            prop_assert!(has_user || is_unusual || text.contains('\\'), "{text}");
        }
        Ok(())
    });
}
