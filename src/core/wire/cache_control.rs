//! `Cache-Control` of a response: RFC 9111 section 5.2.

use super::text::{parse_decimal, split_once, split_while};

/// `max-age` in seconds (section 5.2.2.1), and 0 if the response must not be stored or used again
/// without asking.
pub(crate) fn max_age(header: &str) -> Option<f64> {
    let mut rest = header;
    let mut max_age = None;
    while !rest.is_empty() {
        let (directive, after) = split_while(rest, |byte| byte != b',');
        rest = after.get(1..).unwrap_or_default();
        let (name, value) = split_once(directive, b'=').unwrap_or((directive, ""));
        let name = name.trim_ascii();
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return Some(0.0);
        }
        if name.eq_ignore_ascii_case("max-age") {
            let value = value.trim_ascii();
            let bare = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'));
            // A malformed age makes the response stale (section 4.2.1).
            let seconds = parse_decimal(bare.unwrap_or(value)).unwrap_or_default();
            max_age = Some(seconds as f64);
        }
    }
    max_age
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_9111_5_2_2_1_max_age_is_read() {
        for (header, expected) in [
            ("", None),
            ("public", None),
            ("max-age=300", Some(300.0)),
            ("public, MAX-AGE = \"300\" ,must-revalidate", Some(300.0)),
            ("s-maxage=5, max-age=300", Some(300.0)),
            ("max-age=-1", Some(0.0)),
            ("max-age", Some(0.0)),
            ("max-age=300, no-store", Some(0.0)),
            ("no-cache", Some(0.0)),
            (",,=,", None),
        ] {
            assert_eq!(max_age(header), expected, "{header}");
        }
    }
}
