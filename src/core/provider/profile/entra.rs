//! Microsoft Entra ID: "Access token claims reference", "Optional claims reference" (`idtyp`).

use super::{Row, TokenKind, first_text, has, has_no_claim_of_other_tokens, text};
use crate::core::error::AuthError;
use crate::core::provider::entra;
use crate::core::wire::json::JsonObject;

pub(super) const ROW: Row = Row {
    name: "entra",
    is_issuer: entra::is_issuer,
    is_access_token,
    kind,
    typ: None,
    audience_claim: None,
    // It issues tokens to any application of the tenant, whether or not the API knows it.
    requires_role_of_apps: true,
};

/// An ID token without `nonce` has the claims of an application's token but for those that name
/// the client, which is the ID token's audience.
fn is_access_token(claims: &dyn JsonObject) -> bool {
    let is_for_api = ["scp", "azp", "appid", "idtyp"];
    has_no_claim_of_other_tokens(claims) && is_for_api.iter().any(|name| has(claims, name))
}

/// `idtyp`, which has to be configured, says it. Without it `scp` marks the token of a user: those
/// that an application gets for itself have no `scp`.
fn kind(claims: &dyn JsonObject) -> Result<TokenKind, AuthError> {
    let is_delegated = has(claims, "scp");
    let client = first_text(claims, ["azp", "appid"])?;
    Ok(match text(claims, "idtyp")?.as_deref() {
        Some("user") => TokenKind::User,
        Some("app") if !is_delegated => TokenKind::App,
        Some(_) => TokenKind::Unknown,
        None if is_delegated => TokenKind::User,
        None if client.is_some() => TokenKind::App,
        None => TokenKind::Unknown,
    })
}
