//! From a token to the verdict: the policy of the edge build and of the Rust crate, the same for
//! every backend that checks signatures.
//!
//! [`Verifier::examine`] finds the key. The claims are behind [`AwaitingSignature`], which opens
//! only with the backend's result: claims whose signature was not checked are not even read.

mod access_token;
mod admitted_algorithms;
mod awaiting_signature;
mod challenge;
mod key_source;
mod requirement;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

pub use access_token::{AccessTokenClaims, AccessTokenPolicy};
pub use awaiting_signature::AwaitingSignature;
pub use challenge::Challenge;
pub use requirement::{Permissions, Requirement};

pub use super::jose::algorithm::Algorithm;
pub use super::jose::jwk::VerificationKey;
pub use super::oauth::claims_policy::{ClaimsPolicy, RegisteredClaims};
pub use super::provider::issuer::TrustedIssuer;
pub use super::provider::profile::{Profile, TokenKind};

use super::error::{AuthError, ErrorCode};
use super::flow::{Flow, Io, Run};
use super::jose::jwk::JwkSet;
use super::jose::jws::{CompactParts, JoseHeader, parse_part, short_type};
use super::provider::jwks_cache::KeysAtHand;
use super::secret::Secret;
use super::shared::{Guarded, Shared};
use super::time::UnixTime;
use super::wire::base64url;
use super::wire::json::{ParseJson, ParseJsonArray};
use admitted_algorithms::AdmittedAlgorithms;
use key_source::KeySource;

/// A verifier's configuration.
#[derive(Clone, Debug)]
pub struct VerifierConfig {
    /// Issuer, audiences and clock tolerance.
    pub claims: ClaimsPolicy,
    /// The admitted algorithms: of public keys, or the one of the secret.
    pub algorithms: Vec<Algorithm>,
    /// Type, tenants and permissions.
    pub access_token: AccessTokenPolicy,
    /// The provider's keys as JSON, if they must not be fetched.
    pub jwks: Option<String>,
    /// The secret that is shared with the issuer, as base64url, in place of public keys. There is
    /// one algorithm then, with HMAC, and the secret is as long as its hash at least.
    pub secret: Option<Secret>,
}

impl VerifierConfig {
    /// A configuration for this issuer and this audience, with all algorithms of public keys and
    /// without further requirements.
    pub fn new(issuer: &str, audience: &str) -> Result<Self, AuthError> {
        Ok(Self {
            claims: ClaimsPolicy {
                issuer: TrustedIssuer::new(issuer)?,
                audiences: vec![audience.into()],
                clock_tolerance: ClaimsPolicy::CLOCK_TOLERANCE,
            },
            algorithms: Algorithm::asymmetric().collect(),
            access_token: AccessTokenPolicy::default(),
            jwks: None,
            secret: None,
        })
    }
}

/// Decides whether access tokens are good.
pub struct Verifier {
    config: VerifierConfig,
    profile: Profile,
    algorithms: AdmittedAlgorithms,
    parse_json: ParseJson,
    keys: KeySource,
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
pub enum Examination<'t> {
    /// The signature is to be checked now.
    Signature(AwaitingSignature<'t>),
    /// The keys are to be fetched by [`Verifier::fetch_keys`], and the token examined again.
    Keys,
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
        let secret = config.secret.as_ref();
        let algorithms = AdmittedAlgorithms::new(&config.algorithms, secret)?;
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
        let authority = config.claims.issuer.authority();
        let given = match (&config.secret, &config.jwks) {
            (Some(_), Some(_)) => return wrong("jwks must be left out if there is a secret"),
            (Some(secret), None) => Some(JwkSet::of_secret(secret)),
            (None, Some(jwks)) => Some(JwkSet::read(jwks, parse_json_array)?),
            (None, None) => None,
        };
        Ok(Shared::new(Self {
            keys: KeySource::new(&authority, given, parse_json, parse_json_array),
            config,
            profile,
            algorithms,
            parse_json,
            last_header: Guarded::new(None),
        }))
    }

    /// Examines a token, with keys that may have to be fetched first.
    pub fn examine<'t>(
        &'t self,
        token: &'t [u8],
        now: UnixTime,
    ) -> Result<Examination<'t>, AuthError> {
        let (parts, header) = self.read(token)?;
        let key_id = header.header.key_id.as_deref();
        let (keys, renewal_is_due) = match self.keys.with(|cache| cache.keys(key_id, now))? {
            KeysAtHand::Missing => return Ok(Examination::Keys),
            KeysAtHand::Usable {
                keys,
                renewal_is_due,
            } => (keys, renewal_is_due),
        };
        match keys.select(key_id, header.algorithm) {
            Err(error) if error.code() == ErrorCode::KeyUnknown => {
                self.keys.with(|cache| cache.look_for(key_id, now))?;
                return Ok(Examination::Keys);
            }
            // A provider may have replaced a key under its old name.
            Err(_) if self.keys.with(|cache| cache.may_be_outdated(now)) => {
                return Ok(Examination::Keys);
            }
            _ => {}
        }
        let mut awaiting = self.examine_with(parts, header, keys)?;
        awaiting.renewal_is_due = renewal_is_due;
        Ok(Examination::Signature(awaiting))
    }

    /// Examines a token with the keys at hand.
    pub fn examine_now<'t>(
        &'t self,
        token: &'t [u8],
        now: UnixTime,
    ) -> Result<AwaitingSignature<'t>, AuthError> {
        let (parts, header) = self.read(token)?;
        let keys = self.keys.with(|cache| cache.keys_without_fetch(now))?;
        let key_id = header.header.key_id.as_deref();
        match keys.select(key_id, header.algorithm) {
            Err(error) if error.code() == ErrorCode::KeyUnknown => {
                Err(self.keys.with(|cache| cache.without(key_id, now)))
            }
            _ => self.examine_with(parts, header, keys),
        }
    }

    /// Examines a token with the keys that its signature was checked with.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn examine_again<'t>(
        &'t self,
        token: &'t [u8],
        keys: Shared<JwkSet>,
    ) -> Result<AwaitingSignature<'t>, AuthError> {
        let (parts, header) = self.read(token)?;
        self.examine_with(parts, header, keys)
    }

    /// Fetches the provider's keys, and its metadata if they are not known or a day old, unless
    /// somebody else does: then it waits for that. A failure leaves the keys at hand in use.
    pub fn fetch_keys(self: &Shared<Self>) -> Flow<()> {
        let verifier = Shared::clone(self);
        Flow::new(move |io| verifier.renew_keys(io))
    }

    pub(crate) fn renew_keys(&self, io: &mut Io) -> Run<()> {
        self.keys.renew(io)
    }

    /// Splits the token and reads its header, or recognises the header: an issuer's tokens carry
    /// the same one until it changes its key.
    fn read<'t>(
        &self,
        token: &'t [u8],
    ) -> Result<(CompactParts<'t>, Shared<KnownHeader>), AuthError> {
        let parts = CompactParts::split(token)?;
        let last = self.last_header.with(|last| last.clone());
        if let Some(known) = last.filter(|known| known.part == parts.header) {
            return Ok((parts, known));
        }
        let mut json = Vec::new();
        decode(parts.header, &mut json)?;
        let header = {
            let (_, header) = parse_part(&json, self.parse_json)?;
            JoseHeader::read(&*header)?
        };
        let algorithm = self.algorithms.read(&header.alg)?;
        let known = Shared::new(KnownHeader {
            part: parts.header.into(),
            json,
            header,
            algorithm,
        });
        Ok((parts, known))
    }

    /// Remembers the header of a token with a right signature. Nobody else can put one here.
    fn remember(&self, header: &Shared<KnownHeader>) {
        self.last_header.with(|last| {
            if !last
                .as_ref()
                .is_some_and(|last| Shared::ptr_eq(last, header))
            {
                *last = Some(Shared::clone(header));
            }
        });
    }

    fn examine_with<'t>(
        &'t self,
        parts: CompactParts<'t>,
        header: Shared<KnownHeader>,
        keys: Shared<JwkSet>,
    ) -> Result<AwaitingSignature<'t>, AuthError> {
        let (key_index, _) = keys.select(header.header.key_id.as_deref(), header.algorithm)?;
        let mut signature = Vec::new();
        decode(parts.signature, &mut signature)?;
        // RFC 7518 section 3: each algorithm has one length, but for RSA's, which are the key's.
        let length = header.algorithm.signature_length();
        if length.is_some_and(|length| length != signature.len()) {
            return Err(ErrorCode::SignatureInvalid.into());
        }
        Ok(AwaitingSignature {
            verifier: self,
            parts,
            header,
            keys,
            key_index,
            signature,
            renewal_is_due: false,
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
