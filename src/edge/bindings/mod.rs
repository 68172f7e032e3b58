//! The edge build's exports. They carry out and decide nothing: JavaScript writes the token into
//! this memory once, one call examines it, and the host checks the signature from views of the
//! same memory.

mod dpop;
mod jws;
mod keys;
mod logout;
mod options;
mod verifier;

use wasm_bindgen::JsValue;

use crate::core::time::UnixTime;
use crate::core::verifier::{Algorithm, Scheme, credentials};
use crate::core::wire::text::concat;
use crate::javascript::error_to_js;

/// The token of an `Authorization` header, behind a `D` if it came under the scheme `DPoP` and a `B`
/// otherwise.
#[wasm_bindgen::prelude::wasm_bindgen(js_name = credentials)]
pub fn credentials_of(authorization: Option<String>) -> Result<String, JsValue> {
    let (scheme, token) = credentials(authorization.as_deref()).map_err(error_to_js)?;
    let mark = if scheme == Scheme::Dpop { "D" } else { "B" };
    Ok(concat(&[mark, token]))
}

/// The parameters of the host's crypto for the algorithm at this place of the table, as JSON.
#[wasm_bindgen::prelude::wasm_bindgen(js_name = algorithmParameters)]
pub fn algorithm_parameters(place: usize) -> Option<String> {
    let algorithm = Algorithm::ALL.get(place)?;
    Some(algorithm.web_crypto().into())
}

fn time(now: f64) -> UnixTime {
    // `Date.now()` is a finite number.
    UnixTime::from_seconds(now).unwrap_or(UnixTime::EPOCH)
}
