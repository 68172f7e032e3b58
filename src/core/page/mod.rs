//! The client of a page: its state, and its flows in the order in which a user meets them.
//!
//! [`restore`](Client::restore) at the start, [`sign_in`](Client::sign_in),
//! [`handle_redirect`](Client::handle_redirect) when the user comes back,
//! [`get_token`](Client::get_token), [`wake`](Client::wake) when a token is due,
//! [`sign_out`](Client::sign_out).

pub(crate) mod accounts;
mod api_request;
mod apis;
mod front_channel_logout;
pub(crate) mod get_token;
pub(crate) mod handle_redirect;
mod import_session;
mod initiate_login;
mod known;
mod popup;
mod pushed_authorization_request;
mod renew;
mod restore;
pub(crate) mod session;
mod set_active_account;
mod sign_in;
mod sign_out;
mod store;
mod transaction;
mod user_info;
mod wake;

use alloc::string::String;
use alloc::vec::Vec;

pub use accounts::AccountId;
pub use api_request::ApiResponse;
pub use apis::Api;
pub use get_token::GetTokenOptions;
pub use handle_redirect::SignIn;
pub use sign_out::SignOutOptions;
pub use user_info::UserInfo;

pub use super::oauth::authorization_request::SignInOptions;
pub use super::oauth::target::Target;
pub use super::tokens::access_token::AccessToken;
pub use super::tokens::lifetime::{Freshness, Lifetime};

use super::error::{AuthError, ErrorCode};
use super::provider::metadata::ProviderMetadata;
use super::provider::metadata_source::MetadataSource;
use super::shared::{Guarded, Shared};
use super::wire::json::ParseJson;
use super::wire::text::has_word;
use super::wire::url::{self, NormalizeUrl};
use known::Known;

/// A client's configuration.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The issuer, or Entra's authority; the metadata is found under it.
    pub authority: String,
    /// The issuer that the metadata names, if it is not what the authority implies: a custom
    /// domain.
    pub issuer: Option<String>,
    /// `client_id`.
    pub client_id: String,
    /// `redirect_uri`, as it is registered with the provider.
    pub redirect_uri: String,
    /// `redirect_uri` of a sign-in in a popup, if it is another one.
    pub popup_redirect_uri: Option<String>,
    /// `post_logout_redirect_uri`, as it is registered with the provider.
    pub post_logout_redirect_uri: Option<String>,
    /// What a sign-in asks for. `openid` must be in the scope; without one the default is asked
    /// for: `openid profile`, and `offline_access` if the provider's metadata offers it.
    pub target: Target,
    /// The provider's metadata as JSON, if it must not be fetched.
    pub metadata: Option<String>,
    /// The audiences that an ID token may have besides this client, as words separated by spaces.
    pub trusted_audiences: String,
    /// Whether the parameters of a sign-in are pushed (RFC 9126) even if the provider does not
    /// require it.
    pub pushes_requests: bool,
    /// Seconds by which this clock and the provider's may differ.
    pub clock_tolerance: f64,
    /// The APIs that tokens are sent to; if there are none, to any that a call names.
    pub apis: Vec<Api>,
}

/// The parsers that the platform has, so that the page downloads none.
#[derive(Clone, Copy)]
pub struct Platform {
    pub(crate) parse_json: ParseJson,
    pub(crate) normalize_url: NormalizeUrl,
}

/// The account of the signed-in user.
#[derive(Clone, Debug)]
pub struct Account {
    /// `iss` of the ID token.
    pub issuer: String,
    /// `sub` of the ID token.
    pub subject: String,
    /// The claims of the ID token, as JSON.
    pub claims: String,
}

/// A client: its configuration, and a copy of what the store holds.
pub struct Client {
    pub(crate) config: ClientConfig,
    pub(crate) platform: Platform,
    /// `redirect_uri` as the URL standard writes it.
    redirect_uri: String,
    pub(crate) metadata: MetadataSource,
    known: Guarded<Known>,
}

const REDIRECT_URI_RULE: &str = "redirect_uri must be an absolute URL without a fragment";

impl ClientConfig {
    /// What the issuer in the provider's metadata is compared with.
    fn issuer(&self) -> &str {
        self.issuer.as_deref().unwrap_or(&self.authority)
    }

    fn check(&self) -> Result<(), AuthError> {
        let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
        if self.client_id.is_empty() {
            return wrong("client_id is missing");
        }
        if !url::is_identifier(&self.authority) {
            return wrong("authority must be an https URL without query and fragment");
        }
        // RFC 6749 section 3.1.2: absolute, and without a fragment.
        for uri in [Some(&self.redirect_uri), self.popup_redirect_uri.as_ref()] {
            if uri.is_some_and(|uri| url::origin(uri).is_none() || uri.bytes().any(|b| b == b'#')) {
                return wrong(REDIRECT_URI_RULE);
            }
        }
        let scope = self.target.scope.as_deref();
        if scope.is_some_and(|scope| !has_word(scope, "openid")) {
            return wrong("scope must contain openid");
        }
        if !(0.0..=600.0).contains(&self.clock_tolerance) {
            return wrong("clock_tolerance must be between 0 and 600 seconds");
        }
        Ok(())
    }
}

impl Client {
    /// A client with this configuration.
    pub fn new(mut config: ClientConfig, platform: Platform) -> Result<Shared<Self>, AuthError> {
        config.check()?;
        config.apis = apis::checked(&config.apis, platform.normalize_url)?;
        let normal = (platform.normalize_url)(&config.redirect_uri);
        let redirect_uri =
            normal.ok_or_else(|| AuthError::about(ErrorCode::InvalidOption, REDIRECT_URI_RULE))?;
        let metadata = MetadataSource::new(
            &config.authority,
            config.issuer(),
            config.metadata.clone(),
            platform.parse_json,
            check_metadata,
        );
        Ok(Shared::new(Self {
            config,
            platform,
            redirect_uri,
            metadata,
            known: Guarded::new(Known::default()),
        }))
    }
}

/// Fails before the page is left for a sign-in that could not be completed.
fn check_metadata(metadata: &ProviderMetadata) -> Result<(), AuthError> {
    metadata.authorization_endpoint()?;
    metadata.token_endpoint()?;
    Ok(())
}
