//! JSON Web Key Sets, RFC 7517, and the choice of the key for a token.

use super::algorithm::Algorithm;
use super::sha256;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::secret::Secret;
use crate::core::wire::base64url;
use crate::core::wire::json::{JsonObject, JsonWriter, ParseJsonArray};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// The longest JWK Set that is read, in bytes.
const MAX_LENGTH: usize = 512 * 1024;
/// The length of an RSA modulus in bits: 2048 at least (RFC 7518 section 3.3), and not longer than
/// this, because a longer one only costs time.
const MODULUS: RangeInclusive<usize> = 2048..=8192;
/// The length of an RSA exponent in bits. An exponent of 1 would let everything pass for signed.
const EXPONENT: RangeInclusive<usize> = 2..=64;
/// The curves of ECDSA and the length of their coordinates in bytes (RFC 7518 section 6.2.1.2, RFC
/// 8812 section 3.1).
const CURVES: [(&str, usize); 4] = [
    ("P-256", 32),
    ("P-384", 48),
    ("P-521", 66),
    ("secp256k1", 32),
];

/// A provider's public keys, or the secret that is shared with it.
#[derive(Debug, Default)]
pub(crate) struct JwkSet {
    keys: Vec<Jwk>,
    /// The places of the keys with each key ID. One set may have thousands of keys.
    by_key_id: BTreeMap<String, Vec<usize>>,
}

/// One key of the set: usable, or known not to be.
#[derive(Debug)]
pub(crate) struct Jwk {
    key_id: Option<String>,
    algorithm: Option<String>,
    issuer: Option<String>,
    key: Result<VerificationKey, ErrorCode>,
}

/// What a signature is checked with: the public members of a key, as the set spells them, or a
/// secret. They were checked.
#[derive(Clone, Debug)]
pub enum VerificationKey {
    /// RFC 7518 section 6.3.1.
    Rsa {
        /// The modulus.
        n: String,
        /// The exponent.
        e: String,
    },
    /// RFC 7518 section 6.2.1.
    Ec {
        /// The curve: `P-256`, `P-384`, `P-521` or `secp256k1`.
        crv: &'static str,
        /// The coordinates.
        x: String,
        /// The coordinates.
        y: String,
    },
    /// RFC 8037 section 2, with the curve Ed25519.
    Okp {
        /// The key.
        x: String,
    },
    /// RFC 7518 section 6.4; never from a set.
    Secret {
        /// The secret, as base64url.
        k: Secret,
    },
}

impl JwkSet {
    /// Reads a set. Keys of unknown type, for encryption or malformed stay in it without effect on
    /// the others (RFC 7517 section 5).
    pub(crate) fn read(text: &str, parse: ParseJsonArray) -> Result<Self, AuthError> {
        if text.len() > MAX_LENGTH {
            return Err(ErrorCode::JwksInvalid.into());
        }
        let keys = parse(text, "keys").map_err(|_| ErrorCode::JwksInvalid)?;
        Ok(Self::of(keys.iter().map(|key| Jwk::read(&**key)).collect()))
    }

    /// The secret in place of public keys: the two never stand beside each other, or a public key
    /// could pass for a secret (RFC 8725 section 2.1).
    pub(crate) fn of_secret(algorithm: Algorithm, secret: &Secret) -> Self {
        Self::of(vec![Jwk {
            key_id: None,
            algorithm: Some(algorithm.as_str().into()),
            issuer: None,
            key: Ok(VerificationKey::Secret { k: secret.clone() }),
        }])
    }

    fn of(keys: Vec<Jwk>) -> Self {
        let mut by_key_id: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, jwk) in keys.iter().enumerate() {
            if let Some(key_id) = &jwk.key_id {
                by_key_id.entry(key_id.clone()).or_default().push(place);
            }
        }
        Self { keys, by_key_id }
    }

    /// Whether a signature could be checked by one of the keys.
    pub(crate) fn has_usable_key(&self) -> bool {
        self.keys.iter().any(|jwk| jwk.key.is_ok())
    }

    /// The key IDs, of which a key may have none.
    pub(crate) fn key_ids(&self) -> impl Iterator<Item = Option<&str>> {
        self.keys.iter().map(|jwk| jwk.key_id.as_deref())
    }

    /// The key at this place.
    pub(crate) fn get(&self, index: usize) -> Option<&Jwk> {
        self.keys.get(index)
    }

    /// Chooses the key of a token, by `kid` if the token has one, and only a key that fits the
    /// algorithm: a key and its algorithm are bound together (RFC 8725 section 3.1).
    pub(crate) fn select(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<(usize, &Jwk), AuthError> {
        let of_secret = matches!(&*self.keys, [only] if only.is_secret());
        match key_id {
            Some(key_id) if !of_secret => {
                let places = self.by_key_id.get(key_id).map(Vec::as_slice);
                self.choose(places.unwrap_or_default().iter().copied(), algorithm, true)
            }
            _ => self.choose(0..self.keys.len(), algorithm, false),
        }
    }

    /// The only key among these that fits.
    fn choose(
        &self,
        places: impl Iterator<Item = usize>,
        algorithm: Algorithm,
        is_named: bool,
    ) -> Result<(usize, &Jwk), AuthError> {
        let mut refusal = ErrorCode::KeyUnknown;
        let mut chosen = None;
        for (place, jwk) in places.filter_map(|place| Some((place, self.keys.get(place)?))) {
            match jwk.fits(algorithm) {
                Ok(()) if chosen.is_some() => return Err(ErrorCode::KeyAmbiguous.into()),
                Ok(()) => chosen = Some((place, jwk)),
                Err(code) if is_named => refusal = code,
                Err(_) => {}
            }
        }
        chosen.ok_or_else(|| refusal.into())
    }
}

impl Jwk {
    /// `issuer`: whom the key may speak for. Entra gives each key one, concrete or a template.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The key's members, if it is usable.
    pub(crate) fn key(&self) -> Option<&VerificationKey> {
        self.key.as_ref().ok()
    }

    /// A secret was given for all tokens, whatever their issuer calls it.
    fn is_secret(&self) -> bool {
        matches!(self.key, Ok(VerificationKey::Secret { .. }))
    }

    /// Whether signatures of the algorithm can be checked with it.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> Result<(), ErrorCode> {
        let key = self.key.as_ref().map_err(|code| *code)?;
        let named = match self.algorithm.as_deref() {
            None => true,
            Some(name) => Algorithm::read(name).is_ok_and(|named| named == algorithm),
        };
        if named && key.key_type() == algorithm.key_type() {
            Ok(())
        } else {
            Err(ErrorCode::KeyTypeMismatch)
        }
    }

    /// Reads a key, usable or not.
    pub(crate) fn read(jwk: &dyn JsonObject) -> Self {
        let text = |name| jwk.string(name).ok().flatten();
        let issuer = text("issuer");
        let key = if !is_for_signatures(jwk) {
            Err(ErrorCode::KeyTypeMismatch)
        } else if jwk.string("alg").is_err() {
            // Without an algorithm the key would be for all.
            Err(ErrorCode::KeyInvalid)
        } else if issuer.is_none() && jwk.json("issuer").is_some() {
            // Without an issuer the key would speak for everybody.
            Err(ErrorCode::KeyInvalid)
        } else {
            VerificationKey::read(jwk)
        };
        Self {
            key_id: text("kid"),
            algorithm: text("alg"),
            issuer,
            key,
        }
    }
}

/// RFC 7517 sections 4.2 and 4.3.
fn is_for_signatures(jwk: &dyn JsonObject) -> bool {
    let usage = jwk
        .string("use")
        .is_ok_and(|usage| usage.is_none_or(|usage| usage == "sig"));
    let operations = jwk.strings("key_ops").is_ok_and(|operations| {
        operations.is_none_or(|operations| operations.iter().any(|name| name == "verify"))
    });
    usage && operations
}

impl VerificationKey {
    /// `kty` and `crv`, as `Algorithm::key_type` has them.
    pub const fn key_type(&self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Rsa { .. } => ("RSA", None),
            Self::Ec { crv, .. } => ("EC", Some(crv)),
            Self::Okp { .. } => ("OKP", Some("Ed25519")),
            Self::Secret { .. } => ("oct", None),
        }
    }

    /// The thumbprint: RFC 7638 section 3, RFC 8037 section 2. A secret has none that could be told.
    pub(crate) fn thumbprint(&self) -> Option<String> {
        let (kty, crv) = self.key_type();
        let crv = crv.unwrap_or_default();
        let mut members = JsonWriter::default();
        match self {
            Self::Rsa { n, e } => members.text("e", e).text("kty", kty).text("n", n),
            Self::Ec { x, y, .. } => {
                let members = members.text("crv", crv).text("kty", kty);
                members.text("x", x).text("y", y)
            }
            Self::Okp { x } => members.text("crv", crv).text("kty", kty).text("x", x),
            Self::Secret { .. } => return None,
        };
        let digest = sha256::digest(members.into_string().as_bytes());
        Some(base64url::encode(&digest))
    }

    fn read(jwk: &dyn JsonObject) -> Result<Self, ErrorCode> {
        let text = |name| jwk.string(name).ok().flatten();
        let member = |name, is_good: &dyn Fn(&[u8]) -> bool| {
            text(name)
                .filter(|value| {
                    base64url::decode(value.as_bytes()).is_some_and(|bytes| is_good(&bytes))
                })
                .ok_or(ErrorCode::KeyInvalid)
        };
        // Both numbers are odd: the modulus is a product of odd primes, and an even exponent has no
        // inverse (RFC 8017 section 3.1).
        let number = |name, bits: RangeInclusive<usize>| {
            member(name, &|bytes| {
                let is_odd = bytes.last().is_some_and(|last| last % 2 == 1);
                is_odd && bit_length(bytes).is_some_and(|length| bits.contains(&length))
            })
        };
        let octets = |name, length| member(name, &|bytes| bytes.len() == length);
        let curve = text("crv");
        match (text("kty").as_deref(), curve.as_deref()) {
            (Some("RSA"), _) => {
                let n = number("n", MODULUS)?;
                if base64url::decode(n.as_bytes()).is_none_or(|n| is_of_known_primes(&n)) {
                    return Err(ErrorCode::KeyInvalid);
                }
                let e = number("e", EXPONENT)?;
                Ok(Self::Rsa { n, e })
            }
            (Some("EC"), Some(curve)) => {
                let mut known = CURVES.iter().filter(|(name, _)| *name == curve);
                let (crv, length) = *known.next().ok_or(ErrorCode::KeyTypeUnsupported)?;
                Ok(Self::Ec {
                    crv,
                    x: octets("x", length)?,
                    y: octets("y", length)?,
                })
            }
            (Some("OKP"), Some("Ed25519")) => Ok(Self::Okp {
                x: octets("x", 32)?,
            }),
            // A symmetric key among public ones is the provider's mistake; it is never used.
            _ => Err(ErrorCode::KeyTypeUnsupported),
        }
    }
}

/// Whether a modulus is of an Infineon chip whose primes can be guessed (ROCA, CVE-2017-15361): it
/// is a power of 65537 by every one of these primes then.
fn is_of_known_primes(modulus: &[u8]) -> bool {
    const PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
        97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES.iter().all(|prime| {
        let remainder = modulus
            .iter()
            .fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        (0..*prime).any(|_| {
            power = power * (65_537 % prime) % prime;
            power == remainder
        })
    })
}

/// The length of a number in bits; `None` for zero and for a number with superfluous leading zeros
/// (RFC 7518 sections 2 and 6.3.1.1).
fn bit_length(number: &[u8]) -> Option<usize> {
    let first = number.first().filter(|first| **first != 0)?;
    Some(number.len() * 8 - first.leading_zeros() as usize)
}
