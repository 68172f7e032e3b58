//! Logout tokens: OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6.

use super::claims_policy::RegisteredClaims;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::sha256;
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
use crate::core::wire::json::{JsonObject, ParseJson};
use crate::core::wire::text::concat;
use alloc::string::String;

/// The member of `events` that makes a token one of logout.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Whose sessions have ended, as the provider says.
#[derive(Clone, Debug)]
pub struct LogoutToken {
    /// `iss`, `aud`, `exp`, `tid`.
    pub registered: RegisteredClaims,
    /// `sub`: the user, all of whose sessions have ended if there is no `session`.
    pub subject: Option<String>,
    /// `sid`: the session.
    pub session: Option<String>,
    /// What the token is known by: a hash of its issuer and its `jti`. Accept no second one of this
    /// name until it expires.
    pub id: String,
}

impl LogoutToken {
    /// Checks what makes a token one of logout; `registered` was checked as that of an ID token.
    pub(crate) fn read(
        typ: Option<&str>,
        claims: &dyn JsonObject,
        registered: RegisteredClaims,
        parse_json: ParseJson,
        latest_iat: UnixTime,
    ) -> Result<Self, AuthError> {
        let other = |member| Err(AuthError::about(ErrorCode::NotALogoutToken, member));
        // Section 2.4: `logout+jwt` is recommended; what has another type is another token.
        if !matches!(typ, None | Some("jwt" | "logout+jwt")) {
            return other("typ");
        }
        let events = claims.json("events");
        let event = events.and_then(|events| parse_json(&events).ok()?.json(EVENT));
        if event.is_none_or(|event| parse_json(&event).is_err()) {
            return other("events");
        }
        // An ID token must never pass for one.
        if claims.json("nonce").is_some() {
            return other("nonce");
        }
        let invalid = |claim| AuthError::about(ErrorCode::TokenClaimInvalid, claim);
        let optional = |name| match claims.json(name) {
            None => Ok(None),
            Some(_) => claims.text(name).map(Some).ok_or_else(|| invalid(name)),
        };
        let (subject, session) = (optional("sub")?, optional("sid")?);
        if subject.is_none() && session.is_none() {
            return other("sub or sid");
        }
        let issued_at = claims.number("iat").ok().flatten();
        let issued_at = issued_at.and_then(UnixTime::from_seconds);
        if issued_at.ok_or_else(|| invalid("iat"))? > latest_iat {
            return Err(ErrorCode::TokenNotYetValid.into());
        }
        let jti = claims.text("jti").ok_or_else(|| invalid("jti"))?;
        let name = concat(&[&registered.issuer, "\n", &jti]);
        Ok(Self {
            id: base64url::encode(&sha256::digest(name.as_bytes())),
            registered,
            subject,
            session,
        })
    }
}
