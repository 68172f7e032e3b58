//! What the provider's refusal means for a service: which of its errors the caller gets.

use crate::core::error::{AuthError, ErrorCode, ServerError};
use crate::core::http::HttpResponse;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::provider::entra;
use crate::core::wire::json::ParseJson;
use crate::core::wire::text::concat;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    ClientCredentials,
    OnBehalfOf,
    /// A refresh token of an earlier exchange.
    Session,
    /// What a user granted who signed in.
    User,
}

/// As `error` or `suberror`.
const CONSENT_REQUIRED: &str = "consent_required";

/// The error with the code that says what a service can do about it.
pub(super) fn typed(error: AuthError, grant: Grant) -> AuthError {
    match error.server() {
        Some(server) => AuthError::from_server(code(server, grant), server.clone()),
        None => error,
    }
}

/// The error with the identifier of the request, for the vendor's support.
pub(super) fn with_request_id(error: AuthError, id: &str) -> AuthError {
    match error.server() {
        Some(server) if server.correlation_id.is_none() => {
            let mut server = server.clone();
            server.correlation_id = Some(id.into());
            AuthError::from_server(error.code(), server)
        }
        Some(_) => error,
        None => {
            let detail = error.detail().unwrap_or_default();
            let separator = if detail.is_empty() { "" } else { "; " };
            let detail = concat(&[detail, separator, "client-request-id ", id]);
            AuthError::about(error.code(), &detail)
        }
    }
}

/// Whether the provider refused the client's proof, and another one may do.
pub(super) fn is_of_client(response: &HttpResponse, grant: Grant, parse_json: ParseJson) -> bool {
    if response.status == 200 {
        return false;
    }
    let error = TokenResponse::process(response, parse_json).err();
    error.is_some_and(|error| typed(error, grant).code() == ErrorCode::ClientRefused)
}

/// RFC 6749 section 5.2, RFC 8707 section 2 (`invalid_target`), and Entra's own. The numbers of
/// `error_codes` decide nothing, as the vendor asks.
fn code(server: &ServerError, grant: Grant) -> ErrorCode {
    let refusal = entra::Refusal::of(server);
    let is_of_consent =
        server.error == CONSENT_REQUIRED || server.suberror.as_deref() == Some(CONSENT_REQUIRED);
    match (server.error.as_str(), grant) {
        _ if refusal == entra::Refusal::Passing => ErrorCode::ProviderUnavailable,
        ("invalid_client", _) => ErrorCode::ClientRefused,
        ("invalid_scope" | "invalid_target" | "invalid_resource", _) => ErrorCode::TargetRefused,
        ("unauthorized_client" | "access_denied", _) => ErrorCode::ClientUnauthorized,
        _ if is_of_consent => ErrorCode::ConsentRequired,
        _ if refusal == entra::Refusal::Permanent => ErrorCode::TokenRequestRefused,
        // Without a user there is no grant but the application's own permissions.
        (_, Grant::ClientCredentials) => ErrorCode::ClientUnauthorized,
        _ if refusal == entra::Refusal::NeedsUser => ErrorCode::InteractionRequired,
        (_, Grant::OnBehalfOf) => ErrorCode::AssertionRefused,
        (_, Grant::Session) => ErrorCode::SessionUnknown,
        (_, Grant::User) => ErrorCode::InteractionRequired,
    }
}
