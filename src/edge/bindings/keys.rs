//! Keys for the host's crypto.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::core::error::{AuthError, ErrorCode};
use crate::core::verifier::PublicKey;

/// A key as `importKey` of the host takes it.
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
