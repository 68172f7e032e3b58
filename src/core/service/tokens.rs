//! What a service keeps: its tokens, and the requests for tokens that failed.

use super::endpoint::{Endpoint, KeptAssertion};
use super::refusal::{self, Grant};
use super::{ConfidentialClient, TokenOptions};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Notice, Run, settle};
use crate::core::http::HttpResponse;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::cache::TokenCache;
use crate::core::tokens::cache_key::{CacheKey, Owner, Partition};
use crate::core::tokens::failure::{Failure, Outage, Refusal};
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::form::Form;
use crate::core::wire::text::concat;
use crate::core::wire::url;
use alloc::vec::Vec;

/// A caller for whom there is no token waits at most this long for a provider that cannot respond
/// now, in seconds; then the request is sent once more.
const LONGEST_WAIT: f64 = 5.0;
/// The wait if the provider names none.
const WAIT: f64 = 1.0;

/// What one client keeps.
#[derive(Default)]
pub(super) struct Kept {
    tokens: TokenCache,
    outage: Option<Shared<Outage>>,
    refusals: Vec<(CacheKey, Refusal)>,
    pub(super) assertions: Vec<KeptAssertion>,
    /// The place of the credential that the provider took last.
    credential: usize,
}

/// A request for a token, not sent yet.
pub(super) struct Wanted<'a> {
    pub(super) key: CacheKey,
    pub(super) grant: Grant,
    pub(super) options: &'a TokenOptions,
    pub(super) asked_at: UnixTime,
    /// The parameters of the request, unless the provider would refuse it.
    pub(super) form: &'a dyn Fn(&Endpoint) -> Result<Form, AuthError>,
}

/// What came of a request.
struct Attempt {
    outcome: Result<Shared<AccessToken>, AuthError>,
    /// 0 if no response came.
    status: u16,
    retry_after: Option<f64>,
}

impl ConfidentialClient {
    /// The key of this owner's token for these options.
    pub(super) fn key(&self, owner: Owner<'_>, options: &TokenOptions) -> CacheKey {
        let config = &self.config;
        let tenant = options.tenant.as_deref().map(str::to_ascii_lowercase);
        Partition::new(
            &config.authority,
            tenant.as_deref(),
            &config.client_id,
            owner,
        )
        .key(&options.target, None, None)
    }

    /// The kept token while it is good, or a new one. Callers who want the same at the same time
    /// share one request.
    pub(super) fn token(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<Shared<AccessToken>> {
        if let Some((token, Freshness::Fresh)) = self.kept_token(io, wanted)? {
            return Ok(token);
        }
        let lock = concat(&["countersign:token:", wanted.key.as_str()]);
        io.lock(&lock)?;
        let token = settle(self.new_token(io, wanted), io)?;
        io.tell(Notice::Unlock(lock));
        Ok(token?)
    }

    /// A new token, unless another caller got one, or failed to, while this one waited for the lock.
    fn new_token(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<Shared<AccessToken>> {
        let kept = match self.kept_token(io, wanted)? {
            Some((token, Freshness::Fresh)) => return Ok(token),
            // It is due, and good until a new one has come.
            Some((token, _)) => Some(token),
            None => None,
        };
        let outcome = match self.failure(io, wanted)? {
            Some(error) => Err(error),
            None => settle(self.request(io, wanted, kept.is_none()), io)?,
        };
        match (outcome, kept) {
            (Err(_), Some(token)) => Ok(token),
            (outcome, _) => Ok(outcome?),
        }
    }

    fn request(
        &self,
        io: &mut Io,
        wanted: &Wanted<'_>,
        is_waited_for: bool,
    ) -> Run<Shared<AccessToken>> {
        let mut attempt = self.attempt(io, wanted)?;
        let wait = attempt.retry_after.unwrap_or(WAIT);
        if attempt.is_passing() && is_waited_for && wait <= LONGEST_WAIT {
            io.wait(io.now().plus(wait))?;
            attempt = self.attempt(io, wanted)?;
        }
        let random = io.random(1)?;
        let now = io.now();
        io.act(|_| {
            self.kept
                .with(|kept| kept.keep(wanted, &attempt, now, &random));
        });
        Ok(attempt.outcome?)
    }

    fn attempt(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<Attempt> {
        let requested_at = io.now();
        let response = settle(self.endpoint(io, wanted.options), io)?;
        let response = match response {
            Ok(endpoint) => {
                // What the provider would refuse is the caller's mistake, and nothing was sent.
                let form = (wanted.form)(&endpoint)?;
                self.send(io, &form, &endpoint, wanted.grant)?
            }
            Err(error) => Err(error),
        };
        let (status, retry_after) = response.as_ref().map_or((0, None), |response| {
            (response.status, response.headers.retry_after)
        });
        let received_at = io.now();
        let outcome = response.and_then(|response| {
            let response = TokenResponse::process(&response, self.parse_json)
                .map_err(|error| refusal::typed(error, wanted.grant))?;
            let options = wanted.options;
            let target = Shared::new(options.target.clone());
            let token = AccessToken::from_response(&response, target, requested_at, received_at);
            token.map(|mut token| {
                token.claims.clone_from(&options.claims);
                Shared::new(token)
            })
        });
        Ok(Attempt {
            outcome,
            status,
            retry_after,
        })
    }

    /// Sends the request with the credential that was good last, and with the others if that one is
    /// refused.
    fn send(
        &self,
        io: &mut Io,
        form: &Form,
        endpoint: &Endpoint,
        grant: Grant,
    ) -> Run<Result<Shared<HttpResponse>, AuthError>> {
        let first = *io.once(|_| self.kept.with(|kept| kept.credential))?;
        let count = self.config.credentials.len();
        let mut refused = None;
        for step in 0..count {
            let credential = (first + step) % count;
            let request = self.authenticated(io, credential, form.clone(), endpoint)?;
            io.log("token_request", url::without_query(&request.url));
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

    fn kept_token(
        &self,
        io: &mut Io,
        wanted: &Wanted<'_>,
    ) -> Run<Option<(Shared<AccessToken>, Freshness)>> {
        let now = io.now();
        let kept = io.once(|_| {
            let token = self.kept.with(|kept| kept.tokens.get(&wanted.key).cloned());
            token.map(|token| {
                let freshness = token.lifetime().freshness(now);
                (token, freshness)
            })
        })?;
        let does = |(token, freshness): &(Shared<AccessToken>, Freshness)| {
            *freshness != Freshness::Expired && wanted.is_met_by(token)
        };
        Ok((*kept).clone().filter(does))
    }

    /// The failure that stands for a request of this caller's own.
    fn failure(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<Option<AuthError>> {
        let now = io.now();
        let failure = io.once(|_| self.kept.with(|kept| kept.failure(&wanted.key, now)))?;
        Ok((*failure).clone())
    }
}

impl Wanted<'_> {
    /// Whether the kept token does: a claims challenge and a wish for a new token are met by one
    /// that came since.
    fn is_met_by(&self, token: &AccessToken) -> bool {
        let options = self.options;
        let is_plain = options.claims.is_none() && !options.force_refresh;
        is_plain || token.received_at >= self.asked_at && token.claims == options.claims
    }
}

impl Attempt {
    fn is_passing(&self) -> bool {
        let failure = self.outcome.as_ref().err();
        let failure = failure.map(|error| Failure::of(error, self.status));
        matches!(failure, Some(Failure::Passing))
    }
}

impl Kept {
    fn keep(&mut self, wanted: &Wanted<'_>, attempt: &Attempt, now: UnixTime, random: &[u8]) {
        self.refusals
            .retain(|(key, refusal)| *key != wanted.key && refusal.answers(now));
        match &attempt.outcome {
            Ok(token) => {
                self.outage = None;
                self.tokens.drop_expired(now);
                self.tokens.insert(wanted.key.clone(), Shared::clone(token));
            }
            Err(error) if attempt.is_passing() => {
                let former = self.outage.as_deref();
                let retry_after = attempt.retry_after;
                let outage = Outage::after(former, error.clone(), retry_after, now, random);
                self.outage = Some(Shared::new(outage));
            }
            Err(error) => {
                let refusal = Refusal {
                    target: Shared::new(wanted.options.target.clone()),
                    failed_at: now,
                    error: error.clone(),
                };
                self.refusals.push((wanted.key.clone(), refusal));
            }
        }
    }

    fn failure(&self, key: &CacheKey, now: UnixTime) -> Option<AuthError> {
        let mut refusals = self.refusals.iter();
        let refusal = refusals.find(|(known, refusal)| known == key && refusal.answers(now));
        let outage = self.outage.as_ref().filter(|outage| outage.answers(now));
        let error = refusal.map(|(_, refusal)| &refusal.error);
        error.or(outage.map(|outage| &outage.error)).cloned()
    }
}
