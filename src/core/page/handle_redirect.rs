//! Sign-in, the second leg: from the provider's response to the stored token.

use super::known::Loaded;
use super::session::Session;
use super::store::Written;
use super::transaction::{ATTEMPTS, Answered, Transaction};
use super::{Account, Client};
use crate::core::error::ErrorCode;
use crate::core::flow::{Flow, Io, Notice, Run, settle};
use crate::core::oauth::authorization_response::{AnsweredRequest, AuthorizationResponse};
use crate::core::oauth::client_authentication::public_client;
use crate::core::oauth::id_token::{IdToken, IdTokenExpectations};
use crate::core::oauth::token_request;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::shared::Shared;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::cache::TokenCache;
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
        let normal = (self.platform.normalize_url)(page_url).unwrap_or_default();
        let Some(response) = AuthorizationResponse::read(&normal, &self.redirect_uri) else {
            return Ok(None);
        };
        let Some(state) = response.state() else {
            return Ok(None);
        };
        let transactions = self.transactions(io)?;
        if transactions.open(state, io.now()).is_none() && transactions.answered(state).is_none() {
            return Ok(None);
        }
        // A second call for the same response waits for the first one and gets its result.
        io.lock(&concat(&["countersign:response:", state]))?;
        let transactions = self.transactions(io)?;
        if let Some(answered) = transactions.answered(state) {
            io.tell(self.clean_url(&normal));
            return self.repeat(io, answered);
        }
        let Some(transaction) = transactions.open(state, io.now()) else {
            return Ok(None);
        };

        io.log("authorization_response", "");
        let mut answered = Answered {
            state: state.into(),
            app_state: transaction.app_state.clone(),
            family: None,
            error: None,
        };
        // Before the transaction is closed: a sign-out ends the transaction or, later, this state.
        let before = self.load(io)?;
        // Before the code is sent: a state and a code are used once.
        let now = io.now();
        self.update_transactions(io, &|transactions| {
            if transactions.open(state, now).is_none() {
                return Err(ErrorCode::SignInCancelled);
            }
            transactions.close(&answered);
            Ok(())
        })?;
        let outcome = settle(self.redeem(io, &normal, &response, transaction, before))?;
        match &outcome {
            Ok((family, _)) => answered.family = Some(family.clone()),
            Err(error) => {
                io.tell(self.clean_url(&normal));
                answered.error = Some(error.clone());
            }
        }
        // A result that cannot be stored is lost to a second call, and to nobody else.
        let _ = settle(self.update_transactions(io, &|transactions| {
            transactions.close(&answered);
            Ok(())
        }))?;
        let (_, account) = outcome?;
        Ok(Some(SignIn {
            account,
            app_state: answered.app_state,
        }))
    }

    /// The result of an earlier call for the same response.
    fn repeat(&self, io: &mut Io, answered: &Answered) -> Run<Option<SignIn>> {
        if let Some(error) = &answered.error {
            return Err(error.clone().into());
        }
        let loaded = self.load(io)?;
        let session = loaded
            .session()
            .filter(|session| answered.family.as_ref() == Some(&session.family))
            .ok_or(ErrorCode::StateReplayed)?;
        Ok(Some(SignIn {
            account: Account::of(session),
            app_state: answered.app_state.clone(),
        }))
    }

    /// Turns the response into a session, over this state of the store. Returns the session's family
    /// and its account.
    fn redeem(
        &self,
        io: &mut Io,
        normal: &str,
        response: &AuthorizationResponse,
        transaction: &Transaction,
        before: Loaded,
    ) -> Run<(String, Account)> {
        let metadata = &transaction.metadata;
        let validated = response.validate(AnsweredRequest {
            metadata,
            redirect_uri: &transaction.redirect_uri,
            code_verifier: &transaction.code_verifier,
            resource: transaction.target.resource.as_deref(),
        })?;
        let client_id = &self.config.client_id;
        let form = token_request::authorization_code(&validated);
        let request = public_client(client_id, form, metadata.token_endpoint()?);
        io.log("token_request", url::without_query(&request.url));
        let requested_at = io.now();
        let response = io.send(request)??;
        let received_at = io.now();

        let parse_json = self.platform.parse_json;
        let response = TokenResponse::process(&response, parse_json)?;
        let target = Shared::clone(&transaction.target);
        let token = AccessToken::from_response(&response, target, requested_at, received_at)?;
        let id_token = IdToken::check(
            response
                .id_token
                .as_ref()
                .ok_or(ErrorCode::IdTokenMissing)?,
            &IdTokenExpectations {
                issuer: &metadata.issuer,
                client_id,
                nonce: Some(&transaction.nonce),
                max_age: transaction.max_age,
                former: None,
                clock_tolerance: self.config.clock_tolerance,
            },
            parse_json,
            received_at,
        )?;
        io.log("token_response", &id_token.issuer);

        let refresh_ends_in = response.refresh_token_expires_in;
        let mut session = Session {
            family: base64url::encode(&io.random::<16>()?),
            client_id: client_id.clone(),
            metadata: metadata.clone(),
            metadata_at: transaction.started_at,
            target: transaction.target.clone(),
            id_token: Shared::new(id_token),
            renewable_until: match &response.refresh_token {
                Some(_) => refresh_ends_in.map(|seconds| requested_at.plus(seconds)),
                None => Some(token.expires_at),
            },
            refresh_token: response.refresh_token,
            outage: None,
            refusals: Vec::new(),
            tokens: TokenCache::default(),
        };
        session.keep_token(token);
        let (family, account) = (session.family.clone(), Account::of(&session));
        let written = self.replace(io, before, &session)?;
        // Before a listener hears of the sign-in and moves on to another URL.
        io.tell(self.clean_url(normal));
        self.accept(io, written)?;
        Ok((family, account))
    }

    /// Stores the session of a sign-in that began at this state of the store. A sign-out since then
    /// ends the sign-in too.
    fn replace(&self, io: &mut Io, before: Loaded, session: &Session) -> Run<Written> {
        let mut loaded = before.clone();
        for _ in 0..ATTEMPTS {
            if let Some(written) = self.write(io, &loaded, Some(session.clone()))? {
                return Ok(written);
            }
            loaded = self.load(io)?;
            if loaded.stored.has_signed_out_since(&before.stored) {
                return Err(ErrorCode::SignInCancelled.into());
            }
        }
        Err(ErrorCode::Internal.into())
    }

    /// The redirect URI in the place of the response's URL.
    fn clean_url(&self, from: &str) -> Notice {
        Notice::ReplaceUrl {
            from: from.into(),
            to: self.redirect_uri.clone(),
        }
    }
}

impl Account {
    pub(super) fn of(session: &Session) -> Self {
        let id_token = &session.id_token;
        Self {
            issuer: id_token.issuer.clone(),
            subject: id_token.subject.clone(),
            claims: id_token.claims.clone(),
        }
    }
}
