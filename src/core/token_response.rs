//! The token response: RFC 6749 section 5.1 and section 5.2.

use super::error::{AuthError, ErrorCode, ServerError};
use super::http::HttpResponse;
use super::json::{JsonObject, ParseJson, WrongType};
use super::secret::Secret;

/// Where the server does not say how long a token lives, it is taken to live so many seconds.
const ASSUMED_LIFETIME: f64 = 300.0;

/// A successful answer of the token endpoint.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    /// `access_token`.
    pub(crate) access_token: Secret,
    /// `token_type`, as the server spells it.
    pub(crate) token_type: String,
    /// `expires_in`, seconds from the request.
    pub(crate) expires_in: f64,
    /// `refresh_in`, Entra's hint when to renew, seconds from the request.
    pub(crate) refresh_in: Option<f64>,
    /// `refresh_token`.
    pub(crate) refresh_token: Option<Secret>,
    /// `refresh_token_expires_in`, seconds from the request, where the server tells it.
    pub(crate) refresh_token_expires_in: Option<f64>,
    /// `scope`, where it differs from what was asked for.
    pub(crate) scope: Option<String>,
    /// `id_token`, unchecked.
    pub(crate) id_token: Option<Secret>,
}

impl TokenResponse {
    /// Reads the answer. An error answer becomes an error with the server's own members in it.
    pub(crate) fn process(
        response: &HttpResponse,
        parse_json: ParseJson,
    ) -> Result<Self, AuthError> {
        let body = parse_json(&response.body);
        if response.status != 200 {
            return Err(refusal(body.ok().as_deref(), response.status));
        }
        let body = body.map_err(|_| ErrorCode::TokenResponseInvalid)?;
        let body = &*body;

        let token_type = text(body, "token_type")?.ok_or(ErrorCode::TokenTypeMissing)?;
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(AuthError::about(
                ErrorCode::TokenTypeUnsupported,
                token_type,
            ));
        }
        Ok(Self {
            access_token: text(body, "access_token")?
                .filter(|token| !token.is_empty())
                .map(Secret::new)
                .ok_or_else(|| AuthError::about(ErrorCode::TokenResponseInvalid, "access_token"))?,
            token_type,
            expires_in: seconds(body, "expires_in")?.unwrap_or(ASSUMED_LIFETIME),
            refresh_in: seconds(body, "refresh_in").ok().flatten(),
            refresh_token: text(body, "refresh_token")?.map(Secret::new),
            refresh_token_expires_in: seconds(body, "refresh_token_expires_in").ok().flatten(),
            scope: text(body, "scope")?,
            id_token: text(body, "id_token")?.map(Secret::new),
        })
    }
}

fn refusal(body: Option<&dyn JsonObject>, status: u16) -> AuthError {
    match body.and_then(|body| ServerError::read(body, status)) {
        Some(server) if server.needs_interaction() => {
            AuthError::from_server(ErrorCode::InteractionRequired, server)
        }
        Some(server) => AuthError::from_server(ErrorCode::TokenRequestRefused, server),
        None => AuthError::about(ErrorCode::UnexpectedResponse, status.to_string()),
    }
}

fn text(body: &dyn JsonObject, name: &'static str) -> Result<Option<String>, AuthError> {
    body.string(name)
        .map(|value| value.map(|value| value.into_owned()))
        .map_err(|WrongType| AuthError::about(ErrorCode::TokenResponseInvalid, name))
}

fn seconds(body: &dyn JsonObject, name: &'static str) -> Result<Option<f64>, AuthError> {
    match body.number_or_digits(name) {
        Ok(Some(seconds)) if seconds > 0.0 && seconds.is_finite() => Ok(Some(seconds)),
        Ok(None) => Ok(None),
        _ => Err(ErrorCode::ExpiresInInvalid.into()),
    }
}
