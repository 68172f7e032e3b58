//! The client of a native app: sign-in through the system's browser or on another device, and what
//! else an app needs outside of a page.
//!
//! The session, its tokens and their renewal are those of a page's client: to the processes that
//! share a cache, the cache is what the store is to the tabs of a page.

mod device_sign_in;
mod sign_in;
mod sign_out;
mod tokens;
mod user_info;

use alloc::string::String;

pub use super::page::{
    AccessToken, Account, ApiResponse, Freshness, GetTokenOptions, Lifetime, Platform,
    SignInOptions, Target,
};
pub use sign_in::RedirectUri;
pub use sign_out::SignOutOptions;
pub use user_info::UserInfo;

use super::error::AuthError;
use super::flow::Notice;
use super::oauth::claims_policy::ClaimsPolicy;
use super::page::{self, ClientConfig};
use super::shared::Shared;
use super::time::UnixTime;
use alloc::vec::Vec;

/// A native client's configuration. It is a public client: an app that users have cannot keep a
/// secret (RFC 8252 section 8.5).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NativeClientConfig {
    /// The issuer, or Entra's authority; the metadata is found under it.
    pub authority: String,
    /// The issuer that the metadata names, if it is not what the authority implies.
    pub issuer: Option<String>,
    /// `client_id`.
    pub client_id: String,
    /// What a sign-in asks for; see [`ClientConfig::target`].
    pub target: Target,
    /// The provider's metadata as JSON, if it must not be fetched.
    pub metadata: Option<String>,
    /// The audiences that an ID token may have besides this client, as words separated by spaces.
    pub trusted_audiences: String,
    /// Seconds by which this clock and the provider's may differ.
    pub clock_tolerance: f64,
}

/// The client of a native app, with the session of one user.
pub struct NativeClient {
    session: Shared<page::Client>,
}

/// A page's redirect URI is known before its first sign-in; that of an app is given to each sign-in.
const NO_REDIRECT_URI: &str = "http://127.0.0.1/";

impl NativeClientConfig {
    /// A configuration with what has no default.
    pub fn new(authority: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            authority: authority.into(),
            issuer: None,
            client_id: client_id.into(),
            target: Target::new(None, None),
            metadata: None,
            trusted_audiences: String::new(),
            clock_tolerance: ClaimsPolicy::CLOCK_TOLERANCE,
        }
    }
}

impl NativeClient {
    /// A client with this configuration.
    pub fn new(config: NativeClientConfig, platform: Platform) -> Result<Shared<Self>, AuthError> {
        let config = ClientConfig {
            authority: config.authority,
            issuer: config.issuer,
            client_id: config.client_id,
            redirect_uri: NO_REDIRECT_URI.into(),
            popup_redirect_uri: None,
            pushes_requests: false,
            post_logout_redirect_uri: None,
            target: config.target,
            metadata: config.metadata,
            trusted_audiences: config.trusted_audiences,
            clock_tolerance: config.clock_tolerance,
            apis: Vec::new(),
        };
        let session = page::Client::new(config, platform)?;
        Ok(Shared::new(Self { session }))
    }

    /// Who is signed in, as far as this client knows: see [`NativeClient::observe`].
    pub fn account(&self) -> Option<Account> {
        self.session.account()
    }

    /// Reads the cache's record of the session, which another process may have changed. Carry out
    /// the notices that it returns.
    pub fn observe(&self, record: Option<&str>, now: UnixTime) -> Vec<Notice> {
        self.session.observe(record, now)
    }
}
