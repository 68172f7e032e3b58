//! Nonces for proofs (RFC 9449 sections 8 and 9), which nobody has to store: a time and its HMAC.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::sha256;
use crate::core::secret::Secret;
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
use alloc::string::String;
use alloc::vec::Vec;

/// For how many seconds the nonce stays the same.
const PERIOD: f64 = 60.0;
/// How many earlier nonces are taken. A client is told the new one with the response.
const EARLIER: u64 = 4;
/// The length of the code in a nonce, in bytes.
const CODE_LENGTH: usize = 16;
const MIN_KEY_LENGTH: usize = 32;

/// The nonces of one key.
pub(super) struct Nonces {
    key: Vec<u8>,
}

impl Nonces {
    pub(super) fn new(key: &Secret) -> Result<Self, AuthError> {
        match base64url::decode(key.expose().as_bytes()) {
            Some(key) if key.len() >= MIN_KEY_LENGTH => Ok(Self { key }),
            _ => {
                let detail = "dpop.nonce must have a key of 32 bytes at least";
                Err(AuthError::about(ErrorCode::InvalidOption, detail))
            }
        }
    }

    /// The nonce of this time.
    pub(super) fn at(&self, now: UnixTime) -> String {
        self.of_period(period(now))
    }

    /// Checks the nonce of a proof; the one to take next, if it is another.
    pub(super) fn check(
        &self,
        given: Option<&str>,
        now: UnixTime,
    ) -> Result<Option<String>, AuthError> {
        let given = given.ok_or(ErrorCode::ProofNonceRequired)?;
        let current = period(now);
        // One of the future is another instance's, whose clock is ahead.
        for period in current.saturating_sub(EARLIER)..=current + 1 {
            if is_same(&self.of_period(period), given) {
                let is_old = period < current;
                return Ok(is_old.then(|| self.of_period(current)));
            }
        }
        Err(ErrorCode::ProofNonceRequired.into())
    }

    fn of_period(&self, period: u64) -> String {
        let mut nonce = Vec::from(period.to_be_bytes());
        let code = sha256::hmac(&self.key, &nonce);
        nonce.extend(code.iter().take(CODE_LENGTH));
        base64url::encode(&nonce)
    }
}

fn period(now: UnixTime) -> u64 {
    (now.seconds() / PERIOD) as u64
}

/// In a time that does not say where the two differ.
fn is_same(one: &str, other: &str) -> bool {
    let pairs = one.bytes().zip(other.bytes());
    one.len() == other.len() && pairs.fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}
