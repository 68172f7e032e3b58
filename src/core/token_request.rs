//! Token requests of a public client: RFC 6749 section 4.1.3 and section 6.

use super::authorization_response::ValidatedCode;
use super::discovery::ProviderMetadata;
use super::error::AuthError;
use super::form::Form;
use super::http::HttpRequest;
use super::secret::Secret;
use super::session::Target;

/// Redeems a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
pub(crate) fn authorization_code(
    client_id: &str,
    validated: &ValidatedCode,
) -> Result<HttpRequest, AuthError> {
    let transaction = &validated.transaction;
    let mut form = Form::default();
    form.set("grant_type", "authorization_code")
        .set("client_id", client_id)
        .set("code", validated.code.expose())
        .set("redirect_uri", &transaction.redirect_uri())
        .set("code_verifier", transaction.code_verifier().expose())
        .set_some("resource", transaction.resource().as_deref());
    let endpoint = transaction.metadata().endpoint("token_endpoint")?;
    Ok(HttpRequest::post(&endpoint, form.as_str()))
}

/// Renews a token, or gets one for another target, by the refresh token (section 6). `claims` is
/// Entra's answer to a claims challenge.
pub(crate) fn refresh_token(
    client_id: &str,
    metadata: &ProviderMetadata,
    refresh_token: &Secret,
    target: &Target,
    repeats_scope: bool,
    claims: Option<&str>,
) -> Result<HttpRequest, AuthError> {
    let mut form = Form::default();
    form.set("grant_type", "refresh_token")
        .set("client_id", client_id)
        .set("refresh_token", refresh_token.expose())
        .set_some("resource", target.resource().as_deref())
        .set_some("claims", claims);
    if repeats_scope {
        form.set("scope", &target.scope());
    }
    let endpoint = metadata.endpoint("token_endpoint")?;
    Ok(HttpRequest::post(&endpoint, form.as_str()))
}
