//! From a token to the verdict: the policy of the edge build and of the Rust crate, whichever
//! backend checks the signature.
//!
//! [`Verifier::examine`] does everything but the signature. What it finds is locked in
//! [`AwaitingSignature`], which opens only with the backend's answer: nobody acts on claims whose
//! signature was not checked, and a forged token is not told what else is wrong with it.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::access_token::{AccessTokenClaims, AccessTokenPolicy, Requirement};
use super::algorithm::Algorithm;
use super::base64url;
use super::claims_policy::ClaimsPolicy;
use super::discovery::ProviderMetadata;
use super::error::{AuthError, ErrorCode};
use super::flow::Flow;
use super::http::HttpRequest;
use super::issuer::TrustedIssuer;
use super::json::{ParseJson, ParseJsonArray};
use super::jwk_set::{JwkSet, PublicKey};
use super::jwks_cache::{JwksCache, KeysAtHand};
use super::jws::{CompactParts, JoseHeader, parse_part};
use super::time::UnixTime;

/// What a verifier is configured with.
#[derive(Clone, Debug)]
pub struct VerifierConfig {
    /// Issuer, audiences and clock tolerance.
    pub claims: ClaimsPolicy,
    /// The admitted algorithms.
    pub algorithms: Vec<Algorithm>,
    /// Type, tenants and permissions.
    pub access_token: AccessTokenPolicy,
    /// The provider's keys as JSON, where they shall not be fetched.
    pub jwks: Option<String>,
}

impl VerifierConfig {
    /// A configuration for this issuer and this audience, with all algorithms and without further
    /// requirements.
    pub fn new(issuer: &str, audience: &str) -> Result<Self, AuthError> {
        Ok(Self {
            claims: ClaimsPolicy {
                issuer: TrustedIssuer::new(issuer)?,
                audiences: vec![audience.into()],
                clock_tolerance: ClaimsPolicy::CLOCK_TOLERANCE,
            },
            algorithms: Algorithm::ALL.into(),
            access_token: AccessTokenPolicy::default(),
            jwks: None,
        })
    }
}

/// Decides whether access tokens are good.
pub struct Verifier {
    config: VerifierConfig,
    parse_json: ParseJson,
    parse_json_array: ParseJsonArray,
    cache: RefCell<JwksCache>,
    last_header: RefCell<Option<KnownHeader>>,
}

/// A header that was read and admitted: the token's first part, its JSON, and what it says.
type KnownHeader = (Vec<u8>, Vec<u8>, Rc<JoseHeader>);

/// What an examination came to.
pub enum Examination {
    /// The signature is to be checked now.
    Signature(AwaitingSignature),
    /// The keys are to be fetched by [`Verifier::fetch_keys`], and the token examined again.
    Keys,
}

/// Where the examined token's decoded parts are, for the one who examined it.
#[derive(Default)]
pub struct DecodedParts {
    /// The header's JSON.
    pub header: Vec<u8>,
    /// The payload's JSON.
    pub payload: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// A token that was examined, with a verdict that cannot be read before its signature is known
/// to be right.
pub struct AwaitingSignature {
    /// The place of the key in the set; with [`Self::keys`] it names the key.
    pub key_index: usize,
    /// The set that the key is in.
    pub keys: Rc<JwkSet>,
    /// The algorithm to check the signature by.
    pub algorithm: Algorithm,
    /// How many of the token's bytes, from its start, the signature is over.
    pub signing_input_length: usize,
    verdict: Result<AccessTokenClaims, AuthError>,
}

impl AwaitingSignature {
    /// The key to check the signature with.
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.keys.get(self.key_index)?.public_key()
    }

    /// Opens the verdict.
    pub fn conclude(self, signature_is_right: bool) -> Result<AccessTokenClaims, AuthError> {
        if signature_is_right {
            self.verdict
        } else {
            Err(ErrorCode::SignatureInvalid.into())
        }
    }
}

impl Verifier {
    /// A verifier of this configuration.
    pub fn new(
        config: VerifierConfig,
        parse_json: ParseJson,
        parse_json_array: ParseJsonArray,
    ) -> Result<Rc<Self>, AuthError> {
        let wrong = |name: &str| Err(AuthError::about(ErrorCode::InvalidOption, name));
        if config.claims.audiences.is_empty() {
            return wrong("audience");
        }
        if config.algorithms.is_empty() {
            return wrong("algorithms");
        }
        if !(0.0..=600.0).contains(&config.claims.clock_tolerance) {
            return wrong("clockTolerance");
        }
        let cache = match &config.jwks {
            Some(jwks) => JwksCache::given(JwkSet::read(jwks, parse_json_array)?),
            None => JwksCache::default(),
        };
        Ok(Rc::new(Self {
            config,
            parse_json,
            parse_json_array,
            cache: RefCell::new(cache),
            last_header: RefCell::default(),
        }))
    }

    /// Examines a token, with keys that may have to be fetched first.
    pub fn examine(
        &self,
        token: &[u8],
        requirement: &Requirement,
        now: UnixTime,
        decoded: &mut DecodedParts,
    ) -> Result<Examination, AuthError> {
        let parts = CompactParts::split(token)?;
        let header = self.read_header(&parts, decoded)?;
        let cache = self.cache.borrow();
        let KeysAtHand::Fresh(keys) = cache.keys(now)? else {
            return Ok(Examination::Keys);
        };
        match self.examine_with(&parts, &header, keys, requirement, now, decoded) {
            Err(error)
                if error.code() == ErrorCode::KeyUnknown
                    && cache.may_fetch_for_unknown_key(now) =>
            {
                Ok(Examination::Keys)
            }
            examined => examined.map(Examination::Signature),
        }
    }

    /// Examines a token with the keys at hand.
    pub fn examine_now(
        &self,
        token: &[u8],
        requirement: &Requirement,
        now: UnixTime,
        decoded: &mut DecodedParts,
    ) -> Result<AwaitingSignature, AuthError> {
        let parts = CompactParts::split(token)?;
        let header = self.read_header(&parts, decoded)?;
        let keys = self.cache.borrow().keys_without_fetch(now)?;
        self.examine_with(&parts, &header, keys, requirement, now, decoded)
    }

    /// Fetches the provider's metadata and its keys. A failure leaves the keys at hand in use.
    pub fn fetch_keys(self: &Rc<Self>) -> Flow<()> {
        let verifier = Rc::clone(self);
        Flow::new(async move |io| {
            let authority = &verifier.config.claims.issuer.authority();
            let fetched = async {
                let answer = io.send(ProviderMetadata::request(authority)?).await?;
                let metadata = ProviderMetadata::process(authority, &answer, verifier.parse_json)?;
                let jwks_uri = metadata.endpoint("jwks_uri")?;
                let answer = io.send(HttpRequest::get(&jwks_uri)).await?;
                if answer.status != 200 {
                    return Err(AuthError::about(ErrorCode::UnexpectedResponse, &jwks_uri));
                }
                JwkSet::read(&answer.body, verifier.parse_json_array)
            };
            let fetched = fetched.await;
            let now = io.now();
            let mut cache = verifier.cache.borrow_mut();
            cache.attempted(now, fetched);
            cache.keys_without_fetch(now).map(|_| ())
        })
    }

    /// Reads the header, or recognises it: an issuer's tokens carry the same one until it changes
    /// its key.
    fn read_header(
        &self,
        parts: &CompactParts<'_>,
        decoded: &mut DecodedParts,
    ) -> Result<Rc<JoseHeader>, AuthError> {
        let mut last = self.last_header.borrow_mut();
        if let Some((part, json, header)) = &*last
            && part == parts.header
        {
            decoded.header.clear();
            decoded.header.extend_from_slice(json);
            return Ok(Rc::clone(header));
        }
        decode(parts.header, &mut decoded.header)?;
        let (_, header) = parse_part(&decoded.header, self.parse_json)?;
        let header = Rc::new(JoseHeader::read(&*header)?);
        if !self.config.algorithms.contains(&header.algorithm) {
            let name = header.algorithm.as_str();
            return Err(AuthError::about(ErrorCode::AlgorithmNotAllowed, name));
        }
        *last = Some((
            parts.header.into(),
            decoded.header.clone(),
            Rc::clone(&header),
        ));
        Ok(header)
    }

    fn examine_with(
        &self,
        parts: &CompactParts<'_>,
        header: &JoseHeader,
        keys: Rc<JwkSet>,
        requirement: &Requirement,
        now: UnixTime,
        decoded: &mut DecodedParts,
    ) -> Result<AwaitingSignature, AuthError> {
        let (key_index, jwk, _) = keys.select(header)?;
        decode(parts.payload, &mut decoded.payload)?;
        decode(parts.signature, &mut decoded.signature)?;
        let length = header.algorithm.signature_length();
        if length.is_some_and(|length| length != decoded.signature.len()) {
            return Err(ErrorCode::SignatureInvalid.into());
        }
        let (_, claims) = parse_part(&decoded.payload, self.parse_json)?;
        let claims = &*claims;

        let verdict = self
            .config
            .claims
            .check(claims, now)
            .and_then(|registered| {
                if !jwk.may_speak_for(&registered.issuer, registered.tenant.as_deref()) {
                    return Err(ErrorCode::KeyIssuerMismatch.into());
                }
                let policy = &self.config.access_token;
                policy.check(header.typ.as_deref(), claims, registered, requirement)
            });
        Ok(AwaitingSignature {
            key_index,
            algorithm: header.algorithm,
            signing_input_length: parts.signing_input.len(),
            verdict,
            keys,
        })
    }
}

fn decode(part: &[u8], buffer: &mut Vec<u8>) -> Result<(), AuthError> {
    buffer.clear();
    base64url::decode_into(part, buffer).ok_or_else(|| ErrorCode::TokenEncodingInvalid.into())
}

/// The bearer token of an `Authorization` header, RFC 6750 section 2.1.
pub fn bearer_token(authorization: Option<&str>) -> Result<&str, AuthError> {
    let header = authorization.ok_or(ErrorCode::CredentialsMissing)?;
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ErrorCode::CredentialsMissing.into());
    }
    let token = token.trim();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || !token.bytes().all(is_plain) {
        return Err(ErrorCode::CredentialsMalformed.into());
    }
    Ok(token)
}
