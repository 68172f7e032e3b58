//! Okta: "OpenID Connect & OAuth 2.0 API", access token payload.

use super::{Row, TokenKind, has, has_no_claim_of_other_tokens, is_below, text};
use crate::core::error::AuthError;
use crate::core::wire::json::JsonObject;

pub(super) const ROW: Row = Row {
    name: "okta",
    is_issuer: |issuer| {
        let domains = [
            ".okta.com",
            ".oktapreview.com",
            ".okta-emea.com",
            ".okta-gov.com",
            ".okta.mil",
        ];
        is_below(issuer, &domains)
    },
    // Every access token names its client in `cid`, and no ID token does.
    is_access_token: |claims| has_no_claim_of_other_tokens(claims) && has(claims, "cid"),
    kind,
    typ: None,
    audience_claim: None,
    requires_role_of_apps: false,
};

/// `uid` is the user, and is left out if there is none. `sub` tells less: its content can be
/// configured.
fn kind(claims: &dyn JsonObject) -> Result<TokenKind, AuthError> {
    let (client, user) = (text(claims, "cid")?, text(claims, "uid")?);
    Ok(match (client, user) {
        (_, Some(_)) => TokenKind::User,
        (Some(_), None) => TokenKind::App,
        (None, None) => TokenKind::Unknown,
    })
}
