//! `WWW-Authenticate` challenges: RFC 9110 section 11.6.1, RFC 6750 section 3.

use super::base64url;
use super::error::{AuthError, ErrorCode};
use super::form::Form;
use super::text::split_while;
use alloc::string::String;
use alloc::vec::Vec;

/// A challenge as a server sent it.
pub struct Challenge {
    scheme: String,
    parameters: Form,
}

impl Challenge {
    /// Reads all challenges of a header, several headers joined by commas included. What does not
    /// follow the grammar ends the reading.
    pub fn read_all(header: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = skip(header, true);
        while let Some((word, after)) = token(rest) {
            let after = skip(after, false);
            let value = after
                .strip_prefix('=')
                .and_then(|after| value(skip(after, false)));
            rest = match (value, challenges.last_mut()) {
                (Some((value, after)), Some(challenge)) => {
                    challenge.parameters.set(&word.to_ascii_lowercase(), &value);
                    after
                }
                (Some(_), None) => break,
                (None, _) => {
                    challenges.push(Self {
                        scheme: word.to_ascii_lowercase(),
                        parameters: Form::default(),
                    });
                    after
                }
            };
            rest = skip(rest, true);
        }
        challenges
    }

    /// Whether the challenge is of this scheme, given in lower case.
    pub fn is_scheme(&self, scheme: &str) -> bool {
        self.scheme == scheme
    }

    /// A parameter by its name in lower case.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.get(name)
    }

    /// Entra's claims challenge, decoded from base64.
    pub fn claims(&self) -> Option<String> {
        let text = self.parameter("claims")?;
        let (unpadded, _) = split_while(&text, |byte| byte != b'=');
        let url_safe = unpadded.bytes().map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            byte => byte,
        });
        String::from_utf8(base64url::decode(&url_safe.collect::<Vec<_>>())?).ok()
    }
}

/// The challenge with which an API answers a request that it refuses, RFC 6750 section 3.
pub fn bearer_challenge(error: &AuthError, required_scope: Option<&str>) -> (u16, String) {
    use ErrorCode as Code;
    let (status, error_name) = match error.code() {
        // Section 3.1: no error code where the request has no token.
        Code::CredentialsMissing => (401, None),
        Code::CredentialsMalformed => (400, Some("invalid_request")),
        Code::InsufficientScope | Code::InsufficientRole | Code::AppTokenRefused => {
            (403, Some("insufficient_scope"))
        }
        // The fault is not the token's: its keys could not be had.
        Code::KeysUnavailable | Code::NetworkError | Code::UnexpectedResponse => (503, None),
        // Nor is it the token's where the API itself is not set up as it should be.
        Code::InvalidOption | Code::JwksInvalid | Code::AlgorithmUnsupported | Code::Internal => {
            (500, None)
        }
        _ => (401, Some("invalid_token")),
    };
    let mut header = String::from("Bearer");
    if let Some(name) = error_name {
        header.push_str(" error=\"");
        header.push_str(name);
        header.push_str("\", error_description=\"");
        header.push_str(error.code().message());
        header.push('"');
    }
    if let (403, Some(scope)) = (status, required_scope) {
        header.push_str(", scope=\"");
        header.extend(scope.chars().filter(|c| !matches!(c, '"' | '\\')));
        header.push('"');
    }
    (status, header)
}

/// The text without white space at its start, and without commas where there may be some.
fn skip(text: &str, commas: bool) -> &str {
    split_while(text, |byte| {
        matches!(byte, b' ' | b'\t') || commas && byte == b','
    })
    .1
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
        assert_eq!(read("basic", "realm"), Some(r#"a, "b""#.into()));
        assert_eq!(read("bearer", "error"), Some("invalid_token".into()));
        assert_eq!(read("bearer", "scope"), Some("x y".into()));
    }

    #[test]
    fn a_broken_header_ends_the_reading() {
        for header in ["", "=", "realm=x", "Bearer \u{7f}", "Bearer a=\"open"] {
            let read = Challenge::read_all(header);
            assert!(
                read.iter()
                    .all(|known| known.parameters.as_str().is_empty()),
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

    #[test]
    fn rfc_6750_3_1_statuses() {
        let status = |code| bearer_challenge(&AuthError::new(code), Some("a\"b"));
        assert_eq!(
            status(ErrorCode::CredentialsMissing),
            (401, "Bearer".into())
        );
        assert_eq!(status(ErrorCode::CredentialsMalformed).0, 400);
        assert_eq!(status(ErrorCode::TokenExpired).0, 401);
        assert_eq!(status(ErrorCode::KeysUnavailable), (503, "Bearer".into()));
        assert_eq!(status(ErrorCode::InvalidOption), (500, "Bearer".into()));
        let (code, header) = status(ErrorCode::InsufficientScope);
        assert_eq!(code, 403);
        assert!(header.ends_with(", scope=\"ab\""), "{header}");
    }
}
