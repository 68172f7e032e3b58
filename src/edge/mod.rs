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
#[cfg(not(target_arch = "wasm32"))]
use crate::core::flow::Flow;
use crate::core::service::{ConfidentialClient, ConfidentialClientConfig};
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
#[cfg(not(target_arch = "wasm32"))]
use crate::core::verifier::Examination;
#[cfg(not(target_arch = "wasm32"))]
use crate::core::verifier::VerifiedJws;
use crate::core::verifier::{
    AccessTokenClaims, Algorithm, AwaitingSignature, ExaminedJws, JwsConfig, JwsVerifier,
    Requirement, Terms, VerificationKey, Verifier, VerifierConfig,
};
use crate::core::wire::base64url;
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
    let decision = awaiting.conclude(is_right, &Terms::from(requirement), now, &mut Vec::new())?;
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
                    awaiting.conclude(is_right, &Terms::from(requirement), now, &mut Vec::new())?;
                return decision.accepted();
            }
        }
    }
    verify_token(verifier, token, requirement, host.now())
}

/// A verifier of signed messages with this configuration.
pub fn jws_verifier(config: JwsConfig) -> Result<Shared<JwsVerifier>, AuthError> {
    JwsVerifier::new(config, parse_json, parse_json_array)
}

/// Verifies a signed message, as a webhook's, by a key of the verifier's, in pure Rust. `detached`
/// is the payload of a message that was sent without it (RFC 7515 appendix F); it is signed as it
/// is, if the header says so (RFC 7797). The host fetches the keys when that is due.
///
/// Who signed the message is all that this says. Whom it is for, when it was signed and whether it
/// came before is for the caller to see.
///
/// ```
/// use countersign::verifier::{JwsConfig, KeysFrom};
/// use countersign::{AuthError, edge};
///
/// async fn receive(host: &impl edge::Host, jws: &str) -> Result<Vec<u8>, AuthError> {
///     let keys = KeysFrom::JwksUri("https://sender.example/keys".into());
///     let verifier = edge::jws_verifier(JwsConfig::new(keys))?;
///     Ok(edge::verify_jws(&verifier, jws, None, host).await?.payload)
/// }
/// ```
#[cfg(not(target_arch = "wasm32"))]
pub async fn verify_jws(
    verifier: &Shared<JwsVerifier>,
    jws: &str,
    detached: Option<&[u8]>,
    host: &impl Host,
) -> Result<VerifiedJws, AuthError> {
    let renewal = || {
        let verifier = Shared::clone(verifier);
        Flow::new(move |io| verifier.renew_keys(io))
    };
    for fetches in 0..=MAX_FETCHES {
        let is_last = fetches == MAX_FETCHES;
        match verifier.examine(jws.as_bytes(), detached, host.now(), is_last)? {
            None => drive(renewal(), host).await?,
            Some(examined) => {
                if examined.renewal_is_due {
                    host.spawn(renewal());
                }
                let is_right = jws_is_right(&examined)?;
                return examined.open(is_right);
            }
        }
    }
    Err(ErrorCode::KeysUnavailable.into())
}

/// Whether a signature, not encoded, is the key's over these bytes, in pure Rust.
pub fn verify_signature(
    algorithm: Algorithm,
    key: &VerificationKey,
    signing_input: &[u8],
    signature: &[u8],
) -> Result<bool, AuthError> {
    let encoded = base64url::encode(signature);
    rust_crypto::verify(algorithm, key, signing_input, &encoded, signature)
}

/// Checks the signature of the examined message in pure Rust.
fn jws_is_right(examined: &ExaminedJws) -> Result<bool, AuthError> {
    let key = examined.key().ok_or(ErrorCode::Internal)?;
    verify_signature(
        examined.algorithm,
        key,
        &examined.signing_input,
        &examined.signature,
    )
}

/// Checks the signature of the examined token in pure Rust.
fn signature_is_right(awaiting: &AwaitingSignature<'_>) -> Result<bool, AuthError> {
    let key = awaiting.key().ok_or(ErrorCode::Internal)?;
    let encoded = str::from_utf8(awaiting.encoded_signature())
        .map_err(|_| ErrorCode::TokenEncodingInvalid)?;
    rust_crypto::verify(
        awaiting.algorithm(),
        key,
        awaiting.signing_input(),
        encoded,
        awaiting.signature(),
    )
}
