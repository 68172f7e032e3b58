//! The token response: RFC 6749 section 5.1 and section 5.2.

use super::error::{AuthError, ErrorCode, ServerError};
use super::form::Form;
use super::http::HttpResponse;
use super::json::ParseJson;
use super::text::decimal;
use alloc::string::String;

/// The members of section 5.1 that are texts, and `id_token`.
const TEXTS: [&str; 5] = [
    "access_token",
    "token_type",
    "refresh_token",
    "scope",
    "id_token",
];
/// The members that are seconds from the request: that of section 5.1, Entra's hint when to
/// renew, and the end of the refresh token where the server tells it.
const DURATIONS: [&str; 3] = ["expires_in", "refresh_in", "refresh_token_expires_in"];

/// A successful answer of the token endpoint, its ID token unchecked.
pub(crate) struct TokenResponse(Form);

impl TokenResponse {
    /// Reads the answer. An error answer becomes an error with the server's own members in it.
    pub(crate) fn process(
        response: &HttpResponse,
        parse_json: ParseJson,
    ) -> Result<Self, AuthError> {
        let body = parse_json(&response.body);
        if response.status != 200 {
            let server = body
                .ok()
                .and_then(|body| ServerError::read_json(&*body, response.status));
            return Err(refusal(server, response.status));
        }
        let body = body.map_err(|_| ErrorCode::TokenResponseInvalid)?;
        let mut read = Form::default();
        for name in TEXTS {
            let text = body.optional_string(name, ErrorCode::TokenResponseInvalid)?;
            read.set_some(name, text.as_deref());
        }
        for name in DURATIONS {
            match body.number_or_digits(name) {
                Ok(Some(seconds)) if seconds > 0.0 && seconds.is_finite() => {
                    read.set_seconds(name, seconds);
                }
                Ok(None) => {}
                _ => return Err(AuthError::about(ErrorCode::ExpiresInInvalid, name)),
            }
        }
        let response = Self(read);
        let token_type = response
            .text("token_type")
            .ok_or(ErrorCode::TokenTypeMissing)?;
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(AuthError::about(
                ErrorCode::TokenTypeUnsupported,
                &token_type,
            ));
        }
        match response.text("access_token") {
            Some(token) if !token.is_empty() => Ok(response),
            _ => Err(AuthError::about(
                ErrorCode::TokenResponseInvalid,
                "access_token",
            )),
        }
    }

    /// A member that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)
    }

    /// A member that is seconds from the request.
    pub(crate) fn seconds(&self, name: &str) -> Option<f64> {
        self.0.seconds(name)
    }
}

fn refusal(server: Option<ServerError>, status: u16) -> AuthError {
    let code = match &server {
        _ if status >= 500 || status == 429 => ErrorCode::ProviderUnavailable,
        Some(server) if server.needs_interaction() => ErrorCode::InteractionRequired,
        Some(_) => ErrorCode::TokenRequestRefused,
        None => ErrorCode::UnexpectedResponse,
    };
    match server {
        Some(server) => AuthError::from_server(code, server),
        None => AuthError::about(code, &decimal(status.into())),
    }
}
