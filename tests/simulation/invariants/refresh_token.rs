//! No refresh token is sent twice where the provider forbids it, unless its response was lost.
//!
//! A response is lost if it does not reach the flow that asked for it, or if that flow's page dies
//! before it has stored what came. It also counts as lost
//! - if the sender's lock was taken over while its page slept: who waits cannot know whether the
//!   page will ever wake up;
//! - if the store lost or altered what it had taken;
//! - for everybody but the client that has it in memory, if the store refused to take it;
//! - for a client whose store cannot be read: it has nothing but its memory;
//! - in a duplicated tab whose original was gone before anybody could say that it is a copy.

use crate::network::{ExchangeId, Outcome};
use crate::page::PageId;
use crate::provider::{Message, RefreshId};
use crate::record;
use crate::response::Meaning;
use crate::run::{Run, RunId};
use crate::store::{AreaId, Written};
use crate::world::World;

use super::Judge;

/// A request with a refresh token.
pub(super) struct Sending {
    exchange: ExchangeId,
    run: RunId,
    /// The store from which the token came.
    area: AreaId,
    token: RefreshId,
    /// The token that replaced it.
    successor: Option<RefreshId>,
    fate: Fate,
    /// The lock was taken over from its page, which slept.
    is_overtaken: bool,
    /// The token was not its sender's any more, and nobody could know.
    is_excused: bool,
}

/// What became of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    InFlight,
    /// It said that the token is good for another request.
    Refused,
    Lost,
    /// The flow has it, and the store does not.
    Received,
    /// The store refused it, and this client of this page keeps it in memory.
    InMemory(PageId, usize),
    /// At this moment.
    Stored(u64),
}

impl World {
    /// A client looks at its store. If somebody else has written, it takes that for its own state,
    /// and not what the store has refused.
    pub(crate) fn judge_look(&mut self, page: PageId, client: usize, record: Option<&String>) {
        let head = record.map_or("", |record| record::head(record));
        if head != self.pages[page].clients[client].core.revision() {
            self.judge.forget_memory(page, client);
        }
    }

    pub(super) fn judge_refresh(
        &mut self,
        run: &Run,
        area: AreaId,
        exchange: ExchangeId,
        token: RefreshId,
    ) {
        let key = self.scope_of(area, run);
        let is_altered = !self.judge.is_intact(key.0, key.1);
        // The same goes for a page that was given the lock while it slept and lost it as it woke up.
        let is_late = run.has_lost_lock && run.has_slept;
        if self.provider.forbids_reuse() && !is_altered && !is_late {
            for sending in &self.judge.sendings {
                if sending.token != token || sending.is_excused {
                    continue;
                }
                let read = run.facts.last.as_ref().map_or(0, |seen| seen.moment);
                let is_allowed = match sending.fate {
                    Fate::Refused | Fate::Lost => true,
                    Fate::InFlight | Fate::Received => sending.is_overtaken,
                    // That the store refuses it reaches the page later than the lock is lost.
                    Fate::InMemory(..) if sending.is_overtaken => true,
                    Fate::InMemory(page, client) => (page, client) != (run.page, run.client),
                    // It is stored after all, and this flow has read the store before.
                    Fate::Stored(moment) if sending.is_overtaken && read < moment => true,
                    Fate::Stored(_) => run.facts.last_view().is_none(),
                };
                if !is_allowed {
                    let (first, fate) = (sending.run, sending.fate);
                    return self.judge.demand(
                        false,
                        format_args!(
                            "{} sends {token}, which {first} has sent; its response: {fate:?}",
                            run.id
                        ),
                    );
                }
            }
        }
        self.judge.sendings.push(Sending {
            exchange,
            run: run.id,
            area,
            token,
            successor: None,
            fate: Fate::InFlight,
            is_overtaken: is_late,
            is_excused: is_altered,
        });
    }

    /// No code is sent twice (RFC 6749 section 4.1.2), except by a copy of the tab, which has a copy
    /// of the sign-in, and after the tab's storage was altered.
    pub(super) fn judge_code(&mut self, run: &Run, message: &Message) {
        let Some(code) = message.get("code") else {
            return;
        };
        let area = self.tabs[self.pages[run.page].tab].area;
        let area = &self.areas[area];
        let is_excused = area.was_duplicated || area.was_altered;
        let is_known = self.judge.codes.iter().any(|known| known == code);
        self.judge.demand(
            !is_known || is_excused,
            format_args!("{} sends {code} again", run.id),
        );
        self.judge.codes.push(code.into());
    }

    /// The page of a duplicated tab was told that its storage is no copy.
    pub(crate) fn judge_copy(&mut self, area: AreaId) {
        for (original, writes) in std::mem::take(&mut self.areas[area].copy_of) {
            // The original has gone, and it had newer tokens than those that were copied.
            if self.areas[original].writes != writes {
                self.judge.forget_stored(original);
            }
        }
    }
}

impl Judge {
    /// The provider has processed a request.
    pub(crate) fn processed(&mut self, exchange: ExchangeId, meaning: &Meaning) {
        if let Some(sending) = self.sending(exchange)
            && let Meaning::Tokens { refresh, .. } = meaning
        {
            sending.successor = *refresh;
        }
    }

    /// The flow learns what came of its request.
    pub(crate) fn settled(&mut self, exchange: ExchangeId, outcome: &Outcome) {
        let Some(sending) = self.sending(exchange) else {
            return;
        };
        sending.fate = match outcome {
            Outcome::Reply(reply) => match reply.meaning {
                Meaning::Tokens { refresh, .. } if refresh.is_some() => Fate::Received,
                Meaning::Cut => Fate::Lost,
                _ => Fate::Refused,
            },
            Outcome::Failed | Outcome::TimedOut => Fate::Lost,
        };
    }

    /// What the flow has not stored belonged to a session that has ended.
    pub(super) fn run_ended(&mut self, run: RunId) {
        for sending in &mut self.sendings {
            if sending.run == run && sending.fate == Fate::Received {
                sending.fate = Fate::Lost;
            }
        }
    }

    pub(crate) fn page_died(&mut self, page: PageId, runs: &[RunId]) {
        for sending in &mut self.sendings {
            let is_lost = match sending.fate {
                Fate::InFlight | Fate::Received => runs.contains(&sending.run),
                Fate::InMemory(known, _) => known == page,
                _ => false,
            };
            if is_lost {
                sending.fate = Fate::Lost;
            }
        }
    }

    /// A flow has written sessions with these refresh tokens, or tried to.
    pub(super) fn stored(
        &mut self,
        run: &Run,
        tokens: &[RefreshId],
        written: Written,
        moment: u64,
    ) {
        for sending in &mut self.sendings {
            match written {
                Written::Done
                    if sending
                        .successor
                        .is_some_and(|token| tokens.contains(&token)) =>
                {
                    sending.fate = Fate::Stored(moment);
                }
                Written::Refused if sending.run == run.id && sending.fate == Fate::Received => {
                    sending.fate = Fate::InMemory(run.page, run.client);
                }
                _ => {}
            }
        }
    }

    /// A flow has lost the lock because its page slept.
    pub(crate) fn overtaken(&mut self, run: RunId) {
        for sending in &mut self.sendings {
            sending.is_overtaken |= sending.run == run;
        }
    }

    fn forget_memory(&mut self, page: PageId, client: usize) {
        for sending in &mut self.sendings {
            if sending.fate == Fate::InMemory(page, client) {
                sending.fate = Fate::Lost;
            }
        }
    }

    /// The store has lost what it had taken.
    pub(super) fn forget_stored(&mut self, area: AreaId) {
        for sending in &mut self.sendings {
            let is_kept = matches!(sending.fate, Fate::Stored(_) | Fate::InMemory(..));
            if sending.area == area && is_kept {
                sending.fate = Fate::Lost;
            }
        }
    }

    /// The refresh tokens that a flow has received and not stored.
    pub(super) fn unstored(&self, run: RunId) -> impl Iterator<Item = RefreshId> {
        let of_run = self
            .sendings
            .iter()
            .filter(move |sending| sending.run == run);
        of_run
            .filter(|sending| sending.fate == Fate::Received)
            .filter_map(|sending| sending.successor)
    }

    /// The newest refresh token that only this client has.
    pub(crate) fn in_memory(&self, page: PageId, client: usize) -> Option<RefreshId> {
        let kept = |sending: &&Sending| sending.fate == Fate::InMemory(page, client);
        self.sendings.iter().rev().find(kept)?.successor
    }

    fn sending(&mut self, exchange: ExchangeId) -> Option<&mut Sending> {
        let mut sendings = self.sendings.iter_mut();
        sendings.find(|sending| sending.exchange == exchange)
    }
}
