//! A refresh request, RFC 6749 section 6, and everything that can come of it.

use super::session::Session;
use super::{Client, FetchedMetadata, METADATA_LIFETIME};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
use crate::core::flow::{Io, Notice, Run, settle};
use crate::core::http::HttpResponse;
use crate::core::oauth::client_authentication::public_client;
use crate::core::oauth::id_token::{IdToken, IdTokenExpectations};
use crate::core::oauth::target::Target;
use crate::core::oauth::token_request;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::provider::entra;
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::failure::{Outage, Refusal, is_passing};
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::url;

/// Metadata that is older than this many seconds is fetched again if the token endpoint fails as
/// one does that has moved.
const RECENT: f64 = 60.0;

/// No request with a refresh token begins later than this many seconds after the lock was acquired:
/// a host gives a request up after thirty, and may take the lock over after sixty.
const LATEST: f64 = 25.0;
/// Metadata that could not be fetched again is used for this many more seconds.
const RETRY_METADATA: f64 = 300.0;

/// What a refresh request changes in the session.
struct Renewal {
    metadata: FetchedMetadata,
    /// The refresh token that replaces the former one, whatever else is wrong with the response.
    refresh_token: Option<Secret>,
    renewable_until: Option<UnixTime>,
    id_token: Option<Shared<IdToken>>,
    outcome: Outcome,
}

enum Outcome {
    Token(AccessToken),
    /// The provider could not respond.
    Outage(Outage),
    Refused(AuthError),
    /// The refresh token is good for nothing more.
    GrantIsDead(AuthError),
    /// The tokens are somebody else's.
    AnotherUser(AuthError),
}

impl Client {
    /// Asks for a token and stores what comes of it. The caller holds the lock of the session's
    /// family. `None` if so much time has passed since then that somebody else may have it: acquire
    /// it again.
    pub(super) fn renew(
        &self,
        io: &mut Io,
        session: &Session,
        locked_at: UnixTime,
        target: &Shared<Target>,
        claims: Option<&str>,
        in_background: bool,
    ) -> Run<Option<Shared<AccessToken>>> {
        let refresh_token = session.refresh_token.as_ref();
        let refresh_token = refresh_token.ok_or(ErrorCode::InteractionRequired)?;
        let mut fetched = self.current_metadata(io, session)?;
        let form = token_request::refresh_token(
            refresh_token,
            target,
            // RFC 6749 section 6: without `scope`, the grant's own; with it, never more than that.
            // What was granted may be less than what the sign-in asked for.
            **target != *session.target,
            claims,
        );
        let client_id = &self.config.client_id;
        let send = |io: &mut Io, metadata: &ProviderMetadata| {
            let request = public_client(client_id, form.clone(), metadata.token_endpoint()?);
            io.log("refresh_request", url::without_query(&request.url));
            io.send(request)
        };
        let is_late = |io: &Io| !(0.0..LATEST).contains(&io.now().since(locked_at));
        if is_late(io) {
            return Ok(None);
        }
        let mut requested_at = io.now();
        let mut response = send(io, &fetched.metadata)?;
        if !is_late(io)
            && let Some(moved) = self.moved_metadata(io, &response, &fetched)?
        {
            if is_late(io) {
                return Ok(None);
            }
            fetched = moved;
            requested_at = io.now();
            response = send(io, &fetched.metadata)?;
        }

        let renewal = self.judge(io, session, target, claims, fetched, requested_at, response)?;
        if let Outcome::AnotherUser(error) = renewal.outcome {
            self.update(io, &session.family, &|_| None)?;
            return Err(error.into());
        }
        let now = io.now();
        let is_good = session.token(target, now).is_some();
        let tells = in_background && !is_good;
        let updated = self.update(io, &session.family, &|session| {
            Some(renewal.apply(session, refresh_token, target, claims, now, tells))
        })?;
        let Some(updated) = updated else {
            let loaded = self.load(io)?;
            return Err(match loaded.session() {
                Some(_) => ErrorCode::SessionReplaced.into(),
                None => ErrorCode::SignInRequired.into(),
            });
        };
        let was_told = session.outage.as_ref().is_some_and(|known| known.is_told);
        let error = match renewal.outcome {
            Outcome::Token(token) => {
                io.log("refresh_response", "");
                return Ok(Some(Shared::new(token)));
            }
            Outcome::Outage(outage) => {
                io.log("refresh_postponed", "");
                if tells && !was_told {
                    io.tell(Notice::Emit(Event::Error(outage.error.clone())));
                }
                outage.error
            }
            Outcome::Refused(error) => {
                io.log("refresh_refused", "");
                if in_background {
                    io.tell(Notice::Emit(Event::Error(error.clone())));
                }
                error
            }
            Outcome::GrantIsDead(error) | Outcome::AnotherUser(error) => {
                io.log("refresh_refused", "");
                let is_newer = |session: &Session| session.refresh_token.is_some();
                match updated.session().is_some_and(is_newer) {
                    true => ErrorCode::SessionReplaced.into(),
                    false => error,
                }
            }
        };
        Err(error.into())
    }

    /// Decides what a response means for the session.
    #[expect(clippy::too_many_arguments, reason = "one request and its response")]
    fn judge(
        &self,
        io: &mut Io,
        session: &Session,
        target: &Shared<Target>,
        claims: Option<&str>,
        metadata: FetchedMetadata,
        requested_at: UnixTime,
        response: Result<Shared<HttpResponse>, AuthError>,
    ) -> Run<Renewal> {
        let parse_json = self.platform.parse_json;
        let now = io.now();
        let status = response.as_ref().ok().map(|response| response.status);
        let retry_after = response
            .as_ref()
            .ok()
            .and_then(|response| response.headers.retry_after);
        let read = response.and_then(|response| TokenResponse::process(&response, parse_json));
        let mut renewal = Renewal {
            metadata,
            refresh_token: None,
            renewable_until: None,
            id_token: None,
            outcome: Outcome::Refused(ErrorCode::Internal.into()),
        };
        let judged = read.and_then(|response| {
            renewal.refresh_token = response.refresh_token.clone();
            let ends_in = response.refresh_token_expires_in;
            renewal.renewable_until = ends_in.map(|seconds| requested_at.plus(seconds));
            if let Some(id_token) = &response.id_token {
                let checked = IdToken::check(
                    id_token,
                    &IdTokenExpectations {
                        issuer: &session.metadata.issuer,
                        client_id: &self.config.client_id,
                        nonce: None,
                        max_age: None,
                        former: Some(&session.id_token),
                        clock_tolerance: self.config.clock_tolerance,
                    },
                    parse_json,
                    now,
                );
                renewal.id_token = match checked {
                    Ok(id_token) => Some(Shared::new(id_token)),
                    // By a clock that is wrong; who the user is has not changed.
                    Err(error)
                        if matches!(
                            error.code(),
                            ErrorCode::TokenExpired | ErrorCode::TokenNotYetValid
                        ) =>
                    {
                        None
                    }
                    Err(error) => return Err(error),
                };
            }
            let mut token =
                AccessToken::from_response(&response, Shared::clone(target), requested_at, now)?;
            token.claims = claims.map(Into::into);
            Ok(token)
        });
        renewal.outcome = match judged {
            Ok(token) => Outcome::Token(token),
            Err(error) if is_passing(&error, status) => {
                let [random] = io.random::<1>()?;
                let former = session.outage.as_deref();
                Outcome::Outage(Outage::after(former, error, retry_after, now, random))
            }
            Err(error) => match error.code() {
                ErrorCode::SubjectMismatch | ErrorCode::TokenIssuerMismatch => {
                    Outcome::AnotherUser(error)
                }
                _ => {
                    let meaning = error.server().map(entra::Refusal::of);
                    match meaning {
                        Some(entra::Refusal::GrantIsDead) => Outcome::GrantIsDead(error),
                        _ => Outcome::Refused(error),
                    }
                }
            },
        };
        Ok(renewal)
    }

    /// The provider's metadata for a session that may be older than a day.
    fn current_metadata(&self, io: &mut Io, session: &Session) -> Run<FetchedMetadata> {
        let now = io.now();
        let remembered = io.once(|_| self.metadata.with(|metadata| metadata.clone()))?;
        let newer = remembered.as_ref().as_ref();
        let known = newer.filter(|known| known.fetched_at > session.metadata_at);
        let known = known.cloned().unwrap_or_else(|| FetchedMetadata {
            metadata: session.metadata.clone(),
            fetched_at: session.metadata_at,
        });
        if (0.0..METADATA_LIFETIME).contains(&now.since(known.fetched_at)) {
            return Ok(known);
        }
        if let Ok(fetched) = settle(self.fetch_metadata(io))? {
            return Ok(fetched);
        }
        // Old metadata is better than none.
        let kept = FetchedMetadata {
            fetched_at: now.plus(RETRY_METADATA - METADATA_LIFETIME),
            ..known
        };
        io.once(|_| {
            let kept = Some(kept.clone());
            self.metadata.with(|metadata| *metadata = kept);
        })?;
        Ok(kept)
    }

    /// The provider's present metadata, if the token endpoint is not where it was.
    fn moved_metadata(
        &self,
        io: &mut Io,
        response: &Result<Shared<HttpResponse>, AuthError>,
        known: &FetchedMetadata,
    ) -> Run<Option<FetchedMetadata>> {
        let is_gone = match response {
            Ok(response) => matches!(response.status, 404 | 405 | 410),
            Err(_) => true,
        };
        if !is_gone || (0.0..RECENT).contains(&io.now().since(known.fetched_at)) {
            return Ok(None);
        }
        let fetched = settle(self.fetch_metadata(io))?.ok();
        Ok(fetched.filter(|fetched| {
            fetched.metadata.token_endpoint.is_some()
                && fetched.metadata.token_endpoint != known.metadata.token_endpoint
        }))
    }
}

impl Renewal {
    /// The session after this renewal.
    fn apply(
        &self,
        session: &Session,
        sent: &Secret,
        target: &Shared<Target>,
        claims: Option<&str>,
        now: UnixTime,
        tells: bool,
    ) -> Session {
        let mut session = session.clone();
        session.metadata = self.metadata.metadata.clone();
        session.metadata_at = self.metadata.fetched_at;
        if let Some(refresh_token) = &self.refresh_token {
            session.keep_refresh_token(refresh_token.clone(), self.renewable_until);
        }
        if let Some(id_token) = &self.id_token {
            session.id_token = id_token.clone();
        }
        match &self.outcome {
            Outcome::Token(token) => session.keep_token(token.clone()),
            Outcome::Outage(outage) => {
                let mut outage = outage.clone();
                outage.is_told |= tells;
                session.outage = Some(Shared::new(outage));
            }
            // A page whose lock was taken over may have stored a newer one meanwhile.
            Outcome::GrantIsDead(_) => {
                let known = session.refresh_token.as_ref();
                if known.is_some_and(|known| known.expose() == sent.expose()) {
                    session.drop_refresh_token(now);
                }
            }
            Outcome::Refused(error) => session.keep_refusal(Refusal {
                target: Shared::clone(target),
                claims: claims.map(Into::into),
                failed_at: now,
                error: error.clone(),
            }),
            Outcome::AnotherUser(_) => {}
        }
        session
    }
}

/// Whether a token is to be renewed in the background.
pub(super) fn is_due(session: &Session, target: &Shared<Target>, now: UnixTime) -> bool {
    let token = session.tokens.get(&session.key(target));
    token.is_some_and(|token| token.lifetime().freshness(now) != Freshness::Fresh)
        && session.refusal(target, None).is_none()
}
