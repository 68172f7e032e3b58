//! The signatures of JWS (RFC 7518, RFC 8037, RFC 8812), verified in pure Rust.
//!
//! This is a package of its own to be compiled for size, which Cargo knows only of packages: the
//! curves are generic, and would be compiled with whatever uses them.
//!
//! jsonwebtoken's stock table of algorithms links signing as well; a table of ours is half its
//! size. Its checks of claims are not used: they read a clock of their own and know nothing of
//! `crit`.

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
                        .is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok())
                }) as Box<Verify>
            })
    }};
}

/// A key, as a JWK spells it.
pub enum Key<'a> {
    /// RFC 7518 section 6.3.1.
    Rsa {
        /// The modulus.
        n: &'a str,
        /// The exponent.
        e: &'a str,
    },
    /// RFC 7518 section 6.2.1.
    Ec {
        /// The coordinates.
        x: &'a str,
        /// The coordinates.
        y: &'a str,
    },
    /// RFC 8037 section 2.
    Okp {
        /// The key.
        x: &'a str,
    },
    /// RFC 7518 section 6.4, decoded.
    Secret(&'a [u8]),
}

/// Why a signature cannot be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The key is none of the algorithm.
    Key,
    /// The signature is not base64url.
    Encoding,
    /// There is no such algorithm.
    Algorithm,
}

/// Whether a signature by this algorithm is the key's over these bytes. The signature is given as
/// base64url and decoded.
pub fn verify(
    algorithm: &str,
    key: Key<'_>,
    signing_input: &[u8],
    encoded: &str,
    signature: &[u8],
) -> std::result::Result<bool, Fault> {
    let key = match key {
        Key::Rsa { n, e } => DecodingKey::from_rsa_components(n, e),
        Key::Ec { x, y } => DecodingKey::from_ec_components(x, y),
        Key::Okp { x } => DecodingKey::from_ed_components(x),
        Key::Secret(secret) => Ok(DecodingKey::from_secret(secret)),
    }
    .map_err(|_| Fault::Key)?;
    // jsonwebtoken does not know these two.
    if let "ES512" | "ES256K" = algorithm {
        let point = key.try_get_as_bytes().map_err(|_| Fault::Key)?;
        let verify = if algorithm == "ES512" {
            ecdsa!(p521, Sha512, coordinates(point))
        } else {
            es256k(point)
        };
        return Ok(verify.ok_or(Fault::Key)?(signing_input, signature));
    }
    // If the program has installed another provider, that one stays.
    let _ = PROVIDER.install_default();
    let jwa: Jwa = algorithm.parse().map_err(|_| Fault::Algorithm)?;
    jsonwebtoken::crypto::verify(encoded, signing_input, &key, jwa).map_err(|error| {
        match error.kind() {
            ErrorKind::Base64(_) => Fault::Encoding,
            ErrorKind::InvalidAlgorithm => Fault::Algorithm,
            _ => Fault::Key,
        }
    })
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
    let verify: Box<Verify> = match algorithm {
        Jwa::RS256 => rsa::<Sha256, _>(key, Pkcs1v15Sign::new::<Sha256>)?,
        Jwa::RS384 => rsa::<Sha384, _>(key, Pkcs1v15Sign::new::<Sha384>)?,
        Jwa::RS512 => rsa::<Sha512, _>(key, Pkcs1v15Sign::new::<Sha512>)?,
        Jwa::PS256 => rsa::<Sha256, _>(key, Pss::new::<Sha256>)?,
        Jwa::PS384 => rsa::<Sha384, _>(key, Pss::new::<Sha384>)?,
        Jwa::PS512 => rsa::<Sha512, _>(key, Pss::new::<Sha512>)?,
        Jwa::ES256 => {
            ecdsa!(p256, Sha256, coordinates(bytes()?)).ok_or(ErrorKind::InvalidEcdsaKey)?
        }
        Jwa::ES384 => {
            ecdsa!(p384, Sha384, coordinates(bytes()?)).ok_or(ErrorKind::InvalidEcdsaKey)?
        }
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
fn coordinates(bytes: &[u8]) -> (&[u8], &[u8]) {
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

/// The crate wants the smaller of two right signatures, as Bitcoin does; RFC 8812 does not.
fn es256k(point: &[u8]) -> Option<Box<Verify>> {
    let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
    Some(Box::new(move |message, signature| {
        k256::ecdsa::Signature::from_slice(signature)
            .map(|signature| signature.normalize_s().unwrap_or(signature))
            .is_ok_and(|signature| key.verify(message, &signature).is_ok())
    }))
}
