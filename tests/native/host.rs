//! A host on a virtual clock: carries out the commands of flows, several side by side, and keeps
//! what they told.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use countersign::core::event::Event;
use countersign::core::http::{HttpRequest, HttpResponse};
use countersign::core::session::AccessToken;
use countersign::edge::parse_json;
use countersign::{
    AuthError, Client, ClientConfig, Command, ErrorCode, Flow, GetTokenOptions, Input, Notice,
    RecordKey, SignIn, SignInOptions, Step, UnixTime,
};

use crate::provider::{CLIENT, ISSUER, Provider, REDIRECT, Reply, START};

pub(crate) struct Host {
    pub(crate) now: f64,
    pub(crate) provider: Provider,
    pub(crate) records: HashMap<RecordKey, String>,
    /// Whether the store refuses what is written.
    pub(crate) is_full: bool,
    /// The requests, in order.
    pub(crate) requests: Vec<HttpRequest>,
    /// The addresses that the page was left for.
    pub(crate) navigations: Vec<String>,
    /// The addresses that were shown in place of the page's.
    pub(crate) addresses: Vec<String>,
    pub(crate) events: Vec<Event>,
    /// The steps in the log.
    pub(crate) log: Vec<&'static str>,
    /// The time of the next renewal, as it was set last.
    pub(crate) wake_at: Option<f64>,
    /// How many commands were asked for.
    pub(crate) commands: usize,
    locks: HashSet<String>,
    /// Where its random numbers begin.
    pub(crate) random: u8,
    /// All that can be seen from outside: messages, `Debug` forms, events, the log.
    told: String,
    secrets: Vec<String>,
}

/// A flow under way.
pub(crate) struct Run<T> {
    flow: Flow<T>,
    waiting: Option<Command>,
    locks: HashSet<String>,
}

/// Where a flow has come to.
pub(crate) enum Progress<T> {
    /// Its request is on the way; the next step answers it.
    Sent,
    /// Another flow has the lock.
    Locked,
    Ended(Result<T, AuthError>),
}

impl Host {
    pub(crate) fn new() -> Self {
        Self {
            now: START,
            provider: Provider::new(),
            records: HashMap::new(),
            is_full: false,
            requests: Vec::new(),
            navigations: Vec::new(),
            addresses: Vec::new(),
            events: Vec::new(),
            log: Vec::new(),
            wake_at: None,
            commands: 0,
            locks: HashSet::new(),
            random: 0,
            told: String::new(),
            secrets: Vec::new(),
        }
    }

    /// Runs a flow to its end.
    pub(crate) fn run<T>(&mut self, flow: Flow<T>) -> Result<T, AuthError> {
        let mut run = self.begin(flow);
        self.finish(&mut run)
    }

    pub(crate) fn begin<T>(&mut self, flow: Flow<T>) -> Run<T> {
        Run {
            flow,
            waiting: None,
            locks: HashSet::new(),
        }
    }

    pub(crate) fn finish<T>(&mut self, run: &mut Run<T>) -> Result<T, AuthError> {
        loop {
            match self.go_on(run) {
                Progress::Ended(result) => return result,
                Progress::Locked => panic!("nobody will release the lock"),
                Progress::Sent => {}
            }
        }
    }

    /// Gives a flow up, and releases its locks.
    pub(crate) fn cancel<T>(&mut self, run: Run<T>) {
        self.locks.retain(|name| !run.locks.contains(name));
    }

    /// Goes on until a request is on the way, a lock is not free, or the flow has ended.
    pub(crate) fn go_on<T>(&mut self, run: &mut Run<T>) -> Progress<T> {
        let mut input = match run.waiting.take() {
            None => Input::Start,
            Some(Command::Send(request)) => self.answer(&request),
            Some(Command::Lock(name)) if self.locks.contains(&name) => {
                run.waiting = Some(Command::Lock(name));
                return Progress::Locked;
            }
            Some(command) => self.carry_out(command, &mut run.locks),
        };
        loop {
            self.tell(&input);
            let now = UnixTime::from_seconds(self.now).unwrap();
            let step = run.flow.resume(now, input);
            for notice in run.flow.notices() {
                self.take_notice(notice, &mut run.locks);
            }
            let command = match step {
                Step::Command(command) => command,
                Step::Ended(result) => {
                    assert!(run.locks.is_empty(), "an ended flow holds no lock");
                    if let Err(error) = &result {
                        self.tell(error);
                        self.told += &error.to_string();
                    }
                    return Progress::Ended(result);
                }
            };
            self.tell(&command);
            self.commands += 1;
            match &command {
                Command::Send(request) => {
                    self.requests.push(request.clone());
                    run.waiting = Some(command);
                    return Progress::Sent;
                }
                Command::Lock(name) if self.locks.contains(name) => {
                    run.waiting = Some(command);
                    return Progress::Locked;
                }
                _ => input = self.carry_out(command, &mut run.locks),
            }
        }
    }

    fn answer(&mut self, request: &HttpRequest) -> Input {
        if let Some(form) = &request.form {
            let sent = parameters(form);
            let secret = ["code", "code_verifier", "refresh_token"];
            self.secrets
                .extend(secret.iter().filter_map(|name| sent.get(*name).cloned()));
        }
        let reply = self.provider.answer(request, self.now);
        self.now += self.provider.latency;
        match reply {
            Reply::Nothing => Input::Failed(ErrorCode::NetworkError.into()),
            Reply::Text(status, body) => Input::Response(HttpResponse { status, body }),
            Reply::Json(status, body) => {
                for name in ["access_token", "refresh_token", "id_token"] {
                    if let Some(secret) = body[name].as_str() {
                        self.secrets.push(secret.into());
                    }
                }
                let body = body.to_string();
                Input::Response(HttpResponse { status, body })
            }
        }
    }

    fn carry_out(&mut self, command: Command, locks: &mut HashSet<String>) -> Input {
        match command {
            Command::Random(length) => {
                self.random += 1;
                let bytes = (0..length).map(|at| self.random.wrapping_mul(31) ^ (at as u8));
                Input::Bytes(bytes.collect())
            }
            Command::Read(key) => Input::Record(self.records.get(&key).cloned()),
            Command::Write(..) if self.is_full => {
                Input::Failed(ErrorCode::StorageUnavailable.into())
            }
            Command::Write(key, Some(record)) => {
                self.records.insert(key, record);
                Input::Done
            }
            Command::Write(key, None) => {
                self.records.remove(&key);
                Input::Done
            }
            Command::Lock(name) => {
                assert!(self.locks.insert(name.clone()), "the lock was free");
                locks.insert(name);
                Input::Done
            }
            Command::Navigate(address) => {
                self.navigations.push(address);
                Input::Done
            }
            Command::Send(_) => panic!("requests are answered by the provider"),
        }
    }

    fn take_notice(&mut self, notice: Notice, locks: &mut HashSet<String>) {
        self.tell(&notice);
        match notice {
            Notice::Unlock(name) => {
                assert!(locks.remove(&name), "the flow had the lock");
                self.locks.remove(&name);
            }
            Notice::ReplaceAddress(address) => self.addresses.push(address),
            Notice::Emit(event) => self.events.push(event),
            Notice::WakeAt(time) => self.wake_at = time.map(UnixTime::seconds),
            Notice::Log(entry) => self.log.push(entry.step),
        }
    }

    fn tell(&mut self, what: &impl std::fmt::Debug) {
        self.told += &format!("{what:?}\n{what:#?}\n");
    }

    /// How many secrets were at hand, and whether one was told.
    pub(crate) fn secrets(&self) -> (usize, Option<&String>) {
        let told = |secret: &&String| !secret.is_empty() && self.told.contains(secret.as_str());
        (self.secrets.len(), self.secrets.iter().find(told))
    }

    pub(crate) fn last_form(&self) -> HashMap<String, String> {
        let form = self.requests.last().and_then(|last| last.form.as_deref());
        parameters(form.expect("the last request was a POST"))
    }

    pub(crate) fn stored(&self) -> Option<&String> {
        self.records.get(&RecordKey::Session)
    }

    /// How often this event was told.
    pub(crate) fn count(&self, is: fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is(event)).count()
    }

    /// The first leg of a sign-in. Returns the address at which the provider sends the user back.
    pub(crate) fn leave(&mut self, client: &Rc<Client>) -> Result<String, AuthError> {
        self.run(client.sign_in(SignInOptions::default()))?;
        let request = self.navigations.last().expect("the page was left").clone();
        let answer = self.provider.authorize(&request);
        Ok(format!("{REDIRECT}?{answer}"))
    }

    /// A whole sign-in.
    pub(crate) fn sign_in(&mut self, client: &Rc<Client>) -> Result<SignIn, AuthError> {
        let address = self.leave(client)?;
        let result = self.run(client.handle_redirect(address))?;
        Ok(result.expect("the address is an answer"))
    }

    pub(crate) fn get_token(&mut self, client: &Rc<Client>) -> Result<AccessToken, AuthError> {
        self.run(client.get_token(GetTokenOptions::default()))
    }
}

/// Whatever a test is about: nothing secret was told.
impl Drop for Host {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.secrets().1.is_none(), "a secret was told");
        }
    }
}

pub(crate) fn config() -> ClientConfig {
    ClientConfig {
        authority: ISSUER.into(),
        client_id: CLIENT.into(),
        redirect_uri: REDIRECT.into(),
        post_logout_redirect_uri: Some("https://app.example/bye".into()),
        scope: "openid profile offline_access".into(),
        resource: None,
        metadata: None,
        clock_tolerance: 60.0,
    }
}

pub(crate) fn new_client() -> Rc<Client> {
    Client::new(config(), parse_json).expect("the configuration is good")
}

/// A host with a client that has signed in.
pub(crate) fn signed_in() -> (Host, Rc<Client>) {
    let (mut host, client) = (Host::new(), new_client());
    host.sign_in(&client).expect("the sign-in is good");
    host.events.clear();
    (host, client)
}

/// The parameters of an address's query, or of a form; each stands once.
pub(crate) fn parameters(text: &str) -> HashMap<String, String> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let mut parameters = HashMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let earlier = parameters.insert(name.clone().into_owned(), value.into_owned());
        assert!(earlier.is_none(), "{name} stands twice");
    }
    parameters
}

/// The error that this ended with.
pub(crate) fn code<T>(result: Result<T, AuthError>) -> ErrorCode {
    match result {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.code(),
    }
}
