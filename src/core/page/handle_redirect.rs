//! Sign-in, the second leg: from the provider's response to the stored token.

use super::session::{Session, Stored};
use super::transaction::{ClosedSignIn, Transaction};
use super::{Account, Client};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Notice, Run, settle};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::oauth::authorization_response::{AuthorizationResponse, SentRequest};
use crate::core::oauth::client_authentication::public_client;
use crate::core::oauth::id_token::{IdToken, IdTokenExpectations};
use crate::core::oauth::target::Target;
use crate::core::oauth::token_request;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::cache::TokenCache;
use crate::core::tokens::clock::Clocks;
use crate::core::wire::base64url;
use crate::core::wire::text::concat;
use crate::core::wire::url;
use alloc::string::String;
use alloc::vec::Vec;

/// A sign-in that succeeded.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Who signed in.
    pub account: Account,
    /// What the page passed to `signIn`.
    pub app_state: Option<String>,
    /// Where the page said that it goes now, on its own origin.
    pub return_to: Option<String>,
}

/// What a user was asked to grant.
pub(crate) struct Granted<'a> {
    pub(crate) target: &'a Shared<Target>,
    pub(crate) metadata: &'a Shared<ProviderMetadata>,
    /// When the metadata was fetched.
    pub(crate) metadata_at: UnixTime,
    /// The nonce of the authorization request, if there was one.
    pub(crate) nonce: Option<&'a str>,
    /// `max_age` in seconds.
    pub(crate) max_age: Option<u64>,
}

impl Client {
    /// Completes a sign-in with the URL that the page was loaded at. `None` unless it is the
    /// response to a sign-in that this client started in this tab; then the URL is left alone.
    ///
    /// Calls for the same response share one result. A failed sign-in leaves an earlier session as
    /// it was, and a URL without the response, so that a reload does not fail again.
    pub fn handle_redirect(self: &Shared<Self>, page_url: String) -> Flow<Option<SignIn>> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.complete(io, &page_url))
    }

    pub(crate) fn complete(&self, io: &mut Io, page_url: &str) -> Run<Option<SignIn>> {
        let page_url = (self.platform.normalize_url)(page_url).unwrap_or_default();
        let Some(response) = AuthorizationResponse::read(&page_url, &self.redirect_uri) else {
            return Ok(None);
        };
        let Some(state) = response.state() else {
            return Ok(None);
        };
        if !self.transactions(io)?.knows(state, io.now()) {
            return Ok(None);
        }
        // A second call for the same response waits for the first one and gets its result.
        io.lock(&concat(&["countersign:response:", state]))?;
        let transactions = self.transactions(io)?;
        let closed = match transactions.closed(state) {
            Some(closed) => {
                io.tell(self.clean(&page_url));
                Shared::clone(closed)
            }
            None => self.take_response(io, transactions.open(state), &response, &page_url)?,
        };
        if let Some(error) = &closed.error {
            return Err(error.clone().into());
        }
        let family = closed.family.as_deref().unwrap_or_default();
        let sign_in = self.signed_in(io, family, &closed.app_state, &closed.return_to)?;
        let sign_in = sign_in.ok_or(ErrorCode::StateReplayed)?;
        Ok(Some(sign_in))
    }

    /// The result of a sign-in. `None` if it was not completed, or its session is over.
    pub(super) fn signed_in(
        &self,
        io: &mut Io,
        family: &str,
        app_state: &Option<String>,
        return_to: &Option<String>,
    ) -> Run<Option<SignIn>> {
        let stored = self.load(io)?;
        let session = stored.accounts.of_family(family);
        Ok(session.map(|session| SignIn {
            account: Account::of(session),
            app_state: app_state.clone(),
            // The store may have been altered.
            return_to: return_to.clone().filter(|url| self.is_own(url)),
        }))
    }

    /// Handles the response to the sign-in, once.
    fn take_response(
        &self,
        io: &mut Io,
        transaction: Option<&Shared<Transaction>>,
        response: &AuthorizationResponse,
        page_url: &str,
    ) -> Run<Shared<ClosedSignIn>> {
        let transaction = transaction.ok_or(ErrorCode::StateReplayed)?;
        io.log("authorization_response", "");
        // Before the transaction is closed: a sign-out ends the transaction or, later, this state.
        let before = self.load(io)?;
        // Before the code is sent: a state and a code are used once.
        self.close_transaction(io, transaction, None, None)?;
        let outcome = settle(
            self.redeem(io, transaction, response, before, Some(page_url)),
            io,
        )?;
        let (family, error) = match outcome {
            Ok(family) => (Some(family), None),
            Err(error) => {
                io.tell(self.clean(page_url));
                (None, Some(error))
            }
        };
        self.close_transaction(io, transaction, family, error)
    }

    /// Turns the response into the stored session. Returns its family. The response is removed from
    /// `page_url`.
    pub(super) fn redeem(
        &self,
        io: &mut Io,
        transaction: &Transaction,
        response: &AuthorizationResponse,
        before: Shared<Stored>,
        page_url: Option<&str>,
    ) -> Run<String> {
        let request = self.token_request(transaction, response)?;
        io.log("token_request", url::without_query(&request.url));
        let requested_at = io.now();
        let response = io.send(request)??;
        let family = base64url::encode(&io.random(16)?);
        let granted = Granted {
            target: &transaction.target,
            metadata: &transaction.metadata,
            metadata_at: transaction.started_at,
            nonce: Some(&transaction.nonce),
            max_age: transaction.max_age,
        };
        let session = self.new_session(&granted, &response, &family, requested_at, io.now())?;
        io.log("token_response", &session.id_token.issuer);
        let earlier = Shared::clone(&before);
        // The URL is cleaned before a listener learns of the sign-in and navigates to another URL.
        let clean = page_url.map(|url| self.clean(url));
        self.change(io, before, clean, &|current| {
            // A user who has signed out since the response arrived stays signed out.
            match current.has_signed_out_since(&earlier) {
                true => Err(ErrorCode::SignInCancelled),
                false => Ok(current.accounts.signed_in(&session)),
            }
        })?;
        Ok(family)
    }

    /// Shows the redirect URI instead of the response's URL.
    fn clean(&self, page_url: &str) -> Notice {
        Notice::ReplaceUrl {
            from: page_url.into(),
            to: self.redirect_uri.clone(),
        }
    }

    fn token_request(
        &self,
        transaction: &Transaction,
        response: &AuthorizationResponse,
    ) -> Result<HttpRequest, AuthError> {
        let validated = response.validate(SentRequest {
            metadata: &transaction.metadata,
            redirect_uri: &transaction.redirect_uri,
            code_verifier: &transaction.code_verifier,
            resource: transaction.target.resource.as_deref(),
        })?;
        let form = token_request::authorization_code(&validated);
        let endpoint = transaction.metadata.token_endpoint()?;
        Ok(public_client(&self.config.client_id, form, endpoint))
    }

    /// The session that a token response starts.
    pub(crate) fn new_session(
        &self,
        granted: &Granted<'_>,
        response: &HttpResponse,
        family: &str,
        requested_at: UnixTime,
        received_at: UnixTime,
    ) -> Result<Shared<Session>, AuthError> {
        let parse_json = self.platform.parse_json;
        let response = TokenResponse::process(response, parse_json)?;
        let target = Shared::clone(granted.target);
        let token = AccessToken::from_response(&response, target, requested_at)?;
        let id_token = IdToken::check(
            response
                .id_token
                .as_ref()
                .ok_or(ErrorCode::IdTokenMissing)?,
            &IdTokenExpectations {
                issuer: &granted.metadata.issuer,
                client_id: &self.config.client_id,
                trusted_audiences: &self.config.trusted_audiences,
                nonce: granted.nonce,
                max_age: granted.max_age,
                former: None,
                clock_tolerance: self.config.clock_tolerance,
            },
            parse_json,
            received_at,
        )?;
        let ends_in = response.refresh_token_expires_in;
        let server = id_token.issued_at(parse_json);
        let mut session = Session {
            family: family.into(),
            client_id: self.config.client_id.clone(),
            metadata: Shared::clone(granted.metadata),
            metadata_at: granted.metadata_at,
            target: Shared::clone(granted.target),
            id_token: Shared::new(id_token),
            renewable_until: match &response.refresh_token {
                Some(_) => ends_in.map(|seconds| requested_at.plus(seconds)),
                None => Some(token.expires_at),
            },
            refresh_token: response.refresh_token,
            renewed_at: received_at,
            clocks: server
                .map(|server| Shared::new(Clocks::new(server, requested_at, received_at))),
            outage: None,
            refusals: Vec::new(),
            tokens: TokenCache::default(),
        };
        session.keep_token(&Shared::new(token), received_at);
        Ok(Shared::new(session))
    }
}

impl Account {
    pub(crate) fn of(session: &Session) -> Self {
        let id_token = &session.id_token;
        Self {
            issuer: id_token.issuer.clone(),
            subject: id_token.subject.clone(),
            claims: id_token.claims.clone(),
        }
    }
}
