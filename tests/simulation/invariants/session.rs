//! Nobody is signed out while a refresh token that the provider accepts was available, and after a
//! sign-out nobody in its scope is signed in without a new sign-in.
//!
//! The store decides who is signed in, so both are rules about its records: which flow may write
//! what over what. The end of each schedule also tries whether the sessions that remain work.

use crate::provider::GrantId;
use crate::record::{self, View, views};
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
        let (old, new) = (views(before), views(Some(record)));
        let refresh: Vec<_> = new.iter().filter_map(|view| view.refresh).collect();
        self.judge.stored(run, &refresh, written, self.moment);
        let key = (area, slot.client);
        match written {
            Written::Conflict => return,
            Written::Refused => {
                let scope = self.judge.scopes.entry(key).or_default();
                scope.has_refused = true;
                scope.refused.extend(grants_of(&new));
                // A sign-out that could not be stored has failed, and is one for its client only; so
                // is the end of a session whose tokens were another user's. A copy that could not be
                // stored has kept its original's refresh token.
                scope.is_altered |= matches!(run.call, Call::SignOut { .. } | Call::Restore)
                    || run.facts.has_seen_another_user();
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
        let is_sign_in = run.is_sign_in()
            && grants_of(&new).any(|grant| !grants_of(&old).any(|known| known == grant));
        if is_sign_in {
            self.judge_sign_in(run, key);
        }
        if new.is_empty() {
            self.judge.scopes.entry(key).or_default().refused.clear();
        }
        let (moment, tab) = (self.moment, self.tabs[self.pages[run.page].tab].area);
        let scope = self.judge.scopes.entry(key).or_default();
        scope.grants = grants_of(&new).collect();
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

    /// A session ends, or loses its refresh token, only for a reason. What happens to one account
    /// is no reason for another one.
    fn judge_loss(&mut self, run: &Run, old: &[View], new: &[View]) {
        let user = |grant: GrantId| self.provider.grants[grant].user;
        let signed_in = run
            .facts
            .granted()
            .filter(|grant| run.is_sign_in() && grants_of(new).any(|new| new == *grant));
        // A copy gives up what its original needs.
        let is_copy = run.call == Call::Restore && self.is_copy(run.page);
        let accepts = |view: &View| {
            let token = view.refresh;
            token.is_some_and(|token| self.provider.accepts(token, self.now))
        };
        let is_lost = |old: &View| {
            let of_user = old.grant.map(user);
            let is_ended = match run.call {
                Call::SignOut { account, .. } => account.is_none() || account == of_user,
                _ => {
                    signed_in.is_some() && signed_in.map(user) == of_user
                        || run.facts.has_seen_another_user()
                }
            };
            // Another one of this user is a sign-in that was not stored before.
            let kept = new.iter().find(|new| new.grant.map(user) == of_user);
            let loses_token = accepts(old) && !kept.is_some_and(accepts) && !is_copy;
            !is_ended && (loses_token || kept.is_none())
        };
        let lost = old.iter().find(|old| is_lost(old));
        let lost = lost.map(|old| format!("{old:?} to {new:?}"));
        self.judge.demand(
            lost.is_none(),
            format_args!("{} ends a session that was good: {lost:?}", run.id),
        );
        let users: Vec<_> = grants_of(new).map(user).collect();
        let is_twice = |place: usize| users[..place].contains(&users[place]);
        self.judge.demand(
            !(0..users.len()).any(is_twice),
            format_args!("{} writes two sessions of one user: {users:?}", run.id),
        );
    }

    /// A session begins only with a sign-in. One that the store has refused is in memory, and may
    /// be written later.
    fn judge_gain(&mut self, run: &Run, key: (AreaId, usize), old: &[View], new: &[View]) {
        let refused = self.judge.scopes.get(&key).map(|scope| &scope.refused);
        let gained = grants_of(new).find(|grant| {
            let was_there = grants_of(old).any(|known| known == *grant);
            let was_refused = refused.is_some_and(|refused| refused.contains(grant));
            let is_sign_in = run.is_sign_in() && run.facts.granted() == Some(*grant);
            !(was_there || was_refused || is_sign_in)
        });
        self.judge.demand(
            gained.is_none(),
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
            let grants = grants_of(&views(self.areas[area].record(key))).collect();
            let scope = self.judge.scopes.entry((area, client)).or_default();
            scope.grants = grants;
            scope.heads.clear();
            scope.failures.clear();
            scope.sign_outs.clear();
            scope.is_altered |= !is_understood;
        }
    }
}

fn grants_of(views: &[View]) -> impl Iterator<Item = GrantId> {
    views.iter().filter_map(|view| view.grant)
}

/// The `state` in the URL of an authorization response.
pub(super) fn state_in(url: &str) -> &str {
    let after = url.split_once("state=").map_or("", |(_, after)| after);
    after.split('&').next().unwrap_or_default()
}
