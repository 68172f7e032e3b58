//! How an API responds to a request that it refuses: RFC 6750 section 3.

use super::{Permissions, Requirement, Verifier};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
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

/// What every challenge of an API says.
#[derive(Clone, Debug, Default)]
pub struct ChallengeConfig {
    /// `realm` (RFC 9110 section 11.5): what the credentials are for, as the user knows it.
    pub realm: Option<String>,
    /// `resource_metadata` (RFC 9728 section 5.1): the URL of the API's metadata.
    pub resource_metadata: Option<String>,
}

impl ChallengeConfig {
    pub(super) fn check(&self) -> Result<(), AuthError> {
        let is_plain = |byte: u8| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        for (name, value) in [
            ("realm", &self.realm),
            ("resource_metadata", &self.resource_metadata),
        ] {
            if value
                .as_ref()
                .is_some_and(|value| value.is_empty() || !value.bytes().all(is_plain))
            {
                let rule = " must be of printable ASCII without quotes and backslashes";
                let detail = concat(&[name, rule]);
                return Err(AuthError::about(ErrorCode::InvalidOption, &detail));
            }
        }
        Ok(())
    }
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
        let permissions = || own.all().chain(requirement.all());
        let scopes = without_repetitions(permissions().flat_map(Permissions::scopes));
        let contexts = without_repetitions(permissions().flat_map(Permissions::contexts));
        let mut challenge =
            Challenge::with(error.code(), &scopes, &contexts, &self.config.challenge);
        if challenge.status == 503 {
            let waits = self
                .issuers
                .iter()
                .map(|issuer| issuer.keys.retry_after(now));
            let seconds = waits.fold(0.0, f64::max);
            // Rounded up.
            let whole = seconds as u32;
            challenge.retry_after = Some(whole + u32::from(f64::from(whole) < seconds));
        }
        challenge
    }
}

fn without_repetitions<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut once = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

impl Challenge {
    /// The response without a verifier, to a request for which none could be made.
    pub fn of(code: ErrorCode) -> Self {
        Self::with(code, &[], &[], &ChallengeConfig::default())
    }

    fn with(code: ErrorCode, scopes: &[&str], contexts: &[&str], config: &ChallengeConfig) -> Self {
        use ErrorCode as Code;
        let (status, error_name) = match code {
            // Section 3.1: no error code if the request has no token.
            Code::CredentialsMissing => (401, None),
            Code::CredentialsMalformed => (400, Some("invalid_request")),
            Code::InsufficientScope
            | Code::InsufficientRole
            | Code::InsufficientGroup
            | Code::AppTokenRefused
            | Code::ClientNotAllowed
            | Code::ClaimRefused
            | Code::ClaimsUnsupported
            | Code::TokenKindRefused => (403, Some("insufficient_scope")),
            Code::InsufficientClaims => (401, Some("insufficient_claims")),
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
            | Code::GroupsMissing
            | Code::Internal => (500, None),
            _ => (401, Some("invalid_token")),
        };
        let mut parameters = Vec::new();
        let mut say = |name: &str, value: &str| {
            parameters.push(concat(&[name, "=\"", value, "\""]));
        };
        if let Some(realm) = &config.realm {
            say("realm", realm);
        }
        if let Some(name) = error_name {
            say("error", name);
            say("error_description", code.message());
        }
        if code == Code::InsufficientClaims {
            say("claims", &claims_challenge(contexts));
        }
        // A client that has no token yet is told what to ask for.
        let is_about_scopes = status == 403 || code == Code::CredentialsMissing;
        if is_about_scopes && !scopes.is_empty() {
            say("scope", &scopes.join(" "));
        }
        if let Some(url) = &config.resource_metadata {
            say("resource_metadata", url);
        }
        let separator = if parameters.is_empty() { "" } else { " " };
        Self {
            status,
            www_authenticate: concat(&["Bearer", separator, &parameters.join(", ")]),
            retry_after: None,
        }
    }
}

/// What a client has to ask for to get these authentication contexts, as Entra's claims challenges
/// carry it. One `value` is all that Entra takes.
fn claims_challenge(contexts: &[&str]) -> String {
    let context = contexts.first().copied().unwrap_or_default();
    let claims = concat(&[
        r#"{"access_token":{"acrs":{"essential":true,"value":""#,
        context,
        r#""}}}"#,
    ]);
    base64url::encode_standard(claims.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_6750_3_1_statuses() {
        let of = |code| {
            let config = ChallengeConfig::default();
            let challenge = Challenge::with(code, &["a", "b"], &["c1"], &config);
            (challenge.status, challenge.www_authenticate)
        };
        assert_eq!(
            of(ErrorCode::CredentialsMissing),
            (401, r#"Bearer scope="a b""#.into())
        );
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
            let is_of_challenge = Challenge::of(*code).www_authenticate.len() > 6;
            assert!(
                !is_of_challenge || message.bytes().all(is_plain),
                "{message}"
            );
        }
    }
}
