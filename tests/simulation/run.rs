//! Flows in progress: what the pages' clients ask for is carried out here.

use std::fmt;

use countersign::page::{
    AccessToken, AccountId, GetTokenOptions, SignIn, SignInOptions, SignOutOptions,
};
use countersign::{AuthError, Command, ErrorCode, Flow, Input, Notice, RecordKey, Shared, Step};

use crate::invariants::Facts;
use crate::page::PageId;
use crate::provider::ISSUER;
use crate::store::{AreaId, Slot, Written};
use crate::world::{Event, Time, World};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RunId(u64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flow {}", self.0)
    }
}

/// A call of a client.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    Restore,
    SignIn {
        app_state: u64,
    },
    /// In a window of its own.
    Popup {
        app_state: u64,
    },
    Redirect {
        url: String,
    },
    Token(TokenCall),
    Wake {
        is_online: bool,
    },
    /// Of one account, or of all.
    SignOut {
        account: Option<&'static str>,
        is_local: bool,
    },
    SetActive {
        account: Option<&'static str>,
    },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TokenCall {
    /// Whose, if not the active account's.
    pub(crate) account: Option<&'static str>,
    pub(crate) scope: Option<&'static str>,
    pub(crate) claims: Option<&'static str>,
    pub(crate) force: bool,
}

/// A flow in progress.
pub(crate) struct Run {
    pub(crate) id: RunId,
    pub(crate) page: PageId,
    pub(crate) client: usize,
    pub(crate) call: Call,
    flow: AnyFlow,
    /// What an asynchronous store is to carry out.
    waiting: Option<Command>,
    pub(crate) started_at: Time,
    /// For how long it waits for the user in its popup.
    pub(crate) with_user: Time,
    /// How often a lock had been taken over before it began.
    pub(crate) takeovers: u64,
    /// Somebody else took its lock while it had it.
    pub(crate) has_lost_lock: bool,
    /// Its page slept since it began.
    pub(crate) has_slept: bool,
    pub(crate) facts: Facts,
}

impl Run {
    /// Whether it may begin a session.
    pub(crate) fn is_sign_in(&self) -> bool {
        matches!(self.call, Call::Redirect { .. } | Call::Popup { .. })
    }
}

enum AnyFlow {
    Plain(Flow<()>),
    Popup(Flow<SignIn>),
    Redirect(Flow<Option<SignIn>>),
    Token(Flow<Shared<AccessToken>>),
}

impl Call {
    /// The account that it names.
    fn account(&self) -> Option<&'static str> {
        match self {
            Self::Token(TokenCall { account, .. }) => *account,
            _ => None,
        }
    }
}

fn account_id(user: &str) -> AccountId {
    AccountId {
        issuer: ISSUER.into(),
        subject: user.into(),
    }
}

/// What a call gave.
pub(crate) enum Value {
    Nothing,
    Redirect(Option<SignIn>),
    Token(Shared<AccessToken>),
}

enum Next {
    Command(Command),
    Ended(Result<Value, AuthError>),
}

fn next<T>(step: Step<T>, value: impl Fn(T) -> Value) -> Next {
    match step {
        Step::Command(command) => Next::Command(command),
        Step::Ended(result) => Next::Ended(result.map(value)),
    }
}

impl World {
    /// Begins a flow, if the page is still there.
    pub(crate) fn call(&mut self, page: PageId, client: usize, call: Call) {
        let Some(known) = self.pages[page].clients.get(client) else {
            return;
        };
        if !known.is_ready && call != Call::Restore {
            return;
        }
        let core = &known.core;
        let flow = match call.clone() {
            Call::Restore => AnyFlow::Plain(core.restore()),
            Call::SignIn { app_state } => AnyFlow::Plain(core.sign_in(SignInOptions {
                app_state: Some(format!("state {app_state}")),
                ..SignInOptions::default()
            })),
            Call::Popup { app_state } => AnyFlow::Popup(core.sign_in_popup(SignInOptions {
                app_state: Some(format!("state {app_state}")),
                ..SignInOptions::default()
            })),
            Call::Redirect { url } => AnyFlow::Redirect(core.handle_redirect(url)),
            Call::Token(TokenCall {
                account,
                scope,
                claims,
                force,
            }) => AnyFlow::Token(core.get_token(GetTokenOptions {
                account: account.map(account_id),
                scope: scope.map(String::from),
                claims: claims.map(String::from),
                force_refresh: force,
                ..GetTokenOptions::default()
            })),
            Call::Wake { is_online } => AnyFlow::Plain(core.wake(is_online)),
            Call::SignOut { account, is_local } => {
                AnyFlow::Plain(core.sign_out_with(SignOutOptions {
                    account: account.map(account_id),
                    local: is_local,
                    ..SignOutOptions::default()
                }))
            }
            Call::SetActive { account } => {
                AnyFlow::Plain(core.set_active_account(account.map(account_id)))
            }
        };
        if matches!(call, Call::Popup { .. } | Call::SignIn { .. }) {
            self.supersede(page);
        }
        let id = RunId(self.next_run);
        self.next_run += 1;
        self.note(format_args!(
            "{id} begins on page {page}, client {client}: {call:?}"
        ));
        let run = Run {
            id,
            page,
            client,
            call,
            flow,
            waiting: None,
            started_at: self.now,
            with_user: 0,
            takeovers: self.takeovers,
            has_lost_lock: false,
            has_slept: false,
            facts: Facts::default(),
        };
        let is_worth_it = match &run.call {
            Call::Redirect { url } => url.contains("code="),
            Call::Popup { .. } => true,
            Call::Token(_) => true,
            _ => false,
        };
        self.runs.insert(id, run);
        if is_worth_it {
            self.invite_trouble(page, 4);
        }
        self.resume(id, Input::Start);
    }

    /// Goes on with a flow until it waits for something.
    pub(crate) fn resume(&mut self, id: RunId, input: Input) {
        let Some(mut run) = self.runs.remove(&id) else {
            return;
        };
        let mut input = input;
        loop {
            self.moment += 1;
            self.judge_steps(&mut run);
            self.show(&input);
            let now = self.clock.unix(self.now);
            let (step, notices) = match &mut run.flow {
                AnyFlow::Plain(flow) => (
                    next(flow.resume(now, input), |()| Value::Nothing),
                    flow.notices(),
                ),
                AnyFlow::Popup(flow) => (
                    next(flow.resume(now, input), |sign_in| {
                        Value::Redirect(Some(sign_in))
                    }),
                    flow.notices(),
                ),
                AnyFlow::Redirect(flow) => (
                    next(flow.resume(now, input), Value::Redirect),
                    flow.notices(),
                ),
                AnyFlow::Token(flow) => {
                    (next(flow.resume(now, input), Value::Token), flow.notices())
                }
            };
            for notice in notices {
                self.take_notice(Some(run.id), run.page, run.client, notice);
            }
            match step {
                Next::Command(command) => match self.carry_out(&mut run, command) {
                    Some(result) => input = result,
                    None => break,
                },
                Next::Ended(result) => return self.ended(run, result),
            }
            if self.judge.violation().is_some() {
                return;
            }
        }
        self.runs.insert(id, run);
    }

    /// The result, if it is there at once.
    fn carry_out(&mut self, run: &mut Run, command: Command) -> Option<Input> {
        self.show(&command);
        self.note(format_args!("  {}: {command:?}", run.id));
        match command {
            Command::Random(length) => Some(Input::Bytes(self.random.bytes(length))),
            Command::Read(_) | Command::Write { .. } if self.plan.is_async => {
                run.waiting = Some(command);
                let delay = self.random.between(0, 20);
                self.after(delay, Event::Store { run: run.id });
                None
            }
            Command::Read(_) | Command::Write { .. } => Some(self.use_store(run, command)),
            Command::Send(request) => {
                self.send(run, &request);
                None
            }
            Command::Lock(name) => {
                self.request_lock(name, run.id);
                None
            }
            Command::ClaimTab => self.claim_tab(run),
            Command::Navigate(url) => {
                self.left(run, &url);
                let delay = self.random.between(0, 50);
                self.after(
                    delay,
                    Event::Leave {
                        page: run.page,
                        url,
                    },
                );
                Some(Input::Done)
            }
            Command::Popup { url, state } => {
                self.open_popup(run, &url, &state);
                None
            }
            other => panic!("{other:?} is not a page's"),
        }
    }

    fn left(&mut self, run: &Run, url: &str) {
        let area = self.tabs[self.pages[run.page].tab].area;
        self.judge.left(run, area, url, self.moment);
        if self.provider.policy.logout_revokes
            && matches!(run.call, Call::SignOut { .. })
            && let Some(grant) = run.facts.first_grant()
        {
            self.provider.grants[grant].is_revoked = true;
        }
    }

    /// The lock was granted some time ago. A page that slept meanwhile may have lost it again, and
    /// the host must not say that it has it.
    pub(crate) fn granted(&mut self, id: RunId, name: String) {
        if self.locks.is_held_by(&name, id) {
            self.resume(id, Input::Done);
        } else {
            self.request_lock(name, id);
        }
    }

    pub(crate) fn carry_out_in_store(&mut self, id: RunId) {
        let Some(mut run) = self.runs.remove(&id) else {
            return;
        };
        if let Some(command) = run.waiting.take() {
            let input = self.use_store(&mut run, command);
            let delay = self.random.between(0, 20);
            self.after(delay, Event::Resume { run: id, input });
        }
        self.runs.insert(id, run);
    }

    fn use_store(&mut self, run: &mut Run, command: Command) -> Input {
        self.moment += 1;
        let refused = || Input::Failed(ErrorCode::StorageUnavailable.into());
        match command {
            Command::Read(key) => {
                let (area, slot) = self.place_of(run.page, run.client, key);
                let read = self.areas[area].read(slot).map(|record| record.cloned());
                if key == RecordKey::Session {
                    let account = run.call.account();
                    let user = |grant: usize| self.provider.grants[grant].user;
                    run.facts.read(&read, account, &user, self.moment);
                    if let Ok(record) = &read {
                        self.judge_look(run.page, run.client, record.as_ref());
                    }
                }
                read.map_or_else(|()| refused(), Input::record)
            }
            Command::Write { key, record, over } => {
                let (area, slot) = self.place_of(run.page, run.client, key);
                let before = self.areas[area].record(slot).cloned();
                let written = self.areas[area].write(slot, &record, &over);
                self.note(format_args!("    {written:?}: {record}"));
                if key == RecordKey::Session {
                    self.judge_write(run, (area, slot), before.as_ref(), &record, written);
                } else {
                    self.judge.transactions_written(run, written, self.moment);
                }
                match written {
                    Written::Done => {
                        self.spread(area, slot, run.page);
                        Input::Done
                    }
                    Written::Conflict => Input::Conflict,
                    Written::Refused => refused(),
                }
            }
            other => panic!("{other:?} is not a store's"),
        }
    }

    /// Tells the other pages on a shared store that a record has changed.
    fn spread(&mut self, area: AreaId, slot: Slot, page: PageId) {
        if !self.plan.has_storage_events || slot.key != RecordKey::Session {
            return;
        }
        for other in 0..self.pages.len() {
            if other == page || !self.pages[other].is_alive() {
                continue;
            }
            for client in 0..self.pages[other].clients.len() {
                if self.place_of(other, client, slot.key) == (area, slot) {
                    let delay = self.random.between(0, 50);
                    self.after(
                        delay,
                        Event::Observe {
                            page: other,
                            client,
                        },
                    );
                }
            }
        }
    }

    pub(crate) fn take_notice(
        &mut self,
        run: Option<RunId>,
        page: PageId,
        client: usize,
        notice: Notice,
    ) {
        self.show(&notice);
        match notice {
            Notice::Unlock(name) => {
                if let Some(run) = run {
                    self.release_lock(&name, run);
                }
            }
            Notice::ReplaceUrl { from, to } => {
                if self.pages[page].url == from {
                    self.pages[page].url = to;
                }
            }
            Notice::WakeAt(time) => {
                let due = time.map(|time| (time.seconds() * 1000.0).ceil() as Time);
                self.set_timer(page, client, due);
            }
            Notice::Emit(event) => {
                self.note(format_args!("  page {page}, client {client}: {event:?}"));
            }
            Notice::Log(entry) => {
                self.note(format_args!("    {} {}", entry.step, entry.detail));
            }
            other => panic!("{other:?} is not a page's"),
        }
    }

    fn ended(&mut self, run: Run, result: Result<Value, AuthError>) {
        match &result {
            Ok(Value::Token(token)) => {
                let text = token.token().expose();
                self.note(format_args!("{} gives {text}", run.id));
            }
            Ok(Value::Redirect(sign_in)) => {
                self.show(sign_in);
                let user = sign_in.as_ref().map(|sign_in| &sign_in.account.subject);
                self.note(format_args!("{} gives {user:?}", run.id));
            }
            Ok(Value::Nothing) => self.note(format_args!("{} has ended", run.id)),
            Err(error) => {
                self.show(error);
                self.show(&error.to_string());
                self.note(format_args!("{} fails: {error}", run.id));
            }
        }
        self.release_locks_of(run.id);
        self.judge_end(&run, &result);
        if run.call == Call::Restore {
            self.is_restored(run.page, run.client, result.is_ok());
        }
    }

    /// Whatever the core shows contains no secret.
    pub(crate) fn show(&mut self, what: &impl fmt::Debug) {
        self.judge.shown(what);
    }
}
