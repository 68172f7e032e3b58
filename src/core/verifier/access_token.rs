//! What an API asks of an access token beyond its issuer, audience and time: whom it was given to
//! and what it permits. RFC 9068 section 2.2, and Entra's claims.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::oauth::claims_policy::RegisteredClaims;
use crate::core::wire::json::{JsonObject, WrongType};
use alloc::string::String;
use alloc::vec::Vec;

/// Whether a user stands behind the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A user permitted an application to act for them.
    User,
    /// An application acts for itself.
    App,
}

impl TokenKind {
    /// `user` or `app`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
        }
    }
}

/// What a request needs.
#[derive(Clone, Debug, Default)]
pub struct Requirement {
    /// All of these scopes. Where roles are required too, this is for users.
    pub scopes: Vec<String>,
    /// One of these roles. Where scopes are required too, this is for applications.
    pub roles: Vec<String>,
}

/// Which access tokens are admitted at all.
#[derive(Clone, Debug, Default)]
pub struct AccessTokenPolicy {
    /// The required `typ`, as `at+jwt` of RFC 9068 section 4.
    pub typ: Option<String>,
    /// The admitted tenants; all where there are none.
    pub tenants: Vec<String>,
    /// What every request needs.
    pub requirement: Requirement,
}

/// What an access token says, readable only from a verdict.
#[derive(Clone, Debug)]
pub struct AccessTokenClaims {
    /// `iss`, `aud`, `exp`, `tid`.
    pub registered: RegisteredClaims,
    /// Whether a user stands behind it.
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
        typ: Option<&str>,
        claims: &dyn JsonObject,
        registered: RegisteredClaims,
        requirement: &Requirement,
    ) -> Result<AccessTokenClaims, AuthError> {
        if self.typ.is_some() && self.typ.as_deref() != typ {
            return Err(ErrorCode::TokenTypRefused.into());
        }
        let admitted = |tenant: &str| {
            self.tenants
                .iter()
                .any(|known| known.eq_ignore_ascii_case(tenant))
        };
        if !self.tenants.is_empty() && !registered.tenant.as_deref().is_some_and(admitted) {
            return Err(ErrorCode::TenantRefused.into());
        }
        let read = AccessTokenClaims {
            kind: kind(claims, &registered)?,
            scopes: scopes(claims)?,
            roles: words(claims, "roles")?.unwrap_or_default(),
            registered,
        };
        for needed in [&self.requirement, requirement] {
            needed.check(&read)?;
        }
        // Entra issues app-only tokens to any application of the tenant, with or without a role:
        // one without is no permission.
        if read.kind == TokenKind::App && read.registered.tenant.is_some() && read.roles.is_empty()
        {
            return Err(ErrorCode::AppTokenRefused.into());
        }
        Ok(read)
    }
}

impl Requirement {
    fn check(&self, token: &AccessTokenClaims) -> Result<(), AuthError> {
        let both = !self.scopes.is_empty() && !self.roles.is_empty();
        let (ask_scopes, ask_roles) = match token.kind {
            TokenKind::User => (true, !both),
            TokenKind::App => (!both, true),
        };
        let has_scopes = self.scopes.iter().all(|scope| token.scopes.contains(scope));
        if ask_scopes && !has_scopes {
            return Err(ErrorCode::InsufficientScope.into());
        }
        let has_role =
            self.roles.is_empty() || self.roles.iter().any(|role| token.roles.contains(role));
        if ask_roles && !has_role {
            return Err(ErrorCode::InsufficientRole.into());
        }
        Ok(())
    }
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

fn words(claims: &dyn JsonObject, name: &'static str) -> Result<Option<Vec<String>>, AuthError> {
    claims
        .string_or_strings(name)
        .map_err(|WrongType| AuthError::about(ErrorCode::TokenClaimInvalid, name))
}

/// `idtyp` says it where it is there. Otherwise `scp` marks a delegated token of Entra's, whose
/// other tokens are an application's own; elsewhere an application speaks for itself where it is
/// its own subject (RFC 9068 section 2.2).
fn kind(claims: &dyn JsonObject, registered: &RegisteredClaims) -> Result<TokenKind, AuthError> {
    let text = |name| claims.optional_string(name, ErrorCode::TokenClaimInvalid);
    match text("idtyp")?.as_deref() {
        Some("app") => return Ok(TokenKind::App),
        Some("user") => return Ok(TokenKind::User),
        _ => {}
    }
    if registered.tenant.is_some() {
        let delegated = text("scp")?.is_some();
        return Ok(if delegated {
            TokenKind::User
        } else {
            TokenKind::App
        });
    }
    let subject = text("sub")?;
    let own = match text("client_id")? {
        Some(client) => subject.is_none_or(|subject| subject == client),
        None => subject.is_none(),
    };
    Ok(if own { TokenKind::App } else { TokenKind::User })
}
