//! `WWW-Authenticate` challenges: RFC 9110 section 11.6.1.

use super::base64url;
use super::text::split_while;
use alloc::string::String;
use alloc::vec::Vec;

/// A challenge as a server sent it.
pub(crate) struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Reads all challenges of a header, or of several headers joined by commas. Reading stops at
    /// whatever does not follow the grammar.
    pub(crate) fn read_all(header: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = skip(header, true);
        while let Some((word, after)) = token(rest) {
            let after = skip(after, false);
            let value = after
                .strip_prefix('=')
                .and_then(|after| value(skip(after, false)));
            rest = match (value, challenges.last_mut()) {
                (Some((value, after)), Some(challenge)) => {
                    challenge
                        .parameters
                        .push((word.to_ascii_lowercase(), value));
                    after
                }
                (Some(_), None) => break,
                (None, _) => {
                    challenges.push(Self {
                        scheme: word.to_ascii_lowercase(),
                        parameters: Vec::new(),
                    });
                    skip_token68(after)
                }
            };
            rest = skip(rest, true);
        }
        challenges
    }

    /// Whether the challenge is of this scheme, given in lower case.
    pub(crate) fn is_scheme(&self, scheme: &str) -> bool {
        self.scheme == scheme
    }

    /// A parameter by its name in lower case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Entra's claims challenge, decoded from base64.
    pub(crate) fn claims(&self) -> Option<String> {
        let text = self.parameter("claims")?;
        let (unpadded, _) = split_while(text, |byte| byte != b'=');
        let url_safe = unpadded.bytes().map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            byte => byte,
        });
        String::from_utf8(base64url::decode(&url_safe.collect::<Vec<_>>())?).ok()
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
            r#"Basic realm="a, \"b\"", Bearer error = invalid_token ,scope="x y", Negotiate"#;
        let challenges = Challenge::read_all(header);
        assert_eq!(challenges.len(), 3);
        let by = |scheme| challenges.iter().find(|known| known.is_scheme(scheme));
        let read = |scheme, name| by(scheme).and_then(|known: &Challenge| known.parameter(name));
        assert_eq!(read("basic", "realm"), Some(r#"a, "b""#));
        assert_eq!(read("bearer", "error"), Some("invalid_token"));
        assert_eq!(read("bearer", "scope"), Some("x y"));
    }

    #[test]
    fn rfc_9110_11_2_a_token68_ends_its_challenge() {
        for header in [
            "Negotiate YIIB/w==, Bearer error=a",
            "Negotiate abc ,Bearer error=a",
        ] {
            let challenges = Challenge::read_all(header);
            assert_eq!(challenges.len(), 2, "{header}");
            assert!(challenges[0].is_scheme("negotiate"));
            assert_eq!(challenges[1].parameter("error"), Some("a"), "{header}");
        }
    }

    #[test]
    fn a_broken_header_ends_the_reading() {
        for header in ["", "=", "realm=x", "Bearer \u{7f}", "Bearer a=\"open"] {
            let read = Challenge::read_all(header);
            assert!(
                read.iter().all(|known| known.parameters.is_empty()),
                "{header}"
            );
        }
    }

    #[test]
    fn entra_claims_challenge_is_decoded() {
        let header = r#"Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ==""#;
        let claims: Vec<_> = Challenge::read_all(header)
            .iter()
            .map(Challenge::claims)
            .collect();
        assert_eq!(claims, [Some(String::from(r#"{"a":1}"#))]);
    }
}
