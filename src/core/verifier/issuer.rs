//! The issuers that a verifier trusts.

use super::key_source::{KeySource, KeysFrom};
use super::{TrustedIssuer, VerifierConfig};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::oauth::claims_policy::ClaimsPolicy;
use crate::core::provider::profile::Profile;
use crate::core::wire::json::{JsonObject, ParseJson, ParseJsonArray};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The longest `iss` that an error repeats.
const MAX_SHOWN: usize = 256;

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct IssuerConfig {
    /// Its identifier, or Entra's template.
    pub issuer: TrustedIssuer,
    /// The accepted audiences; one of them must be in `aud`.
    pub audiences: Vec<String>,
    /// The format of its tokens; what its identifier tells, if not given.
    pub profile: Option<Profile>,
    /// The admitted tenants, one at least; all, if not given.
    pub tenants: Option<Vec<String>>,
    /// Where its keys come from.
    pub keys: KeysFrom,
}

impl IssuerConfig {
    /// This issuer for this audience, with the keys that its metadata names.
    pub fn new(issuer: &str, audience: &str) -> Result<Self, AuthError> {
        Ok(Self {
            issuer: TrustedIssuer::new(issuer)?,
            audiences: vec![audience.into()],
            profile: None,
            tenants: None,
            keys: KeysFrom::Discovery,
        })
    }
}

/// A trusted issuer with its keys.
pub(super) struct Issuer {
    pub(super) claims: ClaimsPolicy,
    pub(super) profile: Profile,
    /// In lower case, if not all are admitted.
    tenants: Option<BTreeSet<String>>,
    pub(super) keys: KeySource,
}

impl Issuer {
    fn new(
        config: IssuerConfig,
        clock_tolerance: f64,
        parse_json: ParseJson,
        parse_json_array: ParseJsonArray,
    ) -> Result<Self, AuthError> {
        if config.audiences.is_empty() || config.audiences.iter().any(String::is_empty) {
            return wrong("audience is missing");
        }
        let tenants = config.tenants.map(|tenants| {
            // One by one: to collect them would bring a sort into the module.
            let mut admitted = BTreeSet::new();
            for tenant in tenants {
                admitted.insert(tenant.to_ascii_lowercase());
            }
            admitted
        });
        if tenants
            .as_ref()
            .is_some_and(|tenants| tenants.is_empty() || tenants.contains(""))
        {
            return wrong("tenants must not be empty; leave them out to admit all");
        }
        let of_issuer = || Profile::of_issuer(config.issuer.as_str());
        Ok(Self {
            profile: config.profile.unwrap_or_else(of_issuer),
            tenants,
            keys: KeySource::new(&config.issuer, config.keys, parse_json, parse_json_array)?,
            claims: ClaimsPolicy {
                issuer: config.issuer,
                audiences: config.audiences,
                clock_tolerance,
            },
        })
    }

    pub(super) fn admits_tenant(&self, tenant: Option<&str>) -> bool {
        self.tenants.as_ref().is_none_or(|admitted| {
            tenant.is_some_and(|tenant| admitted.contains(&tenant.to_ascii_lowercase()))
        })
    }
}

/// All trusted issuers.
pub(super) struct Issuers {
    all: Vec<Issuer>,
    by_identifier: BTreeMap<String, usize>,
    /// The places of those that stand for many.
    templates: Vec<usize>,
}

impl Issuers {
    pub(super) fn new(
        config: &mut VerifierConfig,
        parse_json: ParseJson,
        parse_json_array: ParseJsonArray,
    ) -> Result<Self, AuthError> {
        let (mut all, mut by_identifier) = (Vec::new(), BTreeMap::new());
        let mut templates = Vec::new();
        for issuer in core::mem::take(&mut config.issuers) {
            let identifier = String::from(issuer.issuer.as_str());
            if by_identifier.insert(identifier, all.len()).is_some() {
                return wrong("issuer must not name one twice");
            }
            if issuer.issuer.is_template() {
                templates.push(all.len());
            }
            let tolerance = config.clock_tolerance;
            all.push(Issuer::new(
                issuer,
                tolerance,
                parse_json,
                parse_json_array,
            )?);
        }
        if all.is_empty() {
            return wrong("issuer is missing");
        }
        Ok(Self {
            all,
            by_identifier,
            templates,
        })
    }

    pub(super) fn get(&self, place: usize) -> Option<&Issuer> {
        self.all.get(place)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Issuer> {
        self.all.iter()
    }

    /// The only issuer, if there is but one.
    pub(super) fn only(&self) -> Option<(usize, &Issuer)> {
        match &*self.all {
            [issuer] => Some((0, issuer)),
            _ => None,
        }
    }

    /// The issuer that these claims name, which may not be theirs: the signature is not checked.
    pub(super) fn named_by(&self, claims: &dyn JsonObject) -> Result<(usize, &Issuer), AuthError> {
        let iss = claims.required_string("iss", ErrorCode::TokenClaimInvalid)?;
        let exact = self.by_identifier.get(&iss).copied();
        let place = exact.or_else(|| {
            let tenant = claims.string("tid").unwrap_or_default();
            let is_of = |issuer: &Issuer| issuer.claims.issuer.is(&iss, tenant.as_deref());
            let mut templates = self.templates.iter().copied();
            templates.find(|place| self.get(*place).is_some_and(is_of))
        });
        place
            .and_then(|place| Some((place, self.get(place)?)))
            .ok_or_else(|| foreign_issuer(&iss))
    }
}

/// The error about a token of this issuer. It names what can be one: anybody may have written the rest,
/// of any length and with line breaks.
pub(super) fn foreign_issuer(issuer: &str) -> AuthError {
    let is_plain = issuer.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && issuer.len() <= MAX_SHOWN {
        AuthError::about(ErrorCode::TokenIssuerMismatch, issuer)
    } else {
        ErrorCode::TokenIssuerMismatch.into()
    }
}

fn wrong<T>(detail: &str) -> Result<T, AuthError> {
    Err(AuthError::about(ErrorCode::InvalidOption, detail))
}
