//! Results of several builds, as the package's JavaScript reads them.

use crate::core::tokens::access_token::AccessToken;
use crate::core::wire::form::Form;
use crate::core::wire::record::Field;

/// `accessToken`, `tokenType`, `scope`, and the times `obtainedAt`, `refreshAt`, `expiresAt`.
pub(crate) fn token_set(token: &AccessToken, form: &mut Form) {
    form.set("accessToken", token.token().expose());
    token_members(token, form);
}

/// All of them but the token itself.
pub(crate) fn token_members(token: &AccessToken, form: &mut Form) {
    let lifetime = token.lifetime();
    form.set("tokenType", token.token_type())
        .set("scope", token.scope())
        .set_some("authorizationDetails", token.authorization_details());
    lifetime.obtained_at.put("obtainedAt", form);
    lifetime.refresh_at.put("refreshAt", form);
    lifetime.expires_at.put("expiresAt", form);
}
