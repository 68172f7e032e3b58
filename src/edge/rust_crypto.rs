//! The backend without a host: pure Rust, of the package `countersign-signatures`.

use countersign_signatures::{Fault, Key};

use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::algorithm::Algorithm;
use crate::core::jose::jwk::VerificationKey;
use crate::core::wire::base64url;

/// Whether a signature, given as base64url and decoded, is the key's over `signing_input`.
pub(crate) fn verify(
    algorithm: Algorithm,
    key: &VerificationKey,
    signing_input: &[u8],
    encoded: &str,
    signature: &[u8],
) -> Result<bool, AuthError> {
    let secret;
    let key = match key {
        VerificationKey::Rsa { n, e } => Key::Rsa { n, e },
        VerificationKey::Ec { x, y, .. } => Key::Ec { x, y },
        VerificationKey::Okp { x } => Key::Okp { x },
        VerificationKey::Secret { k } => {
            secret = base64url::decode(k.expose().as_bytes()).ok_or(ErrorCode::KeyInvalid)?;
            Key::Secret(&secret)
        }
    };
    let verified =
        countersign_signatures::verify(algorithm.as_str(), key, signing_input, encoded, signature);
    verified.map_err(|fault| {
        AuthError::new(match fault {
            Fault::Key => ErrorCode::KeyInvalid,
            Fault::Encoding => ErrorCode::TokenEncodingInvalid,
            Fault::Algorithm => ErrorCode::AlgorithmUnsupported,
        })
    })
}
