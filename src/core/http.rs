//! HTTP as data: what the core asks its host to send, and what came back.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::time::UnixTime;

/// A request, which the host sends as it is and without following redirects.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The URL with its query.
    pub url: String,
    /// The headers, their names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body of a POST.
    pub body: Option<String>,
}

/// The methods that the protocol uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

impl HttpRequest {
    /// A GET of a JSON document.
    pub(crate) fn get(url: &str) -> Self {
        Self {
            method: Method::Get,
            url: url.into(),
            headers: alloc::vec![("accept", "application/json".into())],
            body: None,
        }
    }

    /// A POST of an `application/x-www-form-urlencoded` body.
    pub(crate) fn post_form(url: &str, form: &str) -> Self {
        Self {
            method: Method::Post,
            url: url.into(),
            headers: alloc::vec![
                ("accept", "application/json".into()),
                ("content-type", "application/x-www-form-urlencoded".into()),
            ],
            body: Some(form.into()),
        }
    }
}

impl Method {
    /// `GET` or `POST`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A response, whole.
#[derive(Clone, Default)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The headers that a rule of the protocol needs.
    pub headers: ResponseHeaders,
    /// The body as text.
    pub body: String,
}

/// The headers of a response that the core acts on. In a page, CORS hides each of them unless the
/// server exposes it.
#[derive(Clone, Debug, Default)]
pub struct ResponseHeaders {
    /// `Retry-After` in seconds from now. A host turns the header's other form, a date, into
    /// seconds (RFC 9110 section 10.2.3).
    pub retry_after: Option<f64>,
    /// `Date` (RFC 9110 section 6.6.1): the server's clock.
    pub date: Option<UnixTime>,
    /// `ETag` (RFC 9110 section 8.8.3).
    pub etag: Option<String>,
    /// `Cache-Control` (RFC 9111 section 5.2).
    pub cache_control: Option<String>,
    /// `Age` in seconds (RFC 9111 section 5.1): how long a cache has kept the response.
    pub age: Option<f64>,
    /// Whether the host had kept the response itself, and did not ask the server.
    pub is_stored: bool,
    /// `DPoP-Nonce` (RFC 9449 section 8).
    pub dpop_nonce: Option<String>,
}

impl HttpResponse {
    /// A response without headers that matter.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            body: body.into(),
            headers: ResponseHeaders::default(),
        }
    }
}

/// Without header values and body, which may be secret.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("body", &self.body.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}

/// Without the body, which may be secret.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
