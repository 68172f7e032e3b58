//! The token response: RFC 6749 sections 5.1 and 5.2.

use super::server_error;
use crate::core::error::{AuthError, ErrorCode, ServerError};
use crate::core::http::HttpResponse;
use crate::core::provider::entra::Refusal;
use crate::core::secret::Secret;
use crate::core::wire::json::{JsonObject, ParseJson};
use alloc::string::String;

/// A successful response of the token endpoint, not checked yet: a refresh token in it replaces the
/// former one even if something else is wrong. A malformed member that nothing depends on counts as
/// absent.
pub(crate) struct TokenResponse {
    pub(crate) access_token: Option<Secret>,
    pub(crate) token_type: Option<String>,
    /// Seconds from the request; an error if it is not a positive number.
    pub(crate) expires_in: Result<Option<f64>, AuthError>,
    /// Entra's hint when to renew, in seconds from the request.
    pub(crate) refresh_in: Option<f64>,
    pub(crate) scope: Option<String>,
    pub(crate) refresh_token: Option<Secret>,
    /// When the refresh token expires, in seconds from the request, if the server says so.
    pub(crate) refresh_token_expires_in: Option<f64>,
    /// What was granted by `authorization_details` (RFC 9396 section 7), as JSON.
    pub(crate) authorization_details: Option<String>,
    /// The ID token, unchecked.
    pub(crate) id_token: Option<Secret>,
}

impl TokenResponse {
    /// Reads the response. An error response becomes an error with the server's own members in it.
    pub(crate) fn process(
        response: &HttpResponse,
        parse_json: ParseJson,
    ) -> Result<Self, AuthError> {
        if response.status != 200 {
            return Err(server_error::refusal(response, parse_json));
        }
        let body = parse_json(&response.body).map_err(|_| ErrorCode::TokenResponseInvalid)?;
        let body = &*body;
        let secret = |name| body.text(name).map(Secret::new);
        let read = Self {
            access_token: secret("access_token"),
            token_type: body.text("token_type"),
            expires_in: seconds(body, "expires_in")
                .map_err(|()| AuthError::about(ErrorCode::ExpiresInInvalid, "expires_in")),
            refresh_in: seconds(body, "refresh_in").unwrap_or_default(),
            scope: body.text("scope"),
            refresh_token: secret("refresh_token"),
            refresh_token_expires_in: seconds(body, "refresh_token_expires_in").unwrap_or_default(),
            authorization_details: body.json("authorization_details"),
            id_token: secret("id_token"),
        };
        // Some servers refuse with the status 200.
        if read.access_token.is_none()
            && let Some(server) = ServerError::from_json(body, response.status)
        {
            let code = Refusal::of(&server).code(ErrorCode::TokenRequestRefused);
            return Err(AuthError::from_server(code, server));
        }
        Ok(read)
    }

    /// The access token, if section 5.1 allows its use as a bearer token.
    pub(crate) fn bearer_token(&self) -> Result<&Secret, AuthError> {
        let missing = || AuthError::about(ErrorCode::TokenResponseInvalid, "access_token");
        let token = self.access_token.as_ref().ok_or_else(missing)?;
        // RFC 6749 appendix A.12. A header could not carry it, and engines quote what it refuses.
        if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(missing());
        }
        let token_type = self.token_type.as_deref();
        let token_type = token_type.ok_or(ErrorCode::TokenTypeMissing)?;
        if token_type.eq_ignore_ascii_case("bearer") {
            Ok(token)
        } else {
            Err(AuthError::about(
                ErrorCode::TokenTypeUnsupported,
                token_type,
            ))
        }
    }
}

/// A positive number of seconds. Entra v1.0 writes numbers as strings.
fn seconds(body: &dyn JsonObject, name: &str) -> Result<Option<f64>, ()> {
    match body.number_or_digits(name) {
        Ok(Some(seconds)) if seconds > 0.0 && seconds.is_finite() => Ok(Some(seconds)),
        Ok(None) => Ok(None),
        _ => Err(()),
    }
}
