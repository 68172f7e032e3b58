//! Tokens: from the cache while they are fresh, by the refresh token when they are due.

use alloc::rc::Rc;
use alloc::string::String;

use super::Client;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
use crate::core::flow::{Flow, Io, Notice, RecordKey};
use crate::core::id_token::{IdToken, IdTokenExpectations};
use crate::core::refresh::Freshness;
use crate::core::session::{AccessToken, Session, Target};
use crate::core::text;
use crate::core::time::UnixTime;
use crate::core::token_request;
use crate::core::token_response::TokenResponse;
use crate::core::url;

/// Which token is wanted.
#[derive(Clone, Debug, Default)]
pub struct GetTokenOptions {
    /// `scope`, in place of the sign-in's.
    pub scope: Option<String>,
    /// `resource`, in place of the sign-in's.
    pub resource: Option<String>,
    /// `claims`, from a claims challenge; asks for a new token.
    pub claims: Option<String>,
    /// Asks for a new token though the cached one is good.
    pub force_refresh: bool,
}

impl Client {
    /// An access token that is good now.
    ///
    /// Calls that come together make one request: the first takes the lock of the refresh-token
    /// family, the others wait for it and find the new token.
    pub fn get_token(self: &Rc<Self>, options: GetTokenOptions) -> Flow<AccessToken> {
        let client = Rc::clone(self);
        Flow::new(async move |io| client.token(&io, &options).await)
    }

    /// Renews what is due. To be called at the time of [`Notice::WakeAt`], and whenever time may
    /// have passed unseen: the page is shown again, or the network is back.
    pub fn wake(self: &Rc<Self>) -> Flow<()> {
        let client = Rc::clone(self);
        Flow::new(async move |io| {
            let now = io.now();
            let Some(session) = client.session() else {
                return Ok(());
            };
            if session.refresh_token().is_none() {
                return Ok(());
            }
            let mut failure = None;
            for token in session.access_tokens() {
                if token.lifetime().freshness(now) != Freshness::Fresh {
                    let options = GetTokenOptions {
                        scope: Some(token.target().scope()),
                        resource: token.target().resource(),
                        ..GetTokenOptions::default()
                    };
                    failure = client.token(&io, &options).await.err().or(failure);
                }
            }
            client.plan_renewal(&io);
            if let Some(error) = failure {
                io.emit(Event::Error(error));
            }
            Ok(())
        })
    }

    pub(super) async fn token(
        &self,
        io: &Io,
        options: &GetTokenOptions,
    ) -> Result<AccessToken, AuthError> {
        let asked_at = io.now();
        let session = self.session().ok_or(ErrorCode::SignInRequired)?;
        let target = target(&session, options);
        if let Some(token) = session.access_token(&target)
            && !options.force_refresh
            && options.claims.is_none()
            && token.lifetime().freshness(asked_at) == Freshness::Fresh
        {
            return Ok(token);
        }

        let lock = text::concat(&["countersign:refresh:", &session.family()]);
        io.lock(&lock).await?;
        let renewed = self.renew(io, options, target, asked_at).await;
        io.tell(Notice::Unlock(lock));
        renewed
    }

    /// Under the lock of the family: takes the token that somebody else has got meanwhile, or
    /// asks for one.
    async fn renew(
        &self,
        io: &Io,
        options: &GetTokenOptions,
        target: Target,
        asked_at: UnixTime,
    ) -> Result<AccessToken, AuthError> {
        // What could not be stored is newer than what is.
        if !self.is_unsaved.get()
            && let Some(record) = io.read(RecordKey::Session).await?
            && let Some(stored) = Session::from_record(&record)
        {
            self.session.replace(Some(stored));
        }
        let session = self.session().ok_or(ErrorCode::SignInRequired)?;
        let known = session.access_token(&target);
        let freshness = |token: &AccessToken, now| token.lifetime().freshness(now);
        let now = io.now();
        if let Some(token) = known.clone() {
            let newer = token.lifetime().obtained_at >= asked_at;
            let wanted = options.claims.is_none() && (!options.force_refresh || newer);
            if wanted && freshness(&token, now) == Freshness::Fresh {
                return Ok(token);
            }
        }
        match self.refresh(io, session, options, target).await {
            Err(error) if is_passing(&error) => {
                io.log("refresh_postponed", error.code().as_str());
                self.plan_renewal(io);
                // The old token may still be good: an early renewal that failed is no failure yet.
                known
                    .filter(|token| {
                        !options.force_refresh && freshness(token, now) == Freshness::Due
                    })
                    .ok_or(error)
            }
            renewed => renewed,
        }
    }

    /// The refresh request, RFC 6749 section 6.
    async fn refresh(
        &self,
        io: &Io,
        mut session: Session,
        options: &GetTokenOptions,
        target: Target,
    ) -> Result<AccessToken, AuthError> {
        let refresh_token = session
            .refresh_token()
            .ok_or(ErrorCode::InteractionRequired)?;
        let metadata = session.metadata();
        let client_id = &self.config.client_id;
        let claims = options.claims.as_deref();
        let request = token_request::refresh_token(
            client_id,
            &metadata,
            &refresh_token,
            &target,
            // RFC 6749 section 6: without `scope`, the grant's own; with it, never more than that.
            // What was granted may be less than what the sign-in asked for.
            target != session.target(),
            claims,
        )?;
        io.log("refresh_request", url::without_query(&request.url));
        let requested_at = io.now();
        let answer = io.send(request).await?;
        // Who signed out meanwhile, or in anew, stays so.
        let is_same = |known: Session| known.as_record() == session.as_record();
        if !self.session().is_some_and(is_same) {
            return Err(ErrorCode::SignInRequired.into());
        }
        let response = match TokenResponse::process(&answer, self.parse_json) {
            Ok(response) => response,
            Err(error) => return Err(self.refused(io, session, error).await),
        };
        if let Some(id_token) = response.text("id_token") {
            let checked = IdToken::check(
                &id_token,
                &IdTokenExpectations {
                    issuer: &metadata.issuer()?,
                    client_id,
                    nonce: None,
                    max_age: None,
                    subject: Some(&session.id_token().subject()),
                    clock_tolerance: self.config.clock_tolerance,
                },
                self.parse_json,
                io.now(),
            )?;
            session.set_id_token(&checked);
        }
        let token = session.absorb(&response, &target, requested_at);
        self.keep_session(io, session).await;
        io.log("refresh_response", "");
        io.emit(Event::TokenRefreshed);
        Ok(token)
    }

    /// A refused refresh: `invalid_grant` says that the refresh token is good for nothing more
    /// (RFC 6749 section 5.2), so it is dropped and the user has to be asked.
    async fn refused(&self, io: &Io, mut session: Session, error: AuthError) -> AuthError {
        let refused = error
            .server()
            .filter(|server| server.error() == "invalid_grant");
        let Some(server) = refused.cloned() else {
            return error;
        };
        io.log("refresh_refused", &server.error());
        session.drop_refresh_token();
        self.keep_session(io, session).await;
        io.emit(Event::ReauthDue(io.now()));
        AuthError::from_server(ErrorCode::InteractionRequired, server)
    }

    /// Sets the time of the next renewal: when the next token is due, but not before a while, since
    /// one that is due could not be renewed.
    fn plan_renewal(&self, io: &Io) {
        let earliest = io.now().plus(RETRY_AFTER);
        let next = self.session().and_then(|session| session.next_refresh());
        io.tell(Notice::WakeAt(next.map(|next| next.later(earliest))));
    }
}

/// Seconds after which a renewal that met no network or no provider is tried again.
const RETRY_AFTER: f64 = 15.0;

/// Whether the failure says nothing about the grant.
fn is_passing(error: &AuthError) -> bool {
    matches!(
        error.code(),
        ErrorCode::NetworkError | ErrorCode::ProviderUnavailable
    )
}

/// What is asked for; where nothing is, what the user signed in for.
fn target(session: &Session, options: &GetTokenOptions) -> Target {
    let signed_in_for = session.target();
    if options.scope.is_none() && options.resource.is_none() {
        return signed_in_for;
    }
    let scope = options
        .scope
        .clone()
        .unwrap_or_else(|| signed_in_for.scope());
    let resource = options
        .resource
        .clone()
        .or_else(|| signed_in_for.resource());
    Target::new(&scope, resource.as_deref())
}
