//! No token is handed out that is empty, expired or another account's, and none that was asked for
//! something else. None that is still good is withheld.

use countersign::page::AccessToken;
use countersign::{AuthError, ErrorCode, RecordKey};

use crate::page::PageId;
use crate::provider::{AccessId, GrantId, SCOPE, sorted};
use crate::record::{self, View};
use crate::run::{Run, TokenCall};
use crate::store::session_slot;
use crate::world::{Time, World};

/// A token that has less time left may be withheld, since it would expire on its way.
const LAST: Time = 6_000;

impl World {
    /// A call has given this token.
    pub(super) fn judge_token(&mut self, run: &Run, call: &TokenCall, token: &AccessToken) {
        let Some(id) = self.judge_handed_out(token) else {
            return;
        };
        let access = &self.provider.access[id];
        let (area, _) = self.place_of(run.page, run.client, RecordKey::Session);
        let key = self.scope_of(area, run);
        let scope = self.judge.scopes.get(&key);
        // The text of a record that was altered is the word of whoever has altered it; a store that
        // refuses to be read or written leaves the client with what it knows.
        if scope.is_some_and(|scope| scope.is_altered || scope.has_refused) {
            return;
        }
        let views = (run.facts.first.as_ref(), run.facts.last.as_ref());
        let (Some(first), Some(last)) = views else {
            return self
                .judge
                .demand(false, format_args!("{} has read nothing", run.id));
        };
        let (Some(first), Some(last)) = (&first.view, &last.view) else {
            return;
        };
        let user = |grant: Option<GrantId>| grant.map(|grant| self.provider.grants[grant].user);
        let is_own = user(first.grant) == Some(access.user) && last.grant.is_some();
        let asked_for = sorted(call.scope.unwrap_or(SCOPE));
        let is_asked_for = access.scope == asked_for
            && (call.claims.is_none() || access.claims.as_deref() == call.claims);
        let wants_new = call.force || call.claims.is_some();
        let is_new = !wants_new || !first.access.contains(&id);
        let (name, user) = (run.id, access.user);
        self.judge.demand(
            is_own,
            format_args!("{name} gives {user}'s token: {first:?}, at last {last:?}"),
        );
        self.judge.demand(
            is_asked_for && is_new,
            format_args!("{name} gives at.{id}, which is not what was asked for"),
        );
    }

    /// What the synchronous way of a page does: it reads a token of the copy that a client has, if
    /// that is what the store holds.
    pub(crate) fn read_cached(&mut self, page: PageId, client: usize, scope: Option<&str>) {
        let (area, slot) = self.place_of(page, client, RecordKey::Session);
        let Ok(record) = self.areas[area].read(slot) else {
            return;
        };
        let known = &self.pages[page].clients[client];
        let head = record.map_or("", |record| record::head(record));
        if !known.is_ready || head != known.core.revision() {
            return;
        }
        let view = View::of(record);
        let now = self.clock.unix(self.now);
        let place = known.core.cached_token(scope, None, now);
        let Some(token) = place.and_then(|place| known.core.token_at(place)) else {
            return;
        };
        let Some(id) = self.judge_handed_out(&token) else {
            return;
        };
        self.note(format_args!("page {page}, client {client} reads at.{id}"));
        let access = &self.provider.access[id];
        let scopes = &self.judge.scopes;
        let is_excused = scopes
            .get(&(area, slot.client))
            .is_some_and(|scope| scope.is_altered || scope.has_refused);
        let user = view.grant.map(|grant| self.provider.grants[grant].user);
        let is_own = user == Some(access.user) && access.scope == sorted(scope.unwrap_or(SCOPE));
        self.judge.demand(
            is_own || is_excused,
            format_args!("page {page} reads at.{id}, while the store has {view:?}"),
        );
    }

    /// What is true of every token that is handed out. Returns which one it is.
    fn judge_handed_out(&mut self, token: &AccessToken) -> Option<AccessId> {
        let text = token.token().expose();
        let id = record::numbers_after(text, "at.").next();
        let Some(access) = id.and_then(|id| self.provider.access.get(id)) else {
            self.judge.demand(
                false,
                format_args!("no token of the provider's is handed out: {text:?}"),
            );
            return None;
        };
        let now = self.clock.unix(self.now);
        let is_known_expired = token.lifetime().expires_at <= now;
        // Who sets the clock back cannot know.
        let was_set = self
            .clock
            .changed
            .is_some_and(|(_, at)| at + 60_000 > access.issued_at);
        let is_expired = is_known_expired || !was_set && access.expires_at <= self.now;
        let is_usable = access.is_usable;
        self.judge.demand(
            !is_expired,
            format_args!("{text} is handed out and has expired"),
        );
        self.judge.demand(
            is_usable,
            format_args!("{text} is handed out and was not granted"),
        );
        id
    }

    /// A call has failed while the store had a token, from beginning to end, that would have done.
    pub(super) fn judge_withheld(&mut self, run: &Run, call: &TokenCall, error: &AuthError) {
        if call.force || call.claims.is_some() || error.code() == ErrorCode::SessionReplaced {
            return;
        }
        let (area, _) = self.place_of(run.page, run.client, RecordKey::Session);
        let key = self.scope_of(area, run);
        let scope = self.judge.scopes.get(&key);
        if scope.is_some_and(|scope| scope.is_altered || scope.has_refused) {
            return;
        }
        let first = run.facts.first.as_ref().and_then(|seen| seen.view.as_ref());
        let (Some(first), Some(view)) = (first, run.facts.last_view()) else {
            return;
        };
        let life = self.provider.policy.access_life * 1000;
        // A token that lives for less is as good as expired when it comes.
        if self.clock.changed.is_some()
            || life < 2 * LAST
            || !self.provider.policy.tells_access_life
        {
            return;
        }
        let asked_for = sorted(call.scope.unwrap_or(SCOPE));
        let both = view.access.iter().filter(|id| first.access.contains(id));
        let good = both.copied().find(|id| {
            let access = &self.provider.access[*id];
            let slowest = 30_000;
            access.scope == asked_for
                && access.is_usable
                && self.now + LAST + slowest < access.expires_at
        });
        self.judge.demand(
            good.is_none(),
            format_args!("{} fails, though at.{good:?} is good: {error}", run.id),
        );
    }

    /// Whom a client takes to be signed in is whom the store has, once the client has looked.
    pub(crate) fn judge_account(&mut self, page: PageId, client: usize) {
        let (area, slot) = self.place_of(page, client, RecordKey::Session);
        let scope = self.judge.scopes.get(&(area, slot.client));
        if scope.is_some_and(|scope| scope.is_altered || scope.has_refused) {
            return;
        }
        let view = View::of(self.areas[area].record(session_slot(slot.client)));
        let stored = view.grant.map(|grant| self.provider.grants[grant].user);
        let account = self.pages[page].clients[client].core.account();
        let known = account.map(|account| account.subject);
        self.judge.demand(
            known.as_deref() == stored,
            format_args!("page {page} takes {known:?} to be signed in, and it is {stored:?}"),
        );
    }
}
