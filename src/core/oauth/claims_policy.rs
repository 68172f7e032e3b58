//! What every build checks in the claims of a token, an ID token in a page or an access token at
//! the edge: RFC 7519 section 4.1, RFC 8725 sections 3.8 and 3.9.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::provider::issuer::TrustedIssuer;
use crate::core::time::UnixTime;
use crate::core::wire::json::{JsonObject, WrongType};
use alloc::string::String;
use alloc::vec::Vec;

/// Which issuer and audience are accepted, and by how much clocks may differ.
#[derive(Clone, Debug)]
pub struct ClaimsPolicy {
    /// The trusted issuer.
    pub issuer: TrustedIssuer,
    /// The accepted audiences; one of them must be in `aud`.
    pub audiences: Vec<String>,
    /// Seconds by which this clock and the issuer's may differ.
    pub clock_tolerance: f64,
}

/// The claims that the policy has checked.
#[derive(Clone, Debug)]
pub struct RegisteredClaims {
    /// `iss`.
    pub issuer: String,
    /// `aud`, one or more.
    pub audiences: Vec<String>,
    /// `exp`.
    pub expires_at: UnixTime,
    /// `tid`, Entra's tenant. What is not a string is none.
    pub tenant: Option<String>,
}

impl ClaimsPolicy {
    /// The default clock tolerance, in seconds.
    pub const CLOCK_TOLERANCE: f64 = 60.0;

    /// Checks `iss`, `aud`, `exp` and `nbf`. Another claim may take the place of an absent `aud`.
    pub(crate) fn check(
        &self,
        claims: &dyn JsonObject,
        instead_of_aud: Option<&str>,
        now: UnixTime,
    ) -> Result<RegisteredClaims, AuthError> {
        let issuer = claims.required_string("iss", ErrorCode::TokenClaimInvalid)?;
        // Other vendors have a `tid` of their own.
        let tenant = claims.string("tid").unwrap_or_default();
        if !self.issuer.is(&issuer, tenant.as_deref()) {
            return Err(AuthError::about(ErrorCode::TokenIssuerMismatch, &issuer));
        }

        let audience_claim = match instead_of_aud {
            Some(name) if claims.json("aud").is_none() => name,
            _ => "aud",
        };
        let Ok(Some(audiences)) = claims.string_or_strings(audience_claim) else {
            return Err(AuthError::about(ErrorCode::TokenClaimInvalid, "aud"));
        };
        if !audiences.iter().any(|aud| self.audiences.contains(aud)) {
            return Err(ErrorCode::TokenAudienceMismatch.into());
        }

        // RFC 7519 section 4.1.4: the time must be before `exp`.
        let expires_at = required_time(claims, "exp")?;
        if now >= expires_at.plus(self.clock_tolerance) {
            return Err(ErrorCode::TokenExpired.into());
        }
        // Section 4.1.5: the time must be at or after `nbf`.
        if optional_time(claims, "nbf")?.is_some_and(|nbf| now.plus(self.clock_tolerance) < nbf) {
            return Err(ErrorCode::TokenNotYetValid.into());
        }
        Ok(RegisteredClaims {
            issuer,
            audiences,
            expires_at,
            tenant,
        })
    }
}

/// A claim that may be absent but must be a NumericDate.
fn optional_time(
    claims: &dyn JsonObject,
    name: &'static str,
) -> Result<Option<UnixTime>, AuthError> {
    let invalid = || AuthError::about(ErrorCode::TokenClaimInvalid, name);
    match claims.number(name).map_err(|WrongType| invalid())? {
        None => Ok(None),
        Some(seconds) => UnixTime::from_seconds(seconds)
            .map(Some)
            .ok_or_else(invalid),
    }
}

/// A claim that must be present and a NumericDate.
pub(crate) fn required_time(
    claims: &dyn JsonObject,
    name: &'static str,
) -> Result<UnixTime, AuthError> {
    optional_time(claims, name)?.ok_or_else(|| AuthError::about(ErrorCode::TokenClaimInvalid, name))
}
