//! DPoP proofs, which cross as signed messages do.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::keys::jwk;
use super::time;
use super::verifier::EdgeVerifier;
use crate::core::verifier::{AwaitingProof, ProofRequest};
use crate::core::wire::form::Form;
use crate::core::wire::text::{concat, decimal};
use crate::edge::verify_signature;
use crate::javascript::error_to_js;

/// A proof whose signature is to be checked.
#[wasm_bindgen]
pub struct EdgeProof(AwaitingProof);

#[wasm_bindgen]
impl EdgeVerifier {
    /// Examines the proof of a request.
    #[wasm_bindgen(js_name = examineProof)]
    pub fn examine_proof(
        &self,
        proof: &str,
        method: &str,
        url: &str,
        token: &str,
        now: f64,
    ) -> Result<EdgeProof, JsValue> {
        let request = ProofRequest { method, url, token };
        self.verifier
            .examine_proof(proof.as_bytes(), request, time(now))
            .map(EdgeProof)
            .map_err(error_to_js)
    }
}

#[wasm_bindgen]
impl EdgeProof {
    /// What the imported key is remembered by.
    pub fn key(&self) -> String {
        let algorithm = decimal(self.algorithm() as u64);
        concat(&[&algorithm, " ", self.0.thumbprint()])
    }

    /// The algorithm's place in the table.
    pub fn algorithm(&self) -> usize {
        self.0.algorithm as usize
    }

    /// The key as a JWK object.
    pub fn jwk(&self) -> Result<JsValue, JsValue> {
        jwk(&self.0.key).map_err(error_to_js)
    }

    /// The signature.
    pub fn signature(&self) -> Vec<u8> {
        self.0.signature.clone()
    }

    /// What the signature is over.
    #[wasm_bindgen(js_name = signingInput)]
    pub fn signing_input(&self) -> Vec<u8> {
        self.0.signing_input.clone()
    }

    /// Whether the signature is right, in pure Rust.
    #[wasm_bindgen(js_name = isRight)]
    pub fn is_right(&self) -> Result<bool, JsValue> {
        let AwaitingProof {
            algorithm,
            key,
            signing_input,
            signature,
            ..
        } = &self.0;
        verify_signature(*algorithm, key, signing_input, signature).map_err(error_to_js)
    }

    /// What the proof shows, now that the signature was checked: `key`, `id`, `expiresAt` in seconds
    /// and perhaps `nonce`.
    pub fn open(self, signature_is_right: bool) -> Result<String, JsValue> {
        let verified = self.0.conclude(signature_is_right).map_err(error_to_js)?;
        let mut form = Form::default();
        form.set("key", &verified.key)
            .set("id", &verified.id)
            .set("expiresAt", &decimal(verified.expires_at.seconds() as u64))
            .set_some("nonce", verified.next_nonce.as_deref());
        Ok(form.into_string())
    }
}
