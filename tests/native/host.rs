//! A host on a virtual clock: carries out the commands of flows, several side by side, and keeps
//! what they told.

use std::collections::{HashMap, HashSet, VecDeque};

use countersign::page::{
    AccessToken, Client, ClientConfig, GetTokenOptions, SignIn, SignInOptions, Target,
};
use countersign::{
    AuthError, Command, DeviceCode, DigestAlgorithm, ErrorCode, Event, Flow, HttpRequest,
    HttpResponse, Input, Notice, RecordKey, Secret, Shared, Step, UnixTime, edge,
};
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;
use sha1::{Digest, Sha1};

use crate::provider::{CLIENT, ISSUER, Provider, REDIRECT, Reply, START};

pub(crate) struct Host {
    pub(crate) now: f64,
    pub(crate) provider: Provider,
    pub(crate) records: HashMap<RecordKey, String>,
    /// Whether the store refuses what is written.
    pub(crate) is_full: bool,
    /// The longest record that the store takes, if it is not full.
    pub(crate) capacity: usize,
    /// Whether the store refuses to be read.
    pub(crate) is_denied: bool,
    /// Whether the tab's storage is a copy of another tab's.
    pub(crate) is_copy: bool,
    /// The requests, in order.
    pub(crate) requests: Vec<HttpRequest>,
    /// The URLs that the page was left for.
    pub(crate) navigations: Vec<String>,
    /// The URLs that popups were opened for.
    pub(crate) popups: Vec<String>,
    /// The URL that a popup comes back with, in which `STATE` is its state.
    pub(crate) popup_url: Option<&'static str>,
    /// The URLs that were shown in place of the page's.
    pub(crate) addresses: Vec<String>,
    pub(crate) events: Vec<Event>,
    /// The steps in the log.
    pub(crate) log: Vec<&'static str>,
    /// The time of the next renewal, as it was set last.
    pub(crate) wake_at: Option<f64>,
    /// Whether the store takes time: a flow pauses after each command.
    pub(crate) is_slow: bool,
    /// How long flows waited, in seconds.
    pub(crate) waits: Vec<f64>,
    /// The queries of visits to the redirect URI before the response to the sign-in comes.
    pub(crate) strays: VecDeque<&'static str>,
    /// The codes that a user was shown.
    pub(crate) device_codes: Vec<Shared<DeviceCode>>,
    /// What the host signs with.
    pub(crate) signing_key: SigningKey,
    /// How many commands were given.
    pub(crate) commands: usize,
    /// The locks that are held, and since when.
    locks: HashMap<String, f64>,
    /// How long a lock was held at most.
    pub(crate) longest_hold: f64,
    /// Where its random numbers begin.
    pub(crate) random: u8,
    /// All that can be seen from outside: messages, `Debug` forms, events, the log.
    told: String,
    secrets: Vec<String>,
}

/// A flow in progress.
pub(crate) struct Run<T> {
    flow: Flow<T>,
    waiting: Option<Command>,
    locks: HashSet<String>,
}

/// Where a flow has come to.
pub(crate) enum Progress<T> {
    /// Its request is on the way; the next step brings the response.
    Sent,
    /// The next step carries out its command.
    Paused,
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
            capacity: usize::MAX,
            is_denied: false,
            is_copy: false,
            requests: Vec::new(),
            navigations: Vec::new(),
            popups: Vec::new(),
            popup_url: None,
            addresses: Vec::new(),
            events: Vec::new(),
            log: Vec::new(),
            wake_at: None,
            is_slow: false,
            waits: Vec::new(),
            strays: VecDeque::new(),
            device_codes: Vec::new(),
            signing_key: SigningKey::from_slice(&[7; 32]).unwrap(),
            commands: 0,
            locks: HashMap::new(),
            longest_hold: 0.0,
            random: 0,
            told: String::new(),
            secrets: Vec::new(),
        }
    }

    pub(crate) fn time(&self) -> UnixTime {
        UnixTime::from_seconds(self.now).expect("a test's time is a number")
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
                Progress::Sent | Progress::Paused => {}
            }
        }
    }

    /// Gives a flow up, and releases its locks.
    pub(crate) fn cancel<T>(&mut self, run: Run<T>) {
        self.release(&run.locks);
    }

    fn release(&mut self, names: &HashSet<String>) {
        for name in names {
            if let Some(since) = self.locks.remove(name) {
                self.longest_hold = self.longest_hold.max(self.now - since);
            }
        }
    }

    /// Lets the next who asks have any lock: its holder is taken to be frozen.
    pub(crate) fn free_locks(&mut self) {
        self.locks.clear();
    }

    /// Goes on until a request is on the way, a lock is not free, or the flow has ended; over a slow
    /// store for one command.
    pub(crate) fn go_on<T>(&mut self, run: &mut Run<T>) -> Progress<T> {
        let mut input = match run.waiting.take() {
            None => Input::Start,
            Some(Command::Send(request)) => self.respond(&request),
            Some(Command::Lock(name)) if self.locks.contains_key(&name) => {
                run.waiting = Some(Command::Lock(name));
                return Progress::Locked;
            }
            Some(command) => self.carry_out(command, &mut run.locks),
        };
        loop {
            self.tell(&input);
            let step = run.flow.resume(self.time(), input);
            for notice in run.flow.notices() {
                self.take_notice(notice, &mut run.locks);
            }
            let command = match step {
                Step::Command(command) => command,
                Step::Ended(result) => {
                    self.release(&std::mem::take(&mut run.locks));
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
                Command::Lock(name) if self.locks.contains_key(name) => {
                    run.waiting = Some(command);
                    return Progress::Locked;
                }
                _ if self.is_slow => {
                    run.waiting = Some(command);
                    return Progress::Paused;
                }
                _ => input = self.carry_out(command, &mut run.locks),
            }
        }
    }

    fn respond(&mut self, request: &HttpRequest) -> Input {
        if let Some(form) = &request.body {
            let sent = parameters(form);
            let secret = [
                "code",
                "code_verifier",
                "refresh_token",
                "device_code",
                "client_secret",
                "client_assertion",
            ];
            self.secrets
                .extend(secret.iter().filter_map(|name| sent.get(*name).cloned()));
        }
        let reply = self.provider.respond(request, self.now);
        self.now += self.provider.latency;
        let mut response = match reply {
            Reply::Nothing => return Input::Failed(ErrorCode::NetworkError.into()),
            Reply::Text(status, body) => HttpResponse::new(status, body),
            Reply::Json(status, body) => {
                for name in ["access_token", "refresh_token", "id_token"] {
                    if let Some(secret) = body[name].as_str() {
                        self.secrets.push(secret.into());
                    }
                }
                HttpResponse::new(status, body.to_string())
            }
        };
        response.headers = self.provider.headers.clone();
        Input::response(response)
    }

    fn carry_out(&mut self, command: Command, locks: &mut HashSet<String>) -> Input {
        let unavailable = || Input::Failed(ErrorCode::StorageUnavailable.into());
        match command {
            Command::Random(length) => {
                self.random += 1;
                let bytes = (0..length).map(|at| self.random.wrapping_mul(31) ^ (at as u8));
                Input::Bytes(bytes.collect())
            }
            Command::Read(_) if self.is_denied => unavailable(),
            Command::Read(key) => Input::record(self.records.get(&key).cloned()),
            Command::Write { .. } if self.is_full || self.is_denied => unavailable(),
            Command::Write { key, record, over } => {
                let stored = self.records.get(&key).map_or("", String::as_str);
                if stored.split('&').next() != Some(&over) {
                    return Input::Conflict;
                }
                if record.len() > self.capacity {
                    return unavailable();
                }
                self.records.insert(key, record);
                Input::Done
            }
            Command::Lock(name) => {
                let former = self.locks.insert(name.clone(), self.now);
                assert!(former.is_none(), "the lock was free");
                locks.insert(name);
                Input::Done
            }
            Command::ClaimTab if self.is_copy => Input::Conflict,
            Command::ClaimTab => Input::Done,
            Command::Navigate(url) => {
                self.navigations.push(url);
                Input::Done
            }
            Command::Popup { url, state } => {
                self.popups.push(url.clone());
                let asked = parameters(&url);
                if asked.contains_key("nonce") {
                    let _ = self.provider.authorize(&url);
                }
                let url = match (self.popup_url, asked.get("redirect_uri")) {
                    (Some(url), _) => url.replace("STATE", &state),
                    (None, Some(uri)) => format!("{uri}?{}", self.provider.authorize(&url)),
                    (None, None) => format!("{}?state={state}", asked["post_logout_redirect_uri"]),
                };
                Input::Text(Secret::new(url))
            }
            Command::AwaitRedirect => {
                let request = self.navigations.last().expect("the browser was opened");
                let redirect_uri = parameters(request)["redirect_uri"].clone();
                let query = match self.strays.pop_front() {
                    Some(query) => query.into(),
                    None => self.provider.authorize(request),
                };
                Input::Text(Secret::new(format!("{redirect_uri}?{query}")))
            }
            Command::Sign {
                algorithm, text, ..
            } => {
                assert_eq!(algorithm, "ES256");
                let signature: p256::ecdsa::Signature = self.signing_key.sign(text.as_bytes());
                Input::Bytes(signature.to_vec())
            }
            Command::Digest(DigestAlgorithm::Sha1, bytes) => {
                Input::Bytes(Sha1::digest(&bytes).to_vec())
            }
            Command::ClientAssertion(_) => {
                self.secrets.push("as5ertion".into());
                Input::Text(Secret::new("as5ertion"))
            }
            Command::Wait(until) => {
                self.waits.push(until.seconds() - self.now);
                self.now = self.now.max(until.seconds());
                Input::Done
            }
            other => panic!("{other:?} is not this host's"),
        }
    }

    fn take_notice(&mut self, notice: Notice, locks: &mut HashSet<String>) {
        self.tell(&notice);
        match notice {
            Notice::Unlock(name) => {
                assert!(locks.remove(&name), "the flow had the lock");
                self.release(&HashSet::from([name]));
            }
            Notice::ReplaceUrl { to, .. } => self.addresses.push(to),
            Notice::Emit(event) => self.events.push(event),
            Notice::WakeAt(time) => self.wake_at = time.map(UnixTime::seconds),
            Notice::DeviceCode(code) => self.device_codes.push(code),
            Notice::Log(entry) => self.log.push(entry.step),
            other => panic!("{other:?} is not this host's"),
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
        let form = self.requests.last().and_then(|last| last.body.as_deref());
        parameters(form.expect("the last request was a POST"))
    }

    /// The store's record, if somebody is signed in.
    pub(crate) fn stored(&self) -> Option<&String> {
        let record = self.records.get(&RecordKey::Session)?;
        // A sign-out leaves its revision and nothing else.
        record.contains('&').then_some(record)
    }

    /// How often this event was told.
    pub(crate) fn count(&self, is: fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is(event)).count()
    }

    /// Does what a page does whose client was told to wake.
    pub(crate) fn wake(&mut self, client: &Shared<Client>) {
        self.wake_at = None;
        self.run(client.wake(false))
            .expect("waking reports by events");
    }

    /// The first leg of a sign-in. Returns the URL at which the provider sends the user back.
    pub(crate) fn leave(&mut self, client: &Shared<Client>) -> Result<String, AuthError> {
        self.run(client.sign_in(SignInOptions::default()))?;
        let request = self.navigations.last().expect("the page was left").clone();
        let response = self.provider.authorize(&request);
        Ok(format!("{REDIRECT}?{response}"))
    }

    /// A whole sign-in.
    pub(crate) fn sign_in(&mut self, client: &Shared<Client>) -> Result<SignIn, AuthError> {
        let url = self.leave(client)?;
        let result = self.run(client.handle_redirect(url))?;
        Ok(result.expect("the URL is a response"))
    }

    pub(crate) fn get_token(
        &mut self,
        client: &Shared<Client>,
    ) -> Result<Shared<AccessToken>, AuthError> {
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
        issuer: None,
        client_id: CLIENT.into(),
        redirect_uri: REDIRECT.into(),
        popup_redirect_uri: None,
        pushes_requests: false,
        post_logout_redirect_uri: Some("https://app.example/bye".into()),
        target: Target::new(Some("openid profile offline_access"), None),
        metadata: None,
        trusted_audiences: String::new(),
        clock_tolerance: 60.0,
        apis: Vec::new(),
    }
}

pub(crate) fn new_client() -> Shared<Client> {
    client_of(config())
}

pub(crate) fn client_of(config: ClientConfig) -> Shared<Client> {
    Client::new(config, edge::platform()).expect("the configuration is good")
}

/// A host with a client that has signed in.
pub(crate) fn signed_in() -> (Host, Shared<Client>) {
    let (mut host, client) = (Host::new(), new_client());
    host.sign_in(&client).expect("the sign-in is good");
    host.events.clear();
    (host, client)
}

/// The parameters of a URL's query, or of a form; each stands once.
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
