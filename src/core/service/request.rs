//! A request for a token, sent, and what came of it.

use super::endpoint::Endpoint;
use super::refusal::{self, Grant};
use super::tokens::Wanted;
use super::{ConfidentialClient, ManagedIdentity};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run, settle};
use crate::core::http::HttpResponse;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::failure::Failure;
use crate::core::wire::form::Form;
use crate::core::wire::url;
use alloc::string::String;

/// A caller without a token waits at most this long for a provider that cannot respond now, in
/// seconds; then the request is sent once more.
const LONGEST_WAIT: f64 = 5.0;
/// The wait if the provider names none.
const WAIT: f64 = 1.0;

/// What came of a request.
pub(super) struct Attempt {
    pub(super) outcome: Result<Shared<AccessToken>, AuthError>,
    pub(super) refresh_token: Option<Secret>,
    /// 0 if no response came.
    status: u16,
    pub(super) retry_after: Option<f64>,
}

impl ConfidentialClient {
    /// Sends the request, and keeps what came of it. The caller holds the lock of the token's key.
    pub(super) fn request(
        &self,
        io: &mut Io,
        wanted: &Wanted<'_>,
        is_waited_for: bool,
    ) -> Run<Shared<AccessToken>> {
        let mut attempt = self.attempt(io, wanted)?;
        let wait = attempt.retry_after.unwrap_or(WAIT);
        // In an outage that is known already, one request at a time is enough.
        let is_first = *io.once(|_| self.kept.with(|kept| !kept.is_in_outage()))?;
        if attempt.is_passing() && is_waited_for && is_first && wait <= LONGEST_WAIT {
            io.wait(io.now().plus(wait))?;
            attempt = self.attempt(io, wanted)?;
        }
        let random = io.random(1)?;
        let now = io.now();
        io.act(|_| {
            self.kept
                .with(|kept| kept.keep(wanted, &attempt, now, &random));
        });
        if let Ok(token) = &attempt.outcome {
            self.save_token(io, wanted, token)?;
            if let Some(session) = wanted.session_after(&attempt) {
                let over = (wanted.grant == Grant::Session).then(|| session.begun());
                self.put_session(io, &session.key, Some(&session), over)?;
            }
        }
        Ok(attempt.outcome?)
    }

    fn attempt(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<Attempt> {
        let requested_at = io.now();
        let mut request_id = None;
        let identity = self.config.identity();
        let response = match identity {
            Some(identity) => self.ask_identity(io, identity, wanted)?,
            None => self.ask_provider(io, wanted, &mut request_id)?,
        };
        let (status, retry_after) = response.as_ref().map_or((0, None), |response| {
            (response.status, response.headers.retry_after)
        });
        let mut refresh_token = None;
        let outcome = response.and_then(|response| {
            let response = match identity {
                Some(_) => ManagedIdentity::process(&response, requested_at, self.parse_json),
                None => TokenResponse::process(&response, self.parse_json),
            };
            let response = response.map_err(|error| refusal::typed(error, wanted.grant))?;
            refresh_token.clone_from(&response.refresh_token);
            let options = wanted.options;
            let target = Shared::new(options.target.clone());
            let token = AccessToken::from_response(&response, target, requested_at);
            token.map(|mut token| {
                token.claims.clone_from(&options.claims);
                Shared::new(token)
            })
        });
        let outcome = outcome.map_err(|error| match &request_id {
            Some(id) => refusal::with_request_id(error, id),
            None => error,
        });
        Ok(Attempt {
            outcome,
            refresh_token,
            status,
            retry_after,
        })
    }

    fn ask_provider(
        &self,
        io: &mut Io,
        wanted: &Wanted<'_>,
        request_id: &mut Option<String>,
    ) -> Run<Result<Shared<HttpResponse>, AuthError>> {
        let endpoint = match settle(self.endpoint(io, wanted), io)? {
            Ok(endpoint) => endpoint,
            Err(error) => return Ok(Err(error)),
        };
        // What the provider would refuse is the caller's mistake, and nothing was sent.
        let form = (wanted.form)(&endpoint)?;
        if endpoint.protocol.is_some() {
            *request_id = Some(guid(&io.random(16)?));
        }
        self.send(io, &form, &endpoint, request_id.as_deref(), wanted.grant)
    }

    /// Sends the request with the credential that was good last, and with the others if that one is
    /// refused.
    pub(super) fn send(
        &self,
        io: &mut Io,
        form: &Form,
        endpoint: &Endpoint,
        request_id: Option<&str>,
        grant: Grant,
    ) -> Run<Result<Shared<HttpResponse>, AuthError>> {
        let first = *io.once(|_| self.kept.with(|kept| kept.credential))?;
        let count = self.config.credentials.len();
        let mut refused = None;
        for step in 0..count {
            let credential = (first + step) % count;
            let request = self.authenticated(io, credential, form.clone(), endpoint, request_id)?;
            io.log("token_request", url::without_query(&request.url));
            self.count(io, |counters| counters.requests += 1);
            let response = match io.send(request)? {
                Ok(response) => response,
                Err(error) => return Ok(Err(error)),
            };
            if refusal::is_of_client(&response, grant, self.parse_json) {
                io.log("credential_refused", "");
                refused.get_or_insert(response);
                continue;
            }
            io.act(|_| self.kept.with(|kept| kept.credential = credential));
            return Ok(Ok(response));
        }
        Ok(refused.ok_or_else(|| ErrorCode::Internal.into()))
    }
}

/// A random UUID (RFC 9562 section 5.4). Entra has it in its logs, and returns it as
/// `correlation_id`.
pub(super) fn guid(random: &[u8]) -> String {
    let mut guid = String::new();
    for (place, byte) in random.iter().enumerate() {
        let byte = match place {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        if matches!(place, 4 | 6 | 8 | 10) {
            guid.push('-');
        }
        for digit in [byte >> 4, byte & 0x0f] {
            guid.push(char::from(match digit {
                0..=9 => b'0' + digit,
                _ => b'a' + digit - 10,
            }));
        }
    }
    guid
}

impl Attempt {
    pub(super) fn is_passing(&self) -> bool {
        let failure = self.outcome.as_ref().err();
        let failure = failure.map(|error| Failure::of(error, self.status));
        matches!(failure, Some(Failure::Passing))
    }
}
