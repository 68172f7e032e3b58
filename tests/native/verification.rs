//! A verifier with keys made here, whose signatures are checked by pure Rust.

use std::sync::OnceLock;

use countersign::verifier::{
    AccessTokenClaims, Algorithm, IssuerConfig, KeysFrom, PublicKey, Requirement, Verifier,
    VerifierConfig,
};
use countersign::{AuthError, Shared, UnixTime, edge};
use rsa::RsaPrivateKey;
use rsa::sha2::{Digest, Sha256};
use rsa::signature::Signer;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};

use crate::provider::{ISSUER, START, base64url, patch};

pub(crate) const API: &str = "https://api.example";

/// One key of each type.
pub(crate) struct Keys {
    rsa: RsaPrivateKey,
    p256: p256::ecdsa::SigningKey,
    p384: p384::ecdsa::SigningKey,
    ed25519: ed25519_dalek::SigningKey,
}

pub(crate) fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let random = &mut rand::rngs::OsRng;
        Keys {
            rsa: RsaPrivateKey::new(random, 2048).unwrap(),
            p256: p256::ecdsa::SigningKey::random(random),
            p384: p384::ecdsa::SigningKey::random(random),
            ed25519: ed25519_dalek::SigningKey::generate(random),
        }
    })
}

impl Keys {
    /// The public key for this algorithm, as a JWK.
    pub(crate) fn jwk(&self, algorithm: Algorithm) -> Value {
        match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                let (n, e) = (self.rsa.n().to_bytes_be(), self.rsa.e().to_bytes_be());
                json!({ "kty": "RSA", "kid": "rsa", "n": base64url(n), "e": base64url(e) })
            }
            Algorithm::Es256 => {
                let point = self.p256.verifying_key().to_encoded_point(false);
                let (x, y) = (base64url(point.x().unwrap()), base64url(point.y().unwrap()));
                json!({ "kty": "EC", "crv": "P-256", "kid": "p256", "x": x, "y": y })
            }
            Algorithm::Es384 => {
                let point = self.p384.verifying_key().to_encoded_point(false);
                let (x, y) = (base64url(point.x().unwrap()), base64url(point.y().unwrap()));
                json!({ "kty": "EC", "crv": "P-384", "kid": "p384", "x": x, "y": y })
            }
            _ => {
                let x = base64url(self.ed25519.verifying_key());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": "ed25519", "x": x })
            }
        }
    }

    fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Vec<u8> {
        let digest = Sha256::digest(input);
        match algorithm {
            Algorithm::Rs256 => {
                let scheme = rsa::Pkcs1v15Sign::new::<Sha256>();
                self.rsa.sign(scheme, &digest).unwrap()
            }
            Algorithm::Ps256 => {
                let scheme = rsa::Pss::new::<Sha256>();
                self.rsa
                    .sign_with_rng(&mut rand::rngs::OsRng, scheme, &digest)
                    .unwrap()
            }
            Algorithm::Es256 => {
                let signature: p256::ecdsa::Signature = self.p256.sign(input);
                signature.to_vec()
            }
            Algorithm::Es384 => {
                let signature: p384::ecdsa::Signature = self.p384.sign(input);
                signature.to_vec()
            }
            _ => self.ed25519.sign(input).to_vec(),
        }
    }
}

/// The key set of all keys.
pub(crate) fn jwks() -> Value {
    let all = [
        Algorithm::Rs256,
        Algorithm::Es256,
        Algorithm::Es384,
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

/// Verifies by all keys, without a requirement.
pub(crate) fn check(token: &str) -> Result<AccessTokenClaims, AuthError> {
    verify_token(config(Some(&jwks())), token, &Requirement::default())
}

/// What a verifier with these keys would check the token's signature with.
pub(crate) fn examine(jwks: &Value, token: &str) -> Result<Option<PublicKey>, AuthError> {
    let now = UnixTime::from_seconds(START).unwrap();
    let verifier = new_verifier(config(Some(jwks)));
    let awaiting = verifier.examine_now(token.as_bytes(), now)?;
    Ok(awaiting.public_key().cloned())
}
