//! Which algorithms a verifier admits: those of public keys, or the one of its secret, never both
//! (RFC 8725 sections 2.1 and 3.1).

use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::algorithm::Algorithm;
use crate::core::secret::Secret;
use crate::core::wire::base64url;
use alloc::vec::Vec;

/// The algorithms, which fit the verifier's keys.
pub(super) struct AdmittedAlgorithms {
    algorithms: Vec<Algorithm>,
    is_by_secret: bool,
}

impl AdmittedAlgorithms {
    pub(super) fn new(
        algorithms: &[Algorithm],
        secret: Option<&Secret>,
    ) -> Result<Self, AuthError> {
        if algorithms.is_empty() {
            return wrong("algorithms must not be empty");
        }
        match secret {
            Some(secret) => check_secret(algorithms, secret)?,
            None if algorithms.iter().any(|algorithm| algorithm.is_symmetric()) => {
                return wrong("algorithms must not name HS256, HS384 or HS512 without a secret");
            }
            None => {}
        }
        Ok(Self {
            algorithms: algorithms.into(),
            is_by_secret: secret.is_some(),
        })
    }

    /// Reads the `alg` of a header.
    pub(super) fn read(&self, alg: &str) -> Result<Algorithm, AuthError> {
        let algorithm = if self.is_by_secret {
            Algorithm::read_symmetric(alg)?
        } else {
            Algorithm::read(alg)?
        };
        if self.algorithms.contains(&algorithm) {
            Ok(algorithm)
        } else {
            let name = algorithm.as_str();
            Err(AuthError::about(ErrorCode::AlgorithmNotAllowed, name))
        }
    }
}

/// A key is for one algorithm (RFC 8725 section 3.1), and as long as its hash at least (RFC 7518
/// section 3.2).
fn check_secret(algorithms: &[Algorithm], secret: &Secret) -> Result<(), AuthError> {
    let [algorithm] = algorithms else {
        return wrong("algorithms must name one algorithm for a secret");
    };
    if !algorithm.is_symmetric() {
        return wrong("algorithms must be HS256, HS384 or HS512 for a secret");
    }
    let length = base64url::decode(secret.expose().as_bytes()).map(|bytes| bytes.len());
    if length < algorithm.signature_length() {
        return wrong("secret must be as long as the hash: 32, 48 or 64 bytes");
    }
    Ok(())
}

fn wrong<T>(detail: &str) -> Result<T, AuthError> {
    Err(AuthError::about(ErrorCode::InvalidOption, detail))
}
