//! The edge build: verification of tokens on the server. Without WebAssembly, what a Rust program
//! uses: [`verifier`], [`verify_token`] and [`platform`], over `serde_json`, the crate `url` and
//! pure-Rust signatures.

#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "wasm-bindgen exports must be `pub`")]
mod bindings;
#[cfg(not(target_arch = "wasm32"))]
mod drive;
pub(crate) mod json;
mod rust_crypto;

#[cfg(not(target_arch = "wasm32"))]
pub use drive::{Host, drive};

use crate::core::error::{AuthError, ErrorCode};
use crate::core::service::{ConfidentialClient, ConfidentialClientConfig};
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
#[cfg(not(target_arch = "wasm32"))]
use crate::core::verifier::Examination;
use crate::core::verifier::{
    AccessTokenClaims, AwaitingSignature, Requirement, Verifier, VerifierConfig,
};
use json::{parse_json, parse_json_array};

/// A token's key is looked for by so many fetches at most: one may be under way that began before
/// the token came.
#[cfg(not(target_arch = "wasm32"))]
const MAX_FETCHES: usize = 3;

/// The parsers of a Rust program, for [`Client::new`](crate::page::Client::new).
#[cfg(not(target_arch = "wasm32"))]
pub fn platform() -> crate::page::Platform {
    crate::page::Platform {
        parse_json,
        normalize_url: |text| Some(url::Url::parse(text).ok()?.into()),
    }
}

/// A verifier with this configuration.
pub fn verifier(config: VerifierConfig) -> Result<Shared<Verifier>, AuthError> {
    Verifier::new(config, parse_json, parse_json_array)
}

/// A confidential client with this configuration.
pub fn confidential_client(
    config: ConfidentialClientConfig,
) -> Result<Shared<ConfidentialClient>, AuthError> {
    ConfidentialClient::new(config, parse_json)
}

/// Verifies a token, its signature in pure Rust, with the keys at hand: those of the
/// configuration, or those that [`Verifier::fetch_keys`] fetched.
///
/// ```
/// use countersign::verifier::{KeysFrom, Requirement, VerifierConfig};
/// use countersign::{ErrorCode, UnixTime, edge};
///
/// let mut config = VerifierConfig::new("https://login.example", "https://api.example")?;
/// config.issuers[0].keys = KeysFrom::Jwks(r#"{"keys":[]}"#.into());
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
    let awaiting = verifier.examine_now(token.as_bytes(), now)?;
    let is_right = signature_is_right(&awaiting)?;
    let decision = awaiting.conclude(is_right, requirement, None, now, &mut Vec::new())?;
    decision.accepted()
}

/// Decides about a token, its signature in pure Rust. The host fetches the issuer's keys when that is
/// due: first, if they are missing, and otherwise [in the background](Host::spawn).
#[cfg(not(target_arch = "wasm32"))]
pub async fn verify(
    verifier: &Shared<Verifier>,
    token: &str,
    requirement: &Requirement,
    host: &impl Host,
) -> Result<AccessTokenClaims, AuthError> {
    let text = token.as_bytes();
    for _ in 0..MAX_FETCHES {
        let now = host.now();
        match verifier.examine(text, now)? {
            Examination::Keys(issuer) => drive(verifier.fetch_keys(issuer), host).await?,
            Examination::Signature(awaiting) => {
                if awaiting.renewal_is_due() {
                    host.spawn(verifier.fetch_keys(awaiting.issuer()));
                }
                let is_right = signature_is_right(&awaiting)?;
                let decision =
                    awaiting.conclude(is_right, requirement, None, now, &mut Vec::new())?;
                return decision.accepted();
            }
        }
    }
    verify_token(verifier, token, requirement, host.now())
}

/// Checks the signature of the examined token in pure Rust.
fn signature_is_right(awaiting: &AwaitingSignature<'_>) -> Result<bool, AuthError> {
    let key = awaiting.public_key().ok_or(ErrorCode::Internal)?;
    let signature = str::from_utf8(awaiting.encoded_signature())
        .map_err(|_| ErrorCode::TokenEncodingInvalid)?;
    rust_crypto::verify(
        awaiting.algorithm(),
        key,
        awaiting.signing_input(),
        signature,
    )
}
