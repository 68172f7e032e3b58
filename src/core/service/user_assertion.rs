//! What an access token that is to be exchanged says of itself. Nobody checks it here: the API that
//! was called with it does, and the provider.

use super::ConfidentialClientConfig;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::provider::entra;
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
use crate::core::wire::json::ParseJson;
use crate::core::wire::text::{concat, split_once};
use alloc::string::String;
use alloc::vec::Vec;

/// Entra takes an assertion for so many seconds after it expired.
const CLOCK_TOLERANCE: f64 = 300.0;

/// The claims that decide whether Entra would take the assertion.
pub(super) struct UserAssertion {
    audiences: Vec<String>,
    tenant: Option<String>,
    is_of_user: bool,
    expires_at: Option<f64>,
}

impl UserAssertion {
    /// Reads the claims of a JWT; `None` of anything else.
    pub(super) fn read(token: &str, parse_json: ParseJson) -> Option<Self> {
        let (_, rest) = split_once(token, b'.')?;
        let (payload, _) = split_once(rest, b'.')?;
        let payload = String::from_utf8(base64url::decode(payload.as_bytes())?).ok()?;
        let claims = parse_json(&payload).ok()?;
        let is_app = claims.text("idtyp").as_deref() == Some("app");
        Some(Self {
            audiences: claims.string_or_strings("aud").ok()?.unwrap_or_default(),
            tenant: claims.text("tid").filter(|tenant| entra::is_guid(tenant)),
            is_of_user: !is_app && claims.text("scp").is_some(),
            expires_at: claims.number("exp").ok()?,
        })
    }

    /// The tenant that issued it: a guest is known there, and not at home.
    pub(super) fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// Refuses what Entra would refuse.
    pub(super) fn check(
        &self,
        config: &ConfidentialClientConfig,
        now: UnixTime,
    ) -> Result<(), AuthError> {
        if !self.is_of_user && !config.takes_app_assertions {
            return Err(ErrorCode::AssertionUnsuitable.into());
        }
        if !self.audiences.iter().any(|aud| is_of(config, aud)) {
            let audience = self.audiences.first().map_or("", String::as_str);
            return Err(AuthError::about(ErrorCode::TokenAudienceMismatch, audience));
        }
        let is_over = |exp: f64| now.seconds() >= exp + CLOCK_TOLERANCE;
        if self.expires_at.is_some_and(is_over) {
            return Err(ErrorCode::TokenExpired.into());
        }
        Ok(())
    }
}

/// Whether a token for this audience is the client's to exchange. A client that was not told its
/// identifiers takes a URI for one of them: v1.0 tokens name an API by any of its URIs, v2.0 tokens
/// by the GUID of its client.
fn is_of(config: &ConfidentialClientConfig, audience: &str) -> bool {
    let client_id = config.client_id.as_str();
    audience == client_id
        || audience.strip_prefix("api://") == Some(client_id)
        || audience == concat(&["spn:", client_id])
        || config.audiences.iter().any(|known| known == audience)
        || config.audiences.is_empty() && !entra::is_guid(audience)
}
