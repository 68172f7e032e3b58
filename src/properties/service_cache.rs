//! The tokens of a service: whatever happens to the store and the provider, nobody is handed
//! another's token or an expired one, and one request does where one is enough.

use std::collections::{HashMap, HashSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::holds;
use crate::core::error::ErrorCode;
use crate::core::flow::{Command, Flow, Input, Notice, Step};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::secret::Secret;
use crate::core::service::{
    AccessToken, ClientAuthentication, ConfidentialClient, ConfidentialClientConfig,
    OnBehalfOfOptions, Renewal, Target, TokenOptions,
};
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
use crate::core::wire::form::Parameters;
use crate::edge::json::parse_json;

const CLIENT: &str = "11111111-aaaa-4bbb-8ccc-000000000001";
const TENANTS: [&str; 2] = [
    "5c0e1a8e-6f0b-4a3c-9d57-0a6f2b1c4d10",
    "a7d3b2f4-91ce-4e5a-8b60-3c9e7d2f5a21",
];
const METADATA: &str = r#"{"issuer":"https://login.example/{tenantid}/v2.0",
    "token_endpoint":"https://login.example/common/oauth2/v2.0/token"}"#;

/// One instance of the service; the last one has another secret.
const INSTANCES: usize = 3;

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    Call(Call),
    /// Two calls at once.
    Calls(Call, Call),
    Pass(u16),
    Provider(Fault),
    Store(StoreFault),
}

#[derive(Clone, Debug, PartialEq)]
struct Call {
    instance: usize,
    /// Nobody for the service itself.
    user: Option<usize>,
    tenant: usize,
    target: usize,
    claims: Option<usize>,
    force_refresh: bool,
    is_in_background: bool,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Unavailable,
    Garbage,
    Silent,
    Refusing,
}

#[derive(Clone, Copy, Debug)]
enum StoreFault {
    FailsToLoad,
    FailsToSave,
    Loses,
    MixesUp,
    CutsInHalf,
}

/// Everything outside of the clients.
struct World {
    now: f64,
    clients: Vec<Shared<ConfidentialClient>>,
    provider: Option<Fault>,
    store: HashMap<String, String>,
    store_fault: Option<StoreFault>,
    /// Whether anything went wrong up to now.
    is_sound: bool,
    locks: HashSet<(usize, String)>,
    requests: usize,
    serial: usize,
    /// Until when a token of this instance's own was to be fresh.
    fresh_until: HashMap<String, f64>,
}

/// A call on its way.
struct Running {
    call: Call,
    flow: Flow<Shared<AccessToken>>,
    waiting: Option<Command>,
    held: HashSet<(usize, String)>,
    is_renewal_due: bool,
}

type Outcome = Option<Shared<AccessToken>>;

fn call() -> impl Strategy<Value = Call> {
    let tenant = 0..TENANTS.len();
    let claims = prop_oneof![4 => Just(None), 1 => (0..2_usize).prop_map(Some)];
    (
        0..INSTANCES,
        proptest::option::of(0..3_usize),
        tenant,
        0..2_usize,
        claims,
        prop::bool::weighted(0.1),
        any::<bool>(),
    )
        .prop_map(
            |(instance, user, tenant, target, claims, force_refresh, is_in_background)| Call {
                instance,
                user,
                tenant,
                target,
                claims,
                force_refresh,
                is_in_background,
            },
        )
}

fn event() -> impl Strategy<Value = Event> {
    let fault = prop_oneof![
        Just(Fault::Unavailable),
        Just(Fault::Garbage),
        Just(Fault::Silent),
        Just(Fault::Refusing)
    ];
    let store_fault = prop_oneof![
        Just(StoreFault::FailsToLoad),
        Just(StoreFault::FailsToSave),
        Just(StoreFault::Loses),
        Just(StoreFault::MixesUp),
        Just(StoreFault::CutsInHalf)
    ];
    prop_oneof![
        6 => call().prop_map(Event::Call),
        2 => (call(), call()).prop_map(|(one, other)| Event::Calls(one, other)),
        1 => call().prop_map(|call| Event::Calls(call.clone(), call)),
        3 => (1..2000_u16).prop_map(Event::Pass),
        1 => fault.prop_map(Event::Provider),
        1 => store_fault.prop_map(Event::Store),
    ]
}

impl World {
    fn new() -> Self {
        let client = |instance| {
            let secret = if instance < INSTANCES - 1 {
                "ours"
            } else {
                "another"
            };
            let secret = ClientAuthentication::SecretPost(Secret::new(secret));
            let authority = "https://login.example/common/v2.0";
            let mut config = ConfidentialClientConfig::new(authority, CLIENT, secret);
            config.metadata = Some(METADATA.into());
            config.has_store = true;
            ConfidentialClient::new(config, parse_json).unwrap()
        };
        Self {
            now: 1_700_000_000.0,
            clients: (0..INSTANCES).map(client).collect(),
            provider: None,
            store: HashMap::new(),
            store_fault: None,
            is_sound: true,
            locks: HashSet::new(),
            requests: 0,
            serial: 0,
            fresh_until: HashMap::new(),
        }
    }

    fn happen(&mut self, event: Event) -> Result<(), TestCaseError> {
        match event {
            Event::Pass(seconds) => self.now += f64::from(seconds),
            Event::Provider(fault) => {
                self.provider = Some(fault);
                self.is_sound = false;
            }
            Event::Store(fault) => {
                self.store_fault = Some(fault);
                self.is_sound = false;
            }
            Event::Call(call) => self.check_calls(&[call])?,
            Event::Calls(one, other) => self.check_calls(&[one, other])?,
        }
        Ok(())
    }

    fn check_calls(&mut self, calls: &[Call]) -> Result<(), TestCaseError> {
        let before = self.requests;
        let expected = self.expected_requests(calls);
        let mut running: Vec<_> = calls.iter().map(|call| self.begin(call, false)).collect();
        let outcomes = self.finish(&mut running);
        let sent = self.requests - before;
        if let Some(expected) = expected {
            prop_assert!(
                sent <= expected,
                "{sent} requests where {expected} do: {calls:?}"
            );
        }
        for (running, outcome) in running.iter().zip(&outcomes) {
            match outcome {
                Some(token) => self.check_token(&running.call, token)?,
                None => prop_assert!(!self.is_sound, "no token, and nothing was wrong"),
            }
        }
        let due = running.iter().filter(|running| running.is_renewal_due);
        let mut renewals: Vec<_> = due.map(|due| self.begin(&due.call, true)).collect();
        self.finish(&mut renewals);
        Ok(())
    }

    /// How many requests are enough, if nothing has gone wrong up to now: none for a token that is
    /// fresh here or in the store, one for all who want the same.
    fn expected_requests(&self, calls: &[Call]) -> Option<usize> {
        if !self.is_sound
            || calls
                .iter()
                .any(|call| call.claims.is_some() || call.force_refresh)
        {
            return None;
        }
        let wanted: HashSet<_> = calls.iter().map(Call::key).collect();
        let is_fresh = |key: &String| {
            self.fresh_until
                .get(key)
                .is_some_and(|until| self.now < *until)
        };
        // Two instances without the store's lock may both ask.
        let instances: HashSet<_> = calls.iter().map(|call| call.instance).collect();
        let missing = wanted.iter().filter(|key| !is_fresh(key)).count();
        Some(missing * instances.len().max(1))
    }

    fn check_token(&mut self, call: &Call, token: &AccessToken) -> Result<(), TestCaseError> {
        let text = token.token().expose();
        let parts: Vec<_> = text.split('|').collect();
        let user = call
            .user
            .map_or("nobody".into(), |user| format!("user{user}"));
        let tenant = TENANTS[call.tenant];
        prop_assert_eq!(parts[1], tenant, "another tenant's token: {:?}", call);
        prop_assert_eq!(parts[2], user, "another's token: {:?}", call);
        prop_assert_eq!(parts[3], format!("api://{}/.default", call.target));
        prop_assert_eq!(parts[4], call.secret());
        if let Some(claims) = call.claims {
            prop_assert_eq!(parts[5], format!("claims{claims}"));
        }
        let expires_at: f64 = parts[6].parse().unwrap();
        prop_assert!(self.now < expires_at, "expired: {:?}", call);
        Ok(())
    }

    fn begin(&self, call: &Call, is_renewal: bool) -> Running {
        let scope = format!("api://{}/.default", call.target);
        let mut options = TokenOptions::from(Target::new(Some(&scope), None));
        options.claims = call.claims.map(|claims| format!("claims{claims}"));
        options.force_refresh = call.force_refresh;
        options.renewal = match (is_renewal, call.is_in_background) {
            (true, _) => Renewal::Now,
            (_, true) => Renewal::ByHost,
            _ => Renewal::ByCaller,
        };
        let client = &self.clients[call.instance];
        let flow = match call.user {
            None => {
                options.tenant = Some(TENANTS[call.tenant].into());
                client.client_credentials(options)
            }
            Some(user) => {
                let claims = format!(
                    r#"{{"aud":"{CLIENT}","scp":"x","tid":"{}","sub":"user{user}"}}"#,
                    TENANTS[call.tenant]
                );
                let assertion = format!("e30.{}.c2ln", base64url::encode(claims.as_bytes()));
                client.on_behalf_of(OnBehalfOfOptions::new(Secret::new(assertion), options))
            }
        };
        Running {
            call: call.clone(),
            flow,
            waiting: None,
            held: HashSet::new(),
            is_renewal_due: false,
        }
    }

    /// Lets the calls go on in turn, one command each, until all have ended.
    fn finish(&mut self, running: &mut [Running]) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> = running.iter().map(|_| None).collect();
        while outcomes.iter().any(Option::is_none) {
            for (running, outcome) in running.iter_mut().zip(&mut outcomes) {
                if outcome.is_none() {
                    *outcome = self.go_on(running);
                }
            }
        }
        outcomes.into_iter().flatten().collect()
    }

    fn go_on(&mut self, running: &mut Running) -> Option<Outcome> {
        let input = match running.waiting.take() {
            None => Input::Start,
            Some(Command::Lock(name)) => {
                let lock = (running.call.instance, name.clone());
                if !self.locks.insert(lock.clone()) {
                    running.waiting = Some(Command::Lock(name));
                    return None;
                }
                running.held.insert(lock);
                Input::Done
            }
            Some(command) => self.carry_out(command),
        };
        let now = UnixTime::from_seconds(self.now).unwrap();
        let step = running.flow.resume(now, input);
        for notice in running.flow.notices() {
            match notice {
                Notice::Unlock(name) => {
                    let lock = (running.call.instance, name);
                    self.locks.remove(&lock);
                    running.held.remove(&lock);
                }
                Notice::RenewalDue => running.is_renewal_due = true,
                _ => {}
            }
        }
        match step {
            Step::Command(command) => {
                running.waiting = Some(command);
                None
            }
            Step::Ended(result) => {
                self.locks.retain(|lock| !running.held.contains(lock));
                let token = result.ok();
                if let Some(token) = &token {
                    let until = token.lifetime().refresh_at.seconds();
                    let key = running.call.key();
                    // A wish for a new token may have replaced one that would have lived longer.
                    let known = self.fresh_until.entry(key).or_insert(until);
                    let is_over = *known <= self.now;
                    *known = if is_over { until } else { known.min(until) };
                }
                Some(token)
            }
        }
    }

    fn carry_out(&mut self, command: Command) -> Input {
        match command {
            Command::Random(length) => Input::Bytes(vec![7; length]),
            Command::Wait(until) => {
                self.now = self.now.max(until.seconds());
                Input::Done
            }
            Command::Send(request) => self.respond(&request),
            Command::Load(name) => self.load(&name),
            Command::Save { name, record, .. } => self.save(name, record),
            _ => Input::Failed(ErrorCode::Internal.into()),
        }
    }

    fn load(&mut self, name: &str) -> Input {
        let found = self.store.get(name).cloned();
        match self.store_fault.take() {
            Some(StoreFault::FailsToLoad) => Input::Failed(ErrorCode::StorageUnavailable.into()),
            Some(StoreFault::MixesUp) => {
                let mut names: Vec<_> = self.store.keys().filter(|other| *other != name).collect();
                names.sort();
                Input::record(names.first().map(|other| self.store[*other].clone()))
            }
            Some(StoreFault::CutsInHalf) => Input::record(found.map(|text| {
                let half = text.len() / 2;
                text.chars().take(half).collect()
            })),
            fault => {
                self.store_fault = fault;
                Input::record(found)
            }
        }
    }

    fn save(&mut self, name: String, record: String) -> Input {
        match self.store_fault {
            Some(StoreFault::FailsToSave) => {
                self.store_fault = None;
                return Input::Failed(ErrorCode::StorageUnavailable.into());
            }
            Some(StoreFault::Loses) => self.store_fault = None,
            _ => drop(self.store.insert(name, record)),
        }
        Input::Done
    }

    /// The token says for whom it is.
    fn respond(&mut self, request: &HttpRequest) -> Input {
        self.requests += 1;
        match self.provider.take() {
            Some(Fault::Silent) => return Input::Failed(ErrorCode::NetworkError.into()),
            Some(Fault::Unavailable) => return Input::response(HttpResponse::new(503, "")),
            Some(Fault::Garbage) => return Input::response(HttpResponse::new(200, "<html>")),
            Some(Fault::Refusing) => {
                let refusal = r#"{"error":"invalid_grant","suberror":"basic_action"}"#;
                return Input::response(HttpResponse::new(400, refusal));
            }
            None => {}
        }
        let form = Parameters::read(request.body.as_deref().unwrap_or_default());
        let get = |name| form.get(name).unwrap_or_default();
        let user = match get("assertion").split('.').nth(1) {
            None => "nobody".to_owned(),
            Some(claims) => {
                let claims = base64url::decode(claims.as_bytes()).unwrap();
                let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
                claims["sub"].as_str().unwrap().to_owned()
            }
        };
        self.serial += 1;
        let life = 60 + 977 * (self.serial % 4);
        let expires_at = self.now + life as f64;
        let token = [
            &self.serial.to_string(),
            request.url.split('/').nth(3).unwrap(),
            &user,
            get("scope"),
            get("client_secret"),
            get("claims"),
            &expires_at.to_string(),
        ]
        .join("|");
        let body = serde_json::json!({
            "access_token": token, "token_type": "Bearer", "expires_in": life, "refresh_token": "r"
        });
        Input::response(HttpResponse::new(200, body.to_string()))
    }
}

impl Call {
    fn secret(&self) -> &'static str {
        if self.instance < INSTANCES - 1 {
            "ours"
        } else {
            "another"
        }
    }

    /// Calls that may share a token.
    fn key(&self) -> String {
        let Self {
            user,
            tenant,
            target,
            ..
        } = self;
        format!("{} {user:?} {tenant} {target}", self.secret())
    }
}

#[test]
fn nobody_is_handed_another_s_token_or_an_expired_one() {
    holds(vec(event(), 1..24), |events| {
        let mut world = World::new();
        for event in events {
            world.happen(event)?;
        }
        Ok(())
    });
}
