//! From a token to the verdict: the policy of the edge build and of the Rust crate, the same for
//! every backend that checks signatures.
//!
//! [`Verifier::examine`] finds the key. The claims are behind [`AwaitingSignature`], which opens
//! only with the backend's result: claims whose signature was not checked are not even read.

mod access_token;
mod awaiting_signature;
mod binding;
mod challenge;
mod credentials;
mod dpop;
mod dpop_nonce;
mod issuer;
mod jws_verifier;
mod key_source;
mod permissions;
mod requirement;

use alloc::vec;
use alloc::vec::Vec;

pub use access_token::{AccessTokenClaims, AccessTokenPolicy};
pub use awaiting_signature::{AwaitingSignature, Decision, Terms};
pub use binding::Presented;
pub use challenge::{Challenge, ChallengeConfig};
pub use credentials::{Scheme, credentials};
pub use dpop::{AwaitingProof, DpopPolicy, ProofRequest, VerifiedProof};
pub use issuer::IssuerConfig;
pub use jws_verifier::{ExaminedJws, JwsConfig, JwsVerifier, VerifiedJws};
pub use key_source::KeysFrom;
pub use permissions::{ClaimValue, Permissions};
pub use requirement::Requirement;

pub use super::jose::algorithm::Algorithm;
pub use super::jose::jwk::VerificationKey;
pub use super::oauth::claims_policy::{ClaimsPolicy, RegisteredClaims};
pub use super::oauth::dpop::{ProofClaims, token_hash};
pub use super::oauth::logout_token::LogoutToken;
pub use super::provider::issuer::TrustedIssuer;
pub use super::provider::profile::{Profile, TokenKind};

use super::error::{AuthError, ErrorCode};
use super::flow::{Flow, Io, Run};
use super::jose::jwk::JwkSet;
use super::jose::jws::{CompactParts, JoseHeader, decode_part, parse_part, short_type};
use super::shared::{Guarded, Shared};
use super::time::UnixTime;
use super::wire::base64url;
use super::wire::json::{ParseJson, ParseJsonArray};
use dpop_nonce::Nonces;
use issuer::{Issuer, Issuers};
use key_source::FoundKeys;

/// A verifier's configuration.
#[derive(Clone, Debug)]
pub struct VerifierConfig {
    /// The trusted issuers, one at least.
    pub issuers: Vec<IssuerConfig>,
    /// Seconds by which this clock and an issuer's may differ.
    pub clock_tolerance: f64,
    /// The admitted algorithms of public keys.
    pub algorithms: Vec<Algorithm>,
    /// Type and permissions.
    pub access_token: AccessTokenPolicy,
    /// Proofs of possession.
    pub dpop: DpopPolicy,
    /// What every challenge says.
    pub challenge: ChallengeConfig,
}

impl VerifierConfig {
    /// A configuration for this issuer and this audience, with all algorithms of public keys and
    /// without further requirements.
    pub fn new(issuer: &str, audience: &str) -> Result<Self, AuthError> {
        Ok(Self::of(vec![IssuerConfig::new(issuer, audience)?]))
    }

    /// A configuration for these issuers.
    pub fn of(issuers: Vec<IssuerConfig>) -> Self {
        Self {
            issuers,
            clock_tolerance: ClaimsPolicy::CLOCK_TOLERANCE,
            algorithms: Algorithm::asymmetric().collect(),
            access_token: AccessTokenPolicy::default(),
            dpop: DpopPolicy::default(),
            challenge: ChallengeConfig::default(),
        }
    }
}

/// Decides whether access tokens are good.
pub struct Verifier {
    config: VerifierConfig,
    issuers: Issuers,
    nonces: Option<Nonces>,
    parse_json: ParseJson,
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
    /// The keys of the issuer at this place of the configuration are to be fetched by
    /// [`Verifier::fetch_keys`], and the token examined again.
    Keys(usize),
}

/// A token's parts, with its header read and its issuer found.
struct ReadToken<'t> {
    parts: CompactParts<'t>,
    header: Shared<KnownHeader>,
    place: usize,
    issuer: &'t Issuer,
}

impl Verifier {
    /// A verifier with this configuration.
    pub(crate) fn new(
        mut config: VerifierConfig,
        parse_json: ParseJson,
        parse_json_array: ParseJsonArray,
    ) -> Result<Shared<Self>, AuthError> {
        let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
        check_algorithms(&config.algorithms)?;
        if !(0.0..=600.0).contains(&config.clock_tolerance) {
            return wrong("clock_tolerance must be between 0 and 600 seconds");
        }
        config.challenge.check()?;
        let typ = config.access_token.typ.as_deref().map(short_type);
        if typ.as_deref() == Some("") {
            return wrong("typ must not be empty; leave it out to require none");
        }
        config.access_token.typ = typ;
        Ok(Shared::new(Self {
            issuers: Issuers::new(&mut config, parse_json, parse_json_array)?,
            nonces: config.dpop.check()?,
            config,
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
        let read = self.read(token)?;
        let key_id = read.header.header.key_id.as_deref();
        let source = &read.issuer.keys;
        let Some(found) = source.for_token(key_id, read.header.algorithm, now)? else {
            return Ok(Examination::Keys(read.place));
        };
        let FoundKeys {
            keys,
            renewal_is_due,
            fresh_for,
        } = found;
        let mut awaiting = self.examine_with(read, keys)?;
        awaiting.renewal_is_due = renewal_is_due;
        awaiting.fresh_for = fresh_for;
        Ok(Examination::Signature(awaiting))
    }

    /// Examines a token with the keys at hand.
    pub fn examine_now<'t>(
        &'t self,
        token: &'t [u8],
        now: UnixTime,
    ) -> Result<AwaitingSignature<'t>, AuthError> {
        let read = self.read(token)?;
        let key_id = read.header.header.key_id.as_deref();
        let source = &read.issuer.keys;
        let keys = source.at_hand(key_id, read.header.algorithm, now)?;
        self.examine_with(read, keys)
    }

    /// Examines a token with the keys that its signature was checked with.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn examine_again<'t>(
        &'t self,
        token: &'t [u8],
        keys: Shared<JwkSet>,
    ) -> Result<AwaitingSignature<'t>, AuthError> {
        self.examine_with(self.read(token)?, keys)
    }

    /// Fetches the keys of the issuer at this place of the configuration, and its metadata if they
    /// are not known or a day old, unless somebody else does: then it waits for that. A failure
    /// leaves the keys at hand in use.
    pub fn fetch_keys(self: &Shared<Self>, place: usize) -> Flow<()> {
        let verifier = Shared::clone(self);
        Flow::new(move |io| verifier.renew_keys(place, io))
    }

    pub(crate) fn renew_keys(&self, place: usize, io: &mut Io) -> Run<()> {
        match self.issuers.get(place) {
            Some(issuer) => issuer.keys.renew(io),
            None => Err(AuthError::new(ErrorCode::Internal).into()),
        }
    }

    fn read<'t>(&'t self, token: &'t [u8]) -> Result<ReadToken<'t>, AuthError> {
        let parts = CompactParts::split(token)?;
        let header = self.read_header(&parts)?;
        let (place, issuer) = match self.issuers.only() {
            Some(only) => only,
            None => {
                let payload = decode_part(parts.payload)?;
                let (_, claims) = parse_part(&payload, self.parse_json)?;
                self.issuers.named_by(&*claims)?
            }
        };
        let admitted = &self.config.algorithms;
        issuer.keys.check_algorithm(header.algorithm, admitted)?;
        Ok(ReadToken {
            parts,
            header,
            place,
            issuer,
        })
    }

    /// Reads the header, or recognises it: an issuer's tokens carry the same one until it changes
    /// its key.
    fn read_header(&self, parts: &CompactParts<'_>) -> Result<Shared<KnownHeader>, AuthError> {
        let last = self.last_header.with(|last| last.clone());
        if let Some(known) = last.filter(|known| known.part == parts.header) {
            return Ok(known);
        }
        let json = decode_part(parts.header)?;
        let header = {
            let (_, header) = parse_part(&json, self.parse_json)?;
            JoseHeader::read(&*header)?
        };
        let algorithm = Algorithm::read(&header.alg)?;
        Ok(Shared::new(KnownHeader {
            part: parts.header.into(),
            json,
            header,
            algorithm,
        }))
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
        read: ReadToken<'t>,
        keys: Shared<JwkSet>,
    ) -> Result<AwaitingSignature<'t>, AuthError> {
        let ReadToken {
            parts,
            header,
            place,
            issuer,
        } = read;
        let (key_index, _) = keys.select(header.header.key_id.as_deref(), header.algorithm)?;
        let signature = decode_part(parts.signature)?;
        // RFC 7518 section 3: each algorithm has one length, but for RSA's, which are the key's.
        let length = header.algorithm.signature_length();
        if length.is_some_and(|length| length != signature.len()) {
            return Err(ErrorCode::SignatureInvalid.into());
        }
        Ok(AwaitingSignature {
            verifier: self,
            issuer,
            place,
            parts,
            header,
            keys,
            key_index,
            signature,
            renewal_is_due: false,
            fresh_for: 0.0,
        })
    }
}

/// The algorithms of public keys. That of a secret stands with the secret.
fn check_algorithms(algorithms: &[Algorithm]) -> Result<(), AuthError> {
    let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
    if algorithms.is_empty() {
        return wrong("algorithms must not be empty");
    }
    if algorithms.iter().any(|one| one.is_symmetric()) {
        return wrong("algorithms must not name HS256, HS384 or HS512: a secret has its own");
    }
    Ok(())
}

fn decode(part: &[u8], buffer: &mut Vec<u8>) -> Result<(), AuthError> {
    buffer.clear();
    base64url::decode_into(part, buffer).ok_or_else(|| ErrorCode::TokenEncodingInvalid.into())
}
