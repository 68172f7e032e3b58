//! Requests by the page's `fetch`.

use js_sys::futures::JsFuture;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{RequestCache, RequestCredentials, RequestInit, RequestRedirect, Response};

use super::PageHost;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::http::{HttpRequest, HttpResponse};

/// Sends the request and reads the answer whole.
pub(super) async fn send(
    host: &PageHost,
    request: &HttpRequest,
) -> Result<HttpResponse, AuthError> {
    let failed = |_: JsValue| AuthError::new(ErrorCode::NetworkError);
    let init = RequestInit::new();
    // A token endpoint that redirects would send the code or the refresh token elsewhere.
    init.set_redirect(RequestRedirect::Error);
    // The provider's cookies are no part of these requests.
    init.set_credentials(RequestCredentials::Omit);
    if let Some(form) = &request.form {
        init.set_method("POST");
        init.set_cache(RequestCache::NoStore);
        init.set_body(&form.as_str().into());
        init.set_headers(&form_headers());
    }
    let promise = host.fetch(&request.url, &init).map_err(failed)?;
    let response: Response = JsFuture::from(promise)
        .await
        .and_then(JsCast::dyn_into)
        .map_err(failed)?;
    let body = JsFuture::from(response.text().map_err(failed)?)
        .await
        .map_err(failed)?;
    Ok(HttpResponse {
        status: response.status(),
        body: body.as_string().unwrap_or_default(),
    })
}

fn form_headers() -> JsValue {
    let headers = js_sys::Object::new();
    crate::javascript::set(
        &headers,
        "content-type",
        "application/x-www-form-urlencoded",
    );
    crate::javascript::set(&headers, "accept", "application/json");
    headers.into()
}
