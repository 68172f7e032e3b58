//! Signed messages, which are few beside access tokens: they cross as they are.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::keys::jwk;
use super::options::{jws_config, spelled_for_javascript};
use super::time;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::Flow;
use crate::core::jose::jwk::JwkSet;
use crate::core::shared::Shared;
use crate::core::verifier::{ExaminedJws, JwsVerifier};
use crate::core::wire::form::Form;
use crate::edge::{jws_is_right, jws_verifier};
use crate::javascript::{RunningFlow, error_to_js};

/// What `verifyJws` drives, for one source of keys.
#[wasm_bindgen]
pub struct EdgeJwsVerifier {
    verifier: Shared<JwsVerifier>,
    keys: Option<Shared<JwkSet>>,
    keys_serial: u32,
}

/// A message whose signature is to be checked.
#[wasm_bindgen]
pub struct EdgeJws {
    examined: ExaminedJws,
    keys_serial: u32,
}

#[wasm_bindgen]
impl EdgeJwsVerifier {
    /// A verifier of these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsValue> {
        let config = jws_config(options).map_err(error_to_js)?;
        Ok(Self {
            verifier: jws_verifier(config)
                .map_err(|error| error_to_js(spelled_for_javascript(&error)))?,
            keys: None,
            keys_serial: 0,
        })
    }

    /// Examines a message, at last with the keys at hand; nothing if they are to be fetched first.
    pub fn examine(
        &mut self,
        jws: &str,
        detached: Option<Vec<u8>>,
        now: f64,
        is_last: bool,
    ) -> Result<Option<EdgeJws>, JsValue> {
        let now = time(now);
        let examined = self
            .verifier
            .examine(jws.as_bytes(), detached.as_deref(), now, is_last)
            .map_err(error_to_js)?;
        Ok(examined.map(|examined| {
            let known = self.keys.as_ref();
            if !known.is_some_and(|keys| Shared::ptr_eq(keys, &examined.keys)) {
                self.keys = Some(Shared::clone(&examined.keys));
                self.keys_serial += 1;
            }
            EdgeJws {
                examined,
                keys_serial: self.keys_serial,
            }
        }))
    }

    /// Starts a fetch of the keys.
    #[wasm_bindgen(js_name = fetchKeys)]
    pub fn fetch_keys(&self) -> RunningFlow {
        let verifier = Shared::clone(&self.verifier);
        RunningFlow::new(Flow::new(move |io| {
            verifier.renew_keys(io)?;
            Ok(Form::default())
        }))
    }
}

#[wasm_bindgen]
impl EdgeJws {
    /// What the imported key is remembered by: the set, the place in it, and the algorithm.
    pub fn key(&self) -> String {
        let Self {
            examined,
            keys_serial,
        } = self;
        format!(
            "{keys_serial} {} {}",
            examined.key_index, examined.algorithm as u32
        )
    }

    /// The algorithm's place in the table.
    pub fn algorithm(&self) -> usize {
        self.examined.algorithm as usize
    }

    /// The key as a JWK object.
    pub fn jwk(&self) -> Result<JsValue, JsValue> {
        let key = self.examined.key();
        key.ok_or_else(|| AuthError::new(ErrorCode::Internal))
            .and_then(jwk)
            .map_err(error_to_js)
    }

    /// The signature.
    pub fn signature(&self) -> Vec<u8> {
        self.examined.signature.clone()
    }

    /// What the signature is over.
    #[wasm_bindgen(js_name = signingInput)]
    pub fn signing_input(&self) -> Vec<u8> {
        self.examined.signing_input.clone()
    }

    /// Whether the keys are to be fetched again meanwhile.
    #[wasm_bindgen(js_name = renewalIsDue)]
    pub fn renewal_is_due(&self) -> bool {
        self.examined.renewal_is_due
    }

    /// Whether the signature is right, in pure Rust.
    #[wasm_bindgen(js_name = isRight)]
    pub fn is_right(&self) -> Result<bool, JsValue> {
        jws_is_right(&self.examined).map_err(error_to_js)
    }

    /// Opens the message, now that the signature was checked: the header as JSON, and the payload.
    pub fn open(self, signature_is_right: bool) -> Result<Vec<JsValue>, JsValue> {
        let verified = self
            .examined
            .open(signature_is_right)
            .map_err(error_to_js)?;
        let header = String::from_utf8(verified.header).unwrap_or_default();
        let payload = js_sys::Uint8Array::from(&*verified.payload);
        Ok(vec![header.into(), payload.into()])
    }
}
