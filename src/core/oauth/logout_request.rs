//! The logout request: OpenID Connect RP-Initiated Logout 1.0 section 2.

use super::id_token::IdToken;
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::wire::form::Form;
use alloc::string::String;

/// The URL at which the provider ends its session; `None` if it has no `end_session_endpoint`.
pub(crate) fn logout_request(
    metadata: &ProviderMetadata,
    client_id: &str,
    id_token: &IdToken,
    post_logout_redirect_uri: Option<&str>,
    state: Option<&str>,
) -> Option<String> {
    let endpoint = metadata.end_session_endpoint.as_deref()?;
    let mut form = Form::default();
    form.set_some("id_token_hint", id_token.hint())
        .set("client_id", client_id)
        .set_some("post_logout_redirect_uri", post_logout_redirect_uri)
        .set_some("state", state);
    Some(form.appended_to(endpoint))
}
