//! An examined token whose signature is not checked yet.

use super::binding::{self, Presented};
use super::issuer::{Issuer, foreign_issuer};
use super::permissions::Met;
use super::{
    AccessTokenClaims, KnownHeader, LogoutToken, RegisteredClaims, Requirement, Verifier, decode,
};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::algorithm::Algorithm;
use crate::core::jose::jwk::{Jwk, JwkSet, VerificationKey};
use crate::core::jose::jws::{CompactParts, parse_part};
use crate::core::provider::issuer::may_speak_for;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::json::JsonObject;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// What a token has to meet, beside the verifier's own rules, and what came with it.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// What the request requires.
    pub requirement: &'a Requirement,
    /// What the request proves beside the token.
    pub presented: Presented<'a>,
    /// The user's groups, if they were looked up because of a [`Decision::GroupsNeeded`].
    pub groups: Option<&'a [String]>,
}

impl<'a> From<&'a Requirement> for Terms<'a> {
    fn from(requirement: &'a Requirement) -> Self {
        Self {
            requirement,
            presented: Presented::default(),
            groups: None,
        }
    }
}

/// An examined token. Its claims are read only once its signature is known to be right: a token
/// that anybody can write costs no more than its signature does, and the response to it does not
/// say what else is wrong with it.
pub struct AwaitingSignature<'t> {
    pub(super) verifier: &'t Verifier,
    pub(super) issuer: &'t Issuer,
    pub(super) place: usize,
    pub(super) parts: CompactParts<'t>,
    pub(super) header: Shared<KnownHeader>,
    /// The set that the key is in.
    pub(crate) keys: Shared<JwkSet>,
    /// The place of the key in the set.
    pub(crate) key_index: usize,
    pub(crate) signature: Vec<u8>,
    pub(super) renewal_is_due: bool,
    pub(super) fresh_for: f64,
}

impl<'t> AwaitingSignature<'t> {
    /// The key to check the signature with.
    pub fn key(&self) -> Option<&VerificationKey> {
        self.keys.get(self.key_index)?.key()
    }

    /// The algorithm to check the signature by.
    pub fn algorithm(&self) -> Algorithm {
        self.header.algorithm
    }

    /// What the signature is over (RFC 7515 section 5.2 step 8).
    pub fn signing_input(&self) -> &'t [u8] {
        self.parts.signing_input
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The signature, still base64url.
    pub(crate) fn encoded_signature(&self) -> &'t [u8] {
        self.parts.signature
    }

    /// Whether the keys are to be fetched again by [`Verifier::fetch_keys`], while the token is
    /// decided about with those at hand.
    pub fn renewal_is_due(&self) -> bool {
        self.renewal_is_due
    }

    /// For how many seconds a decision may be remembered for the sake of the keys: until they are
    /// to be fetched again.
    pub fn keys_fresh_for(&self) -> f64 {
        self.fresh_for
    }

    /// The JSON of the header, which nobody vouches for before the signature is checked.
    pub fn header_json(&self) -> &[u8] {
        &self.header.json
    }

    /// The place of the token's issuer in the configuration.
    pub fn issuer(&self) -> usize {
        self.place
    }

    /// Decides, now that the signature was checked. `payload` holds the JSON of the claims then.
    pub fn conclude(
        &self,
        signature_is_right: bool,
        terms: &Terms<'_>,
        now: UnixTime,
        payload: &mut Vec<u8>,
    ) -> Result<Decision, AuthError> {
        let verifier = self.verifier;
        let (claims, registered) = self.open(signature_is_right, now, payload)?;
        let (claims, issuer) = (&*claims, self.issuer);
        let (typ, policy) = (
            self.header.header.typ.as_deref(),
            &verifier.config.access_token,
        );
        let (presented, is_required) = (terms.presented, verifier.config.dpop.is_required);
        binding::check(claims, verifier.parse_json, presented, is_required)?;
        let (token, met) = policy.check(
            issuer,
            typ,
            (claims, verifier.parse_json),
            registered,
            terms,
        )?;
        Ok(match met {
            Met::Yes => Decision::Accepted(token),
            Met::GroupsNeeded => Decision::GroupsNeeded(token),
        })
    }
}

impl AwaitingSignature<'_> {
    /// Decides whether the token says that sessions have ended, now that the signature was checked.
    pub fn conclude_logout(
        &self,
        signature_is_right: bool,
        now: UnixTime,
        payload: &mut Vec<u8>,
    ) -> Result<LogoutToken, AuthError> {
        let verifier = self.verifier;
        let (claims, registered) = self.open(signature_is_right, now, payload)?;
        if !self.issuer.admits_tenant(registered.tenant.as_deref()) {
            return Err(ErrorCode::TenantRefused.into());
        }
        let latest = now.plus(verifier.config.clock_tolerance);
        let typ = self.header.header.typ.as_deref();
        LogoutToken::read(typ, &*claims, registered, verifier.parse_json, latest)
    }

    /// The claims, of which those that every token has were checked.
    fn open<'p>(
        &self,
        signature_is_right: bool,
        now: UnixTime,
        payload: &'p mut Vec<u8>,
    ) -> Result<(Box<dyn JsonObject + 'p>, RegisteredClaims), AuthError> {
        if !signature_is_right {
            return Err(ErrorCode::SignatureInvalid.into());
        }
        let (verifier, issuer) = (self.verifier, self.issuer);
        verifier.remember(&self.header);
        decode(self.parts.payload, payload)?;
        let (_, claims) = parse_part(payload, verifier.parse_json)?;
        let audience_claim = issuer.profile.audience_claim();
        let registered = issuer.claims.check(&*claims, audience_claim, now);
        let registered = registered.map_err(|error| match error.code() {
            ErrorCode::TokenIssuerMismatch => foreign_issuer(error.detail().unwrap_or_default()),
            _ => error,
        })?;
        let key_issuer = self.keys.get(self.key_index).and_then(Jwk::issuer);
        if !may_speak_for(key_issuer, &registered.issuer, registered.tenant.as_deref()) {
            return Err(ErrorCode::KeyIssuerMismatch.into());
        }
        Ok((claims, registered))
    }
}

/// What was decided about a token with a right signature.
pub enum Decision {
    /// It is accepted.
    Accepted(AccessTokenClaims),
    /// A group is required, and the token leaves the groups out because they are too many. Look them
    /// up, and conclude again with them.
    GroupsNeeded(AccessTokenClaims),
}

impl Decision {
    /// The claims, if the token is accepted as it is.
    pub fn accepted(self) -> Result<AccessTokenClaims, AuthError> {
        match self {
            Self::Accepted(token) => Ok(token),
            Self::GroupsNeeded(_) => Err(ErrorCode::GroupsMissing.into()),
        }
    }
}
