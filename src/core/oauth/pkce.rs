//! Proof Key for Code Exchange, RFC 7636, with the method S256 only.

use alloc::string::String;

use crate::core::jose::sha256;
use crate::core::secret::Secret;
use crate::core::wire::base64url;
use crate::core::wire::form::Form;
use crate::core::wire::record::{Field, Reader};

/// A `code_verifier` (RFC 7636 section 4.1): 43 characters from 256 random bits.
#[derive(Clone, Debug)]
pub(crate) struct CodeVerifier(Secret);

impl CodeVerifier {
    /// Makes the verifier from 32 random bytes, as section 7.1 recommends.
    pub(crate) fn from_random(bytes: &[u8]) -> Self {
        Self(Secret::new(base64url::encode(bytes)))
    }

    /// The verifier itself, for the token request.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The `code_challenge` of the method S256 (section 4.2).
    pub(crate) fn code_challenge(&self) -> String {
        base64url::encode(&sha256::digest(self.expose().as_bytes()))
    }
}

impl Field for CodeVerifier {
    fn put(&self, name: &'static str, form: &mut Form) {
        self.0.put(name, form);
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        Self(Secret::take(name, from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7636_appendix_b() {
        let verifier = CodeVerifier(Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert_eq!(
            verifier.code_challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
