//! Every failure has a bounded request rate.
//!
//! Who has read a failure in the store sends nothing for some time: a caller for ten seconds, the
//! background for a pause that doubles up to five minutes, both as long as the server has asked for,
//! up to an hour. After a permanent refusal the background sends nothing until something changes.
//!
//! A clock that was set since then, and a store that refuses, excuse everything. A failure that a
//! page stores after it has lost its lock need not last.

use crate::network::Outcome;
use crate::provider::{GrantId, Message, SCOPE, sorted};
use crate::response::Meaning;
use crate::run::{Call, Run};
use crate::store::AreaId;
use crate::world::{Time, World};

use super::{At, Scope};

/// What a flow was told last about a request with a refresh token.
pub(super) struct Failing {
    kind: Kind,
    request: Request,
    at: At,
    retry_after: Option<Time>,
    /// When the flow had read the session.
    seen: u64,
    /// The endpoint that is not there, if it was not.
    pub(super) missing: Option<String>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
struct Request {
    /// Whose session.
    grant: Option<GrantId>,
    scope: String,
    claims: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Success,
    /// It concerns all requests.
    Outage,
    NeedsUser,
    Refusal,
    /// A token that cannot be used. It depends on what is wrong whether that is an outage.
    Unclear,
}

/// A failure that stands in the store.
pub(super) struct Failure {
    kind: Kind,
    request: Request,
    at: At,
    closed_until: Time,
    /// How many in a row.
    count: u32,
    /// When it was stored.
    moment: u64,
}

/// What only the user can help with, as it was stored once.
#[derive(Clone)]
pub(super) struct Refusal {
    request: Request,
    at: At,
}

impl Request {
    fn of(message: &Message) -> Self {
        Self {
            grant: message.refresh().map(|token| token.grant),
            scope: sorted(message.get("scope").unwrap_or(SCOPE)),
            claims: message.get("claims").map(String::from),
        }
    }
}

impl Failing {
    pub(super) fn of(outcome: &Outcome, message: &Message, at: At, seen: u64) -> Option<Self> {
        message.refresh()?;
        let is_missing = matches!(outcome, Outcome::Reply(reply) if reply.status == 404);
        let missing = is_missing.then(|| message.url.clone());
        let (kind, retry_after) = match outcome {
            Outcome::Failed | Outcome::TimedOut => (Kind::Outage, None),
            Outcome::Reply(reply) => {
                let kind = match reply.meaning {
                    Meaning::Tokens { is_other: true, .. } => return None,
                    Meaning::Tokens {
                        is_usable: true, ..
                    } => Kind::Success,
                    Meaning::NeedsUser => Kind::NeedsUser,
                    Meaning::Refused => Kind::Refusal,
                    Meaning::Outage | Meaning::Cut => Kind::Outage,
                    Meaning::Tokens { .. } => Kind::Unclear,
                    // The refresh token is gone: there is nothing to send.
                    Meaning::Dead | Meaning::Metadata => return None,
                };
                (kind, reply.retry_after)
            }
        };
        Some(Self {
            kind,
            request: Request::of(message),
            at,
            retry_after: retry_after.map(|seconds| seconds.min(3600) * 1000),
            seen,
            missing,
        })
    }
}

impl Scope {
    /// What the flow was told stands in the store now. It counts on from what it had read.
    pub(super) fn failed(&mut self, failing: Failing, stands: bool, moment: u64) {
        let Failing {
            kind,
            request,
            at,
            retry_after,
            seen,
            missing: _,
        } = failing;
        let kind = if stands { kind } else { Kind::Unclear };
        let is_same = |known: &Failure| {
            known.request.grant == request.grant
                && match kind {
                    Kind::Success => {
                        // Of claims challenges the last outcome counts.
                        let is_met = known.request.claims.is_none() || request.claims.is_some();
                        known.kind == Kind::Outage || known.request.scope == request.scope && is_met
                    }
                    Kind::Outage => known.kind == Kind::Outage,
                    // Of claims challenges the last refusal is kept.
                    Kind::NeedsUser | Kind::Refusal | Kind::Unclear => {
                        known.kind != Kind::Outage
                            && known.request.scope == request.scope
                            && known.request.claims.is_some() == request.claims.is_some()
                    }
                }
        };
        if kind == Kind::NeedsUser {
            self.refusals.push(Refusal {
                request: request.clone(),
                at,
            });
        }
        let known = self.failures.iter();
        let count = known.filter(|known| is_same(known) && known.moment < seen);
        let count = count.map(|known| known.count).max().unwrap_or_default();
        self.failures.retain(|known| !is_same(known));
        if !matches!(kind, Kind::Success | Kind::Unclear) {
            self.failures.push(Failure {
                kind,
                request,
                at,
                closed_until: at.wall + retry_after.unwrap_or_default(),
                count: count + 1,
                moment,
            });
        }
    }
}

impl Failure {
    /// Whether a flow that knows of this failure may send this request.
    fn allows(&self, request: &Request, call: &Call, now: Time) -> bool {
        if self.request.grant != request.grant {
            return true;
        }
        let is_of_request = self.request == *request;
        let passed = now.saturating_sub(self.at.wall);
        let answers = passed < 10_000 || now < self.closed_until;
        match (self.kind, call) {
            (Kind::Outage, Call::Wake { is_online }) => {
                let pause = 5_000 * 2_u64.pow((self.count - 1).min(8));
                let is_due = passed >= pause.min(300_000) * 3 / 4 && now >= self.closed_until;
                is_due || *is_online && !answers
            }
            (Kind::Outage, _) => !answers,
            (_, Call::Wake { .. }) => !is_of_request,
            _ => !is_of_request || !answers,
        }
    }
}

impl World {
    pub(super) fn judge_rate(&mut self, run: &Run, area: AreaId, message: &Message) {
        // A call makes a handful of requests, whatever happens: for each token the request, another
        // one where the endpoint has moved, and the metadata for each.
        let most = match run.call {
            Call::Wake { .. } => 16,
            Call::Token(_) => 12,
            // The metadata and the code.
            Call::Popup { .. } => 2,
            _ => 1,
        };
        self.judge.demand(
            run.facts.requests <= most,
            format_args!("{} makes {} requests", run.id, run.facts.requests),
        );
        if message.refresh().is_none() {
            return;
        }
        let request = Request::of(message);
        let now = self.clock.wall(self.now);
        let Some(scope) = self.judge.scopes.get(&self.scope_of(area, run)) else {
            return;
        };
        if scope.is_altered || scope.has_refused || run.facts.last_view().is_none() {
            return;
        }
        let seen = run.facts.last.as_ref().map_or(0, |seen| seen.moment);
        let set = self.clock.changed.map_or(0, |(moment, _)| moment);
        let known = |failure: &&Failure| failure.moment < seen && failure.at.moment > set;
        let mut failures = scope.failures.iter().filter(known);
        let broken = failures.find(|failure| !failure.allows(&request, &run.call, now));
        let broken = broken.map(|failure| format!("{:?} of {:?}", failure.kind, failure.request));
        self.judge.demand(
            broken.is_none(),
            format_args!("{} sends {request:?} in spite of {broken:?}", run.id),
        );
    }

    /// Whether a call that ends with `interaction_required` was told so by an earlier one.
    pub(super) fn was_refused(
        &self,
        run: &Run,
        area: AreaId,
        request: (&str, Option<&str>),
    ) -> bool {
        let Some(scope) = self.judge.scopes.get(&self.scope_of(area, run)) else {
            return false;
        };
        let request = Request {
            grant: run.facts.last_view().and_then(|view| view.grant),
            scope: sorted(request.0),
            claims: request.1.map(String::from),
        };
        let now = self.clock.wall(self.now);
        let mut refusals = scope.refusals.iter();
        refusals.any(|refusal| {
            let changed = self.clock.changed;
            let is_set = changed.is_some_and(|(moment, _)| moment > refusal.at.moment);
            let is_recent = now.saturating_sub(refusal.at.wall) < 30_000;
            refusal.request == request && (is_set || is_recent || run.has_slept)
        })
    }
}
