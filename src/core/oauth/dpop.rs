//! DPoP proofs: the format of RFC 9449 section 4, as a client writes it and a server reads it.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::algorithm::Algorithm;
use crate::core::jose::jwk::{Jwk, VerificationKey};
use crate::core::jose::jws::short_type;
use crate::core::jose::sha256;
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
use crate::core::wire::json::{JsonObject, JsonWriter, ParseJson};
use crate::core::wire::text::concat;
use crate::core::wire::url;
use alloc::string::String;

/// `typ` of a proof.
const TYPE: &str = "dpop+jwt";
/// Members of a JWK that only the key's owner may have (RFC 7518 sections 6.2.2, 6.3.2 and 6.4).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// What a proof is for: its claims (section 4.2).
#[derive(Clone, Debug)]
pub struct ProofClaims {
    /// `jti`: unique among the proofs of the key.
    pub id: String,
    /// `htm`: the method of the request.
    pub method: String,
    /// `htu`: the URL of the request, without query and fragment.
    pub url: String,
    /// `iat`: when it was made.
    pub issued_at: UnixTime,
    /// `ath`: the hash of the access token that comes with it, if one does.
    pub token_hash: Option<String>,
    /// `nonce`: what the server asked for, if it did.
    pub nonce: Option<String>,
}

impl ProofClaims {
    /// What a client signs with its key. `jwk` is the public key, as JSON.
    pub fn signing_input(&self, algorithm: Algorithm, jwk: &str) -> String {
        let mut header = JsonWriter::default();
        header
            .text("typ", TYPE)
            .text("alg", algorithm.as_str())
            .json("jwk", jwk);
        let mut claims = JsonWriter::default();
        claims
            .text("jti", &self.id)
            .text("htm", &self.method)
            .text("htu", url::without_query(&self.url))
            .time("iat", self.issued_at);
        for (name, value) in [("ath", &self.token_hash), ("nonce", &self.nonce)] {
            if let Some(value) = value {
                claims.text(name, value);
            }
        }
        let part = |json: JsonWriter| base64url::encode(json.into_string().as_bytes());
        concat(&[&part(header), ".", &part(claims)])
    }

    /// Reads the claims of a proof.
    pub(crate) fn read(claims: &dyn JsonObject) -> Result<Self, AuthError> {
        let required = |name| match claims.text(name) {
            Some(text) => Ok(text),
            None => Err(invalid(name)),
        };
        let optional = |name| match claims.string(name) {
            Ok(text) => Ok(text),
            Err(_) => Err(invalid(name)),
        };
        let issued_at = claims.number("iat").ok().flatten();
        Ok(Self {
            id: required("jti")?,
            method: required("htm")?,
            url: required("htu")?,
            issued_at: issued_at
                .and_then(UnixTime::from_seconds)
                .ok_or_else(|| invalid("iat"))?,
            token_hash: optional("ath")?,
            nonce: optional("nonce")?,
        })
    }
}

/// The header of a proof (section 4.3, steps 4 to 7): its algorithm, and the key that it brings.
pub(crate) fn read_header(
    header: &dyn JsonObject,
    parse_json: ParseJson,
) -> Result<(Algorithm, VerificationKey), AuthError> {
    if header.json("crit").is_some() {
        return Err(invalid("crit"));
    }
    if header
        .text("typ")
        .is_none_or(|typ| short_type(&typ) != TYPE)
    {
        return Err(invalid("typ"));
    }
    let algorithm = header.text("alg").ok_or_else(|| invalid("alg"))?;
    let algorithm = Algorithm::read_asymmetric(&algorithm).map_err(|_| invalid("alg"))?;
    let jwk = header.json("jwk").ok_or_else(|| invalid("jwk"))?;
    let jwk = parse_json(&jwk).map_err(|_| invalid("jwk"))?;
    if PRIVATE_MEMBERS.iter().any(|name| jwk.json(name).is_some()) {
        return Err(invalid("jwk"));
    }
    let jwk = Jwk::read(&*jwk);
    jwk.fits(algorithm).map_err(|_| invalid("jwk"))?;
    let key = jwk.key().ok_or_else(|| invalid("jwk"))?;
    Ok((algorithm, key.clone()))
}

/// `ath` of an access token (section 4.2).
pub fn token_hash(token: &str) -> String {
    base64url::encode(&sha256::digest(token.as_bytes()))
}

/// An error about a member of a proof, or about the proof as a whole.
pub(crate) fn invalid(member: &str) -> AuthError {
    AuthError::about(ErrorCode::ProofInvalid, member)
}
