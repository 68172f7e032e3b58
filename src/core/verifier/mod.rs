//! From a token to the verdict: the policy of the edge build and of the Rust crate, the same for
//! every backend that checks signatures.
//!
//! [`Verifier::examine`] does everything but the signature. What it finds is locked in
//! [`AwaitingSignature`], which opens only with the backend's result: claims whose signature was
//! not checked cannot be used, and the response to a forged token does not say what else is wrong
//! with it.

mod access_token;
mod challenge;
mod requirement;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

pub use access_token::{AccessTokenClaims, AccessTokenPolicy};
pub use challenge::Challenge;
pub use requirement::{Permissions, Requirement};

pub use super::jose::algorithm::Algorithm;
pub use super::jose::jwk::PublicKey;
pub use super::oauth::claims_policy::{ClaimsPolicy, RegisteredClaims};
pub use super::provider::issuer::TrustedIssuer;
pub use super::provider::profile::{Profile, TokenKind};

use super::error::{AuthError, ErrorCode};
use super::flow::{Flow, Io, Run, settle};
use super::http::HttpRequest;
use super::jose::jwk::JwkSet;
use super::jose::jws::{CompactParts, JoseHeader, parse_part, short_type};
use super::provider::issuer::may_speak_for;
use super::provider::jwks_cache::{FETCH_ENDS_WITHIN, FetchedKeys, JwksCache, KeysAtHand, Turn};
use super::provider::metadata_source::MetadataSource;
use super::shared::{Guarded, Shared};
use super::time::UnixTime;
use super::wire::base64url;
use super::wire::cache_control::max_age;
use super::wire::json::{ParseJson, ParseJsonArray};

/// How long to wait before looking again whether somebody else's fetch has ended, in seconds.
const WAIT: f64 = 0.025;

/// A verifier's configuration.
#[derive(Clone, Debug)]
pub struct VerifierConfig {
    /// Issuer, audiences and clock tolerance.
    pub claims: ClaimsPolicy,
    /// The admitted algorithms.
    pub algorithms: Vec<Algorithm>,
    /// Type, tenants and permissions.
    pub access_token: AccessTokenPolicy,
    /// The provider's keys as JSON, if they must not be fetched.
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
    profile: Profile,
    parse_json: ParseJson,
    parse_json_array: ParseJsonArray,
    metadata: MetadataSource,
    cache: Guarded<JwksCache>,
    last_header: Guarded<Option<Shared<KnownHeader>>>,
}

/// A header that was read and admitted.
struct KnownHeader {
    /// The token's first part.
    part: Vec<u8>,
    json: Vec<u8>,
    header: JoseHeader,
    algorithm: Algorithm,
}

/// The result of an examination.
pub enum Examination {
    /// The signature is to be checked now.
    Signature(AwaitingSignature),
    /// The keys are to be fetched by [`Verifier::fetch_keys`], and the token examined again.
    Keys,
}

/// The decoded parts of the examined token.
#[derive(Default)]
pub struct DecodedParts {
    /// The header's JSON.
    pub header: Vec<u8>,
    /// The payload's JSON.
    pub payload: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// An examined token, with a verdict that cannot be read before its signature is known to be right.
pub struct AwaitingSignature {
    /// The place of the key in the set; with [`Self::keys`] it names the key.
    pub(crate) key_index: usize,
    /// The set that the key is in.
    pub(crate) keys: Shared<JwkSet>,
    /// The algorithm to check the signature by.
    pub(crate) algorithm: Algorithm,
    /// How many of the token's bytes, from its start, the signature is over.
    pub(crate) signing_input_length: usize,
    renewal_is_due: bool,
    verdict: Result<AccessTokenClaims, AuthError>,
}

impl AwaitingSignature {
    /// The key to check the signature with.
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.keys.get(self.key_index)?.public_key()
    }

    /// Whether the keys are to be fetched again by [`Verifier::fetch_keys`], while the token is
    /// decided about with those at hand.
    pub fn renewal_is_due(&self) -> bool {
        self.renewal_is_due
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
    /// A verifier with this configuration.
    pub(crate) fn new(
        mut config: VerifierConfig,
        parse_json: ParseJson,
        parse_json_array: ParseJsonArray,
    ) -> Result<Shared<Self>, AuthError> {
        let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
        if config.claims.audiences.is_empty() {
            return wrong("audience is missing");
        }
        if config.algorithms.is_empty() {
            return wrong("algorithms must not be empty");
        }
        if !(0.0..=600.0).contains(&config.claims.clock_tolerance) {
            return wrong("clock_tolerance must be between 0 and 600 seconds");
        }
        let tenants = config.access_token.tenants.as_ref();
        if tenants.is_some_and(|tenants| tenants.is_empty() || tenants.iter().any(String::is_empty))
        {
            return wrong("tenants must not be empty; leave them out to admit all");
        }
        let typ = config.access_token.typ.as_deref().map(short_type);
        config.access_token.typ = typ;
        let of_issuer = || Profile::of_issuer(config.claims.issuer.as_str());
        let profile = config.access_token.profile.unwrap_or_else(of_issuer);
        let cache = match &config.jwks {
            Some(jwks) => JwksCache::given(JwkSet::read(jwks, parse_json_array)?),
            None => JwksCache::default(),
        };
        let authority = config.claims.issuer.authority();
        Ok(Shared::new(Self {
            metadata: MetadataSource::new(&authority, &authority, None, parse_json, |metadata| {
                metadata.jwks_uri().map(|_| ())
            }),
            config,
            profile,
            parse_json,
            parse_json_array,
            cache: Guarded::new(cache),
            last_header: Guarded::new(None),
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
        let key_id = header.header.key_id.as_deref();
        let (keys, renewal_is_due) = match self.cache.with(|cache| cache.keys(key_id, now))? {
            KeysAtHand::Missing => return Ok(Examination::Keys),
            KeysAtHand::Usable {
                keys,
                renewal_is_due,
            } => (keys, renewal_is_due),
        };
        match keys.select(key_id, header.algorithm) {
            Err(error) if error.code() == ErrorCode::KeyUnknown => {
                self.cache.with(|cache| cache.look_for(key_id, now))?;
                return Ok(Examination::Keys);
            }
            // A provider may have replaced a key under its old name.
            Err(_) if self.cache.with(|cache| cache.may_be_outdated(now)) => {
                return Ok(Examination::Keys);
            }
            _ => {}
        }
        let mut awaiting = self.examine_with(&parts, &header, keys, requirement, now, decoded)?;
        awaiting.renewal_is_due = renewal_is_due;
        Ok(Examination::Signature(awaiting))
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
        let keys = self.cache.with(|cache| cache.keys_without_fetch(now))?;
        let key_id = header.header.key_id.as_deref();
        match keys.select(key_id, header.algorithm) {
            Err(error) if error.code() == ErrorCode::KeyUnknown => {
                Err(self.cache.with(|cache| cache.without(key_id, now)))
            }
            _ => self.examine_with(&parts, &header, keys, requirement, now, decoded),
        }
    }

    /// Fetches the provider's keys, and its metadata if they are not known or a day old, unless
    /// somebody else does: then it waits for that. A failure leaves the keys at hand in use.
    pub fn fetch_keys(self: &Shared<Self>) -> Flow<()> {
        let verifier = Shared::clone(self);
        Flow::new(move |io| verifier.renew_keys(io))
    }

    pub(crate) fn renew_keys(&self, io: &mut Io) -> Run<()> {
        if let Some(fetch) = self.turn(io)? {
            let fetched = settle(self.fetch(io), io)?;
            let now = io.now();
            io.act(|_| self.cache.with(|cache| cache.finish(fetch, fetched, now)));
        }
        let now = io.now();
        let outcome = io.once(|_| {
            let keys = self.cache.with(|cache| cache.keys_without_fetch(now));
            keys.map(|_| ())
        })?;
        (*outcome).clone().map_err(Into::into)
    }

    /// The number of the fetch to make, if any.
    fn turn(&self, io: &mut Io) -> Run<Option<u64>> {
        let began = io.now();
        loop {
            let now = io.now();
            if now.since(began) > FETCH_ENDS_WITHIN {
                return Ok(None);
            }
            match *io.once(|_| self.cache.with(|cache| cache.begin(now)))? {
                Turn::Nothing => return Ok(None),
                Turn::Fetch(fetch) => return Ok(Some(fetch)),
                Turn::Wait => {
                    // A host that cannot wait makes requests of its own.
                    if settle(io.wait(now.plus(WAIT)), io)?.is_err() {
                        let fetch = io.once(|_| self.cache.with(|cache| cache.overtake(now)))?;
                        return Ok(Some(*fetch));
                    }
                }
            }
        }
    }

    fn fetch(&self, io: &mut Io) -> Run<FetchedKeys> {
        let metadata = self.metadata.get(io)?.metadata;
        let jwks_uri = metadata.jwks_uri()?;
        let mut request = HttpRequest::get(jwks_uri);
        let etag = io.once(|_| self.cache.with(|cache| cache.etag()))?;
        if let Some(etag) = &*etag {
            request.headers.push(("if-none-match", etag.clone()));
        }
        let response = io.send(request)??;
        let headers = &response.headers;
        let keys = match response.status {
            200 => Some(JwkSet::read(&response.body, self.parse_json_array)?),
            304 if etag.is_some() => None,
            status => {
                let now = io.now();
                let pause = headers.retry_after.unwrap_or_default();
                io.act(|_| self.cache.with(|cache| cache.pause(pause, now)));
                if matches!(status, 408 | 429 | 500..) {
                    return Err(AuthError::about(ErrorCode::ProviderUnavailable, jwks_uri).into());
                }
                io.act(|_| self.metadata.forget());
                return Err(AuthError::about(ErrorCode::UnexpectedResponse, jwks_uri).into());
            }
        };
        if keys.as_ref().is_some_and(|keys| !keys.has_usable_key()) {
            return Err(AuthError::about(ErrorCode::JwksInvalid, "no usable key").into());
        }
        Ok(FetchedKeys {
            keys,
            etag: headers.etag.clone(),
            max_age: headers.cache_control.as_deref().and_then(max_age),
        })
    }

    /// Reads the header, or recognises it: an issuer's tokens carry the same one until it changes
    /// its key.
    fn read_header(
        &self,
        parts: &CompactParts<'_>,
        decoded: &mut DecodedParts,
    ) -> Result<Shared<KnownHeader>, AuthError> {
        let last = self.last_header.with(|last| last.clone());
        if let Some(known) = last.filter(|known| known.part == parts.header) {
            decoded.header.clear();
            decoded.header.extend_from_slice(&known.json);
            return Ok(known);
        }
        decode(parts.header, &mut decoded.header)?;
        let (_, header) = parse_part(&decoded.header, self.parse_json)?;
        let header = JoseHeader::read(&*header)?;
        let algorithm = Algorithm::read(&header.alg)?;
        if !self.config.algorithms.contains(&algorithm) {
            let name = algorithm.as_str();
            return Err(AuthError::about(ErrorCode::AlgorithmNotAllowed, name));
        }
        let known = Shared::new(KnownHeader {
            part: parts.header.into(),
            json: decoded.header.clone(),
            header,
            algorithm,
        });
        self.last_header
            .with(|last| *last = Some(Shared::clone(&known)));
        Ok(known)
    }

    fn examine_with(
        &self,
        parts: &CompactParts<'_>,
        known: &KnownHeader,
        keys: Shared<JwkSet>,
        requirement: &Requirement,
        now: UnixTime,
        decoded: &mut DecodedParts,
    ) -> Result<AwaitingSignature, AuthError> {
        let KnownHeader {
            header, algorithm, ..
        } = known;
        let (key_index, jwk) = keys.select(header.key_id.as_deref(), *algorithm)?;
        decode(parts.payload, &mut decoded.payload)?;
        decode(parts.signature, &mut decoded.signature)?;
        let length = algorithm.signature_length();
        if length.is_some_and(|length| length != decoded.signature.len()) {
            return Err(ErrorCode::SignatureInvalid.into());
        }
        let (_, claims) = parse_part(&decoded.payload, self.parse_json)?;
        let claims = &*claims;

        let verdict = self
            .config
            .claims
            .check(claims, self.profile.audience_claim(), now)
            .and_then(|registered| {
                let tenant = registered.tenant.as_deref();
                if !may_speak_for(jwk.issuer(), &registered.issuer, tenant) {
                    return Err(ErrorCode::KeyIssuerMismatch.into());
                }
                let policy = &self.config.access_token;
                let typ = header.typ.as_deref();
                policy.check(self.profile, typ, claims, registered, requirement)
            });
        Ok(AwaitingSignature {
            key_index,
            algorithm: *algorithm,
            signing_input_length: parts.signing_input.len(),
            renewal_is_due: false,
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
