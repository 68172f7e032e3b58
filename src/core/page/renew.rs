//! A refresh request, RFC 6749 section 6, and everything that can come of it.

use super::Client;
use super::get_token::Reason;
use super::session::Session;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
use crate::core::flow::{Io, Notice, Run, settle};
use crate::core::http::HttpResponse;
use crate::core::oauth::client_authentication::public_client;
use crate::core::oauth::id_token::{IdToken, IdTokenExpectations};
use crate::core::oauth::target::Target;
use crate::core::oauth::token_request;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::provider::metadata_source::METADATA_LIFETIME;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::failure::{Failure, Outage, Refusal};
use crate::core::wire::url;

/// Metadata that is older than this many seconds is fetched again if the token endpoint fails as
/// one does that has moved.
const RECENT: f64 = 60.0;

impl Client {
    /// Asks for a token and stores what comes of it. The caller holds the lock of the session's
    /// family.
    pub(super) fn renew(
        &self,
        io: &mut Io,
        session: &Session,
        target: &Shared<Target>,
        reason: &Reason<'_>,
    ) -> Run<Shared<AccessToken>> {
        let claims = reason.claims();
        let in_background = reason.is_background();
        let mut renewed = session.clone();
        self.renew_metadata(io, &mut renewed, METADATA_LIFETIME)?;
        let mut requested_at = io.now();
        let mut response = self.send(io, &renewed, target, claims)?;
        if is_gone(&response) && self.renew_metadata(io, &mut renewed, RECENT)? {
            requested_at = io.now();
            response = self.send(io, &renewed, target, claims)?;
        }
        let now = io.now();
        let status = response.as_ref().map_or(0, |response| response.status);
        let retry_after = match &response {
            Ok(response) => response.headers.retry_after,
            Err(_) => None,
        };
        let outcome = match response {
            Ok(response) => self.take(&mut renewed, &response, target, claims, requested_at, now),
            Err(error) => Err(error),
        };

        let mut is_news = false;
        let mut has_ended = false;
        if let Err(error) = &outcome {
            let error = error.clone();
            match Failure::of(&error, status) {
                Failure::Passing => {
                    let random = io.random(1)?;
                    let former = session.outage.as_deref();
                    let is_good = session.token(target, now).is_some();
                    let mut outage = Outage::after(former, error, retry_after, now, &random);
                    is_news = in_background && !is_good && !outage.is_told;
                    outage.is_told |= is_news;
                    renewed.outage = Some(Shared::new(outage));
                }
                // The listeners hear of both by what becomes of the session.
                Failure::GrantIsDead => renewed.drop_refresh_token(now),
                Failure::AnotherUser => has_ended = true,
                Failure::Refused => {
                    is_news = in_background;
                    renewed.keep_refusal(Refusal {
                        target: Shared::clone(target),
                        failed_at: now,
                        error,
                    });
                }
            }
        }

        let renewed = Shared::new(renewed);
        let stored = self.load(io)?;
        self.change(
            io,
            stored,
            None,
            &|current| match current.session_of(&session.family) {
                Some(_) => Ok((!has_ended).then(|| Shared::clone(&renewed))),
                None if current.session.is_some() => Err(ErrorCode::SessionReplaced),
                None => Err(ErrorCode::SignInRequired),
            },
        )?;
        if let Err(error) = &outcome {
            io.log("refresh_failed", "");
            if is_news {
                io.tell(Notice::Emit(Event::Error(error.clone())));
            }
        } else {
            io.log("refresh_response", "");
        }
        Ok(outcome?)
    }

    /// Fetches the provider's metadata again if the session's is older than this. Returns whether
    /// the token endpoint has moved.
    fn renew_metadata(&self, io: &mut Io, session: &mut Session, max_age: f64) -> Run<bool> {
        if (0.0..max_age).contains(&io.now().since(session.metadata_at)) {
            return Ok(false);
        }
        // Old metadata is better than none.
        let Ok(fetched) = settle(self.metadata.fetch(io), io)? else {
            return Ok(false);
        };
        let former = core::mem::replace(&mut session.metadata, fetched.metadata);
        session.metadata_at = fetched.fetched_at;
        Ok(former.token_endpoint != session.metadata.token_endpoint)
    }

    fn send(
        &self,
        io: &mut Io,
        session: &Session,
        target: &Target,
        claims: Option<&str>,
    ) -> Run<Result<Shared<HttpResponse>, AuthError>> {
        let refresh_token = session.refresh_token.as_ref();
        let form = token_request::refresh_token(
            refresh_token.ok_or(ErrorCode::InteractionRequired)?,
            target,
            // RFC 6749 section 6: without `scope`, the grant's own; with it, never more than that.
            // What was granted may be less than what the sign-in asked for.
            *target != *session.target,
            claims,
        );
        let endpoint = session.metadata.token_endpoint()?;
        let request = public_client(&self.config.client_id, form, endpoint);
        io.log("refresh_request", url::without_query(&request.url));
        io.send(request)
    }

    /// Takes the tokens of a response into the session.
    fn take(
        &self,
        session: &mut Session,
        response: &HttpResponse,
        target: &Shared<Target>,
        claims: Option<&str>,
        requested_at: UnixTime,
        now: UnixTime,
    ) -> Result<Shared<AccessToken>, AuthError> {
        let parse_json = self.platform.parse_json;
        let response = TokenResponse::process(response, parse_json)?;
        // RFC 6749 section 6: a new refresh token replaces the old one, whatever else may be wrong
        // with the response. The old one would count as stolen.
        if let Some(refresh_token) = response.refresh_token.clone() {
            let ends_in = response.refresh_token_expires_in;
            session.keep_refresh_token(
                refresh_token,
                ends_in.map(|seconds| requested_at.plus(seconds)),
            );
        }
        if let Some(id_token) = &response.id_token {
            let checked = IdToken::check(
                id_token,
                &IdTokenExpectations {
                    issuer: &session.metadata.issuer,
                    client_id: &self.config.client_id,
                    trusted_audiences: &self.config.trusted_audiences,
                    nonce: None,
                    max_age: None,
                    former: Some(&session.id_token),
                    clock_tolerance: self.config.clock_tolerance,
                },
                parse_json,
                now,
            );
            match checked {
                Ok(id_token) => session.id_token = Shared::new(id_token),
                // By a clock that is wrong; who the user is has not changed.
                Err(error)
                    if matches!(
                        error.code(),
                        ErrorCode::TokenExpired | ErrorCode::TokenNotYetValid
                    ) => {}
                Err(error) => return Err(error),
            }
        }
        let target = Shared::clone(target);
        let mut token = AccessToken::from_response(&response, target, requested_at, now)?;
        token.claims = claims.map(Into::into);
        let token = Shared::new(token);
        session.keep_token(&token);
        Ok(token)
    }
}

/// Whether the endpoint is not where it was, for all that is known.
fn is_gone(response: &Result<Shared<HttpResponse>, AuthError>) -> bool {
    match response {
        Ok(response) => matches!(response.status, 404 | 405 | 410),
        Err(_) => true,
    }
}
