//! Keycloak: "Server Administration Guide", service accounts and client scopes.

use super::{Row, TokenKind, first_text, has_no_claim_of_other_tokens, text};
use crate::core::error::AuthError;
use crate::core::wire::json::JsonObject;
use crate::core::wire::url;

pub(super) const ROW: Row = Row {
    name: "keycloak",
    is_issuer,
    is_access_token,
    kind,
    typ: None,
    audience_claim: None,
    requires_role_of_apps: false,
};

/// It runs on anybody's host, and its realms are at `/realms/<name>`, under `/auth` in older versions.
fn is_issuer(issuer: &str) -> bool {
    let path = url::path(issuer).unwrap_or_default();
    let path = path.strip_prefix("/auth").unwrap_or(path);
    let realm = path.strip_prefix("/realms/").unwrap_or_default();
    !realm.is_empty() && !realm.bytes().any(|byte| byte == b'/')
}

/// A claim `typ` tells its tokens apart: `Bearer` or `DPoP` in an access token, `ID`, `Logout`,
/// `Refresh` and others. Access tokens of older versions have the `nonce` of their sign-in.
fn is_access_token(claims: &dyn JsonObject) -> bool {
    match claims.string("typ") {
        Ok(Some(typ)) => matches!(&*typ, "Bearer" | "DPoP"),
        Ok(None) => has_no_claim_of_other_tokens(claims),
        Err(_) => false,
    }
}

/// An application has a user of its own, `service-account-<client>`, and its tokens repeat the
/// client in `client_id`, `clientId` in older versions. Neither is enough alone: a person may have
/// registered under such a name, and a mapper can add `client_id` to every token.
fn kind(claims: &dyn JsonObject) -> Result<TokenKind, AuthError> {
    let Some(username) = text(claims, "preferred_username")? else {
        return Ok(TokenKind::Unknown);
    };
    let Some(account) = username.strip_prefix("service-account-") else {
        return Ok(TokenKind::User);
    };
    let client = text(claims, "azp")?;
    let repeated = first_text(claims, ["client_id", "clientId"])?;
    // Usernames are in lower case.
    let is_own = client.is_some_and(|client| {
        client.eq_ignore_ascii_case(account) && repeated.as_deref() == Some(&client)
    });
    Ok(if is_own {
        TokenKind::App
    } else {
        TokenKind::Unknown
    })
}
