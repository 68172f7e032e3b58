//! How a client proves who it is at the token endpoint: RFC 6749 section 2.3, RFC 7523.

use crate::core::http::HttpRequest;
use crate::core::wire::form::Form;

/// A client's identity without proof, as public clients have it: `client_id` is a parameter
/// (RFC 6749 section 3.2.1).
pub(crate) fn public_client(client_id: &str, mut form: Form, endpoint: &str) -> HttpRequest {
    form.set("client_id", client_id);
    HttpRequest::post_form(endpoint, form.as_str())
}
