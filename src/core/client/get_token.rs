//! Tokens: from the cache while they are fresh, by the refresh token when they are due.

use std::rc::Rc;

use super::Client;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
use crate::core::flow::{Flow, Io, Notice, RecordKey};
use crate::core::id_token::{IdToken, IdTokenExpectations};
use crate::core::refresh::Freshness;
use crate::core::session::{AccessToken, Session, Target};
use crate::core::text;
use crate::core::time::UnixTime;
use crate::core::token_request::{self, TokenRequestParameters};
use crate::core::token_response::TokenResponse;

/// Which token is wanted.
#[derive(Clone, Debug, Default)]
pub struct GetTokenOptions {
    /// `scope`, in place of the client's.
    pub scope: Option<String>,
    /// `resource`, in place of the client's.
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

    /// Renews what is due. To be called at the time of
    /// [`Command::WakeAt`](crate::core::flow::Command::WakeAt), and whenever time may have
    /// passed unseen: the page is shown again, or the network is back.
    pub fn wake(self: &Rc<Self>) -> Flow<()> {
        let client = Rc::clone(self);
        Flow::new(async move |io| {
            let now = io.now();
            let Some(session) = client.session() else {
                return Ok(());
            };
            if session.refresh_token_ends_at.is_some_and(|end| now >= end) {
                io.emit(Event::ReauthDue(now));
                return Ok(());
            }
            let due: Vec<_> = session
                .access_tokens
                .iter()
                .filter(|known| known.lifetime.freshness(now) != Freshness::Fresh)
                .map(|known| known.target.clone())
                .collect();
            let mut failure = None;
            for target in due {
                let options = GetTokenOptions {
                    scope: Some(target.scope().into()),
                    resource: target.resource().map(String::from),
                    ..GetTokenOptions::default()
                };
                failure = client.token(&io, &options).await.err().or(failure);
            }
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
        let target = self.target(options);
        if let Some(token) = session.access_token(&target)
            && !options.force_refresh
            && options.claims.is_none()
            && token.lifetime.freshness(asked_at) == Freshness::Fresh
        {
            return Ok(token.clone());
        }

        let lock = text::concat(&["countersign:refresh:", &session.family]);
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
        if let Some(record) = io.read(RecordKey::Session).await?
            && let Some(stored) = Session::from_record(&record)
        {
            self.session.replace(Some(stored));
        }
        let session = self.session().ok_or(ErrorCode::SignInRequired)?;
        let known = session.access_token(&target).cloned();
        let freshness = |token: &AccessToken, now| token.lifetime.freshness(now);
        let now = io.now();
        if let Some(token) = &known {
            let newer = token.lifetime.obtained_at >= asked_at;
            let wanted = !options.force_refresh && options.claims.is_none() || newer;
            if wanted && freshness(token, now) == Freshness::Fresh {
                return Ok(token.clone());
            }
        }
        match self.refresh(io, session, options, target).await {
            // The old token is still good: a failed attempt to renew it early is no failure yet.
            Err(error) if error.code() == ErrorCode::NetworkError && !options.force_refresh => {
                match known.filter(|token| freshness(token, now) == Freshness::Due) {
                    Some(token) => {
                        io.log("refresh_postponed", error.code().as_str());
                        io.tell(Notice::WakeAt(Some(now.plus(RETRY_AFTER))));
                        Ok(token)
                    }
                    None => Err(error),
                }
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
        let Some(refresh_token) = &session.refresh_token else {
            return Err(ErrorCode::InteractionRequired.into());
        };
        let request = token_request::refresh_token(
            &self.config.client_id,
            &session.metadata,
            refresh_token,
            &TokenRequestParameters {
                scope: Some(target.scope()),
                resource: target.resource(),
                claims: options.claims.as_deref(),
            },
        )?;
        io.log("refresh_request", &request.url);
        let requested_at = io.now();
        let answer = io.send(request).await?;
        let response = match TokenResponse::process(&answer, self.parse_json) {
            Ok(response) => response,
            Err(error) => return Err(self.refused(io, session, error).await),
        };
        if let Some(id_token) = &response.id_token {
            session.id_token = IdToken::check(
                id_token.expose(),
                &IdTokenExpectations {
                    issuer: &session.metadata.issuer,
                    client_id: &self.config.client_id,
                    nonce: None,
                    max_age: None,
                    subject: Some(&session.id_token.subject),
                    clock_tolerance: self.config.clock_tolerance,
                },
                self.parse_json,
                io.now(),
            )?;
        }
        session.absorb(response, target.clone(), requested_at);
        let token = session
            .access_token(&target)
            .cloned()
            .ok_or(ErrorCode::Internal)?;
        self.keep_session(io, session).await;
        io.log("refresh_response", "");
        io.emit(Event::TokenRefreshed);
        Ok(token)
    }

    /// A refused refresh: `invalid_grant` says that the refresh token is good for nothing more
    /// (RFC 6749 section 5.2), so it is dropped and the user has to be asked.
    async fn refused(&self, io: &Io, mut session: Session, error: AuthError) -> AuthError {
        let Some(server) = error
            .server()
            .filter(|server| server.error == "invalid_grant")
        else {
            return error;
        };
        let server = server.clone();
        io.log("refresh_refused", &server.error);
        session.refresh_token = None;
        self.keep_session(io, session).await;
        io.emit(Event::ReauthDue(io.now()));
        AuthError::from_server(ErrorCode::InteractionRequired, server)
    }

    fn target(&self, options: &GetTokenOptions) -> Target {
        Target::new(
            options.scope.as_deref().unwrap_or(&self.config.scope),
            options
                .resource
                .as_deref()
                .or(self.config.resource.as_deref()),
        )
    }
}

/// Seconds after which a renewal that met no network is tried again.
const RETRY_AFTER: f64 = 15.0;
