//! Amazon Cognito's user pools: "Understanding the access token".

use super::{Row, TokenKind, has, host, text};
use crate::core::error::AuthError;
use crate::core::wire::json::JsonObject;

pub(super) const ROW: Row = Row {
    name: "cognito",
    is_issuer: |issuer| {
        let host = host(issuer);
        let host = host.strip_suffix(".cn").unwrap_or(host);
        host.starts_with("cognito-idp.") && host.ends_with(".amazonaws.com")
    },
    // `token_use` is `id` in ID tokens.
    is_access_token: |claims| {
        claims
            .string("token_use")
            .as_ref()
            .ok()
            .and_then(Option::as_deref)
            == Some("access")
    },
    kind,
    typ: None,
    // `aud` is there only if the client asked for a resource.
    audience_claim: Some("client_id"),
    requires_role_of_apps: false,
};

/// A user's token has their `username`; an application is its own subject.
fn kind(claims: &dyn JsonObject) -> Result<TokenKind, AuthError> {
    let (subject, client) = (text(claims, "sub")?, text(claims, "client_id")?);
    let is_own_subject = client.is_some() && subject == client;
    Ok(match (has(claims, "username"), is_own_subject) {
        (true, false) => TokenKind::User,
        (false, true) => TokenKind::App,
        _ => TokenKind::Unknown,
    })
}
