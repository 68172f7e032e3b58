//! The error response of the authorization server: RFC 6749 sections 4.1.2.1 and 5.2.

use crate::core::error::{AuthError, ErrorCode, ServerError};
use crate::core::http::HttpResponse;
use crate::core::provider::entra::Refusal;
use crate::core::wire::form::{Form, Parameters};
use crate::core::wire::json::{JsonObject, ParseJson};
use crate::core::wire::record::{Field, Reader, Record};
use crate::core::wire::text::{decimal, parse_decimal, split_while};
use alloc::string::String;
use alloc::vec::Vec;

impl ServerError {
    /// Reads the parameters of an authorization response. `None` without an `error`.
    pub(crate) fn from_parameters(parameters: &Parameters) -> Option<Self> {
        Self::read_texts(|name| parameters.get(name).map(String::from)).with_error()
    }

    /// Reads the JSON of an error response of section 5.2.
    pub(crate) fn from_json(body: &dyn JsonObject, status: u16) -> Option<Self> {
        let mut server = Self::read_texts(|name| body.text(name)).with_error()?;
        // An array of numbers, `[65001,50076]`.
        let codes = body.json("error_codes").unwrap_or_default();
        let mut rest = codes.as_str();
        while !rest.is_empty() {
            let (digits, after) = split_while(rest, |byte| byte.is_ascii_digit());
            server
                .error_codes
                .extend(parse_decimal(digits).map(|code| code as u32));
            rest = after.get(1..).unwrap_or_default();
        }
        server.status = Some(status);
        Some(server)
    }

    fn with_error(self) -> Option<Self> {
        (!self.error.is_empty()).then_some(self)
    }

    fn read_texts(text: impl Fn(&'static str) -> Option<String>) -> Self {
        Self {
            error: text("error").unwrap_or_default(),
            error_description: text("error_description"),
            error_uri: text("error_uri"),
            suberror: text("suberror"),
            claims: text("claims"),
            correlation_id: text("correlation_id"),
            error_codes: Vec::new(),
            status: None,
        }
    }
}

/// The error for a response whose status is not 200: the server's own refusal if it is one.
pub(crate) fn refusal(response: &HttpResponse, parse_json: ParseJson) -> AuthError {
    refusal_as(ErrorCode::TokenRequestRefused, response, parse_json)
}

/// The same with this code for a refusal that has no finer one.
pub(crate) fn refusal_as(
    code: ErrorCode,
    response: &HttpResponse,
    parse_json: ParseJson,
) -> AuthError {
    let body = parse_json(&response.body).ok();
    match body.and_then(|body| ServerError::from_json(&*body, response.status)) {
        Some(server) => {
            let code = Refusal::of(&server).code(code);
            AuthError::from_server(code, server)
        }
        None => {
            let code = match response.status {
                408 | 429 | 500.. => ErrorCode::ProviderUnavailable,
                _ => ErrorCode::UnexpectedResponse,
            };
            AuthError::about(code, &decimal(response.status.into()))
        }
    }
}

impl Record for ServerError {
    fn write(&self, form: &mut Form) {
        self.error.put("error", form);
        self.error_description.put("error_description", form);
        self.error_uri.put("error_uri", form);
        self.suberror.put("suberror", form);
        self.claims.put("claims", form);
        self.correlation_id.put("correlation_id", form);
        for code in &self.error_codes {
            form.set("error_codes", &decimal((*code).into()));
        }
        self.status.map(u64::from).put("status", form);
    }

    fn read(from: &Reader) -> Self {
        let mut server = Self::read_texts(|name| from.get(name).map(String::from));
        for code in from.parameters().all("error_codes") {
            let code = from.require(parse_decimal(code));
            server.error_codes.push(code as u32);
        }
        let status: Option<u64> = Field::take("status", from);
        server.status = status.map(|status| status as u16);
        server
    }
}

/// `code` is the code's number. The server's members follow under their names on the wire.
impl Record for AuthError {
    fn write(&self, form: &mut Form) {
        form.set("code", &decimal(self.code() as u64));
        form.set_some("detail", self.detail());
        if let Some(server) = self.server() {
            server.write(form);
        }
    }

    fn read(from: &Reader) -> Self {
        let code = ErrorCode::from_number(u64::take("code", from));
        if code.is_none() {
            from.fail();
        }
        let server = from.get("error").map(|_| ServerError::read(from));
        let detail = Field::take("detail", from);
        Self::with(code.unwrap_or(ErrorCode::Internal), detail, server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_what_it_wrote() {
        let parameters = "error=invalid_grant&suberror=bad_token&claims=%7B%7D&correlation_id=c\
                          &error_codes=65001&error_codes=50076&status=400";
        let server = ServerError::from_text(parameters).unwrap();
        assert_eq!((server.error_codes.len(), server.status), (2, Some(400)));
        assert_eq!(server.to_text(), parameters);

        let error = AuthError::with(
            ErrorCode::InteractionRequired,
            Some("d".into()),
            Some(server),
        );
        let read = AuthError::from_text(&error.to_text()).unwrap();
        assert_eq!(read.to_text(), error.to_text());
        assert_eq!(read.code(), ErrorCode::InteractionRequired);
        assert!(AuthError::from_text("code=999").is_none());
        assert!(AuthError::from_text("code=3").unwrap().server().is_none());
    }
}
