//! What a service keeps: its tokens, and the requests for tokens that failed.

use super::endpoint::{Endpoint, KeptAssertion};
use super::metadata::ServiceMetadata;
use super::refusal::Grant;
use super::request::Attempt;
use super::sessions::{Begun, Session};
use super::{ConfidentialClient, Counters, Renewal, TokenOptions};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Notice, Run, settle};
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::cache::TokenCache;
use crate::core::tokens::cache_key::{CacheKey, Owner, Partition};
use crate::core::tokens::failure::{Outage, Refusal};
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::form::Form;
use crate::core::wire::text::concat;
use alloc::vec::Vec;

/// A renewal that was begun less than this many seconds ago is left to who began it.
const RENEWAL_TAKES: f64 = 30.0;

/// What one client keeps.
#[derive(Default)]
pub(super) struct Kept {
    tokens: TokenCache,
    outage: Option<Shared<Outage>>,
    refusals: Vec<KeptRefusal>,
    /// Renewals that somebody has begun, and when.
    renewals: Vec<(CacheKey, UnixTime)>,
    pub(super) assertions: Vec<KeptAssertion>,
    sessions: Vec<Shared<Session>>,
    /// The place of the credential that the provider took last.
    pub(super) credential: usize,
    pub(super) counters: Counters,
    pub(super) metadata: Option<Shared<ServiceMetadata>>,
}

/// What the provider refused.
struct KeptRefusal {
    key: CacheKey,
    refusal: Refusal,
}

/// A request for a token, not sent yet.
pub(super) struct Wanted<'a> {
    pub(super) key: CacheKey,
    pub(super) grant: Grant,
    pub(super) options: &'a TokenOptions,
    /// The tenant that follows from the request, unless the options name another.
    pub(super) tenant: &'a dyn Fn() -> Option<&'a str>,
    /// The long-running session that keeps the refresh token of the response. Without one, a refresh
    /// token is dropped: nobody would use it, and it is good for longer than the access token.
    pub(super) session: Option<Begun<'a>>,
    /// The parameters of the request, unless the provider would refuse it.
    pub(super) form: &'a dyn Fn(&Endpoint) -> Result<Form, AuthError>,
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

    /// The token of this owner that is kept and fresh, found without a flow.
    pub(super) fn fresh_token(
        &self,
        owner: Owner<'_>,
        options: &TokenOptions,
        now: UnixTime,
    ) -> Option<Shared<AccessToken>> {
        let key = self.key(owner, options);
        self.kept.with(|kept| {
            let token = kept.tokens.get(&key).cloned();
            let token = token.filter(|token| is_fresh(Some(token), now))?;
            kept.counters.from_memory += 1;
            Some(token)
        })
    }

    /// The kept token while it is good, or a new one. Callers who want the same at the same time
    /// share one request.
    pub(super) fn token(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<Shared<AccessToken>> {
        let former = self.kept_token(io, wanted)?;
        if let Some((token, freshness)) = &former
            && wanted.is_plain()
            && self.is_begun(io, wanted)?
            && (*freshness == Freshness::Fresh || self.is_renewed_by_others(io, wanted)?)
        {
            self.count(io, |counters| counters.from_memory += 1);
            return Ok(Shared::clone(token));
        }
        let former = former.map(|(token, _)| token);
        let lock = concat(&["countersign:token:", wanted.key.as_str()]);
        io.lock(&lock)?;
        let token = settle(self.new_token(io, wanted, former.as_deref()), io)?;
        io.tell(Notice::Unlock(lock));
        Ok(token?)
    }

    /// Whether this caller need not renew the token that is due.
    fn is_renewed_by_others(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<bool> {
        let renewal = wanted.options.renewal;
        if renewal == Renewal::Now {
            return Ok(false);
        }
        let now = io.now();
        let is_first = *io.once(|_| self.kept.with(|kept| kept.claim_renewal(wanted, now)))?;
        if is_first && renewal == Renewal::ByHost {
            io.tell(Notice::RenewalDue);
            return Ok(true);
        }
        Ok(!is_first)
    }

    /// A new token, unless another caller got one, or failed to, while this one waited for the lock.
    fn new_token(
        &self,
        io: &mut Io,
        wanted: &Wanted<'_>,
        former: Option<&AccessToken>,
    ) -> Run<Shared<AccessToken>> {
        let kept = self.kept_token(io, wanted)?.map(|(token, _)| token);
        // Otherwise a request has to begin the session.
        let is_begun = self.is_begun(io, wanted)?;
        let does = |token: &Shared<AccessToken>| is_begun && wanted.is_met_by(token, former);
        let mut kept = kept.filter(does);
        if !is_fresh(kept.as_ref(), io.now()) {
            let stored = self.load_token(io, wanted)?.filter(does);
            // What another instance of the service has put into the store.
            if kept.is_none() || is_fresh(stored.as_ref(), io.now()) {
                if let Some(token) = &stored {
                    io.act(|_| self.kept.with(|kept| kept.keep_token(wanted, token)));
                    self.count(io, |counters| counters.from_store += 1);
                }
                kept = stored;
            }
        }
        if let Some(token) = &kept
            && is_fresh(Some(token), io.now())
        {
            return Ok(Shared::clone(token));
        }
        // What is left is due, and good until a new one has come.
        let outcome = match self.failure(io, wanted)? {
            Some(error) => {
                self.count(io, |counters| counters.spared += 1);
                Err(error)
            }
            None => settle(self.request(io, wanted, kept.is_none()), io)?,
        };
        match (outcome, kept) {
            // The request may have taken the rest of its life.
            (Err(_), Some(token)) if token.is_good(io.now()) => Ok(token),
            (outcome, _) => Ok(outcome?),
        }
    }

    pub(super) fn count(&self, io: &mut Io, count: impl FnOnce(&mut Counters)) {
        io.act(|_| self.kept.with(|kept| count(&mut kept.counters)));
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
        let failure = io.once(|_| self.kept.with(|kept| kept.failure(wanted, now)))?;
        Ok((*failure).clone())
    }
}

fn is_fresh(token: Option<&Shared<AccessToken>>, now: UnixTime) -> bool {
    token.is_some_and(|token| token.lifetime().freshness(now) == Freshness::Fresh)
}

impl Wanted<'_> {
    /// Whether any token that is good does.
    fn is_plain(&self) -> bool {
        self.options.claims.is_none() && !self.options.force_refresh
    }

    /// Whether the kept token does: a claims challenge and a wish for a new token are met by another
    /// one than was kept when the call came. Times would not tell: on Workers the clock stands still
    /// while nothing is sent.
    fn is_met_by(&self, token: &AccessToken, former: Option<&AccessToken>) -> bool {
        let is_new = || former.is_none_or(|former| former.token.expose() != token.token.expose());
        self.is_plain() || token.claims == self.options.claims && is_new()
    }
}

impl Wanted<'_> {
    /// The session with the refresh token of the response.
    pub(super) fn session_after(&self, attempt: &Attempt) -> Option<Shared<Session>> {
        let begun = self.session?;
        let tenant = self.options.tenant.as_deref().or_else(self.tenant);
        let refresh_token = attempt.refresh_token.clone();
        let none = (self.grant == Grant::OnBehalfOf).then(|| Secret::new(""));
        Some(Shared::new(Session {
            key: begun.key.into(),
            by: begun.by.into(),
            refresh_token: refresh_token.or(none)?,
            tenant: tenant.map(Into::into),
        }))
    }
}

impl KeptRefusal {
    fn is_for(&self, wanted: &Wanted<'_>) -> bool {
        self.key == wanted.key && self.refusal.claims == wanted.options.claims
    }
}

impl Kept {
    pub(super) fn keep(
        &mut self,
        wanted: &Wanted<'_>,
        attempt: &Attempt,
        now: UnixTime,
        random: &[u8],
    ) {
        self.refusals
            .retain(|kept| kept.refusal.is_shared(now) && !kept.is_for(wanted));
        match &attempt.outcome {
            Ok(token) => {
                self.outage = None;
                self.tokens.drop_expired(now);
                self.keep_token(wanted, token);
                self.renewals.retain(|(key, _)| *key != wanted.key);
            }
            Err(error) if attempt.is_passing() => {
                self.counters.failed += 1;
                let former = self.outage.as_deref();
                let retry_after = attempt.retry_after;
                let outage = Outage::after(former, error.clone(), retry_after, now, random);
                self.outage = Some(Shared::new(outage));
            }
            Err(error) => {
                self.counters.refused += 1;
                let refusal = Refusal {
                    target: Shared::new(wanted.options.target.clone()),
                    claims: wanted.options.claims.clone(),
                    failed_at: now,
                    error: error.clone(),
                };
                self.refusals.push(KeptRefusal {
                    key: wanted.key.clone(),
                    refusal,
                });
                if let (Some(session), ErrorCode::SessionUnknown) = (wanted.session, error.code()) {
                    let is_its = |kept: &Session| kept.key == session.key && kept.by == session.by;
                    self.sessions.retain(|kept| !is_its(kept));
                }
            }
        }
    }

    fn keep_token(&mut self, wanted: &Wanted<'_>, token: &Shared<AccessToken>) {
        self.tokens.insert(wanted.key.clone(), Shared::clone(token));
    }

    /// Whether this caller is the first that finds the token due, and renews it.
    fn claim_renewal(&mut self, wanted: &Wanted<'_>, now: UnixTime) -> bool {
        let is_under_way = |begun: UnixTime| (0.0..RENEWAL_TAKES).contains(&now.since(begun));
        self.renewals.retain(|(_, begun)| is_under_way(*begun));
        let is_claimed = self.renewals.iter().any(|(key, _)| *key == wanted.key);
        if !is_claimed {
            self.renewals.push((wanted.key.clone(), now));
        }
        !is_claimed
    }

    pub(super) fn is_in_outage(&self) -> bool {
        self.outage.is_some()
    }

    pub(super) fn closed_until(&self, now: UnixTime) -> Option<UnixTime> {
        let outage = self
            .outage
            .as_ref()
            .filter(|outage| outage.is_shared(now))?;
        outage.closed_until
    }

    pub(super) fn session(&self, key: &str) -> Option<&Shared<Session>> {
        self.sessions.iter().find(|session| session.key == key)
    }

    pub(super) fn put_session(&mut self, key: &str, session: Option<&Shared<Session>>) {
        self.sessions.retain(|kept| kept.key != key);
        self.sessions.extend(session.cloned());
    }

    fn failure(&self, wanted: &Wanted<'_>, now: UnixTime) -> Option<AuthError> {
        let mut refusals = self.refusals.iter();
        let refusal = refusals.find(|kept| kept.is_for(wanted) && kept.refusal.is_shared(now));
        let outage = self.outage.as_ref().filter(|outage| outage.is_shared(now));
        let error = refusal.map(|kept| &kept.refusal.error);
        error.or(outage.map(|outage| &outage.error)).cloned()
    }
}
