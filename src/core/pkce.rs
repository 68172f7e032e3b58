//! Proof Key for Code Exchange, RFC 7636, with the method S256 only.

use alloc::string::String;

use super::base64url;
use super::secret::Secret;
use super::sha256;

/// A `code_verifier` (RFC 7636 section 4.1): 43 characters from 256 random bits.
#[derive(Clone, Debug)]
pub struct CodeVerifier(Secret);

impl CodeVerifier {
    /// Makes the verifier of 32 random bytes, as section 7.1 recommends.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(Secret::new(base64url::encode(&bytes)))
    }

    /// Takes back a verifier that was stored.
    pub(crate) fn from_stored(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// The verifier itself, for the token request.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The `code_challenge` of the method S256 (section 4.2).
    ///
    /// ```
    /// use countersign::CodeVerifier;
    /// let verifier = CodeVerifier::from_random([7; 32]);
    /// assert_eq!(verifier.code_challenge().len(), 43);
    /// ```
    pub fn code_challenge(&self) -> String {
        base64url::encode(&sha256::digest(self.expose().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7636_appendix_b() {
        let verifier = CodeVerifier::from_stored("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(
            verifier.code_challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
