//! UserInfo: OpenID Connect Core section 5.3.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::secret::Secret;
use crate::core::wire::json::ParseJson;
use crate::core::wire::text::{concat, decimal};
use alloc::string::String;

/// The UserInfo request (section 5.3.1).
pub(crate) fn user_info_request(endpoint: &str, access_token: &Secret) -> HttpRequest {
    let mut request = HttpRequest::get(endpoint);
    let bearer = concat(&["Bearer ", access_token.expose()]);
    request.headers.push(("authorization", bearer));
    request
}

/// The claims of the response, as JSON. Without the ID token's `sub` they must not be used (section
/// 5.3.2): the access token may be another user's.
pub(crate) fn user_info_claims(
    response: &HttpResponse,
    subject: &str,
    parse_json: ParseJson,
) -> Result<String, AuthError> {
    match response.status {
        200 => {}
        408 | 429 | 500.. => return Err(ErrorCode::ProviderUnavailable.into()),
        status => {
            let detail = concat(&["UserInfo: ", &decimal(status.into())]);
            return Err(AuthError::about(ErrorCode::UnexpectedResponse, &detail));
        }
    }
    let claims = parse_json(&response.body)
        .map_err(|_| AuthError::about(ErrorCode::UnexpectedResponse, "UserInfo"))?;
    match claims.text("sub") {
        Some(sub) if sub == subject => Ok(response.body.clone()),
        _ => Err(ErrorCode::UserInfoMismatch.into()),
    }
}
