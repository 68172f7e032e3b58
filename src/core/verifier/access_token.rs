//! What an API asks of an access token beyond its issuer, audience and time: whom it was given to
//! and what it permits. RFC 9068 section 2.2, and Entra's claims.

use super::requirement::Requirement;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::oauth::claims_policy::RegisteredClaims;
use crate::core::provider::profile::{Profile, TokenKind};
use crate::core::wire::json::{JsonObject, WrongType};
use alloc::string::String;
use alloc::vec::Vec;

/// Which access tokens are admitted at all.
#[derive(Clone, Debug, Default)]
pub struct AccessTokenPolicy {
    /// The format of the issuer's tokens; what its identifier tells, if not given.
    pub profile: Option<Profile>,
    /// The required `typ`, as `at+jwt` of RFC 9068 section 4. It makes known what is no access
    /// token by its `typ` otherwise.
    pub typ: Option<String>,
    /// The admitted tenants, one at least; all, if not given.
    pub tenants: Option<Vec<String>>,
    /// What every request needs.
    pub requirement: Requirement,
}

/// What an access token says, readable only from a verdict.
#[derive(Clone, Debug)]
pub struct AccessTokenClaims {
    /// `iss`, `aud`, `exp`, `tid`.
    pub registered: RegisteredClaims,
    /// Who stands behind it.
    pub kind: TokenKind,
    /// `scp` or `scope`.
    pub scopes: Vec<String>,
    /// `roles`.
    pub roles: Vec<String>,
}

impl AccessTokenPolicy {
    /// Checks type, tenant and permissions.
    pub(crate) fn check(
        &self,
        profile: Profile,
        typ: Option<&str>,
        claims: &dyn JsonObject,
        registered: RegisteredClaims,
        requirement: &Requirement,
    ) -> Result<AccessTokenClaims, AuthError> {
        self.check_type(profile, typ, claims)?;
        check_dates(claims)?;
        if let Some(admitted) = &self.tenants {
            let tenant = registered.tenant.as_deref().unwrap_or_default();
            if !admitted.iter().any(|one| one.eq_ignore_ascii_case(tenant)) {
                return Err(ErrorCode::TenantRefused.into());
            }
        }
        let kind = profile.kind(claims)?;
        let (scopes, roles) = (scopes(claims)?, roles(claims)?);
        for needed in [&self.requirement, requirement] {
            needed.check(kind, &scopes, &roles)?;
        }
        if profile.requires_role_of_apps() && kind != TokenKind::User && roles.is_empty() {
            return Err(ErrorCode::AppTokenRefused.into());
        }
        Ok(AccessTokenClaims {
            registered,
            kind,
            scopes,
            roles,
        })
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

/// `scp` is Entra's, `scope` that of RFC 8693 section 4.2 and RFC 9068; some servers write arrays.
fn scopes(claims: &dyn JsonObject) -> Result<Vec<String>, AuthError> {
    for name in ["scp", "scope"] {
        if let Some(values) = words(claims, name)? {
            return Ok(values
                .iter()
                .flat_map(|value| value.split_ascii_whitespace())
                .map(String::from)
                .collect());
        }
    }
    Ok(Vec::new())
}

/// Strings, or what SCIM has for them: objects with the string in `value` (RFC 9068 section
/// 2.2.3.1, RFC 7643 section 2.4).
fn roles(claims: &dyn JsonObject) -> Result<Vec<String>, AuthError> {
    let roles = claims.strings_or_values("roles");
    Ok(roles
        .map_err(|WrongType| invalid("roles"))?
        .unwrap_or_default())
}

fn words(claims: &dyn JsonObject, name: &'static str) -> Result<Option<Vec<String>>, AuthError> {
    claims
        .string_or_strings(name)
        .map_err(|WrongType| invalid(name))
}

fn invalid(claim: &'static str) -> AuthError {
    AuthError::about(ErrorCode::TokenClaimInvalid, claim)
}
