//! The ID token and its checks, OpenID Connect Core 1.0 section 3.1.3.7 and section 12.2.

use super::claims_policy::{ClaimsPolicy, required_time};
use super::error::{AuthError, ErrorCode};
use super::form::Form;
use super::issuer::TrustedIssuer;
use super::json::ParseJson;
use super::jws::{CompactParts, JoseHeader, decode_part, parse_part};
use super::secret::Secret;
use super::time::UnixTime;
use alloc::string::String;
use alloc::vec;

/// An ID token that came straight from the token endpoint and passed the checks.
#[derive(Clone)]
pub struct IdToken(Form);

/// What an ID token is held against.
pub struct IdTokenExpectations<'a> {
    /// The issuer of the provider's metadata.
    pub issuer: &'a TrustedIssuer,
    /// The client's own identifier.
    pub client_id: &'a str,
    /// The nonce of the authorization request; `None` for an answer to a refresh request.
    pub nonce: Option<&'a str>,
    /// The `max_age` of the authorization request, in seconds.
    pub max_age: Option<f64>,
    /// The subject that the session is about, for an answer to a refresh request.
    pub subject: Option<&'a str>,
    /// Seconds by which the clocks may differ.
    pub clock_tolerance: f64,
}

impl IdToken {
    /// Checks the token. The numbers are the steps of section 3.1.3.7.
    pub fn check(
        token: &str,
        expected: &IdTokenExpectations<'_>,
        parse_json: ParseJson,
        now: UnixTime,
    ) -> Result<Self, AuthError> {
        // 1: an encrypted token has five parts and is refused here, since no key was registered.
        let parts = CompactParts::split(token.as_bytes())?;
        // 6: the token came from the token endpoint over TLS, so TLS stands for the signature.
        // 7, 8: even so, `none` and symmetric algorithms are refused: a public client has no
        // secret that could have been used.
        let header = decode_part(parts.header)?;
        JoseHeader::read(&*parse_part(&header, parse_json)?.1)?;
        let payload = decode_part(parts.payload)?;
        let (text, claims) = parse_part(&payload, parse_json)?;
        let claims = &*claims;

        // 2, 3, 9: issuer, audience, end.
        let policy = ClaimsPolicy {
            issuer: expected.issuer.clone(),
            audiences: vec![expected.client_id.into()],
            clock_tolerance: expected.clock_tolerance,
        };
        let registered = policy.check(claims, now)?;

        // 3: no audience besides this client is trusted.
        if registered.audiences.len() > 1 {
            return Err(ErrorCode::TokenAudienceMismatch.into());
        }
        // 4, 5: an authorized party, where there is one, is this client.
        let azp = claims.optional_string("azp", ErrorCode::TokenClaimInvalid)?;
        if azp.is_some_and(|azp| azp != expected.client_id) {
            return Err(ErrorCode::AuthorizedPartyMismatch.into());
        }
        // 10: `iat` is required; its age is bounded by `exp`.
        required_time(claims, "iat")?;
        // 11: the nonce of this very sign-in.
        if let Some(nonce) = expected.nonce {
            let answered = claims.optional_string("nonce", ErrorCode::TokenClaimInvalid)?;
            if answered.as_deref() != Some(nonce) {
                return Err(ErrorCode::NonceMismatch.into());
            }
        }
        // 13: the sign-in is as recent as was asked.
        if let Some(max_age) = expected.max_age {
            let auth_time = required_time(claims, "auth_time")?;
            if now.since(auth_time) > max_age + expected.clock_tolerance {
                return Err(AuthError::about(ErrorCode::TokenClaimInvalid, "auth_time"));
            }
        }

        let subject = claims.required_string("sub", ErrorCode::TokenClaimInvalid)?;
        // Section 12.2: a refreshed ID token is about the same user.
        if expected.subject.is_some_and(|known| known != subject) {
            return Err(ErrorCode::SubjectMismatch.into());
        }
        let mut checked = Form::default();
        checked
            .set("token", token)
            .set("iss", &registered.issuer)
            .set("sub", &subject)
            .set("claims", text);
        Ok(Self(checked))
    }

    /// The token as it came, for `id_token_hint`.
    pub fn token(&self) -> Secret {
        Secret::new(self.0.text("token"))
    }

    /// `iss`.
    pub fn issuer(&self) -> String {
        self.0.text("iss")
    }

    /// `sub`.
    pub fn subject(&self) -> String {
        self.0.text("sub")
    }

    /// All claims, as the JSON text that the provider signed.
    pub fn claims(&self) -> String {
        self.0.text("claims")
    }

    pub(crate) fn as_record(&self) -> &str {
        self.0.as_str()
    }

    /// Takes a record of [`IdToken::as_record`] back.
    pub(crate) fn from_record(record: &str) -> Self {
        Self(Form::from_encoded(record))
    }
}
