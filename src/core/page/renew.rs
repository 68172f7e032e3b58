//! A refresh request, RFC 6749 section 6, and all of its outcomes.

use super::Client;
use super::get_token::{Reason, START_OVER};
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
use crate::core::provider::entra::{self, Protocol};
use crate::core::provider::metadata_source::METADATA_LIFETIME;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::clock::Clocks;
use crate::core::tokens::failure::{Failure, Outage, Refusal};
use crate::core::wire::url;
use alloc::string::String;

/// Metadata that is older than this many seconds is fetched again if the token endpoint seems to
/// have moved.
const RECENT: f64 = 60.0;

impl Client {
    /// Asks for a token and stores the outcome. The caller holds the lock of the session's family,
    /// and releases it before the call starts over.
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
        let now = io.now();
        let was_old = !(0.0..METADATA_LIFETIME).contains(&now.since(session.metadata_at));
        let response = match was_old {
            true => {
                self.renew_metadata(io, &mut renewed)?;
                None
            }
            false => Some(self.send(io, session, target, claims)?),
        };
        let requested_at = now;
        let now = io.now();
        let mut status = 0;
        let mut retry_after = None;
        if let Some(Ok(response)) = &response {
            status = response.status;
            retry_after = response.headers.retry_after;
        }
        let is_old = now.since(renewed.metadata_at) > RECENT;
        match status {
            // As an endpoint fails that has moved. It is not asked again unless it has.
            404 | 405 | 410 if is_old => self.renew_metadata(io, &mut renewed)?,
            // The lock must not be held while another request may take as long.
            0 if is_old => renewed.metadata_at = UnixTime::EPOCH,
            _ => {}
        }
        let outcome = match response {
            Some(Ok(response))
                if renewed.metadata.token_endpoint == session.metadata.token_endpoint =>
            {
                self.take(&mut renewed, &response, target, claims, requested_at, now)
            }
            Some(Err(error)) => Err(error),
            _ => Err(START_OVER.into()),
        };

        let mut is_news = false;
        let mut has_ended = false;
        if let Err(error) = &outcome
            && error.code() != START_OVER
        {
            io.log("refresh_failed", "");
            let error = error.clone();
            match Failure::of(&error, status) {
                Failure::Passing => {
                    let random = io.random(1)?;
                    let former = session.outage.as_deref();
                    let is_good = session
                        .token(target)
                        .is_some_and(|known| known.is_good(now));
                    let mut outage = Outage::after(former, error, retry_after, now, &random);
                    is_news = in_background && !is_good && !outage.is_told;
                    outage.is_told |= is_news;
                    renewed.outage = Some(Shared::new(outage));
                }
                // The listeners learn of both from the change of the session.
                Failure::GrantIsDead => renewed.drop_refresh_token(now),
                Failure::AnotherUser => has_ended = true,
                Failure::Refused => {
                    is_news = in_background;
                    renewed.keep_refusal(Refusal {
                        target: Shared::clone(target),
                        claims: claims.map(Into::into),
                        failed_at: now,
                        error,
                    });
                }
            }
        }

        let renewed = Shared::new(renewed);
        let stored = self.load(io)?;
        self.apply(io, stored, None, has_ended, &|current| match current
            .accounts
            .of_family(&session.family)
        {
            // The page slept, its lock was taken over, and newer tokens were stored.
            Some(current)
                if renewed.renewed_at == session.renewed_at
                    && current.renewed_at != session.renewed_at =>
            {
                Err(START_OVER)
            }
            Some(_) if has_ended => {
                let is_ended = |known: &Session| known.family == session.family;
                Ok(current.accounts.without(&is_ended))
            }
            Some(_) => Ok(current.accounts.renewed(&renewed)),
            None if current.session().is_some() => Err(ErrorCode::SessionReplaced),
            None => Err(ErrorCode::SignInRequired),
        })?;
        match &outcome {
            Ok(_) => io.log("refresh_response", ""),
            Err(error) if is_news => io.tell(Notice::Emit(Event::Error(error.clone()))),
            Err(_) => {}
        }
        Ok(outcome?)
    }

    /// Fetches the provider's metadata again. Old metadata is better than none.
    fn renew_metadata(&self, io: &mut Io, session: &mut Session) -> Run<()> {
        if let Ok(fetched) = settle(self.metadata.fetch(io), io)? {
            session.metadata = fetched.metadata;
        }
        session.metadata_at = io.now();
        Ok(())
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
        let endpoint = token_endpoint(session, target.tenant.as_deref())?;
        let request = public_client(&self.config.client_id, form, &endpoint);
        io.log("refresh_request", url::without_query(&request.url));
        io.send(request)
    }

    /// Stores the tokens of a response in the session.
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
        let mut server = response.headers.date;
        let response = TokenResponse::process(response, parse_json)?;
        // RFC 6749 section 6: a new refresh token replaces the old one, whatever else may be wrong
        // with the response. The old one would count as stolen.
        if let Some(refresh_token) = response.refresh_token.clone() {
            let ends_in = response.refresh_token_expires_in;
            session.keep_refresh_token(
                refresh_token,
                ends_in.map(|seconds| requested_at.plus(seconds)),
                now,
            );
        }
        // Another tenant's says who the user is there, which is not what signed them in here.
        if let Some(id_token) = response
            .id_token
            .as_ref()
            .filter(|_| target.tenant.is_none())
        {
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
                Ok(id_token) => {
                    server = id_token.issued_at(parse_json).or(server);
                    session.id_token = Shared::new(id_token);
                }
                // A clock is wrong; the user has not changed.
                Err(error)
                    if matches!(
                        error.code(),
                        ErrorCode::TokenExpired | ErrorCode::TokenNotYetValid
                    ) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(server) = server {
            session.clocks = Some(Shared::new(Clocks::new(server, requested_at, now)));
        }
        let target = Shared::clone(target);
        let mut token = AccessToken::from_response(&response, target, requested_at)?;
        token.claims = claims.map(Into::into);
        let token = Shared::new(token);
        session.keep_token(&token, now);
        Ok(token)
    }
}

/// The session's token endpoint, in this tenant if one is named: Entra has one for each.
pub(super) fn token_endpoint(session: &Session, tenant: Option<&str>) -> Result<String, AuthError> {
    let metadata = &session.metadata;
    let endpoint = metadata.token_endpoint()?;
    let Some(tenant) = tenant else {
        return Ok(endpoint.into());
    };
    let wrong = |rule| AuthError::about(ErrorCode::InvalidOption, rule);
    if Protocol::of(metadata.issuer.as_str(), endpoint).is_none() {
        return Err(wrong("tenant is an option of Entra's only"));
    }
    if !entra::is_tenant_name(tenant) {
        return Err(wrong("tenant must be a GUID or a domain"));
    }
    entra::of_tenant(endpoint, tenant).ok_or_else(|| ErrorCode::Internal.into())
}
