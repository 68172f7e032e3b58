//! Token requests: RFC 6749 sections 4.1.3, 4.4.2 and 6.

use super::authorization_response::ValidatedCode;
use super::target::Target;
use crate::core::secret::Secret;
use crate::core::wire::form::Form;

/// Redeems a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
pub(crate) fn authorization_code(validated: &ValidatedCode<'_>) -> Form {
    let mut form = Form::default();
    form.set("grant_type", "authorization_code")
        .set("code", validated.code.expose())
        .set("redirect_uri", validated.redirect_uri)
        .set("code_verifier", validated.code_verifier.expose())
        .set_some("resource", validated.resource);
    form
}

/// Asks for a token of the client's own (section 4.4.2). `claims` is the response to a claims
/// challenge of Entra's; `fmi_path` names the agent identity, or other child of the application, that
/// the token is to prove ("Agent OAuth protocols").
pub(crate) fn client_credentials(
    target: &Target,
    claims: Option<&str>,
    fmi_path: Option<&str>,
) -> Form {
    let mut form = Form::default();
    form.set("grant_type", "client_credentials")
        .set_some("scope", target.scope.as_deref())
        .set_some("resource", target.resource.as_deref())
        .set_some("claims", claims)
        .set_some("fmi_path", fmi_path);
    form
}

/// Asks for a token on behalf of the user whose access token the assertion is ("OAuth 2.0
/// On-Behalf-Of flow").
pub(crate) fn on_behalf_of(assertion: &Secret, target: &Target, claims: Option<&str>) -> Form {
    let mut form = Form::default();
    form.set("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
        .set("assertion", assertion.expose())
        .set("requested_token_use", "on_behalf_of")
        .set_some("scope", target.scope.as_deref())
        .set_some("resource", target.resource.as_deref())
        .set_some("claims", claims);
    form
}

/// Renews a token, or gets one for another target, by the refresh token (section 6). `claims` is
/// the response to a claims challenge of Entra's.
pub(crate) fn refresh_token(
    refresh_token: &Secret,
    target: &Target,
    repeats_scope: bool,
    claims: Option<&str>,
) -> Form {
    let mut form = Form::default();
    form.set("grant_type", "refresh_token")
        .set("refresh_token", refresh_token.expose())
        .set_some("resource", target.resource.as_deref())
        .set_some("claims", claims);
    if repeats_scope {
        form.set_some("scope", target.scope.as_deref());
    }
    form
}
