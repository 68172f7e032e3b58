//! The invariants, which are checked whenever something happens, and the books that they need: what
//! each flow has seen, where each refresh token is, and who has signed out.
//!
//! | Rule | File |
//! |---|---|
//! | nobody is signed out while an accepted refresh token was available | `session` |
//! | after a sign-out nobody is signed in without a new sign-in | `session` |
//! | no refresh token is sent twice, unless its response was lost | `refresh_token` |
//! | every failure has a bounded request rate | `failure` |
//! | no token is handed out that is empty, expired or another's | `token` |
//! | every call settles | `call` |

mod call;
mod failure;
mod refresh_token;
mod session;
mod token;

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Write};

use crate::network::Outcome;
use crate::provider::{GrantId, Message, SECRET};
use crate::record::{View, views};
use crate::response::Meaning;
use crate::run::{Call, Run};
use crate::store::{AreaId, Written};
use crate::world::Time;
use failure::{Failing, Failure, Refusal};
use refresh_token::Sending;
use session::SignOut;

#[derive(Default)]
pub(crate) struct Judge {
    violation: Option<String>,
    scopes: BTreeMap<(AreaId, usize), Scope>,
    sendings: Vec<Sending>,
    /// The authorization requests by their `state`.
    authorizations: BTreeMap<String, Authorization>,
    /// The codes that were sent.
    codes: Vec<String>,
    shown: String,
    /// The next call for a token must succeed.
    pub(crate) expected: bool,
}

struct Authorization {
    /// The storage of its tab.
    area: AreaId,
    moment: u64,
    app_state: String,
}

/// The clients that share a session: those of one client ID over one store.
#[derive(Default)]
struct Scope {
    /// Whose sessions it has.
    grants: Vec<GrantId>,
    /// The sign-outs since the last sign-in.
    sign_outs: Vec<SignOut>,
    failures: Vec<Failure>,
    refusals: Vec<Refusal>,
    /// The records by their heads.
    heads: BTreeMap<String, String>,
    /// Its record was altered in a way that nobody can be expected to understand.
    is_altered: bool,
    /// The store has refused to write, so that clients know more than it does.
    has_refused: bool,
    /// The sessions that it has refused.
    refused: Vec<GrantId>,
}

/// When something happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) moment: u64,
    /// By the machine's clock.
    pub(crate) wall: Time,
}

/// What a flow has seen.
#[derive(Default)]
pub(crate) struct Facts {
    /// The session that it means as it was when the flow read it first, and last.
    first: Option<Seen>,
    last: Option<Seen>,
    /// What the provider responded, as far as it came.
    replies: Vec<Meaning>,
    failing: Option<Failing>,
    /// Whether it has asked for the provider's metadata.
    has_discovered: bool,
    /// The token endpoint in it.
    endpoint: Option<String>,
    /// When it has ended the tab's sign-ins.
    cancelled: Option<u64>,
    /// How many requests it has made.
    requests: usize,
    /// How often it was resumed.
    steps: usize,
}

#[derive(Clone)]
struct Seen {
    moment: u64,
    /// `None` if the store refused.
    view: Option<View>,
}

impl Facts {
    /// The flow has read the session.
    pub(crate) fn read(
        &mut self,
        read: &Result<Option<String>, ()>,
        account: Option<&str>,
        user: &dyn Fn(GrantId) -> &'static str,
        moment: u64,
    ) {
        let is_meant = |view: &View| view.grant.map(user) == account;
        let view = read.as_ref().ok().map(|record| match account {
            Some(_) => views(record.as_ref())
                .into_iter()
                .find(is_meant)
                .unwrap_or_default(),
            None => View::of(record.as_ref()),
        });
        let seen = Seen { moment, view };
        self.first.get_or_insert_with(|| seen.clone());
        self.last = Some(seen);
    }

    pub(crate) fn received(&mut self, outcome: &Outcome, request: &Message, at: At) {
        if request.is_discovery() {
            self.has_discovered = true;
            if let Outcome::Reply(reply) = outcome
                && let Ok(metadata) = serde_json::from_str::<serde_json::Value>(&reply.body)
            {
                self.endpoint = metadata["token_endpoint"].as_str().map(String::from);
            }
        } else {
            let seen = self.last.as_ref().map_or(0, |seen| seen.moment);
            self.failing = Failing::of(outcome, request, at, seen);
        }
        if let Outcome::Reply(reply) = outcome {
            self.replies.push(reply.meaning);
        }
    }

    /// The grant whose tokens it has received in exchange for a code.
    fn granted(&self) -> Option<GrantId> {
        self.replies.iter().find_map(|meaning| match meaning {
            Meaning::Tokens { grant, .. } => Some(*grant),
            _ => None,
        })
    }

    /// Whether a failure stands: that an endpoint is missing does once the metadata was looked at
    /// again and names no other one.
    fn lets_stand(&self, failing: &Failing) -> bool {
        let Some(missing) = &failing.missing else {
            return true;
        };
        self.has_discovered && self.endpoint.as_ref().is_none_or(|known| known == missing)
    }

    /// The session that it has seen first.
    pub(crate) fn first_grant(&self) -> Option<GrantId> {
        self.first.as_ref()?.view.as_ref()?.grant
    }

    fn last_view(&self) -> Option<&View> {
        self.last.as_ref()?.view.as_ref()
    }

    /// Whether it was told that the tokens are another user's.
    fn has_seen_another_user(&self) -> bool {
        let is_other =
            |meaning: &Meaning| matches!(meaning, Meaning::Tokens { is_other: true, .. });
        self.replies.iter().any(is_other)
    }
}

impl Judge {
    pub(crate) fn violation(&self) -> Option<&String> {
        self.violation.as_ref()
    }

    /// Notes the first violation of a rule.
    pub(crate) fn demand(&mut self, holds: bool, rule: fmt::Arguments<'_>) {
        if !holds && self.violation.is_none() {
            self.violation = Some(rule.to_string());
        }
    }

    /// Whether what the clients know is what the store has.
    pub(crate) fn is_intact(&self, area: AreaId, client: usize) -> bool {
        let scope = self.scopes.get(&(area, client));
        !scope.is_some_and(|scope| scope.is_altered)
    }

    /// Whether nobody is signed in anywhere.
    pub(crate) fn has_no_session(&self) -> bool {
        self.scopes.values().all(|scope| scope.grants.is_empty())
    }

    /// A tab's storage was copied.
    pub(crate) fn duplicated(&mut self, original: AreaId, copy: AreaId) {
        for client in 0..2 {
            let Some(known) = self.scopes.get(&(original, client)) else {
                continue;
            };
            let scope = Scope {
                grants: known.grants.clone(),
                is_altered: known.is_altered,
                has_refused: known.has_refused,
                refusals: known.refusals.clone(),
                ..Scope::default()
            };
            self.scopes.insert((copy, client), scope);
        }
    }

    /// What the core shows contains no secret.
    pub(crate) fn shown(&mut self, what: &impl Debug) {
        let mut text = std::mem::take(&mut self.shown);
        text.clear();
        let _ = write!(text, "{what:?}");
        self.demand(
            !text.contains(SECRET),
            format_args!("a secret is shown: {text}"),
        );
        self.shown = text;
    }

    /// A flow has sent its page to this URL.
    pub(crate) fn left(&mut self, run: &Run, area: AreaId, url: &str, moment: u64) {
        let Call::SignIn { app_state } = run.call else {
            return;
        };
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let mut query = form_urlencoded::parse(query.as_bytes());
        if let Some((_, state)) = query.find(|(name, _)| name == "state") {
            let authorization = Authorization {
                area,
                moment,
                app_state: format!("state {app_state}"),
            };
            self.authorizations
                .insert(state.into_owned(), authorization);
        }
    }

    /// A flow has written the tab's sign-ins, or tried to.
    pub(crate) fn transactions_written(&mut self, run: &mut Run, written: Written, moment: u64) {
        if written != Written::Done {
            return;
        }
        run.facts.cancelled = Some(moment);
        let sign_outs = self
            .scopes
            .values_mut()
            .flat_map(|scope| &mut scope.sign_outs);
        for sign_out in sign_outs.filter(|sign_out| sign_out.run == run.id) {
            sign_out.cancelled = Some(moment);
        }
    }
}
