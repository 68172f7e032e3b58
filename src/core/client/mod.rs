//! The client of a page: what it knows, and its flows, in the order in which a user meets them.
//!
//! `restore` at the start, [`sign_in`](Client::sign_in), [`handle_redirect`](Client::handle_redirect)
//! when the user comes back, [`get_token`](Client::get_token), [`wake`](Client::wake) when a token
//! is due, [`sign_out`](Client::sign_out).

mod bearer_request;
mod get_token;
mod handle_redirect;
mod restore;
mod sign_in;
mod sign_out;

use alloc::rc::Rc;
use alloc::string::String;
use core::cell::Cell;

pub use bearer_request::BearerAnswer;
pub use get_token::GetTokenOptions;
pub use handle_redirect::SignIn;

use super::discovery::ProviderMetadata;
use super::error::{AuthError, ErrorCode};
use super::event::Event;
use super::flow::{Io, Notice, RecordKey};
use super::json::ParseJson;
use super::session::Session;
use super::url;

/// What a client is configured with.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The issuer, or Entra's authority; the metadata is found under it.
    pub authority: String,
    /// `client_id`.
    pub client_id: String,
    /// `redirect_uri`, registered with the provider.
    pub redirect_uri: String,
    /// `post_logout_redirect_uri`, registered with the provider.
    pub post_logout_redirect_uri: Option<String>,
    /// `scope` of a sign-in, with `openid` in it.
    pub scope: String,
    /// `resource` (RFC 8707) of a sign-in.
    pub resource: Option<String>,
    /// The provider's metadata as JSON, where it shall not be fetched.
    pub metadata: Option<String>,
    /// Seconds by which this clock and the provider's may differ.
    pub clock_tolerance: f64,
}

impl ClientConfig {
    fn check(&self) -> Result<(), AuthError> {
        let wrong = |name: &str| Err(AuthError::about(ErrorCode::InvalidOption, name));
        if self.client_id.is_empty() {
            return wrong("clientId");
        }
        if !url::is_secure(&self.authority) {
            return wrong("authority");
        }
        // RFC 6749 section 3.1.2: absolute, and without a fragment.
        if url::origin(&self.redirect_uri).is_none()
            || self.redirect_uri.bytes().any(|byte| byte == b'#')
        {
            return wrong("redirectUri");
        }
        if !self
            .scope
            .split_ascii_whitespace()
            .any(|word| word == "openid")
        {
            return wrong("scope");
        }
        if !(0.0..=600.0).contains(&self.clock_tolerance) {
            return wrong("clockTolerance");
        }
        Ok(())
    }
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

/// A client: its configuration, and what it has learned. One for each page and provider.
pub struct Client {
    config: ClientConfig,
    parse_json: ParseJson,
    metadata: Cell<Option<ProviderMetadata>>,
    session: Cell<Option<Session>>,
    /// Whether the store refused the session.
    is_unsaved: Cell<bool>,
}

impl Client {
    /// A client of this configuration.
    pub fn new(config: ClientConfig, parse_json: ParseJson) -> Result<Rc<Self>, AuthError> {
        config.check()?;
        Ok(Rc::new(Self {
            config,
            parse_json,
            metadata: Cell::new(None),
            session: Cell::new(None),
            is_unsaved: Cell::new(false),
        }))
    }

    /// Who is signed in.
    pub fn account(&self) -> Option<Account> {
        let id_token = self.session()?.id_token();
        Some(Account {
            issuer: id_token.issuer(),
            subject: id_token.subject(),
            claims: id_token.claims(),
        })
    }

    /// The provider's metadata: known, given, or asked for.
    async fn metadata(&self, io: &Io) -> Result<ProviderMetadata, AuthError> {
        if let Some(metadata) = peek(&self.metadata) {
            return Ok(metadata);
        }
        let authority = &self.config.authority;
        let metadata = match &self.config.metadata {
            Some(given) => ProviderMetadata::read(authority, given, self.parse_json)?,
            None => {
                let request = ProviderMetadata::request(authority)?;
                io.log("discovery_request", &request.url);
                let response = io.send(request).await?;
                ProviderMetadata::process(authority, &response, self.parse_json)?
            }
        };
        // Before the page is left for a sign-in that cannot be completed.
        for name in ["authorization_endpoint", "token_endpoint"] {
            metadata.endpoint(name)?;
        }
        self.metadata.replace(Some(metadata.clone()));
        Ok(metadata)
    }

    fn session(&self) -> Option<Session> {
        peek(&self.session)
    }

    /// Makes this the session, here and in the store, and sees to its next renewal.
    async fn keep_session(&self, io: &Io, session: Session) {
        let record = session.as_record().into();
        self.take_up(io, session);
        // The session is good in this page even where it cannot be stored.
        let written = io.write(RecordKey::Session, Some(record)).await;
        self.is_unsaved.set(written.is_err());
        if let Err(error) = written {
            io.emit(Event::Error(error));
        }
    }

    /// Makes this the session here, and tells when it is to be renewed, or that it cannot be.
    fn take_up(&self, io: &Io, session: Session) {
        let next = session.next_refresh();
        let end = session.refresh_token_ends_at();
        self.session.replace(Some(session));
        io.tell(Notice::WakeAt(next));
        if let (None, Some(end)) = (next, end) {
            io.emit(Event::ReauthDue(end));
        }
    }

    /// Ends the session, here and in the store.
    async fn drop_session(&self, io: &Io) -> Result<(), AuthError> {
        self.session.replace(None);
        self.is_unsaved.set(false);
        io.tell(Notice::WakeAt(None));
        io.write(RecordKey::Session, None).await
    }
}

/// What is in the cell, which keeps it.
fn peek<T: Clone>(cell: &Cell<Option<T>>) -> Option<T> {
    let content = cell.take();
    cell.set(content.clone());
    content
}
