//! Where a sign-in begins: at the authorization endpoint with all parameters, or with a reference to
//! them if they were pushed there before (RFC 9126).

use super::Client;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::oauth::server_error;
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::wire::form::Form;
use crate::core::wire::json::ParseJson;
use crate::core::wire::url;
use alloc::string::String;

impl Client {
    /// The URL to send the user to. The parameters are pushed if the provider requires that
    /// (section 5) or the page has asked for it.
    pub(crate) fn authorization_url(
        &self,
        io: &mut Io,
        metadata: &ProviderMetadata,
        form: Form,
    ) -> Run<String> {
        let endpoint = metadata.authorization_endpoint()?;
        if !metadata.requires_pushed_requests && !self.config.pushes_requests {
            return Ok(form.appended_to(endpoint));
        }
        let push_endpoint = metadata.pushed_authorization_request_endpoint()?;
        // Section 2.1: `client_id` is among the parameters already.
        let request = HttpRequest::post_form(push_endpoint, form.as_str());
        io.log(
            "pushed_authorization_request",
            url::without_query(&request.url),
        );
        let response = io.send(request)??;
        let request_uri = request_uri(&response, self.platform.parse_json)?;
        let mut form = Form::default();
        form.set("client_id", &self.config.client_id)
            .set("request_uri", &request_uri);
        Ok(form.appended_to(endpoint))
    }
}

/// `request_uri` of the response (section 2.2), or its error (section 2.3).
fn request_uri(response: &HttpResponse, parse_json: ParseJson) -> Result<String, AuthError> {
    if !(200..300).contains(&response.status) {
        return Err(server_error::refusal_as(
            ErrorCode::AuthorizationRefused,
            response,
            parse_json,
        ));
    }
    let body = parse_json(&response.body).ok();
    let request_uri = body.and_then(|body| body.text("request_uri"));
    request_uri.ok_or_else(|| AuthError::about(ErrorCode::UnexpectedResponse, "request_uri"))
}
