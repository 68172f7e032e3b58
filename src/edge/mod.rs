//! The edge build: verification of tokens on the server. Without WebAssembly, what a Rust program
//! uses: [`verifier`] and [`verify_token`], over `serde_json` and pure-Rust signatures.

#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "wasm-bindgen exports must be `pub`")]
mod bindings;
mod json;
mod rust_crypto;

use std::rc::Rc;

pub use json::{parse_json, parse_json_array};
pub use rust_crypto::verify;

use crate::core::access_token::{AccessTokenClaims, Requirement};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::time::UnixTime;
use crate::core::verifier::{AwaitingSignature, DecodedParts, Verifier, VerifierConfig};

/// A verifier of this configuration.
pub fn verifier(config: VerifierConfig) -> Result<Rc<Verifier>, AuthError> {
    Verifier::new(config, parse_json, parse_json_array)
}

/// Decides about a token, its signature in pure Rust, with the keys at hand: those of the
/// configuration, or those that [`Verifier::fetch_keys`] brought.
///
/// ```
/// use countersign::core::access_token::Requirement;
/// use countersign::core::verifier::VerifierConfig;
/// use countersign::{ErrorCode, UnixTime, edge};
///
/// let mut config = VerifierConfig::new("https://login.example", "https://api.example")?;
/// config.jwks = Some(r#"{"keys":[]}"#.into());
/// let verifier = edge::verifier(config)?;
/// let refused = edge::verify_token(&verifier, "no token", &Requirement::default(), UnixTime::EPOCH);
/// assert_eq!(refused.unwrap_err().code(), ErrorCode::TokenMalformed);
/// # Ok::<(), countersign::AuthError>(())
/// ```
pub fn verify_token(
    verifier: &Verifier,
    token: &str,
    requirement: &Requirement,
    now: UnixTime,
) -> Result<AccessTokenClaims, AuthError> {
    let token = token.as_bytes();
    let mut decoded = DecodedParts::default();
    conclude(
        verifier.examine_now(token, requirement, now, &mut decoded)?,
        token,
    )
}

/// Checks the signature of the examined token in pure Rust, and opens the verdict.
fn conclude(awaiting: AwaitingSignature, token: &[u8]) -> Result<AccessTokenClaims, AuthError> {
    let (signing_input, signature) = token
        .split_at_checked(awaiting.signing_input_length)
        .ok_or(ErrorCode::Internal)?;
    let signature = signature
        .get(1..)
        .and_then(|signature| str::from_utf8(signature).ok())
        .ok_or(ErrorCode::TokenEncodingInvalid)?;
    let key = awaiting.public_key().ok_or(ErrorCode::Internal)?;
    let is_right = verify(awaiting.algorithm, key, signing_input, signature)?;
    awaiting.conclude(is_right)
}
