//! Every call settles, and if it fails, then for a reason that is true.

use countersign::{AuthError, ErrorCode, RecordKey};

use crate::network::ExchangeId;
use crate::provider::Message;
use crate::provider::SCOPE;
use crate::record::View;
use crate::response::Meaning;
use crate::run::{Call, Run, TokenCall, Value};
use crate::world::{PATIENCE, Time, World};

use super::session::state_in;

/// What a call may take at most, of a page that does not sleep: a wait for the lock and its own
/// requests, each up to a host's timeout.
const LONGEST: Time = 300_000;
/// How often a flow is resumed at most.
const MOST_STEPS: usize = 200;

impl World {
    /// A flow goes on.
    pub(crate) fn judge_steps(&mut self, run: &mut Run) {
        run.facts.steps += 1;
        self.judge.demand(
            run.facts.steps <= MOST_STEPS,
            format_args!("{} comes to no end", run.id),
        );
    }

    /// A flow sends a request.
    pub(crate) fn judge_send(&mut self, run: &mut Run, exchange: ExchangeId, message: &Message) {
        run.facts.requests += 1;
        let unstored = self.judge.unstored(run.id).next();
        self.judge.demand(
            unstored.is_none(),
            format_args!(
                "{} makes a request before it has stored {unstored:?}",
                run.id
            ),
        );
        let (area, _) = self.place_of(run.page, run.client, RecordKey::Session);
        self.judge_rate(run, area, message);
        self.judge_code(run, message);
        if let Some(token) = message.refresh() {
            self.judge_refresh(run, area, exchange, token);
        }
    }

    /// A flow has ended.
    pub(crate) fn judge_end(&mut self, run: &Run, result: &Result<Value, AuthError>) {
        self.judge_time(run);
        self.judge_stored(run);
        self.judge.run_ended(run.id);
        match (&run.call, result) {
            (Call::Token(call), Ok(Value::Token(token))) => self.judge_token(run, call, token),
            (Call::Token(call), Err(error)) => {
                self.judge_withheld(run, call, error);
                self.judge_refusal(run, call, error);
            }
            (Call::Redirect { url }, Ok(Value::Redirect(Some(sign_in)))) => {
                let request = self.judge.authorizations.get(state_in(url));
                let expected = request.map(|request| request.app_state.as_str());
                let area = self.tabs[self.pages[run.page].tab].area;
                let is_own =
                    sign_in.app_state.as_deref() == expected || self.areas[area].was_altered;
                let subject = sign_in.account.subject.as_str();
                let grant = run.facts.granted();
                let user = grant.map_or(subject, |grant| self.provider.grants[grant].user);
                self.judge.demand(
                    is_own && user == subject,
                    format_args!("{} gives another sign-in's result", run.id),
                );
            }
            (Call::Popup { app_state }, Ok(Value::Redirect(Some(sign_in)))) => {
                let expected = format!("state {app_state}");
                let subject = sign_in.account.subject.as_str();
                let grant = run.facts.granted();
                let user = grant.map(|grant| self.provider.grants[grant].user);
                self.judge.demand(
                    sign_in.app_state == Some(expected) && user == Some(subject),
                    format_args!("{} gives another sign-in's result", run.id),
                );
            }
            (Call::Restore, Ok(_)) if self.is_copy(run.page) && run.facts.last_view().is_none() => {
                // A copy that cannot read its store cannot give up what is in it.
                let (area, _) = self.place_of(run.page, run.client, RecordKey::Session);
                let key = self.scope_of(area, run);
                self.judge.scopes.entry(key).or_default().is_altered = true;
            }
            (Call::Restore | Call::Wake { .. }, Err(error)) => {
                self.judge
                    .demand(false, format_args!("{} fails: {error}", run.id));
            }
            _ => {}
        }
        if let (Call::Token(_), Err(error), true) = (&run.call, result, self.judge.expected) {
            // For how long the provider asked for peace depends on the clock.
            let is_paused =
                error.code() == ErrorCode::ProviderUnavailable && self.clock.changed.is_some();
            // In memory another account may be active, or none.
            let (area, _) = self.place_of(run.page, run.client, RecordKey::Session);
            let scope = self.judge.scopes.get(&self.scope_of(area, run));
            let is_in_memory = error.code() == ErrorCode::AccountRequired
                && scope.is_some_and(|scope| scope.has_refused);
            self.judge.demand(
                is_paused || is_in_memory,
                format_args!("{} fails, though the session is good: {error}", run.id),
            );
        }
        if let Err(error) = result {
            self.judge.demand(
                error.code() != ErrorCode::Internal,
                format_args!("{} fails: {error}", run.id),
            );
        }
    }

    /// Also for a flow that has not ended.
    pub(crate) fn judge_time(&mut self, run: &Run) {
        let took = self.now - run.started_at;
        // Each page that sleeps before it in the queue for a lock costs a minute.
        let overtaken = (self.takeovers - run.takeovers) * PATIENCE;
        self.judge.demand(
            run.has_slept || took <= LONGEST + overtaken + run.with_user,
            format_args!("{} has not settled after {} s", run.id, took / 1000),
        );
    }

    /// A new refresh token is stored, unless the session has ended meanwhile.
    fn judge_stored(&mut self, run: &Run) {
        let Some(token) = self.judge.unstored(run.id).last() else {
            return;
        };
        let (area, _) = self.place_of(run.page, run.client, RecordKey::Session);
        let key = self.scope_of(area, run);
        let Some(scope) = self.judge.scopes.get(&key) else {
            return;
        };
        let is_over = !scope.grants.contains(&token.grant) || run.facts.has_seen_another_user();
        let is_excused = scope.is_altered || !self.provider.accepts(token, self.now);
        self.judge.demand(
            is_over || is_excused,
            format_args!("{} ends without having stored {token}", run.id),
        );
    }

    /// A call that says that the user must sign in tells the truth.
    fn judge_refusal(&mut self, run: &Run, call: &TokenCall, error: &AuthError) {
        let (area, _) = self.place_of(run.page, run.client, RecordKey::Session);
        let key = self.scope_of(area, run);
        let scope = self.judge.scopes.get(&key);
        if scope.is_some_and(|scope| scope.is_altered || scope.has_refused) {
            return;
        }
        let Some(view) = run.facts.last_view() else {
            return;
        };
        let is_true = match error.code() {
            ErrorCode::SignInRequired | ErrorCode::AccountRequired => view.grant.is_none(),
            ErrorCode::SessionReplaced => {
                let first = run.facts.first.as_ref().and_then(|seen| seen.view.as_ref());
                let is_other =
                    |first: &View| first.grant != view.grant || first.refresh != view.refresh;
                first.is_none_or(is_other)
            }
            ErrorCode::InteractionRequired => {
                let is_refusal =
                    |meaning: &Meaning| matches!(meaning, Meaning::Dead | Meaning::NeedsUser);
                view.refresh.is_none()
                    || run.facts.replies.iter().any(is_refusal)
                    || self.was_refused(run, area, (call.scope.unwrap_or(SCOPE), call.claims))
            }
            _ => true,
        };
        self.judge.demand(
            is_true,
            format_args!(
                "{} fails without need: {error}; the store had {view:?}",
                run.id
            ),
        );
    }
}
