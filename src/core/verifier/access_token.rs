//! What an API asks of an access token beyond its issuer, audience and time: whom it was given to
//! and what it permits. RFC 9068 section 2.2, and Entra's claims.

use super::Terms;
use super::issuer::Issuer;
use super::permissions::Met;
use super::requirement::Requirement;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::oauth::claims_policy::RegisteredClaims;
use crate::core::provider::profile::{Profile, TokenKind};
use crate::core::wire::json::{JsonObject, ParseJson, WrongType};
use crate::core::wire::text::concat;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// Which access tokens are admitted at all.
#[derive(Clone, Debug, Default)]
pub struct AccessTokenPolicy {
    /// The required `typ`, as `at+jwt` of RFC 9068 section 4. It makes known what is no access
    /// token by its `typ` otherwise.
    pub typ: Option<String>,
    /// What every request needs.
    pub requirement: Requirement,
}

/// What an access token says, readable only from a decision.
#[derive(Clone, Debug)]
pub struct AccessTokenClaims {
    /// `iss`, `aud`, `exp`, `tid`.
    pub registered: RegisteredClaims,
    /// Who stands behind it.
    pub kind: TokenKind,
    /// The application that it was issued to: `azp`, `appid`, `client_id` or `cid`.
    pub client: Option<String>,
    /// `scp` or `scope`.
    pub scopes: Vec<String>,
    /// `roles`.
    pub roles: Vec<String>,
}

/// What rules are checked against.
pub(super) struct Facts<'a> {
    pub(super) claims: &'a dyn JsonObject,
    pub(super) parse_json: ParseJson,
    pub(super) kind: TokenKind,
    pub(super) client: &'a [String],
    pub(super) scopes: &'a [String],
    pub(super) roles: &'a [String],
    /// The user's groups, if they were looked up elsewhere.
    pub(super) groups: Option<&'a [String]>,
}

impl Facts<'_> {
    /// The user's groups. `None` if the token leaves them out because they are too many: then it
    /// says where they are to be asked for, or at least that there are some.
    pub(super) fn groups(&self) -> Result<Option<Cow<'_, [String]>>, AuthError> {
        if let Some(groups) = self.groups {
            return Ok(Some(Cow::Borrowed(groups)));
        }
        let is_elsewhere = self
            .claims
            .json("_claim_names")
            .is_some_and(|names| names.contains("\"groups\""));
        let has_groups = self.claims.boolean("hasgroups") == Ok(Some(true));
        if is_elsewhere || has_groups {
            return Ok(None);
        }
        self.strings("groups").map(Cow::Owned).map(Some)
    }

    /// A claim that is a string or a list of strings; none if it is absent.
    pub(super) fn strings(&self, name: &'static str) -> Result<Vec<String>, AuthError> {
        Ok(words(self.claims, name)?.unwrap_or_default())
    }

    /// Whether the client declared that it can satisfy a claims challenge: `cp1` in `xms_cc`.
    pub(super) fn client_takes_claims(&self) -> Result<bool, AuthError> {
        let declared = self.strings("xms_cc")?;
        Ok(declared.iter().any(|one| one.eq_ignore_ascii_case("cp1")))
    }
}

impl AccessTokenPolicy {
    /// Checks type, tenant and permissions. The token is good if its groups are not
    /// [needed](Met::GroupsNeeded) in addition.
    pub(super) fn check(
        &self,
        issuer: &Issuer,
        typ: Option<&str>,
        (claims, parse_json): (&dyn JsonObject, ParseJson),
        registered: RegisteredClaims,
        terms: &Terms<'_>,
    ) -> Result<(AccessTokenClaims, Met), AuthError> {
        let profile = issuer.profile;
        self.check_type(profile, typ, claims)?;
        check_dates(claims)?;
        if !issuer.admits_tenant(registered.tenant.as_deref()) {
            return Err(ErrorCode::TenantRefused.into());
        }
        let token = AccessTokenClaims {
            registered,
            kind: profile.kind(claims)?,
            client: client(claims)?,
            scopes: scopes(claims)?,
            roles: roles(claims, parse_json)?,
        };
        let facts = Facts {
            claims,
            parse_json,
            kind: token.kind,
            client: token.client.as_slice(),
            scopes: &token.scopes,
            roles: &token.roles,
            groups: terms.groups,
        };
        let mut met = Met::Yes;
        for needed in [&self.requirement, terms.requirement] {
            if let Met::GroupsNeeded = needed.check(&facts)? {
                met = Met::GroupsNeeded;
            }
        }
        if profile.requires_role_of_apps()
            && token.kind != TokenKind::User
            && token.roles.is_empty()
        {
            return Err(ErrorCode::AppTokenRefused.into());
        }
        Ok((token, met))
    }

    /// A `typ` of the API's choice needs no other mark of an access token; `JWT` says nothing.
    fn check_type(
        &self,
        profile: Profile,
        typ: Option<&str>,
        claims: &dyn JsonObject,
    ) -> Result<(), AuthError> {
        let required = self.typ.as_deref().or(profile.typ());
        if required.is_some() && required != typ {
            return Err(ErrorCode::TokenTypRefused.into());
        }
        let is_chosen = self.typ.as_deref().is_some_and(|typ| typ != "jwt");
        if is_chosen || profile.is_access_token(typ, claims) {
            Ok(())
        } else {
            Err(ErrorCode::NotAnAccessToken.into())
        }
    }
}

/// `nbf` and `iat` are numbers if they are there, which `null` is not (RFC 7519 sections 4.1.5 and
/// 4.1.6).
fn check_dates(claims: &dyn JsonObject) -> Result<(), AuthError> {
    for name in ["nbf", "iat"] {
        match claims.number(name) {
            Ok(Some(_)) => {}
            Ok(None) if claims.json(name).is_none() => {}
            _ => return Err(invalid(name)),
        }
    }
    Ok(())
}

/// Entra names the client in `azp` or, in v1.0 tokens, `appid`; RFC 9068 section 2.2 in `client_id`;
/// Okta in `cid`.
fn client(claims: &dyn JsonObject) -> Result<Option<String>, AuthError> {
    for name in ["azp", "appid", "client_id", "cid"] {
        let client = claims.optional_string(name, ErrorCode::TokenClaimInvalid)?;
        if client.is_some() {
            return Ok(client);
        }
    }
    Ok(None)
}

/// `scp` is Entra's, `scope` that of RFC 8693 section 4.2 and RFC 9068: separated by spaces and by
/// nothing else (RFC 6749 section 3.3). Some servers write arrays, of which each element is a scope.
fn scopes(claims: &dyn JsonObject) -> Result<Vec<String>, AuthError> {
    for name in ["scp", "scope"] {
        if let Ok(Some(text)) = claims.string(name) {
            let scopes = text.split(' ').filter(|scope| !scope.is_empty());
            return Ok(scopes.map(String::from).collect());
        }
        if let Some(scopes) = words(claims, name)? {
            return Ok(scopes);
        }
    }
    Ok(Vec::new())
}

/// Strings, or what SCIM has for them: objects with the string in `value` (RFC 9068 section
/// 2.2.3.1, RFC 7643 section 2.4).
fn roles(claims: &dyn JsonObject, parse_json: ParseJson) -> Result<Vec<String>, AuthError> {
    if let Ok(roles) = claims.string_or_strings("roles") {
        return Ok(roles.unwrap_or_default());
    }
    let value = |object: &str| parse_json(object).ok()?.string("value").ok()?;
    let mut roles = Vec::new();
    for element in claims.elements("roles") {
        let role = value(&element).or_else(|| value(&alone(&element)));
        roles.push(role.ok_or_else(|| invalid("roles"))?);
    }
    // No list of anything, that is.
    if roles.is_empty() {
        return Err(invalid("roles"));
    }
    Ok(roles)
}

/// An element of a list as the member `value` of an object, by which it can be read.
pub(super) fn alone(element: &str) -> String {
    concat(&["{\"value\":", element, "}"])
}

fn words(claims: &dyn JsonObject, name: &'static str) -> Result<Option<Vec<String>>, AuthError> {
    claims
        .string_or_strings(name)
        .map_err(|WrongType| invalid(name))
}

fn invalid(claim: &'static str) -> AuthError {
    AuthError::about(ErrorCode::TokenClaimInvalid, claim)
}
