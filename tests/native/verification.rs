//! A verifier with keys made here, whose signatures are checked by pure Rust.

use std::sync::OnceLock;

use countersign::verifier::{
    AccessTokenClaims, Algorithm, IssuerConfig, KeysFrom, Requirement, VerificationKey, Verifier,
    VerifierConfig,
};
use countersign::{AuthError, Secret, Shared, UnixTime, edge};
use hmac::{Hmac, Mac};
use rsa::RsaPrivateKey;
use rsa::sha2::{Digest, Sha256, Sha384, Sha512};
use rsa::signature::Signer;
use rsa::traits::{PublicKeyParts, SignatureScheme};
use serde_json::{Value, json};

use crate::provider::{ISSUER, START, base64url, patch};

pub(crate) const API: &str = "https://api.example";

/// One key of each type.
pub(crate) struct Keys {
    rsa: RsaPrivateKey,
    p256: p256::ecdsa::SigningKey,
    p384: p384::ecdsa::SigningKey,
    p521: p521::ecdsa::SigningKey,
    k256: k256::ecdsa::SigningKey,
    ed25519: ed25519_dalek::SigningKey,
}

pub(crate) fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let random = &mut rand::rngs::OsRng;
        Keys {
            rsa: RsaPrivateKey::new(random, 2048).unwrap(),
            // Smaller than each group's order, as the first byte is zero.
            p256: p256::ecdsa::SigningKey::from_slice(&secret::<32>(random)).unwrap(),
            p384: p384::ecdsa::SigningKey::from_slice(&secret::<48>(random)).unwrap(),
            p521: p521::ecdsa::SigningKey::from_slice(&secret::<66>(random)).unwrap(),
            k256: k256::ecdsa::SigningKey::from_slice(&secret::<32>(random)).unwrap(),
            ed25519: ed25519_dalek::SigningKey::generate(random),
        }
    })
}

macro_rules! ecdsa {
    ($curve:ident, $key:expr, $input:expr) => {{
        let signature: $curve::ecdsa::Signature =
            p256::ecdsa::signature::Signer::sign(&$key, $input);
        signature.to_vec()
    }};
}

fn secret<const LENGTH: usize>(random: &mut impl rand::RngCore) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    random.fill_bytes(&mut bytes[1..]);
    bytes
}

impl Keys {
    /// The public key for this algorithm, as a JWK.
    pub(crate) fn jwk(&self, algorithm: Algorithm) -> Value {
        macro_rules! point {
            ($key:expr, $crv:literal, $kid:literal) => {{
                let point = $key.to_sec1_point(false);
                let (x, y) = (base64url(point.x().unwrap()), base64url(point.y().unwrap()));
                json!({ "kty": "EC", "crv": $crv, "kid": $kid, "x": x, "y": y })
            }};
        }
        match algorithm {
            Algorithm::Es256 => point!(self.p256.verifying_key(), "P-256", "p256"),
            Algorithm::Es384 => point!(self.p384.verifying_key(), "P-384", "p384"),
            Algorithm::Es512 => point!(self.p521.verifying_key(), "P-521", "p521"),
            Algorithm::Es256K => {
                let point = self.k256.verifying_key().to_encoded_point(false);
                let (x, y) = (base64url(point.x().unwrap()), base64url(point.y().unwrap()));
                json!({ "kty": "EC", "crv": "secp256k1", "kid": "k256", "x": x, "y": y })
            }
            Algorithm::EdDsa => {
                let x = base64url(self.ed25519.verifying_key());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": "ed25519", "x": x })
            }
            _ => {
                let (n, e) = (self.rsa.n().to_bytes_be(), self.rsa.e().to_bytes_be());
                json!({ "kty": "RSA", "kid": "rsa", "n": base64url(n), "e": base64url(e) })
            }
        }
    }

    pub(crate) fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::Rs256 => {
                self.sign_by_rsa::<Sha256, _>(rsa::Pkcs1v15Sign::new::<Sha256>, input)
            }
            Algorithm::Rs384 => {
                self.sign_by_rsa::<Sha384, _>(rsa::Pkcs1v15Sign::new::<Sha384>, input)
            }
            Algorithm::Rs512 => {
                self.sign_by_rsa::<Sha512, _>(rsa::Pkcs1v15Sign::new::<Sha512>, input)
            }
            Algorithm::Ps256 => self.sign_by_rsa::<Sha256, _>(rsa::Pss::new::<Sha256>, input),
            Algorithm::Ps384 => self.sign_by_rsa::<Sha384, _>(rsa::Pss::new::<Sha384>, input),
            Algorithm::Ps512 => self.sign_by_rsa::<Sha512, _>(rsa::Pss::new::<Sha512>, input),
            Algorithm::Es256 => ecdsa!(p256, self.p256, input),
            Algorithm::Es384 => ecdsa!(p384, self.p384, input),
            Algorithm::Es512 => ecdsa!(p521, self.p521, input),
            Algorithm::Es256K => Signer::<k256::ecdsa::Signature>::sign(&self.k256, input).to_vec(),
            Algorithm::EdDsa => self.ed25519.sign(input).to_vec(),
            Algorithm::Hs256 => code::<Hmac<Sha256>>(input),
            Algorithm::Hs384 => code::<Hmac<Sha384>>(input),
            Algorithm::Hs512 => code::<Hmac<Sha512>>(input),
            _ => panic!("{algorithm:?} has no key"),
        }
    }

    fn sign_by_rsa<D: Digest, S: SignatureScheme>(
        &self,
        scheme: fn() -> S,
        input: &[u8],
    ) -> Vec<u8> {
        let random = &mut rand::rngs::OsRng;
        self.rsa
            .sign_with_rng(random, scheme(), &D::digest(input))
            .unwrap()
    }
}

/// The secret of every HMAC, as long as the longest hash.
pub(crate) const SECRET: [u8; 64] = [7; 64];

fn code<M: Mac + hmac::digest::KeyInit>(input: &[u8]) -> Vec<u8> {
    let mut code = <M as Mac>::new_from_slice(&SECRET).unwrap();
    code.update(input);
    code.finalize().into_bytes().to_vec()
}

/// The key set of all keys.
pub(crate) fn jwks() -> Value {
    let all = [
        Algorithm::Rs256,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Es512,
        Algorithm::Es256K,
        Algorithm::EdDsa,
    ];
    json!({ "keys": all.map(|algorithm| keys().jwk(algorithm)) })
}

pub(crate) fn header(algorithm: Algorithm) -> Value {
    let kid = keys().jwk(algorithm)["kid"].clone();
    json!({ "alg": algorithm.as_str(), "kid": kid, "typ": "at+jwt" })
}

pub(crate) fn claims(change: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "aud": API,
        "sub": "alice",
        "client_id": "spa",
        "exp": START + 600.0,
        "iat": START,
        "scope": "read write",
    });
    patch(&mut claims, &change);
    claims
}

/// A token with this header and payload, whatever they are, signed.
pub(crate) fn signed(algorithm: Algorithm, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", base64url(header), base64url(payload));
    let signature = keys().sign(algorithm, input.as_bytes());
    format!("{input}.{}", base64url(signature))
}

/// A good ES256 token, with these claims changed.
pub(crate) fn token(change: Value) -> String {
    let algorithm = Algorithm::Es256;
    signed(
        algorithm,
        &header(algorithm).to_string(),
        &claims(change).to_string(),
    )
}

pub(crate) fn config(jwks: Option<&Value>) -> VerifierConfig {
    let keys = jwks.map_or(KeysFrom::Discovery, |jwks| KeysFrom::Jwks(jwks.to_string()));
    let issuer = IssuerConfig {
        keys,
        ..IssuerConfig::new(ISSUER, API).unwrap()
    };
    VerifierConfig {
        clock_tolerance: 5.0,
        ..VerifierConfig::of(vec![issuer])
    }
}

/// The configuration with a secret in place of keys.
pub(crate) fn config_of_secret(algorithm: Algorithm, secret: &[u8]) -> VerifierConfig {
    let keys = KeysFrom::Secret {
        algorithm,
        secret: Secret::new(base64url(secret)),
    };
    let issuer = IssuerConfig {
        keys,
        ..IssuerConfig::new(ISSUER, API).unwrap()
    };
    VerifierConfig {
        clock_tolerance: 5.0,
        ..VerifierConfig::of(vec![issuer])
    }
}

pub(crate) fn new_verifier(config: VerifierConfig) -> Shared<Verifier> {
    edge::verifier(config).unwrap()
}

/// Verifies at the start, with given keys.
pub(crate) fn verify_token(
    config: VerifierConfig,
    token: &str,
    requirement: &Requirement,
) -> Result<AccessTokenClaims, AuthError> {
    let now = UnixTime::from_seconds(START).unwrap();
    edge::verify_token(&new_verifier(config), token, requirement, now)
}

/// Verifies by all public keys, without a requirement.
pub(crate) fn check(token: &str) -> Result<AccessTokenClaims, AuthError> {
    verify_token(config(Some(&jwks())), token, &Requirement::default())
}

/// Verifies by the key of this algorithm, public or secret, without a requirement.
pub(crate) fn check_by(algorithm: Algorithm, token: &str) -> Result<AccessTokenClaims, AuthError> {
    if algorithm.is_symmetric() {
        let config = config_of_secret(algorithm, &SECRET);
        verify_token(config, token, &Requirement::default())
    } else {
        check(token)
    }
}

/// What a verifier with these keys would check the token's signature with.
pub(crate) fn examine(jwks: &Value, token: &str) -> Result<Option<VerificationKey>, AuthError> {
    let now = UnixTime::from_seconds(START).unwrap();
    let verifier = new_verifier(config(Some(jwks)));
    let awaiting = verifier.examine_now(token.as_bytes(), now)?;
    Ok(awaiting.key().cloned())
}
