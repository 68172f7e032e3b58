//! An issuer of which nothing is known.

use super::{Row, TokenKind, first_text, has_no_claim_of_other_tokens, text};
use crate::core::error::AuthError;
use crate::core::wire::json::JsonObject;

pub(super) const ROW: Row = Row {
    name: "generic",
    is_issuer: |_| false,
    is_access_token: has_no_claim_of_other_tokens,
    kind,
    typ: None,
    audience_claim: None,
    requires_role_of_apps: false,
};

/// A client that is its own subject acts for itself. The reverse does not hold: a subject that is
/// not the client's identifier may be another name of the client's.
fn kind(claims: &dyn JsonObject) -> Result<TokenKind, AuthError> {
    let client = first_text(claims, ["client_id", "azp"])?;
    let is_own_subject = client.is_some() && client == text(claims, "sub")?;
    Ok(if is_own_subject {
        TokenKind::App
    } else {
        TokenKind::Unknown
    })
}
