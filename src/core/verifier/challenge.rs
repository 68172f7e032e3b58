//! How an API responds to a request that it refuses: RFC 6750 section 3.

use super::{Requirement, Verifier};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::time::UnixTime;
use crate::core::wire::text::concat;
use alloc::string::String;
use alloc::vec::Vec;

/// The status of a response and its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Challenge {
    /// The status.
    pub status: u16,
    /// `WWW-Authenticate`.
    pub www_authenticate: String,
    /// `Retry-After` in seconds, of a response that is a matter of time.
    pub retry_after: Option<u32>,
}

impl Verifier {
    /// The response to a request that this error refused.
    pub fn challenge(
        &self,
        error: &AuthError,
        requirement: &Requirement,
        now: UnixTime,
    ) -> Challenge {
        let own = &self.config.access_token.requirement;
        let mut scopes = Vec::new();
        for scope in own.scopes().chain(requirement.scopes()) {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        let mut challenge = Challenge::of(error.code(), &scopes);
        if challenge.status == 503 {
            let seconds = self.keys.with(|cache| cache.retry_after(now));
            // Rounded up.
            let whole = seconds as u32;
            challenge.retry_after = Some(whole + u32::from(f64::from(whole) < seconds));
        }
        challenge
    }
}

impl Challenge {
    /// The response without a verifier, to a request for which none could be made.
    pub fn of(code: ErrorCode, required_scopes: &[&str]) -> Self {
        use ErrorCode as Code;
        let (status, error_name) = match code {
            // Section 3.1: no error code if the request has no token.
            Code::CredentialsMissing => (401, None),
            Code::CredentialsMalformed => (400, Some("invalid_request")),
            Code::InsufficientScope
            | Code::InsufficientRole
            | Code::AppTokenRefused
            | Code::TokenKindRefused => (403, Some("insufficient_scope")),
            // The fault is not the token's: its key could not be had, or is not one.
            Code::KeysUnavailable
            | Code::KeyInvalid
            | Code::NetworkError
            | Code::ProviderUnavailable
            | Code::UnexpectedResponse => (503, None),
            // Nor is it the token's if the API itself is not set up as it should be.
            Code::InvalidOption
            | Code::JwksInvalid
            | Code::AlgorithmUnsupported
            | Code::Internal => (500, None),
            _ => (401, Some("invalid_token")),
        };
        let mut header = String::from("Bearer");
        if let Some(name) = error_name {
            let description = code.message();
            header.push_str(&concat(&[
                " error=\"",
                name,
                "\", error_description=\"",
                description,
                "\"",
            ]));
        }
        if status == 403 && !required_scopes.is_empty() {
            header.push_str(", scope=\"");
            header.push_str(&required_scopes.join(" "));
            header.push('"');
        }
        Self {
            status,
            www_authenticate: header,
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_6750_3_1_statuses() {
        let of = |code| {
            let challenge = Challenge::of(code, &["a", "b"]);
            (challenge.status, challenge.www_authenticate)
        };
        assert_eq!(of(ErrorCode::CredentialsMissing), (401, "Bearer".into()));
        assert_eq!(of(ErrorCode::CredentialsMalformed).0, 400);
        assert_eq!(of(ErrorCode::TokenExpired).0, 401);
        assert_eq!(of(ErrorCode::KeyUnknown).0, 401);
        assert_eq!(of(ErrorCode::KeysUnavailable), (503, "Bearer".into()));
        assert_eq!(of(ErrorCode::KeyInvalid), (503, "Bearer".into()));
        assert_eq!(of(ErrorCode::InvalidOption), (500, "Bearer".into()));
        let (code, header) = of(ErrorCode::InsufficientScope);
        assert_eq!(code, 403);
        assert!(header.ends_with(", scope=\"a b\""), "{header}");
    }

    #[test]
    fn rfc_6750_3_a_message_ends_no_quoted_string() {
        for code in ErrorCode::ALL {
            let message = code.message();
            let is_plain = |byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            let is_of_challenge = Challenge::of(*code, &[]).www_authenticate.len() > 6;
            assert!(
                !is_of_challenge || message.bytes().all(is_plain),
                "{message}"
            );
        }
    }
}
