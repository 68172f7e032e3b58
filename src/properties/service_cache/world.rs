//! Instances of a service over one provider and one store, on a virtual clock.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::limits::{Conditions, Limits};
use super::provider::{Issued, Life, METADATA, Provider, assertion};
use super::store::Store;
use super::{CLIENT, Call, Event, INSTANCES, Moment, Owner, TENANTS, User};
use crate::core::error::ErrorCode;
use crate::core::flow::{Command, Flow, Input, Notice, Step};
use crate::core::secret::Secret;
use crate::core::service::{
    AccessToken, ClientAuthentication, ConfidentialClient, ConfidentialClientConfig,
    OnBehalfOfOptions, Renewal, Target, TokenOptions,
};
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::edge::json::parse_json;

/// A failure is shared for so many seconds: who asks meanwhile is told of it.
const FAILURE_SHARED_FOR: f64 = 10.0;

pub(super) struct World {
    now: f64,
    clients: Vec<Shared<ConfidentialClient>>,
    provider: Provider,
    store: Store,
    /// Whether the store has locks, which all instances share.
    has_shared_lock: bool,
    locks: BTreeSet<Lock>,
    limits: Limits,
    /// When a failure of the provider last reached a client.
    failed_at: Option<f64>,
}

/// A lock's name, and the instance unless the store has it.
type Lock = (Option<usize>, String);

/// A call on its way.
struct Running {
    call: Call,
    flow: Flow<Shared<AccessToken>>,
    waiting: Option<Command>,
    held: BTreeSet<Lock>,
    is_renewal_due: bool,
    resumed_at: f64,
    /// The token that was issued to it and is to be saved next.
    unsaved: Option<Life>,
    ended: Option<Ended>,
}

struct Ended {
    at: f64,
    token: Option<Shared<AccessToken>>,
}

impl World {
    pub(super) fn new(has_shared_lock: bool) -> Self {
        let client = |instance| {
            let call = Call {
                instance,
                owner: Owner::Service,
                tenant: None,
                target: 0,
                claims: None,
                force_refresh: false,
                is_renewed_by_host: false,
            };
            let secret = ClientAuthentication::SecretPost(Secret::new(call.secret()));
            let authority = "https://login.example/common/v2.0";
            let mut config = ConfidentialClientConfig::new(authority, CLIENT, secret);
            config.metadata = Some(METADATA.into());
            config.has_store = true;
            ConfidentialClient::new(config, parse_json).unwrap()
        };
        Self {
            now: 1_700_000_000.0,
            clients: (0..INSTANCES).map(client).collect(),
            provider: Provider::default(),
            store: Store::default(),
            has_shared_lock,
            locks: BTreeSet::new(),
            limits: Limits::default(),
            failed_at: None,
        }
    }

    pub(super) fn happen(&mut self, event: Event) -> Result<(), TestCaseError> {
        match event {
            Event::Pass(seconds) => self.now += f64::from(seconds),
            Event::PassTo(..) if self.provider.issued.is_empty() => {}
            Event::PassTo(token, moment, offset) => {
                let life = token.get(&self.provider.issued);
                let moment = match moment {
                    Moment::Renewal => life.renewal(),
                    Moment::LastSeconds => life.last_seconds(),
                    Moment::Expiry => life.expiry(),
                };
                // Clocks count milliseconds.
                let moment = (moment * 1000.0).round() / 1000.0;
                self.now = self.now.max(moment + f64::from(offset));
            }
            Event::Provider(fault) => self.provider.fault = Some(fault),
            Event::Slow(seconds) => self.provider.latency = seconds.into(),
            Event::Store(fault) => self.store.fault = Some(fault),
            Event::Calls(calls) => self.check(&calls)?,
        }
        Ok(())
    }

    fn check(&mut self, calls: &[Call]) -> Result<(), TestCaseError> {
        let enough = self.limits.enough(calls, &self.conditions());
        let before = self.provider.requests;
        let mut running: Vec<_> = calls.iter().map(|call| self.begin(call, false)).collect();
        self.finish(&mut running)?;
        let due = running.iter().filter(|running| running.is_renewal_due);
        let mut renewals: Vec<_> = due.map(|due| self.begin(&due.call, true)).collect();
        self.finish(&mut renewals)?;
        let sent = self.provider.requests - before;
        prop_assert!(
            sent <= enough,
            "{sent} requests where {enough} do: {calls:?}"
        );
        Ok(())
    }

    fn conditions(&self) -> Conditions {
        let provider_fails = self.provider.fault.is_some();
        // A caller without a token waits a second before the request is repeated.
        let wait = f64::from(u8::from(provider_fails));
        Conditions {
            until: self.now + self.provider.latency + wait,
            has_shared_lock: self.has_shared_lock,
            provider_fails,
            store_fails: self.store.fault.is_some(),
        }
    }

    /// Lets the calls go on in turn, one command each, until all have ended.
    fn finish(&mut self, running: &mut [Running]) -> Result<(), TestCaseError> {
        while running.iter().any(|running| running.ended.is_none()) {
            for running in running.iter_mut().filter(|running| running.ended.is_none()) {
                self.go_on(running);
            }
        }
        for running in &*running {
            self.check_end(running)?;
        }
        self.limits
            .were_handed(running.iter().filter_map(|running| {
                let token = running.ended.as_ref()?.token.as_ref()?;
                Some((&running.call, &**token))
            }));
        Ok(())
    }

    fn check_end(&self, running: &Running) -> Result<(), TestCaseError> {
        let (call, ended) = (&running.call, running.ended.as_ref().unwrap());
        let Some(token) = &ended.token else {
            let failed = self.failed_at;
            let is_told = failed.is_some_and(|failed| ended.at - failed < FAILURE_SHARED_FOR);
            // A session may not have been begun, and may be lost with the store.
            let may_be_unknown = matches!(call.owner, Owner::Session(_));
            prop_assert!(is_told || may_be_unknown, "no token for {call:?}");
            return Ok(());
        };
        let token = Issued::read(token.token().expose());
        prop_assert_eq!(
            token.tenant,
            call.token_tenant(),
            "another tenant's: {:?}",
            call
        );
        prop_assert_eq!(&token.owner, &call.owner.name(), "another's: {:?}", call);
        prop_assert_eq!(&token.scope, &scope(call), "another target's: {:?}", call);
        prop_assert_eq!(
            &token.secret,
            call.secret(),
            "by another secret: {:?}",
            call
        );
        if let Some(claims) = call.claims {
            prop_assert_eq!(&token.claims, &format!("claims{claims}"), "{:?}", call);
        }
        prop_assert!(ended.at < token.ends_at, "expired: {call:?}");
        Ok(())
    }

    fn begin(&self, call: &Call, is_renewal: bool) -> Running {
        let mut options = TokenOptions::from(Target::new(Some(&scope(call)), None));
        options.tenant = call.tenant.map(|tenant| TENANTS[tenant].into());
        options.claims = call.claims.map(|claims| format!("claims{claims}"));
        options.force_refresh = call.force_refresh;
        options.renewal = match (is_renewal, call.is_renewed_by_host) {
            (true, _) => Renewal::Now,
            (_, true) => Renewal::ByHost,
            _ => Renewal::ByCaller,
        };
        let client = &self.clients[call.instance];
        let assertion = |user: User| Secret::new(assertion(&user.name(), user.tenant, CLIENT));
        let session = |user: User| format!("the session of {}", user.name());
        let flow = match call.owner {
            Owner::Service => client.client_credentials(options),
            Owner::User(user) => {
                client.on_behalf_of(OnBehalfOfOptions::new(assertion(user), options))
            }
            Owner::Begins(user) => {
                let mut options = OnBehalfOfOptions::new(assertion(user), options);
                options.session = Some(session(user));
                client.on_behalf_of(options)
            }
            Owner::Session(user) => {
                client.on_behalf_of(OnBehalfOfOptions::in_session(session(user), options))
            }
        };
        Running {
            call: call.clone(),
            flow,
            waiting: None,
            held: BTreeSet::new(),
            is_renewal_due: false,
            resumed_at: self.now,
            unsaved: None,
            ended: None,
        }
    }

    fn go_on(&mut self, running: &mut Running) {
        let input = match running.waiting.take() {
            None => Input::Start,
            Some(Command::Lock(name)) => {
                let lock = self.lock(running.call.instance, name.clone());
                if self.locks.contains(&lock) {
                    running.waiting = Some(Command::Lock(name));
                    return;
                }
                self.locks.insert(lock.clone());
                running.held.insert(lock);
                Input::Done
            }
            Some(command) => self.carry_out(command, running),
        };
        running.resumed_at = self.now;
        let now = UnixTime::from_seconds(self.now).unwrap();
        let step = running.flow.resume(now, input);
        for notice in running.flow.notices() {
            match notice {
                Notice::Unlock(name) => {
                    let lock = self.lock(running.call.instance, name);
                    self.locks.remove(&lock);
                    running.held.remove(&lock);
                }
                Notice::RenewalDue => running.is_renewal_due = true,
                _ => {}
            }
        }
        match step {
            Step::Command(command) => running.waiting = Some(command),
            Step::Ended(result) => {
                self.locks.retain(|lock| !running.held.contains(lock));
                let (at, token) = (self.now, result.ok());
                running.ended = Some(Ended { at, token });
            }
        }
    }

    fn lock(&self, instance: usize, name: String) -> Lock {
        ((!self.has_shared_lock).then_some(instance), name)
    }

    fn carry_out(&mut self, command: Command, running: &mut Running) -> Input {
        match command {
            Command::Random(length) => Input::Bytes(vec![7; length]),
            Command::Wait(until) => {
                self.now = self.now.max(until.seconds());
                Input::Done
            }
            Command::Send(request) => {
                let is_failure = self.provider.fault.is_some();
                let issued = self.provider.issued.len();
                let response = self.provider.respond(&request, self.now);
                // For the client, its life counts from the request.
                let from = running.resumed_at;
                let life = self.provider.issued.get(issued);
                running.unsaved = life.map(|life| Life { from, ..*life });
                self.now += std::mem::take(&mut self.provider.latency);
                if is_failure {
                    self.failed_at = Some(self.now);
                }
                response.map_or_else(Input::Failed, Input::response)
            }
            Command::Load(name) => self.store.load(&name),
            Command::Save { name, record, .. } => {
                let (is_saved, input) = self.store.save(name, record);
                if let (Some(life), true) = (running.unsaved.take(), is_saved) {
                    self.limits.was_saved(&running.call, life.renewal());
                }
                input
            }
            _ => Input::Failed(ErrorCode::Internal.into()),
        }
    }
}

fn scope(call: &Call) -> String {
    format!("api://{}/.default", call.target)
}
