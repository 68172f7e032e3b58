//! The backend without a host: jsonwebtoken over pure Rust, linked for verification only.
//!
//! jsonwebtoken's stock table of algorithms links signing and HMAC as well; a table of ours with
//! the five algorithms that are understood is half its size. Its own checks of claims are not
//! used: they read a clock of their own and know nothing of `crit` (see `core`).

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result};
use jsonwebtoken::{Algorithm as Jwa, DecodingKey, DecodingKeyKind, EncodingKey};
use rsa::sha2::{Digest, Sha256};
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPublicKey};

use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::algorithm::Algorithm;
use crate::core::jose::jwk::PublicKey;

/// Whether `signature`, still base64url, is the key's over `signing_input`.
pub(crate) fn verify(
    algorithm: Algorithm,
    key: &PublicKey,
    signing_input: &[u8],
    signature: &str,
) -> std::result::Result<bool, AuthError> {
    // If the program has installed another provider, that one stays.
    let _ = PROVIDER.install_default();
    let invalid = |_| AuthError::new(ErrorCode::KeyInvalid);
    let key = match key {
        PublicKey::Rsa { n, e } => DecodingKey::from_rsa_components(n, e).map_err(invalid)?,
        PublicKey::Ec { x, y, .. } => DecodingKey::from_ec_components(x, y).map_err(invalid)?,
        PublicKey::Okp { x } => DecodingKey::from_ed_components(x).map_err(invalid)?,
    };
    let unsupported = |_| AuthError::new(ErrorCode::AlgorithmUnsupported);
    let jwa: Jwa = algorithm.as_str().parse().map_err(unsupported)?;
    match jsonwebtoken::crypto::verify(signature, signing_input, &key, jwa) {
        Ok(is_right) => Ok(is_right),
        Err(error) => match error.kind() {
            ErrorKind::Base64(_) => Err(ErrorCode::TokenEncodingInvalid.into()),
            ErrorKind::InvalidAlgorithm => Err(ErrorCode::AlgorithmUnsupported.into()),
            _ => Err(ErrorCode::KeyInvalid.into()),
        },
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: no_signer,
    verifier_factory: verifier,
    // Only asked for when a key is turned into a JWK, which is never done here.
    key_utils: KeyUtils::new_unimplemented(),
};

fn no_signer(_: &Jwa, _: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

fn verifier(algorithm: &Jwa, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let bytes = || key.try_get_as_bytes();
    match algorithm {
        Jwa::RS256 => Ok(Box::new(Rsa::<false>(rsa_key(key)?))),
        Jwa::PS256 => Ok(Box::new(Rsa::<true>(rsa_key(key)?))),
        Jwa::ES256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes()?)
            .map(|key| Box::new(Es256(key)) as Box<dyn JwtVerifier>)
            .map_err(|_| ErrorKind::InvalidEcdsaKey.into()),
        Jwa::ES384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes()?)
            .map(|key| Box::new(Es384(key)) as Box<dyn JwtVerifier>)
            .map_err(|_| ErrorKind::InvalidEcdsaKey.into()),
        Jwa::EdDSA => ed25519_dalek::VerifyingKey::try_from(bytes()?)
            .map(|key| Box::new(Ed25519(key)) as Box<dyn JwtVerifier>)
            .map_err(|_| ErrorKind::InvalidEddsaKey.into()),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

fn rsa_key(key: &DecodingKey) -> Result<RsaPublicKey> {
    let invalid = || Error::from(ErrorKind::InvalidKeyFormat);
    match key.kind() {
        DecodingKeyKind::RsaModulusExponent { n, e } => RsaPublicKey::new_with_max_size(
            BigUint::from_bytes_be(n),
            BigUint::from_bytes_be(e),
            8192,
        )
        .map_err(|_| invalid()),
        DecodingKeyKind::SecretOrDer(_) => Err(invalid()),
    }
}

struct Rsa<const PSS: bool>(RsaPublicKey);

impl<const PSS: bool> signature::Verifier<Vec<u8>> for Rsa<PSS> {
    fn verify(
        &self,
        message: &[u8],
        signature: &Vec<u8>,
    ) -> std::result::Result<(), signature::Error> {
        let digest = Sha256::digest(message);
        let verified = if PSS {
            self.0.verify(Pss::new::<Sha256>(), &digest, signature)
        } else {
            self.0
                .verify(Pkcs1v15Sign::new::<Sha256>(), &digest, signature)
        };
        verified.map_err(|_| signature::Error::new())
    }
}

impl<const PSS: bool> JwtVerifier for Rsa<PSS> {
    fn algorithm(&self) -> Jwa {
        if PSS { Jwa::PS256 } else { Jwa::RS256 }
    }
}

macro_rules! curve {
    ($name:ident, $algorithm:expr, $key:ty, $signature:ty) => {
        struct $name($key);

        impl signature::Verifier<Vec<u8>> for $name {
            fn verify(
                &self,
                message: &[u8],
                signature: &Vec<u8>,
            ) -> std::result::Result<(), signature::Error> {
                self.0
                    .verify(message, &<$signature>::from_slice(signature)?)
            }
        }

        impl JwtVerifier for $name {
            fn algorithm(&self) -> Jwa {
                $algorithm
            }
        }
    };
}

curve!(
    Es256,
    Jwa::ES256,
    p256::ecdsa::VerifyingKey,
    p256::ecdsa::Signature
);
curve!(
    Es384,
    Jwa::ES384,
    p384::ecdsa::VerifyingKey,
    p384::ecdsa::Signature
);
curve!(
    Ed25519,
    Jwa::EdDSA,
    ed25519_dalek::VerifyingKey,
    ed25519_dalek::Signature
);
