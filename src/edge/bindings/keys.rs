//! Keys for the host's crypto.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::core::error::{AuthError, ErrorCode};
use crate::core::verifier::VerificationKey;

/// A key as `importKey` of the host takes it.
#[derive(Default, Serialize)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<&'a str>,
}

/// The key's members as an object.
pub(super) fn jwk(key: &VerificationKey) -> Result<JsValue, AuthError> {
    let (kty, crv) = key.key_type();
    let mut jwk = Jwk {
        kty,
        crv,
        ..Jwk::default()
    };
    match key {
        VerificationKey::Rsa { n, e } => (jwk.n, jwk.e) = (Some(n.as_str()), Some(e.as_str())),
        VerificationKey::Ec { x, y, .. } => (jwk.x, jwk.y) = (Some(x.as_str()), Some(y.as_str())),
        VerificationKey::Okp { x } => jwk.x = Some(x),
        VerificationKey::Secret { k } => jwk.k = Some(k.expose()),
    }
    serde_wasm_bindgen::to_value(&jwk).map_err(|_| ErrorCode::Internal.into())
}
