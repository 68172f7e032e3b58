//! Auth0: "Access Token Profiles", "JSON Web Token Claims".

use super::{Row, TokenKind, first_text, has, has_no_claim_of_other_tokens, is_below, text};
use crate::core::error::AuthError;
use crate::core::wire::json::JsonObject;

pub(super) const ROW: Row = Row {
    name: "auth0",
    is_issuer: |issuer| is_below(issuer, &[".auth0.com"]),
    is_access_token,
    kind,
    typ: None,
    audience_claim: None,
    requires_role_of_apps: false,
};

/// An ID token without `nonce` has none of the claims that say what was granted to which client.
fn is_access_token(claims: &dyn JsonObject) -> bool {
    let is_for_api = ["scope", "azp", "client_id", "gty"];
    has_no_claim_of_other_tokens(claims) && is_for_api.iter().any(|name| has(claims, name))
}

/// An application is the subject `<client>@clients`; the format of Auth0's own says the grant in
/// `gty` too. A user is `<connection>|<id>`.
fn kind(claims: &dyn JsonObject) -> Result<TokenKind, AuthError> {
    let subject = text(claims, "sub")?.unwrap_or_default();
    let client = first_text(claims, ["azp", "client_id"])?;
    let by_client = text(claims, "gty")?.map(|grant| grant == "client-credentials");
    let is_client = subject
        .strip_suffix("@clients")
        .is_some_and(|name| client.as_deref() == Some(name));
    let is_user = subject.bytes().any(|byte| byte == b'|');
    Ok(match (is_client, is_user, by_client) {
        (true, false, None | Some(true)) => TokenKind::App,
        (false, true, None | Some(false)) => TokenKind::User,
        _ => TokenKind::Unknown,
    })
}
