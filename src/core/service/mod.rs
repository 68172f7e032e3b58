//! The client of a service: a daemon or a web API that gets tokens as itself.

mod client_credentials;
mod counters;
mod endpoint;
mod exchange;
mod identity;
mod metadata;
mod on_behalf_of;
mod refusal;
mod request;
mod response;
mod sessions;
// A second caller of what a page calls once would be code in the page.
#[cfg(any(feature = "service", not(feature = "browser")))]
mod sign_in;
mod store;
mod tokens;
mod user_assertion;

use alloc::string::String;
use alloc::vec::Vec;

pub use super::oauth::authorization_request::SignInOptions;
pub use super::oauth::client_assertion::{AssertionAudience, KeyName, PrivateKey};
pub use super::oauth::client_authentication::ClientAuthentication;
pub use super::oauth::managed_identity::{IdentityName, ManagedIdentity};
pub use super::oauth::target::Target;
pub use super::oauth::token_exchange::TokenExchange;
pub use super::tokens::access_token::AccessToken;
pub use counters::Counters;
pub use on_behalf_of::OnBehalfOfOptions;
pub use response::response_to_caller;
#[cfg(any(feature = "service", not(feature = "browser")))]
pub use sign_in::{RefreshOptions, SignInRequest, User, UserTokens};

use super::error::{AuthError, ErrorCode};
use super::provider::entra;
use super::shared::{Guarded, Shared};
use super::time::UnixTime;
use super::wire::json::ParseJson;
use super::wire::url;
use tokens::Kept;

/// A confidential client's configuration.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConfidentialClientConfig {
    /// The issuer, or Entra's authority; the metadata is found under it. Empty for a service that is
    /// a managed identity, and no application of its own.
    pub authority: String,
    /// `client_id`; empty if the authority is.
    pub client_id: String,
    /// The client's proofs: one, or several while one takes the place of another. The next one is
    /// tried if the provider refuses the client by one.
    pub credentials: Vec<ClientAuthentication>,
    /// The provider's metadata as JSON, if it must not be fetched.
    pub metadata: Option<String>,
    /// Entra: for whom the tokens are that this client exchanges on behalf of their users, beside
    /// itself: the other identifiers of its API, or the blueprint of an agent identity.
    pub audiences: Vec<String>,
    /// Entra: whether an application's own token may be exchanged, as for agent identities.
    pub takes_app_assertions: bool,
    /// Whether the host has a store for tokens ([`Command::Load`](super::flow::Command::Load)).
    pub has_store: bool,
}

impl ConfidentialClientConfig {
    /// A configuration with what has no default.
    pub fn new(
        authority: impl Into<String>,
        client_id: impl Into<String>,
        credential: ClientAuthentication,
    ) -> Self {
        Self {
            authority: authority.into(),
            client_id: client_id.into(),
            credentials: alloc::vec![credential],
            metadata: None,
            audiences: Vec::new(),
            takes_app_assertions: false,
            has_store: false,
        }
    }

    /// The configuration of a service that acts as this managed identity.
    pub fn of_managed_identity(identity: ManagedIdentity) -> Self {
        Self::new("", "", ClientAuthentication::ManagedIdentity(identity))
    }

    /// The managed identity, if the service is one and no application of its own.
    fn identity(&self) -> Option<&ManagedIdentity> {
        match self.credentials.as_slice() {
            [ClientAuthentication::ManagedIdentity(identity)]
                if self.authority.is_empty() && self.client_id.is_empty() =>
            {
                Some(identity)
            }
            _ => None,
        }
    }

    fn check(&self) -> Result<(), AuthError> {
        let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
        if self.identity().is_some() {
            return Ok(());
        }
        if self.client_id.is_empty() {
            return wrong("client_id is missing");
        }
        if !url::is_identifier(&self.authority) {
            return wrong("authority must be an https URL without query and fragment");
        }
        if self.credentials.is_empty() {
            return wrong("credential is missing");
        }
        Ok(())
    }
}

/// Which token is wanted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenOptions {
    /// What it is for.
    pub target: Target,
    /// Entra: the tenant whose token it is, by GUID or domain, if not the authority's.
    pub tenant: Option<String>,
    /// `claims` of a claims challenge; asks for a new token.
    pub claims: Option<String>,
    /// Asks for a new token though the kept one is good.
    pub force_refresh: bool,
    /// Who renews a token that is due and still good.
    pub renewal: Renewal,
    /// Entra, client credentials: the agent identity that the token proves to be the client's own
    /// (`fmi_path`), by its client ID.
    pub fmi_path: Option<String>,
}

/// Who renews a token that is due. Of all who are handed it at that time, one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewal {
    /// The caller, who waits for the new one.
    #[default]
    ByCaller,
    /// The host, in the background, when a notice tells it to
    /// ([`Notice::RenewalDue`](super::flow::Notice::RenewalDue)).
    ByHost,
    /// This call is the renewal.
    Now,
}

impl From<Target> for TokenOptions {
    fn from(target: Target) -> Self {
        Self {
            target,
            tenant: None,
            claims: None,
            force_refresh: false,
            renewal: Renewal::default(),
            fmi_path: None,
        }
    }
}

impl TokenOptions {
    fn check(&self) -> Result<(), AuthError> {
        let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
        if self.target.scope.is_none() && self.target.resource.is_none() {
            return wrong("scope or resource is missing");
        }
        self.check_tenant()
    }

    fn check_tenant(&self) -> Result<(), AuthError> {
        let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
        match &self.tenant {
            Some(tenant) if entra::is_shared(tenant) => Err(ErrorCode::TenantRequired.into()),
            Some(tenant) if !entra::is_tenant_name(tenant) => {
                wrong("tenant must be a GUID or a domain name")
            }
            _ => Ok(()),
        }
    }
}

/// A confidential client, with the tokens that it got.
pub struct ConfidentialClient {
    config: ConfidentialClientConfig,
    parse_json: ParseJson,
    kept: Guarded<Kept>,
}

impl ConfidentialClient {
    pub(crate) fn new(
        config: ConfidentialClientConfig,
        parse_json: ParseJson,
    ) -> Result<Shared<Self>, AuthError> {
        config.check()?;
        Ok(Shared::new(Self {
            config,
            parse_json,
            kept: Guarded::new(Kept::default()),
        }))
    }
}

impl ConfidentialClient {
    /// Until when the provider asked not to be asked, if it did.
    pub fn closed_until(&self, now: UnixTime) -> Option<UnixTime> {
        self.kept.with(|kept| kept.closed_until(now))
    }

    /// What the client has done so far.
    pub fn counters(&self) -> Counters {
        self.kept.with(|kept| kept.counters)
    }
}
