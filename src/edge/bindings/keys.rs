//! Keys for the host's crypto, and the fetch that brings them.

use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::time;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Command, Flow, Input, Step};
use crate::core::http::HttpResponse;
use crate::core::jwk_set::PublicKey;
use crate::javascript::error_to_js;

/// A fetch of keys under way. It belongs to the request that started it: on Workers, what one
/// request waits for may never be settled for another.
#[wasm_bindgen]
pub struct KeysFetch(Flow<()>);

#[wasm_bindgen]
impl KeysFetch {
    pub(super) fn new(flow: Flow<()>) -> Self {
        Self(flow)
    }

    /// The first address to GET.
    pub fn start(&mut self, now: f64) -> Result<Option<String>, JsValue> {
        self.step(now, Input::Start)
    }

    /// Takes an answer; returns the next address, or nothing when the keys are there.
    pub fn answer(
        &mut self,
        now: f64,
        status: u16,
        body: String,
    ) -> Result<Option<String>, JsValue> {
        self.step(now, Input::Response(HttpResponse { status, body }))
    }

    /// Takes that no answer came.
    pub fn fail(&mut self, now: f64) -> Result<Option<String>, JsValue> {
        let error = AuthError::new(ErrorCode::NetworkError);
        self.step(now, Input::Failed(error))
    }

    fn step(&mut self, now: f64, input: Input) -> Result<Option<String>, JsValue> {
        match self.0.resume(time(now), input) {
            Step::Command(Command::Send(request)) => Ok(Some(request.url)),
            Step::Command(_) => Err(error_to_js(ErrorCode::Internal.into())),
            Step::Ended(result) => result.map(|()| None).map_err(error_to_js),
        }
    }
}

/// A key as the host's `importKey` takes it.
#[derive(Serialize)]
struct Jwk<'a> {
    kty: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<&'a str>,
}

/// The key's public members as an object.
pub(super) fn jwk(key: &PublicKey) -> Result<JsValue, AuthError> {
    let (kty, crv) = key.key_type();
    let (n, e, x, y) = match key {
        PublicKey::Rsa { n, e } => (Some(&**n), Some(&**e), None, None),
        PublicKey::Ec { x, y, .. } => (None, None, Some(&**x), Some(&**y)),
        PublicKey::Okp { x } => (None, None, Some(&**x), None),
    };
    serde_wasm_bindgen::to_value(&Jwk {
        kty,
        crv,
        n,
        e,
        x,
        y,
    })
    .map_err(|_| ErrorCode::Internal.into())
}
