//! Token requests of a public client: RFC 6749 section 4.1.3 and section 6.

use super::authorization_response::ValidatedCode;
use super::discovery::ProviderMetadata;
use super::error::AuthError;
use super::form::FormWriter;
use super::http::HttpRequest;
use super::secret::Secret;

/// What the token is to be good for, beside what the grant says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TokenRequestParameters<'a> {
    /// `scope`.
    pub(crate) scope: Option<&'a str>,
    /// `resource` (RFC 8707 section 2.2).
    pub(crate) resource: Option<&'a str>,
    /// `claims`, Entra's answer to a claims challenge.
    pub(crate) claims: Option<&'a str>,
}

/// Redeems a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
pub(crate) fn authorization_code(
    client_id: &str,
    validated: &ValidatedCode,
) -> Result<HttpRequest, AuthError> {
    let transaction = &validated.transaction;
    let form = FormWriter::default()
        .set("grant_type", "authorization_code")
        .set("client_id", client_id)
        .set("code", validated.code.expose())
        .set("redirect_uri", &transaction.redirect_uri)
        .set("code_verifier", transaction.code_verifier.expose())
        .set_some("resource", transaction.resource.as_deref())
        .finish();
    Ok(HttpRequest::post(
        transaction.metadata.token_endpoint()?,
        form,
    ))
}

/// Renews a token, or gets one for another resource, by the refresh token (section 6).
pub(crate) fn refresh_token(
    client_id: &str,
    metadata: &ProviderMetadata,
    refresh_token: &Secret,
    parameters: &TokenRequestParameters<'_>,
) -> Result<HttpRequest, AuthError> {
    let form = FormWriter::default()
        .set("grant_type", "refresh_token")
        .set("client_id", client_id)
        .set("refresh_token", refresh_token.expose())
        .set_some("scope", parameters.scope)
        .set_some("resource", parameters.resource)
        .set_some("claims", parameters.claims)
        .finish();
    Ok(HttpRequest::post(metadata.token_endpoint()?, form))
}
