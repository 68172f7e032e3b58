//! DPoP at a resource: RFC 9449 sections 4.3, 7 and 9.

use super::dpop_nonce::Nonces;
use super::{Algorithm, VerificationKey, Verifier};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::jws::{CompactParts, decode_part, parse_part};
use crate::core::jose::sha256;
use crate::core::oauth::dpop::{ProofClaims, invalid, read_header, token_hash};
use crate::core::secret::Secret;
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
use crate::core::wire::text::concat;
use crate::core::wire::url;
use alloc::string::String;
use alloc::vec::Vec;

/// The longest proof that is read, in bytes. That of an RSA key of 8192 bits has 4 KB.
const MAX_LENGTH: usize = 8 * 1024;

/// What is asked of proofs. A token that is bound to a key is never taken without one.
#[derive(Clone, Debug)]
pub struct DpopPolicy {
    /// Whether every token must be bound to the key of a proof.
    pub is_required: bool,
    /// Whether challenges name DPoP beside other schemes.
    pub is_offered: bool,
    /// The admitted algorithms of proofs.
    pub algorithms: Vec<Algorithm>,
    /// For how many seconds a proof is good, beside the clock tolerance.
    pub max_age: f64,
    /// The key of the nonces that proofs must have, as base64url, of 32 bytes at least; the same in
    /// all instances of an API. No nonce is asked for without it.
    pub nonce_key: Option<Secret>,
}

impl Default for DpopPolicy {
    fn default() -> Self {
        Self {
            is_required: false,
            is_offered: false,
            algorithms: Algorithm::asymmetric().collect(),
            max_age: 60.0,
            nonce_key: None,
        }
    }
}

impl DpopPolicy {
    pub(super) fn check(&self) -> Result<Option<Nonces>, AuthError> {
        let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
        if self.algorithms.is_empty() || self.algorithms.iter().any(|one| one.is_symmetric()) {
            return wrong("dpop.algorithms must be algorithms with a public key");
        }
        if !(1.0..=600.0).contains(&self.max_age) {
            return wrong("dpop.max_age must be between 1 and 600 seconds");
        }
        self.nonce_key.as_ref().map(Nonces::new).transpose()
    }
}

/// A request that a proof came with.
#[derive(Clone, Copy, Debug)]
pub struct ProofRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// The URL by which the client knows the resource.
    pub url: &'a str,
    /// The access token.
    pub token: &'a str,
}

/// A proof that is right but for its signature.
pub struct AwaitingProof {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: VerificationKey,
    pub(crate) signing_input: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    verified: VerifiedProof,
}

/// What a proof shows.
#[derive(Clone, Debug)]
pub struct VerifiedProof {
    /// The thumbprint of the key that the sender has (RFC 7638), for [`Presented`](super::Presented).
    pub key: String,
    /// What the proof is known by: a hash of its key and its `jti`. Accept a second one of this name
    /// until it expires for a replay (section 11.1).
    pub id: String,
    /// From when the proof is refused for its age.
    pub expires_at: UnixTime,
    /// `DPoP-Nonce` for the response, if the client is to take another one (section 8.2).
    pub next_nonce: Option<String>,
}

impl Verifier {
    /// Examines the proof of a request, which is all that its header `DPoP` says (section 4.3).
    pub fn examine_proof(
        &self,
        proof: &[u8],
        request: ProofRequest<'_>,
        now: UnixTime,
    ) -> Result<AwaitingProof, AuthError> {
        let policy = &self.config.dpop;
        let malformed = |_| invalid("form");
        if proof.len() > MAX_LENGTH {
            return Err(invalid("length"));
        }
        let parts = CompactParts::split(proof).map_err(malformed)?;
        let decoded = [parts.header, parts.payload, parts.signature].map(decode_part);
        let [header, payload, signature] = decoded;
        let (header, payload) = (header.map_err(malformed)?, payload.map_err(malformed)?);
        let signature = signature.map_err(malformed)?;
        let (_, header) = parse_part(&header, self.parse_json).map_err(malformed)?;
        let (algorithm, key) = read_header(&*header, self.parse_json)?;
        let length = algorithm.signature_length();
        if !policy.algorithms.contains(&algorithm) {
            return Err(invalid("alg"));
        }
        if length.is_some_and(|length| length != signature.len()) {
            return Err(invalid("signature"));
        }
        let (_, json) = parse_part(&payload, self.parse_json).map_err(malformed)?;
        let claims = ProofClaims::read(&*json)?;
        if claims.method != request.method {
            return Err(invalid("htm"));
        }
        let asked = url::normalized(request.url);
        if asked.is_none() || asked != url::normalized(&claims.url) {
            return Err(invalid("htu"));
        }
        if claims.token_hash != Some(token_hash(request.token)) {
            return Err(invalid("ath"));
        }
        let tolerance = self.config.clock_tolerance;
        let expires_at = claims.issued_at.plus(policy.max_age + tolerance);
        if now >= expires_at || now.plus(tolerance) < claims.issued_at {
            return Err(ErrorCode::ProofExpired.into());
        }
        // RFC 7519 sections 4.1.4 and 4.1.5, of a client that writes them.
        for (name, is_expiry) in [("exp", true), ("nbf", false)] {
            let Ok(time) = json.number(name) else {
                return Err(invalid(name));
            };
            let time = time.and_then(UnixTime::from_seconds);
            if time.is_some_and(|time| match is_expiry {
                true => now >= time.plus(tolerance),
                false => now.plus(tolerance) < time,
            }) {
                return Err(ErrorCode::ProofExpired.into());
            }
        }
        let next_nonce = match &self.nonces {
            None => None,
            Some(nonces) => nonces.check(claims.nonce.as_deref(), now)?,
        };
        let thumbprint = key.thumbprint().ok_or_else(|| invalid("jwk"))?;
        let name = concat(&[&thumbprint, ".", &claims.id]);
        Ok(AwaitingProof {
            algorithm,
            signing_input: parts.signing_input.into(),
            signature,
            verified: VerifiedProof {
                id: base64url::encode(&sha256::digest(name.as_bytes())),
                key: thumbprint,
                expires_at,
                next_nonce,
            },
            key,
        })
    }

    /// The nonce that the next proof is to have, if proofs must have one.
    pub fn dpop_nonce(&self, now: UnixTime) -> Option<String> {
        self.nonces.as_ref().map(|nonces| nonces.at(now))
    }
}

impl AwaitingProof {
    /// The key that the proof brings, to check its signature with.
    pub fn key(&self) -> &VerificationKey {
        &self.key
    }

    /// The algorithm to check the signature by.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What the signature is over.
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The thumbprint of the key.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn thumbprint(&self) -> &str {
        &self.verified.key
    }

    /// What the proof shows, now that the signature was checked.
    pub fn conclude(self, signature_is_right: bool) -> Result<VerifiedProof, AuthError> {
        if signature_is_right {
            Ok(self.verified)
        } else {
            Err(invalid("signature"))
        }
    }
}
