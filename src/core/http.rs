//! HTTP as data: what the core asks its host to send, and what came back.

use alloc::string::String;
use core::fmt;

/// A request that the host sends as it is, without following redirects.
#[derive(Clone)]
pub struct HttpRequest {
    /// The address, with its query.
    pub url: String,
    /// The form to POST as `application/x-www-form-urlencoded`; a GET without one.
    pub form: Option<String>,
}

impl HttpRequest {
    /// A GET of a JSON document.
    pub fn get(url: &str) -> Self {
        Self {
            url: url.into(),
            form: None,
        }
    }

    /// A POST of a form.
    pub fn post(url: &str, form: &str) -> Self {
        Self {
            url: url.into(),
            form: Some(form.into()),
        }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("url", &self.url)
            .field("form", &self.form.as_ref().map(|_| "…"))
            .finish()
    }
}

/// An answer, whole.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body", &"…")
            .finish()
    }
}
