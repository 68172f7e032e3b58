//! The revocation request: RFC 7009 section 2.1.

use crate::core::secret::Secret;
use crate::core::wire::form::Form;

/// Revokes a refresh token, and with it what was obtained by it.
pub(crate) fn refresh_token_revocation(refresh_token: &Secret) -> Form {
    let mut form = Form::default();
    form.set("token", refresh_token.expose())
        .set("token_type_hint", "refresh_token");
    form
}
