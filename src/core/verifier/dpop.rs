//! DPoP at a resource: RFC 9449 sections 4.3 and 7.

use super::Algorithm;
use alloc::vec::Vec;

/// What is asked of proofs. A token that is bound to a key is never taken without one.
#[derive(Clone, Debug)]
pub struct DpopPolicy {
    /// Whether every token must be bound to the key of a proof.
    pub is_required: bool,
    /// Whether challenges name DPoP beside other schemes.
    pub is_offered: bool,
    /// The admitted algorithms of proofs.
    pub algorithms: Vec<Algorithm>,
}

impl Default for DpopPolicy {
    fn default() -> Self {
        Self {
            is_required: false,
            is_offered: false,
            algorithms: Algorithm::asymmetric().collect(),
        }
    }
}
