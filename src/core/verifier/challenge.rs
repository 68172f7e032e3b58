//! How an API responds to a request that it refuses: RFC 6750 section 3.

use super::{Algorithm, Permissions, Requirement, Scheme, Verifier};
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
    /// `DPoP-Nonce`: what the next proof is to have in it.
    pub dpop_nonce: Option<String>,
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
    /// The response to a request that this error refused, whose token came under this scheme.
    pub fn challenge(
        &self,
        error: &AuthError,
        requirement: &Requirement,
        scheme: Scheme,
        now: UnixTime,
    ) -> Challenge {
        let own = &self.config.access_token.requirement;
        let permissions = || own.all().chain(requirement.all());
        let scopes = without_repetitions(permissions().flat_map(Permissions::scopes));
        let contexts = without_repetitions(permissions().flat_map(Permissions::contexts));
        let code = error.code();
        let dpop = &self.config.dpop;
        let is_of_dpop = dpop.is_required || scheme == Scheme::Dpop || is_about_proof(code);
        let mut challenge = Challenge::with(&Refusal {
            code,
            scheme: if is_of_dpop {
                Scheme::Dpop
            } else {
                Scheme::Bearer
            },
            offers_dpop: dpop.is_offered,
            algorithms: &dpop.algorithms,
            scopes: &scopes,
            contexts: &contexts,
            config: &self.config.challenge,
        });
        if is_of_dpop {
            challenge.dpop_nonce = self.dpop_nonce(now);
        }
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

/// Whether the error can only be avoided by another proof.
fn is_about_proof(code: ErrorCode) -> bool {
    use ErrorCode as Code;
    matches!(
        code,
        Code::ProofMissing | Code::ProofKeyMismatch | Code::TokenUnbound
    )
}

/// What a challenge depends on.
struct Refusal<'a> {
    code: ErrorCode,
    scheme: Scheme,
    /// Whether DPoP is named beside another scheme.
    offers_dpop: bool,
    /// The algorithms of proofs.
    algorithms: &'a [Algorithm],
    scopes: &'a [&'a str],
    contexts: &'a [&'a str],
    config: &'a ChallengeConfig,
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
        Self::with(&Refusal {
            code,
            scheme: Scheme::Bearer,
            offers_dpop: false,
            algorithms: &[],
            scopes: &[],
            contexts: &[],
            config: &ChallengeConfig::default(),
        })
    }

    fn with(refusal: &Refusal<'_>) -> Self {
        let (code, config) = (refusal.code, refusal.config);
        let (status, error_name) = status_and_error(code);
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
        if code == ErrorCode::InsufficientClaims {
            say("claims", &claims_challenge(refusal.contexts));
        }
        // A client that needs another token is told what to ask for.
        if matches!(status, 401 | 403) && !refusal.scopes.is_empty() {
            say("scope", &refusal.scopes.join(" "));
        }
        if let Some(url) = &config.resource_metadata {
            say("resource_metadata", url);
        }
        // RFC 9449 section 7.1.
        let names: Vec<_> = refusal.algorithms.iter().map(|one| one.as_str()).collect();
        let algorithms = concat(&["algs=\"", &names.join(" "), "\""]);
        let scheme = match refusal.scheme {
            Scheme::Dpop => {
                parameters.push(algorithms.clone());
                "DPoP"
            }
            Scheme::Bearer => "Bearer",
        };
        let separator = if parameters.is_empty() { "" } else { " " };
        let mut www_authenticate = concat(&[scheme, separator, &parameters.join(", ")]);
        if refusal.offers_dpop && refusal.scheme == Scheme::Bearer {
            // Section 7.2: a resource that takes both kinds of tokens names both schemes.
            www_authenticate.push_str(", DPoP ");
            www_authenticate.push_str(&algorithms);
        }
        Self {
            status,
            www_authenticate,
            retry_after: None,
            dpop_nonce: None,
        }
    }
}

/// The status, and `error` of the challenge: RFC 6750 section 3.1, RFC 9449 section 7.1.
fn status_and_error(code: ErrorCode) -> (u16, Option<&'static str>) {
    use ErrorCode as Code;
    match code {
        // RFC 6750 section 3.1: no error code if the request has no token.
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
        // RFC 9449 sections 7.1 and 9.
        Code::ProofInvalid | Code::ProofExpired | Code::ProofReplayed => {
            (401, Some("invalid_dpop_proof"))
        }
        Code::ProofNonceRequired => (401, Some("use_dpop_nonce")),
        // The fault is not the token's: its key could not be had, or is not one.
        Code::KeysUnavailable
        | Code::KeyInvalid
        | Code::NetworkError
        | Code::ProviderUnavailable
        | Code::ReplayStoreUnavailable
        | Code::UnexpectedResponse => (503, None),
        // Nor is it the token's if the API itself is not set up as it should be.
        Code::InvalidOption
        | Code::JwksInvalid
        | Code::AlgorithmUnsupported
        | Code::GroupsMissing
        | Code::Internal => (500, None),
        _ => (401, Some("invalid_token")),
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

    fn said(code: ErrorCode, scheme: Scheme, offers_dpop: bool) -> (u16, String) {
        let challenge = Challenge::with(&Refusal {
            code,
            scheme,
            offers_dpop,
            algorithms: &[Algorithm::Es256, Algorithm::Ps256],
            scopes: &["a", "b"],
            contexts: &["c1"],
            config: &ChallengeConfig::default(),
        });
        (challenge.status, challenge.www_authenticate)
    }

    #[test]
    fn rfc_9449_7_1_the_challenge_of_dpop_names_the_algorithms_of_proofs() {
        let missing = ErrorCode::CredentialsMissing;
        let algorithms = r#"algs="ES256 PS256""#;
        assert_eq!(
            said(missing, Scheme::Dpop, true),
            (401, format!(r#"DPoP scope="a b", {algorithms}"#))
        );
        // Section 7.2.
        assert_eq!(
            said(missing, Scheme::Bearer, true),
            (401, format!(r#"Bearer scope="a b", DPoP {algorithms}"#))
        );
        let (status, header) = said(ErrorCode::ProofMissing, Scheme::Dpop, false);
        assert_eq!(status, 401);
        assert!(
            header.starts_with(r#"DPoP error="invalid_token""#),
            "{header}"
        );
        assert!(header.ends_with(algorithms), "{header}");
    }

    #[test]
    fn rfc_6750_3_1_statuses() {
        let of = |code| said(code, Scheme::Bearer, false);
        assert_eq!(
            of(ErrorCode::CredentialsMissing),
            (401, r#"Bearer scope="a b""#.into())
        );
        assert_eq!(of(ErrorCode::CredentialsMalformed).0, 400);
        let (code, header) = of(ErrorCode::TokenExpired);
        assert_eq!(code, 401);
        assert!(header.ends_with(", scope=\"a b\""), "{header}");
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
