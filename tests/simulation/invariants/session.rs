//! Nobody is signed out while a refresh token that the provider accepts was available, and after a
//! sign-out nobody in its scope is signed in without a new sign-in.
//!
//! The store decides who is signed in, so both are rules about its records: which flow may write
//! what over what. The end of each schedule also tries whether the sessions that remain work.

use crate::record::{self, View};
use crate::run::{Call, Run, RunId};
use crate::store::{AreaId, Slot, Written};
use crate::world::World;

/// A sign-out that has ended a session.
pub(super) struct SignOut {
    pub(super) run: RunId,
    moment: u64,
    /// The storage of its tab.
    area: AreaId,
    /// When it has ended the sign-ins of its tab, too.
    pub(super) cancelled: Option<u64>,
}

impl World {
    pub(super) fn scope_of(&self, area: AreaId, run: &Run) -> (AreaId, usize) {
        (area, self.pages[run.page].clients[run.client].name)
    }

    /// A flow has written a session's record, or tried to.
    pub(crate) fn judge_write(
        &mut self,
        run: &mut Run,
        (area, slot): (AreaId, Slot),
        before: Option<&String>,
        record: &String,
        written: Written,
    ) {
        let (old, new) = (View::of(before), View::of(Some(record)));
        self.judge.stored(run, new.refresh, written, self.moment);
        let key = (area, slot.client);
        match written {
            Written::Conflict => return,
            Written::Refused => {
                let scope = self.judge.scopes.entry(key).or_default();
                scope.has_refused = true;
                scope.refused.extend(new.grant);
                // A sign-out that could not be stored has failed, and is one for its client only. A
                // copy that could not be stored has kept its original's refresh token.
                scope.is_altered |= matches!(run.call, Call::SignOut { .. } | Call::Restore);
                return;
            }
            Written::Done => {}
        }
        self.judge_head(key, record);
        let is_altered = self.judge.scopes.entry(key).or_default().is_altered;
        if !is_altered {
            self.judge_loss(run, &old, &new);
            self.judge_gain(run, key, &old, &new);
        }
        let is_sign_in = run.is_sign_in() && new.grant.is_some() && new.grant != old.grant;
        if is_sign_in {
            self.judge_sign_in(run, key);
        }
        if new.grant.is_none() {
            self.judge.scopes.entry(key).or_default().refused.clear();
        }
        let (moment, tab) = (self.moment, self.tabs[self.pages[run.page].tab].area);
        let scope = self.judge.scopes.entry(key).or_default();
        scope.grant = new.grant;
        if let Some(failing) = run.facts.failing.take() {
            let stands = run.facts.lets_stand(&failing);
            scope.failed(failing, stands, moment);
        }
        if run.has_lost_lock {
            // The page slept, so its write and that of the next holder undo each other's notes.
            scope.failures.clear();
        }
        if is_sign_in || matches!(run.call, Call::SignOut { .. }) {
            scope.failures.clear();
        }
        if matches!(run.call, Call::SignOut { .. }) {
            scope.sign_outs.push(SignOut {
                run: run.id,
                moment,
                area: tab,
                cancelled: run.facts.cancelled,
            });
        }
    }

    /// A revision names one state: whoever has seen it may rely on what they have.
    fn judge_head(&mut self, key: (AreaId, usize), record: &String) {
        let scope = self.judge.scopes.entry(key).or_default();
        let head = record::head(record);
        let is_known = scope.heads.get(head).is_some_and(|known| known != record);
        scope.heads.insert(head.into(), record.clone());
        self.judge.demand(
            !is_known,
            format_args!("two states have the revision {head}"),
        );
    }

    /// A session ends, or loses its refresh token, only for a reason.
    fn judge_loss(&mut self, run: &Run, old: &View, new: &View) {
        let is_new_sign_in =
            run.is_sign_in() && new.grant.is_some() && new.grant == run.facts.granted();
        let is_ended = matches!(run.call, Call::SignOut { .. })
            || is_new_sign_in
            || run.facts.has_seen_another_user();
        // A copy gives up what its original needs.
        let is_copy = run.call == Call::Restore && self.is_copy(run.page);
        let accepts = |view: &View| {
            let token = view.refresh;
            token.is_some_and(|token| self.provider.accepts(token, self.now))
        };
        let loses_token = accepts(old) && !accepts(new) && !is_copy;
        let loses_session = old.grant.is_some() && new.grant.is_none();
        let holds = is_ended || !loses_token && !loses_session;
        self.judge.demand(
            holds,
            format_args!(
                "{} ends a session that was good: {old:?} to {new:?}",
                run.id
            ),
        );
    }

    /// A session begins only with a sign-in. One that the store has refused is in memory, and may
    /// be written later.
    fn judge_gain(&mut self, run: &Run, key: (AreaId, usize), old: &View, new: &View) {
        let is_gain = new.grant.is_some() && new.grant != old.grant;
        let refused = self.judge.scopes.get(&key).map(|scope| &scope.refused);
        let was_refused =
            refused.is_some_and(|refused| refused.iter().any(|grant| new.grant == Some(*grant)));
        let is_sign_in = was_refused || run.is_sign_in() && new.grant == run.facts.granted();
        self.judge.demand(
            !is_gain || is_sign_in,
            format_args!("{} brings a session back: {old:?} to {new:?}", run.id),
        );
    }

    /// A sign-in is new if it was begun after the sign-out. Of another tab's, which the sign-out does
    /// not see, it is enough that the response was taken up later.
    fn judge_sign_in(&mut self, run: &Run, key: (AreaId, usize)) {
        // Of a popup nothing is stored: it counts from its beginning.
        let state = match &run.call {
            Call::Redirect { url } => state_in(url),
            _ => "",
        };
        let authorization = self.judge.authorizations.get(state);
        let tab = self.tabs[self.pages[run.page].tab].area;
        let begun = run.facts.first.as_ref().map_or(0, |seen| seen.moment);
        let Some(scope) = self.judge.scopes.get(&key) else {
            return;
        };
        let is_cancelled = scope.sign_outs.iter().any(|sign_out| {
            let is_here = authorization.is_some_and(|request| {
                let is_earlier = sign_out
                    .cancelled
                    .is_some_and(|moment| request.moment < moment);
                request.area == tab && sign_out.area == tab && is_earlier
            });
            begun < sign_out.moment || is_here
        });
        let is_excused = scope.is_altered || self.areas[tab].was_altered;
        self.judge.demand(
            !is_cancelled || is_excused,
            format_args!(
                "{} signs in, though a sign-out has ended its sign-in",
                run.id
            ),
        );
    }

    /// The store has lost or altered its records.
    pub(crate) fn judge_alteration(&mut self, area: AreaId, is_understood: bool) {
        self.areas[area].was_altered = true;
        self.judge.forget_stored(area);
        for client in 0..2 {
            let key = crate::store::session_slot(client);
            let view = View::of(self.areas[area].record(key));
            let scope = self.judge.scopes.entry((area, client)).or_default();
            scope.grant = view.grant;
            scope.heads.clear();
            scope.failures.clear();
            scope.sign_outs.clear();
            scope.is_altered |= !is_understood;
        }
    }
}

/// The `state` in the URL of an authorization response.
pub(super) fn state_in(url: &str) -> &str {
    let after = url.split_once("state=").map_or("", |(_, after)| after);
    after.split('&').next().unwrap_or_default()
}
