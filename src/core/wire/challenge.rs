//! `WWW-Authenticate` challenges: RFC 9110 section 11.6.1.

use super::base64url;
use super::text::split_while;
use alloc::string::String;
use alloc::vec::Vec;

/// The challenges that a server sent.
pub(crate) struct Challenges(Vec<Item>);

/// A scheme, which begins a challenge, or a parameter of the last scheme, both in lower case.
enum Item {
    Scheme(String),
    Parameter(String, String),
}

impl Challenges {
    /// Reads all challenges of a header, or of several headers joined by commas. Reading stops at
    /// whatever does not follow the grammar.
    pub(crate) fn read(header: &str) -> Self {
        let mut items = Vec::new();
        let mut rest = skip(header, true);
        while let Some((word, after)) = token(rest) {
            let word = word.to_ascii_lowercase();
            let after = skip(after, false);
            let value = after
                .strip_prefix('=')
                .and_then(|after| value(skip(after, false)));
            rest = match value {
                Some((value, after)) => {
                    items.push(Item::Parameter(word, value));
                    after
                }
                None => {
                    items.push(Item::Scheme(word));
                    skip_token68(after)
                }
            };
            rest = skip(rest, true);
        }
        Self(items)
    }

    /// A parameter of the first challenge of this scheme. Both names are in lower case.
    pub(crate) fn parameter(&self, scheme: &str, name: &str) -> Option<&str> {
        let mut is_here = false;
        for item in &self.0 {
            match item {
                Item::Scheme(_) if is_here => break,
                Item::Scheme(known) => is_here = known == scheme,
                Item::Parameter(known, value) if is_here && known == name => return Some(value),
                Item::Parameter(..) => {}
            }
        }
        None
    }

    /// Entra's claims challenge, decoded from base64.
    pub(crate) fn claims(&self) -> Option<String> {
        let text = self.parameter("bearer", "claims")?;
        let (unpadded, _) = split_while(text, |byte| byte != b'=');
        let mut url_safe = Vec::new();
        for byte in unpadded.bytes() {
            url_safe.push(match byte {
                b'+' => b'-',
                b'/' => b'_',
                byte => byte,
            });
        }
        String::from_utf8(base64url::decode(&url_safe)?).ok()
    }
}

/// The text without white space at its start, and without commas where there may be some.
fn skip(text: &str, commas: bool) -> &str {
    split_while(text, |byte| {
        matches!(byte, b' ' | b'\t') || commas && byte == b','
    })
    .1
}

/// What follows a token68 (section 11.2), which a challenge such as `Negotiate` may have instead of
/// parameters.
fn skip_token68(text: &str) -> &str {
    let is_plain = |byte: u8| {
        matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+'
            | b'/')
    };
    let (_, after) = split_while(text, is_plain);
    let (_, after) = split_while(after, |byte| byte == b'=');
    let after = skip(after, false);
    if after.is_empty() || after.starts_with(',') {
        after
    } else {
        text
    }
}

/// A token of RFC 9110 section 5.6.2, and what follows it.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_plain = |byte: u8| {
        matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'#'..=b'\'' | b'*' | b'+'
            | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
    };
    Some(split_while(text, is_plain)).filter(|(word, _)| !word.is_empty())
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(mut quoted) = text.strip_prefix('"') else {
        return token(text).map(|(word, rest)| (word.into(), rest));
    };
    let mut value = String::new();
    loop {
        let (plain, rest) = split_while(quoted, |byte| byte != b'"' && byte != b'\\');
        value.push_str(plain);
        if let Some(rest) = rest.strip_prefix('"') {
            return Some((value, rest));
        }
        // The character after a backslash stands for itself.
        let escaped = rest.strip_prefix('\\')?;
        let character = escaped.chars().next()?;
        value.push(character);
        quoted = escaped.get(character.len_utf8()..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_9110_11_6_1_several_challenges_in_one_header() {
        let header =
            r#"Basic realm="a, \"b\"", Bearer error = invalid_token ,Scope="x y", Negotiate"#;
        let challenges = Challenges::read(header);
        let read = |scheme, name| challenges.parameter(scheme, name);
        assert_eq!(read("basic", "realm"), Some(r#"a, "b""#));
        assert_eq!(read("bearer", "error"), Some("invalid_token"));
        assert_eq!(read("bearer", "scope"), Some("x y"));
        assert_eq!(read("bearer", "realm"), None);
        assert_eq!(read("basic", "error"), None);
        assert_eq!(read("negotiate", "scope"), None);
    }

    #[test]
    fn rfc_9110_11_2_a_token68_ends_its_challenge() {
        for header in [
            "Negotiate YIIB/w==, Bearer error=a",
            "Negotiate abc ,Bearer error=a",
        ] {
            let challenges = Challenges::read(header);
            assert_eq!(
                challenges.parameter("bearer", "error"),
                Some("a"),
                "{header}"
            );
        }
    }

    #[test]
    fn rfc_9110_11_6_1_the_first_challenge_of_a_scheme_counts() {
        let challenges = Challenges::read("Bearer realm=a, Basic x=y, Bearer error=b");
        assert_eq!(challenges.parameter("bearer", "realm"), Some("a"));
        assert_eq!(challenges.parameter("bearer", "error"), None);
    }

    #[test]
    fn reading_stops_at_a_broken_header() {
        for header in ["", "=", "realm=x", "Bearer \u{7f}", "Bearer a=\"open"] {
            let challenges = Challenges::read(header);
            for name in ["realm", "a"] {
                assert_eq!(challenges.parameter("bearer", name), None, "{header}");
            }
        }
    }

    #[test]
    fn entra_claims_challenge_is_decoded() {
        let header = r#"Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ==""#;
        let claims = Challenges::read(header).claims();
        assert_eq!(claims.as_deref(), Some(r#"{"a":1}"#));
    }
}
