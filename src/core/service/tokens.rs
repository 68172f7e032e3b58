//! What a service keeps: its tokens, and the requests for tokens that failed.

use super::ConfidentialClient;
use crate::core::error::AuthError;
use crate::core::flow::{Io, Notice, Run, settle};
use crate::core::http::HttpResponse;
use crate::core::oauth::target::Target;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::cache::TokenCache;
use crate::core::tokens::cache_key::CacheKey;
use crate::core::tokens::failure::{Failure, Outage, Refusal};
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::form::Form;
use crate::core::wire::text::concat;
use crate::core::wire::url;
use alloc::vec::Vec;

/// A caller without a token waits at most this long for a provider that cannot respond
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
}

/// A request for a token, not sent yet.
pub(super) struct Wanted<'a> {
    pub(super) key: CacheKey,
    pub(super) target: Shared<Target>,
    /// The parameters of the request.
    pub(super) form: &'a dyn Fn() -> Form,
}

/// What came of a request.
struct Attempt {
    outcome: Result<Shared<AccessToken>, AuthError>,
    /// 0 if no response came.
    status: u16,
    retry_after: Option<f64>,
}

impl ConfidentialClient {
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

    /// A new token, unless another caller got one, or failed to, while this one waited for the
    /// lock.
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
        let response = settle(self.send(io, (wanted.form)()), io)?;
        let (status, retry_after) = response.as_ref().map_or((0, None), |response| {
            (response.status, response.headers.retry_after)
        });
        let outcome = response.and_then(|response| {
            let response = TokenResponse::process(&response, self.parse_json)?;
            let target = Shared::clone(&wanted.target);
            AccessToken::from_response(&response, target, requested_at)
        });
        Ok(Attempt {
            outcome: outcome.map(Shared::new),
            status,
            retry_after,
        })
    }

    fn send(&self, io: &mut Io, form: Form) -> Run<Shared<HttpResponse>> {
        let fetched = self.metadata.get(io)?;
        let config = &self.config;
        let authentication = &config.authentication;
        let request = authentication.request(io, &config.client_id, form, &fetched.metadata)?;
        io.log("token_request", url::without_query(&request.url));
        Ok(io.send(request)??)
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
        let is_good = |(_, freshness): &(_, Freshness)| *freshness != Freshness::Expired;
        Ok((*kept).clone().filter(is_good))
    }

    /// The failure to return instead of sending a request.
    fn failure(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<Option<AuthError>> {
        let now = io.now();
        let failure = io.once(|_| self.kept.with(|kept| kept.failure(&wanted.key, now)))?;
        Ok((*failure).clone())
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
            .retain(|(key, refusal)| *key != wanted.key && refusal.is_shared(now));
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
                    target: Shared::clone(&wanted.target),
                    claims: None,
                    failed_at: now,
                    error: error.clone(),
                };
                self.refusals.push((wanted.key.clone(), refusal));
            }
        }
    }

    fn failure(&self, key: &CacheKey, now: UnixTime) -> Option<AuthError> {
        let mut refusals = self.refusals.iter();
        let refusal = refusals.find(|(known, refusal)| known == key && refusal.is_shared(now));
        let outage = self.outage.as_ref().filter(|outage| outage.is_shared(now));
        let error = refusal.map(|(_, refusal)| &refusal.error);
        error.or(outage.map(|outage| &outage.error)).cloned()
    }
}
