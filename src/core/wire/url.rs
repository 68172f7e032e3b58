//! The little that the protocol decides about URLs. Parsing proper is the platform's.

use super::text::{split_once, split_while};
use alloc::string::String;

/// Writes a URL as the URL standard serializes it: scheme and host in lower case, a path that is
/// never empty, everything outside ASCII percent-encoded. `None` if it is not an absolute URL. The
/// platform does it: `URL` in JavaScript, the crate `url` natively.
pub(crate) type NormalizeUrl = fn(&str) -> Option<String>;

/// Whether tokens and codes may travel to this URL: https, or http on loopback
/// (RFC 8252 section 8.3; RFC 6749 section 3.1.2.1 and section 3.2 ask for TLS).
pub(crate) fn is_secure(url: &str) -> bool {
    match split(url) {
        Some(("https", ..)) => true,
        Some(("http", authority, _)) => is_loopback(authority),
        _ => false,
    }
}

/// Whether this can identify an issuer: secure, without query and fragment (RFC 8414 section 2).
pub(crate) fn is_identifier(url: &str) -> bool {
    is_secure(url) && without_query(url) == url
}

/// Scheme and authority, as RFC 6454 compares them; `None` if the URL has no authority.
pub(crate) fn origin(url: &str) -> Option<&str> {
    let (_, _, rest) = split(url)?;
    url.get(..url.len() - rest.len())
}

/// Path, query and fragment.
pub(crate) fn path(url: &str) -> Option<&str> {
    split(url).map(|(_, _, rest)| rest)
}

/// The URL without its query and fragment.
pub(crate) fn without_query(url: &str) -> &str {
    split_while(url, |byte| !matches!(byte, b'?' | b'#')).0
}

/// The query, without the question mark; nothing if there is none.
pub(crate) fn query(url: &str) -> &str {
    let (before, _) = split_once(url, b'#').unwrap_or((url, ""));
    split_once(before, b'?').map_or("", |(_, query)| query)
}

fn split(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = split_once(url, b':')?;
    let rest = rest.strip_prefix("//")?;
    let (authority, rest) = split_while(rest, |byte| !matches!(byte, b'/' | b'?' | b'#'));
    // Userinfo, a backslash or a control character is where parsers disagree about the host.
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
    };
    let is_strange = |byte: u8| byte.is_ascii_control() || byte == b'\\';
    // Without an authority, the URL standard takes the host of an http URL from its path.
    let is_clear = !authority.is_empty() && authority.bytes().all(is_plain);
    (is_clear && !url.bytes().any(is_strange)).then_some((scheme, authority, rest))
}

fn is_loopback(authority: &str) -> bool {
    let (host, _) = match authority.strip_prefix('[') {
        Some(rest) => split_while(rest, |byte| byte != b']'),
        None => split_while(authority, |byte| byte != b':'),
    };
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1" || host == "::1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_6749_3_2_tokens_travel_over_tls_or_on_loopback_only() {
        for url in [
            "https://as.example/token",
            "https://as.example?a/b",
            "https://as.example#a?b",
            "http://localhost:8080/token",
            "http://127.0.0.1/token",
            "http://[::1]:80/token",
        ] {
            assert!(is_secure(url), "{url}");
        }
        for url in [
            "http://as.example/token",
            "http://localhost@as.example/token",
            "http://127.0.0.1.as.example/token",
            "https://user@as.example/token",
            "https://as.example\\@evil.example/token",
            "javascript:alert(1)",
            "//as.example/token",
            "https:///token",
        ] {
            assert!(!is_secure(url), "{url}");
        }
    }

    #[test]
    fn rfc_6454_origin_ends_before_the_path() {
        assert_eq!(
            origin("https://as.example:1/a?b"),
            Some("https://as.example:1")
        );
        assert_eq!(origin("https://as.example"), Some("https://as.example"));
    }

    #[test]
    fn rfc_9110_4_2_2_a_url_without_a_host_has_no_origin() {
        assert_eq!(origin("https:///as.example"), None);
        assert_eq!(path("https:///as.example"), None);
    }

    #[test]
    fn a_control_character_or_a_backslash_anywhere_is_refused() {
        let good = "https://as.example/a?b#c";
        assert!(is_secure(good));
        for strange in (0..=0x7f).map(char::from) {
            if strange.is_ascii_control() || strange == '\\' {
                for place in 0..=good.len() {
                    let mut url = String::from(good);
                    url.insert(place, strange);
                    assert!(!is_secure(&url), "{url:?}");
                    assert_eq!(origin(&url), None, "{url:?}");
                }
            }
        }
    }
}
