//! RFC 9068, "JSON Web Token (JWT) Profile for OAuth 2.0 Access Tokens".

use super::{Row, TokenKind, has_no_claim_of_other_tokens, text};
use crate::core::error::AuthError;
use crate::core::wire::json::JsonObject;

pub(super) const ROW: Row = Row {
    name: "rfc9068",
    is_issuer: |_| false,
    is_access_token: has_no_claim_of_other_tokens,
    kind,
    // Section 4.
    typ: Some("at+jwt"),
    audience_claim: None,
    requires_role_of_apps: false,
};

/// Section 2.2: `sub` is the user; without one it is the client.
fn kind(claims: &dyn JsonObject) -> Result<TokenKind, AuthError> {
    Ok(match (text(claims, "sub")?, text(claims, "client_id")?) {
        (Some(subject), Some(client)) if subject == client => TokenKind::App,
        (Some(_), Some(_)) => TokenKind::User,
        _ => TokenKind::Unknown,
    })
}
