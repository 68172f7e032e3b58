//! Signature algorithms of RFC 7518 section 3.1 and RFC 8037.

use super::error::{AuthError, ErrorCode};

/// A signature algorithm with a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519, under the name of RFC 8037 or of RFC 9864.
    EdDsa,
}

impl Algorithm {
    /// All that are understood.
    pub const ALL: [Self; 5] = [
        Self::Rs256,
        Self::Ps256,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// Reads an `alg` of a token. `none` (RFC 8725 section 3.2) and HMAC, which under a public key
    /// would let anybody sign (section 2.1), have codes of their own.
    pub fn read(alg: &str) -> Result<Self, AuthError> {
        match alg {
            "RS256" => Ok(Self::Rs256),
            "PS256" => Ok(Self::Ps256),
            "ES256" => Ok(Self::Es256),
            "ES384" => Ok(Self::Es384),
            "EdDSA" | "Ed25519" => Ok(Self::EdDsa),
            "HS256" | "HS384" | "HS512" => Err(ErrorCode::AlgorithmSymmetric.into()),
            _ if alg.eq_ignore_ascii_case("none") => Err(ErrorCode::AlgorithmNone.into()),
            _ => Err(ErrorCode::AlgorithmNotAllowed.into()),
        }
    }

    /// The name in a JOSE header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// How many bytes a signature has, where that does not depend on the key (RFC 7518 section 3.4,
    /// RFC 8032 section 5.1.6). Not every host's crypto takes another length for a wrong signature:
    /// some make it an error of the call.
    pub const fn signature_length(self) -> Option<usize> {
        match self {
            Self::Rs256 | Self::Ps256 => None,
            Self::Es256 | Self::EdDsa => Some(64),
            Self::Es384 => Some(96),
        }
    }

    /// The `kty` and, where there is one, the `crv` that a key for this algorithm has
    /// (RFC 7518 section 6, RFC 8037 section 2).
    pub const fn key_type(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Rs256 | Self::Ps256 => ("RSA", None),
            Self::Es256 => ("EC", Some("P-256")),
            Self::Es384 => ("EC", Some("P-384")),
            Self::EdDsa => ("OKP", Some("Ed25519")),
        }
    }
}
