//! The backend without a host: jsonwebtoken over pure Rust, linked for verification only.
//!
//! jsonwebtoken's stock table of algorithms links signing as well; a table of ours is half its
//! size. Its own checks of claims are not used: they read a clock of their own and know nothing of
//! `crit` (see `core`). It does not know ES512 and ES256K, which are verified beside it.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result};
use jsonwebtoken::{Algorithm as Jwa, DecodingKey, DecodingKeyKind, EncodingKey};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::elliptic_curve::point::AffineCoordinates;
use rsa::sha2::{Digest, Sha256, Sha384, Sha512};
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPublicKey};
use signature::Verifier;

use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::algorithm::Algorithm;
use crate::core::jose::jwk::VerificationKey;
use crate::core::wire::base64url;

/// Whether `signature`, still base64url, is the key's over `signing_input`.
pub(crate) fn verify(
    algorithm: Algorithm,
    key: &VerificationKey,
    signing_input: &[u8],
    signature: &str,
) -> std::result::Result<bool, AuthError> {
    let invalid = |_| AuthError::new(ErrorCode::KeyInvalid);
    let key = match (algorithm, key) {
        (Algorithm::Es512 | Algorithm::Es256K, VerificationKey::Ec { x, y, .. }) => {
            return verify_by_further_curve(algorithm, (x, y), signing_input, signature);
        }
        (_, VerificationKey::Ec { x, y, .. }) => DecodingKey::from_ec_components(x, y),
        (_, VerificationKey::Rsa { n, e }) => DecodingKey::from_rsa_components(n, e),
        (_, VerificationKey::Okp { x }) => DecodingKey::from_ed_components(x),
        (_, VerificationKey::Secret { k }) => base64url::decode(k.expose().as_bytes())
            .map(|secret| DecodingKey::from_secret(&secret))
            .ok_or(ErrorKind::InvalidKeyFormat.into()),
    }
    .map_err(invalid)?;
    // If the program has installed another provider, that one stays.
    let _ = PROVIDER.install_default();
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

/// ECDSA on the curve of this crate. The crates' own hash functions are of another generation, and
/// their keys can be compressed points: both would be linked for nothing.
macro_rules! ecdsa {
    ($curve:ident, $hash:ident, $point:expr) => {{
        let (x, y) = $point;
        let coordinates = x.try_into().ok().zip(y.try_into().ok());
        coordinates
            .and_then(|(x, y)| $curve::AffinePoint::from_coordinates(x, y).into_option())
            .and_then(|point| $curve::ecdsa::VerifyingKey::from_affine(point).ok())
            .map(|key| {
                Box::new(move |message: &[u8], signature: &[u8]| {
                    let digest = $hash::digest(message);
                    $curve::ecdsa::Signature::from_slice(signature)
                        // Of two right signatures secp256k1's crate wants the one that Bitcoin wants;
                        // RFC 8812 does not.
                        .map(|signature| signature.normalize_s())
                        .is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok())
                }) as Box<Verify>
            })
            .ok_or(ErrorKind::InvalidEcdsaKey)
    }};
}

fn verifier(algorithm: &Jwa, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let bytes = || key.try_get_as_bytes();
    let verify: Box<Verify> = match algorithm {
        Jwa::RS256 => rsa::<Sha256, _>(key, Pkcs1v15Sign::new::<Sha256>)?,
        Jwa::RS384 => rsa::<Sha384, _>(key, Pkcs1v15Sign::new::<Sha384>)?,
        Jwa::RS512 => rsa::<Sha512, _>(key, Pkcs1v15Sign::new::<Sha512>)?,
        Jwa::PS256 => rsa::<Sha256, _>(key, Pss::new::<Sha256>)?,
        Jwa::PS384 => rsa::<Sha384, _>(key, Pss::new::<Sha384>)?,
        Jwa::PS512 => rsa::<Sha512, _>(key, Pss::new::<Sha512>)?,
        Jwa::ES256 => ecdsa!(p256, Sha256, point(bytes()?))?,
        Jwa::ES384 => ecdsa!(p384, Sha384, point(bytes()?))?,
        Jwa::EdDSA => ed25519_dalek::VerifyingKey::try_from(bytes()?)
            .map(eddsa)
            .map_err(|_| ErrorKind::InvalidEddsaKey)?,
        Jwa::HS256 => hmac::<Hmac<Sha256>>(key)?,
        Jwa::HS384 => hmac::<Hmac<Sha384>>(key)?,
        Jwa::HS512 => hmac::<Hmac<Sha512>>(key)?,
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(Box::new(ByKey {
        algorithm: *algorithm,
        verify,
    }))
}

/// Whether a signature over a message is right: `verify(message, signature)`.
type Verify = dyn Fn(&[u8], &[u8]) -> bool;

struct ByKey {
    algorithm: Jwa,
    verify: Box<Verify>,
}

impl Verifier<Vec<u8>> for ByKey {
    fn verify(
        &self,
        message: &[u8],
        signature: &Vec<u8>,
    ) -> std::result::Result<(), signature::Error> {
        if (self.verify)(message, signature) {
            Ok(())
        } else {
            Err(signature::Error::new())
        }
    }
}

impl JwtVerifier for ByKey {
    fn algorithm(&self) -> Jwa {
        self.algorithm
    }
}

fn rsa<D, S>(key: &DecodingKey, scheme: fn() -> S) -> Result<Box<Verify>>
where
    D: Digest,
    S: rsa::traits::SignatureScheme + 'static,
{
    let key = rsa_key(key)?;
    Ok(Box::new(move |message, signature| {
        let digest = D::digest(message);
        key.verify(scheme(), &digest, signature).is_ok()
    }))
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

/// The coordinates of an uncompressed point (SEC 1 section 2.3.3).
fn point(bytes: &[u8]) -> (&[u8], &[u8]) {
    let coordinates = bytes.get(1..).unwrap_or_default();
    coordinates.split_at(coordinates.len() / 2)
}

fn eddsa(key: ed25519_dalek::VerifyingKey) -> Box<Verify> {
    Box::new(move |message, signature| {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify(message, &signature).is_ok())
    })
}

/// The comparison takes the same time whatever differs.
fn hmac<M: Mac + KeyInit + Clone + 'static>(key: &DecodingKey) -> Result<Box<Verify>> {
    let key = <M as Mac>::new_from_slice(key.try_get_as_bytes()?)
        .map_err(|_| ErrorKind::InvalidKeyFormat)?;
    Ok(Box::new(move |message, signature| {
        let mut code = key.clone();
        code.update(message);
        code.verify_slice(signature).is_ok()
    }))
}

fn verify_by_further_curve(
    algorithm: Algorithm,
    (x, y): (&str, &str),
    signing_input: &[u8],
    signature: &str,
) -> std::result::Result<bool, AuthError> {
    let decode = |text: &str| base64url::decode(text.as_bytes());
    let invalid = || AuthError::new(ErrorCode::KeyInvalid);
    let signature = decode(signature).ok_or(ErrorCode::TokenEncodingInvalid)?;
    let (x, y) = (
        decode(x).ok_or_else(invalid)?,
        decode(y).ok_or_else(invalid)?,
    );
    let verify = if algorithm == Algorithm::Es512 {
        ecdsa!(p521, Sha512, (&*x, &*y))
    } else {
        ecdsa!(k256, Sha256, (&*x, &*y))
    };
    Ok(verify.map_err(|_| invalid())?(signing_input, &signature))
}
