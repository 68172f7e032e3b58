//! How the access tokens of a vendor look: one row for each vendor, in a file of its own.
//!
//! RFC 9068 came after most vendors had formats of their own. Which of them a token follows is
//! decided by the configuration and never by the token: its claims are the sender's to choose as
//! long as the format is not known.

mod auth0;
mod cognito;
mod entra;
mod generic;
mod keycloak;
mod okta;
mod rfc9068;

use crate::core::error::{AuthError, ErrorCode};
use crate::core::wire::json::JsonObject;
use crate::core::wire::text::split_while;
use alloc::string::String;

/// What is peculiar to a vendor's access tokens.
struct Row {
    /// As the option spells it.
    name: &'static str,
    /// Whether this is the identifier of an issuer of this vendor.
    is_issuer: fn(issuer: &str) -> bool,
    /// Whether claims under an unspecific `typ` are those of an access token.
    is_access_token: fn(&dyn JsonObject) -> bool,
    /// Who stands behind the token.
    kind: fn(&dyn JsonObject) -> Result<TokenKind, AuthError>,
    /// The `typ` that every access token has.
    typ: Option<&'static str>,
    /// The claim that names the audience of a token without `aud`.
    audience_claim: Option<&'static str>,
    /// Whether a token that is not a user's permits nothing without a role.
    requires_role_of_apps: bool,
}

/// Who stands behind an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A user permitted an application to act for them.
    User,
    /// An application acts for itself.
    App,
    /// The token does not say.
    Unknown,
}

impl TokenKind {
    /// `user`, `app` or `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
            Self::Unknown => "unknown",
        }
    }
}

/// The format of an issuer's access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Microsoft Entra ID.
    Entra,
    /// RFC 9068, to the letter.
    Rfc9068,
    /// Auth0.
    Auth0,
    /// Okta.
    Okta,
    /// Keycloak.
    Keycloak,
    /// Amazon Cognito's user pools.
    Cognito,
    /// Any other.
    Generic,
}

impl Profile {
    /// All profiles.
    pub const ALL: &[Self] = &[
        Self::Entra,
        Self::Rfc9068,
        Self::Auth0,
        Self::Okta,
        Self::Keycloak,
        Self::Cognito,
        Self::Generic,
    ];

    /// The profile of this name.
    pub fn read(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|profile| profile.row().name == name)
    }

    /// The name: `entra`, `rfc9068`, `auth0`, `okta`, `keycloak`, `cognito` or `generic`.
    pub fn as_str(self) -> &'static str {
        self.row().name
    }

    /// The profile of an issuer, if its identifier tells.
    pub(crate) fn of_issuer(issuer: &str) -> Self {
        let mut all = Self::ALL.iter().copied();
        let known = all.find(|profile| (profile.row().is_issuer)(issuer));
        known.unwrap_or(Self::Generic)
    }

    /// Whether a token with this `typ` and these claims is an access token and not an ID token, a
    /// logout token or a proof. Types of JWTs are told apart by `typ` (RFC 8725 section 3.11); where
    /// it is absent or `JWT`, by their claims (section 3.12).
    pub(crate) fn is_access_token(self, typ: Option<&str>, claims: &dyn JsonObject) -> bool {
        match typ {
            Some("at+jwt") => true,
            None | Some("jwt") => (self.row().is_access_token)(claims),
            Some(_) => false,
        }
    }

    /// Who stands behind the token.
    pub(crate) fn kind(self, claims: &dyn JsonObject) -> Result<TokenKind, AuthError> {
        (self.row().kind)(claims)
    }

    pub(crate) fn typ(self) -> Option<&'static str> {
        self.row().typ
    }

    pub(crate) fn audience_claim(self) -> Option<&'static str> {
        self.row().audience_claim
    }

    pub(crate) fn requires_role_of_apps(self) -> bool {
        self.row().requires_role_of_apps
    }

    fn row(self) -> &'static Row {
        match self {
            Self::Entra => &entra::ROW,
            Self::Rfc9068 => &rfc9068::ROW,
            Self::Auth0 => &auth0::ROW,
            Self::Okta => &okta::ROW,
            Self::Keycloak => &keycloak::ROW,
            Self::Cognito => &cognito::ROW,
            Self::Generic => &generic::ROW,
        }
    }
}

/// Claims that access tokens do not have: those of ID tokens (OpenID Connect Core sections 2 and
/// 3.3.2.11), of logout tokens (Back-Channel Logout section 2.4) and of DPoP proofs (RFC 9449
/// section 4.2).
const OF_OTHER_TOKENS: [&str; 8] = [
    "nonce", "at_hash", "c_hash", "s_hash", "events", "htm", "htu", "ath",
];

fn has_no_claim_of_other_tokens(claims: &dyn JsonObject) -> bool {
    !OF_OTHER_TOKENS.iter().any(|name| has(claims, name))
}

fn has(claims: &dyn JsonObject, name: &str) -> bool {
    claims.json(name).is_some()
}

/// A claim that has to be a string, if it is there.
fn text(claims: &dyn JsonObject, name: &'static str) -> Result<Option<String>, AuthError> {
    claims.optional_string(name, ErrorCode::TokenClaimInvalid)
}

/// The first of two claims, or the second if that is absent.
fn first_text(
    claims: &dyn JsonObject,
    [first, second]: [&'static str; 2],
) -> Result<Option<String>, AuthError> {
    match text(claims, first)? {
        None => text(claims, second),
        found => Ok(found),
    }
}

/// Whether the issuer's host is in one of these domains, each with the dot before it.
fn is_below(issuer: &str, domains: &[&str]) -> bool {
    let host = host(issuer);
    domains.iter().any(|domain| host.ends_with(domain))
}

/// The host of an issuer, which has no port at any of the vendors.
fn host(issuer: &str) -> &str {
    let rest = issuer.strip_prefix("https://").unwrap_or_default();
    split_while(rest, |byte| byte != b'/').0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_s_identifier_tells_the_vendor() {
        let tenant = "11111111-2222-3333-4444-555555555555";
        for (issuer, profile) in [
            (
                "https://login.microsoftonline.com/{tenantid}/v2.0",
                Profile::Entra,
            ),
            (
                "https://login.microsoftonline.com/contoso.com/v2.0",
                Profile::Entra,
            ),
            ("https://sts.windows.net/{tenantid}/", Profile::Entra),
            ("https://login.microsoftonline.us/x/v2.0", Profile::Entra),
            ("https://contoso.ciamlogin.com/x/v2.0", Profile::Entra),
            ("https://tenant.eu.auth0.com/", Profile::Auth0),
            ("https://dev-1.okta.com/oauth2/default", Profile::Okta),
            ("https://dev-1.oktapreview.com", Profile::Okta),
            ("https://sso.example/realms/main", Profile::Keycloak),
            ("https://sso.example/auth/realms/main", Profile::Keycloak),
            ("http://localhost:8080/realms/main", Profile::Keycloak),
            (
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x",
                Profile::Cognito,
            ),
            ("https://login.example", Profile::Generic),
            // Not the vendor's, though it looks like it.
            ("https://evilauth0.com", Profile::Generic),
            ("https://auth0.com.evil.example", Profile::Generic),
            ("https://evil.example/tenant.auth0.com", Profile::Generic),
            (
                "https://cognito-idp.evil.example/eu-west-1_x",
                Profile::Generic,
            ),
            ("https://sso.example/realms/", Profile::Generic),
            ("https://sso.example/realms/a/b", Profile::Generic),
        ] {
            assert_eq!(Profile::of_issuer(issuer), profile, "{issuer}");
        }
        // A custom domain, or the authority of a test.
        let issuer = std::format!("http://127.0.0.1:8080/{tenant}/v2.0");
        assert_eq!(Profile::of_issuer(&issuer), Profile::Entra);
    }

    #[test]
    fn each_name_is_read_as_its_own_row() {
        for profile in Profile::ALL {
            assert_eq!(Profile::read(profile.as_str()), Some(*profile));
        }
        assert_eq!(Profile::read("Entra"), None);
    }
}
