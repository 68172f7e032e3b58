//! Flows: protocol steps that run until they need the outside world, say what they need as a
//! [`Command`], and go on with the host's [`Input`].
//!
//! A flow is a plain function that reads top down. It asks its [`Io`] for whatever it needs; when
//! the response is not there yet, the function returns, and it is run again from its start when the
//! response has come. Each run sees the same responses, times and random numbers again, in the
//! same order, so it takes the same way and gets one question further. Between two steps only the
//! list of responses exists. A test is such a list, and so is a report from the field.
//!
//! Two rules follow for the function. It changes the outside world only through [`Io`], which does
//! so once. It reads the outside world, the state of a client included, only through [`Io`], which
//! remembers what was read.
//!
//! **After each resume, carry out the [notices](Flow::notices); then exactly one command is
//! outstanding.** Resume with its result. A flow that is dropped instead was cancelled. When a flow
//! has ended or was dropped, the host releases the locks that it holds for it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::error::{AuthError, ErrorCode};
use super::event::{Event, LogEntry};
use super::http::{HttpRequest, HttpResponse};
use super::secret::Secret;
use super::shared::{Anything, MaySend, MayShare, Shared};
use super::time::UnixTime;

/// What a flow needs from its host.
#[non_exhaustive]
pub enum Command {
    /// Send this request. Result: [`Input::Response`], or [`Input::Failed`] if no response came.
    Send(HttpRequest),
    /// Draw this many bytes from the platform's generator. Result: [`Input::Bytes`].
    Random(usize),
    /// Read a record. Result: [`Input::Record`].
    Read(RecordKey),
    /// Write a record, if the stored one still begins with `over`, up to its first `&`; an absent
    /// record begins with nothing. Result: [`Input::Done`], or [`Input::Conflict`] if it does not.
    Write {
        /// Which record.
        key: RecordKey,
        /// Its new content.
        record: String,
        /// The beginning of the record that this one replaces.
        over: String,
    },
    /// Wait for the exclusive lock of this name, among all tabs that share the store. Result:
    /// [`Input::Done`] once it is held. A host may take a lock from a holder that has not released
    /// it for a minute: that holder is frozen.
    Lock(String),
    /// Say whether the tab's storage is a copy of another living tab's: a duplicated tab starts
    /// with one. Result: [`Input::Done`] if not, [`Input::Conflict`] if so.
    ClaimTab,
    /// Leave the page for this URL; in a native app, show it in the system's browser. Result:
    /// [`Input::Done`].
    Navigate(String),
    /// Wait until a browser comes to the redirect URI, each time another one. Result:
    /// [`Input::Text`], the URL that it came to.
    AwaitRedirect,
    /// Sign this text with the client's private key. Result: [`Input::Bytes`], the signature as
    /// RFC 7518 section 3.1 has it.
    Sign {
        /// Which of the client's credentials, by its place.
        credential: usize,
        /// The algorithm by its name in a JOSE header.
        algorithm: &'static str,
        /// The signing input.
        text: String,
    },
    /// Hash these bytes. Result: [`Input::Bytes`].
    Digest(DigestAlgorithm, Vec<u8>),
    /// Get an assertion that proves who the client is (RFC 7523 section 2.2) from the one who
    /// issues it. The number is the place of the credential. Result: [`Input::Text`].
    ClientAssertion(usize),
    /// Wait until this time. Result: [`Input::Done`].
    Wait(UnixTime),
    /// Read what a service saved under this name. Result: [`Input::Record`], or [`Input::Failed`] if
    /// the store cannot be asked.
    Load(String),
    /// Save something of a service's under this name, in place of what is there. It is secret.
    /// Result: [`Input::Done`], or [`Input::Failed`], after which the flow goes on as well.
    Save {
        /// The name.
        name: String,
        /// What is saved.
        record: String,
        /// From when it is of no use to anybody.
        expires_at: UnixTime,
    },
}

/// The hashes that a host is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// SHA-1, by which `x5t` names a certificate (RFC 7515 section 4.1.7).
    Sha1,
}

/// What a flow tells its host without waiting.
#[non_exhaustive]
pub enum Notice {
    /// Release the lock of this name.
    Unlock(String),
    /// If the page is still at this URL, show another one in its place, without loading it.
    ReplaceUrl {
        /// The URL of an authorization response.
        from: String,
        /// The same without the response.
        to: String,
    },
    /// Tell the listeners.
    Emit(Event),
    /// Call [`Client::wake`](super::page::Client::wake) at this time and no longer at an earlier
    /// one; `None`: never.
    WakeAt(Option<UnixTime>),
    /// Tell the log.
    Log(LogEntry),
    /// Show this to the user, who signs in on another device. The page's build has no room for it.
    #[cfg(any(feature = "native", not(feature = "browser")))]
    DeviceCode(Shared<DeviceCode>),
    /// The token that this flow hands out is due. Ask for the same with
    /// [`Renewal::Now`](super::service::Renewal::Now), and let nobody wait for it.
    RenewalDue,
}

/// What a user needs to sign in on another device: RFC 8628 section 3.2.
#[cfg(any(feature = "native", not(feature = "browser")))]
#[derive(Clone)]
#[non_exhaustive]
pub struct DeviceCode {
    /// `user_code`, which the user enters.
    pub user_code: String,
    /// `verification_uri`, where they enter it.
    pub verification_uri: String,
    /// `verification_uri_complete`, which has the code in it: for a QR code.
    pub verification_uri_complete: Option<String>,
    /// Entra's sentence that says all this.
    pub message: Option<String>,
    /// From when the code is of no use.
    pub expires_at: UnixTime,
}

/// The host's response to a command.
#[derive(Clone)]
pub enum Input {
    /// The first call of [`Flow::resume`].
    Start,
    /// The command was carried out.
    Done,
    /// The record has changed since it was read, or the tab is a copy.
    Conflict,
    /// The HTTP response.
    Response(Shared<HttpResponse>),
    /// Random bytes, a signature or a hash.
    Bytes(Vec<u8>),
    /// The record, if there is one.
    Record(Option<Shared<String>>),
    /// An assertion, or the URL of an authorization response.
    Text(Secret),
    /// The command could not be carried out.
    Failed(AuthError),
}

/// Where a record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKey {
    /// Sign-ins in progress, always in the tab's own storage: they must outlive the redirect, and
    /// other tabs must not see them.
    Transactions,
    /// The session, in the storage that the page's author chose.
    Session,
}

/// What a flow gives back each time.
#[derive(Debug)]
#[must_use = "a flow goes on only when its command is carried out"]
pub enum Step<T> {
    /// Carry this out and resume with the result.
    Command(Command),
    /// The flow has ended.
    Ended(Result<T, AuthError>),
}

impl Input {
    /// A response that came.
    pub fn response(response: HttpResponse) -> Self {
        Self::Response(Shared::new(response))
    }

    /// A record that was read.
    pub fn record(record: Option<String>) -> Self {
        Self::Record(record.map(Shared::new))
    }
}

/// A protocol flow.
#[must_use = "a flow does nothing until it is resumed"]
pub struct Flow<T> {
    body: Box<dyn Body<T>>,
    io: Io,
}

trait Body<T>: MaySend {
    fn run(&self, io: &mut Io) -> Run<T>;
}

impl<T, F: Fn(&mut Io) -> Run<T> + MaySend> Body<T> for F {
    fn run(&self, io: &mut Io) -> Run<T> {
        self(io)
    }
}

impl<T> Flow<T> {
    pub(crate) fn new(body: impl Fn(&mut Io) -> Run<T> + MaySend + 'static) -> Self {
        Self {
            body: Box::new(body),
            io: Io::default(),
        }
    }

    /// What the flow has told its host since the last call, in order.
    pub fn notices(&mut self) -> Vec<Notice> {
        core::mem::take(&mut self.io.notices)
    }

    /// Goes on with the result of the last command, [`Input::Start`] at first.
    pub fn resume(&mut self, now: UnixTime, input: Input) -> Step<T> {
        if self.io.has_ended {
            return Step::Ended(Err(ErrorCode::Internal.into()));
        }
        self.io.record(now, Moment::Input(input));
        let result = match self.body.run(&mut self.io) {
            Ok(value) => Ok(value),
            Err(Halt(error)) => match self.io.question.take() {
                Some(command) => return Step::Command(command),
                None => Err(error),
            },
        };
        self.io.has_ended = true;
        Step::Ended(result)
    }
}

/// How a run of a flow's function ends: with a value, or with a reason to stop.
pub(crate) type Run<T> = Result<T, Halt>;

/// Why a function stops before its end: a failure, or the response to a command is not there yet. A
/// function that handles failures must let the latter through; [`settle`] does. One pointer for
/// both, because a page pays for the size of a result at every call.
pub(crate) struct Halt(AuthError);

impl From<AuthError> for Halt {
    fn from(error: AuthError) -> Self {
        Self(error)
    }
}

impl From<ErrorCode> for Halt {
    fn from(code: ErrorCode) -> Self {
        Self(code.into())
    }
}

/// Separates a failure, which the caller handles, from waiting, which it must pass on.
pub(crate) fn settle<T>(run: Run<T>, io: &Io) -> Run<Result<T, AuthError>> {
    match run {
        Err(halt) if io.question.is_some() => Err(halt),
        Err(Halt(error)) => Ok(Err(error)),
        Ok(value) => Ok(Ok(value)),
    }
}

/// A flow's way to the outside world.
#[derive(Default)]
pub(crate) struct Io {
    /// What every run sees again, in order.
    past: Vec<(UnixTime, Moment)>,
    /// How much of it this run has seen.
    seen: usize,
    question: Option<Command>,
    notices: Vec<Notice>,
    has_ended: bool,
}

enum Moment {
    Input(Input),
    Kept(Shared<Anything>),
}

impl Io {
    /// The time that came with the last response.
    pub(crate) fn now(&self) -> UnixTime {
        let last = self.past.get(self.seen.saturating_sub(1));
        last.map_or(UnixTime::EPOCH, |(time, _)| *time)
    }

    /// Tells the host something that has no result.
    pub(crate) fn tell(&mut self, notice: Notice) {
        if self.is_live() {
            self.notices.push(notice);
        }
    }

    pub(crate) fn log(&mut self, step: &'static str, detail: &str) {
        if self.is_live() {
            let detail = detail.into();
            self.notices.push(Notice::Log(LogEntry { step, detail }));
        }
    }

    /// Does something in the run that comes here first, and not in later ones.
    pub(crate) fn act(&mut self, act: impl FnOnce(&mut Vec<Notice>)) {
        if self.is_live() {
            act(&mut self.notices);
        }
    }

    /// Does something once, in the run that comes here first; later runs get its result again.
    pub(crate) fn once<T: MayShare + 'static>(
        &mut self,
        act: impl FnOnce(&mut Vec<Notice>) -> T,
    ) -> Run<Shared<T>> {
        if self.is_live() {
            let value = Shared::new(act(&mut self.notices));
            self.keep(value);
        }
        let kept = self.kept()?.downcast();
        kept.map_err(|_| ErrorCode::Internal.into())
    }

    /// The response to a request, or why none came.
    pub(crate) fn send(
        &mut self,
        request: HttpRequest,
    ) -> Run<Result<Shared<HttpResponse>, AuthError>> {
        match self.ask(Command::Send(request))? {
            Input::Response(response) => Ok(Ok(Shared::clone(response))),
            Input::Failed(error) => Ok(Err(error.clone())),
            _ => Err(ErrorCode::Internal.into()),
        }
    }

    pub(crate) fn random(&mut self, length: usize) -> Run<Vec<u8>> {
        match self.ask(Command::Random(length))? {
            Input::Bytes(bytes) if bytes.len() == length => Ok(bytes.clone()),
            other => other.refuse(),
        }
    }

    pub(crate) fn read(&mut self, key: RecordKey) -> Run<Option<Shared<String>>> {
        match self.ask(Command::Read(key))? {
            Input::Record(record) => Ok(record.clone()),
            other => other.refuse(),
        }
    }

    /// Whether the record was written. It is not if it has changed since it was read.
    pub(crate) fn write(&mut self, key: RecordKey, record: String, over: &str) -> Run<bool> {
        let over = over.into();
        self.ask(Command::Write { key, record, over })?.done()
    }

    pub(crate) fn lock(&mut self, name: &str) -> Run<()> {
        self.ask(Command::Lock(name.into()))?.done().map(|_| ())
    }

    /// Whether this tab is no copy.
    pub(crate) fn claim_tab(&mut self) -> Run<bool> {
        self.ask(Command::ClaimTab)?.done()
    }

    pub(crate) fn navigate(&mut self, url: String) -> Run<()> {
        self.ask(Command::Navigate(url))?.done().map(|_| ())
    }

    /// The URL with which a browser came to the redirect URI.
    pub(crate) fn await_redirect(&mut self) -> Run<Secret> {
        self.ask(Command::AwaitRedirect)?.text()
    }

    pub(crate) fn sign(
        &mut self,
        credential: usize,
        algorithm: &'static str,
        text: String,
    ) -> Run<Vec<u8>> {
        self.ask(Command::Sign {
            credential,
            algorithm,
            text,
        })?
        .bytes()
    }

    pub(crate) fn digest(&mut self, algorithm: DigestAlgorithm, bytes: &[u8]) -> Run<Vec<u8>> {
        self.ask(Command::Digest(algorithm, bytes.into()))?.bytes()
    }

    pub(crate) fn client_assertion(&mut self, credential: usize) -> Run<Secret> {
        self.ask(Command::ClientAssertion(credential))?.text()
    }

    pub(crate) fn wait(&mut self, until: UnixTime) -> Run<()> {
        self.ask(Command::Wait(until))?.done().map(|_| ())
    }

    /// What was saved, unless the store cannot be asked.
    pub(crate) fn load(&mut self, name: String) -> Run<Result<Option<Shared<String>>, AuthError>> {
        match self.ask(Command::Load(name))? {
            Input::Record(record) => Ok(Ok(record.clone())),
            Input::Failed(error) => Ok(Err(error.clone())),
            _ => Err(ErrorCode::Internal.into()),
        }
    }

    pub(crate) fn save(&mut self, name: String, record: String, expires_at: UnixTime) -> Run<()> {
        self.ask(Command::Save {
            name,
            record,
            expires_at,
        })
        .map(|_| ())
    }

    /// Whether this run has come further than any before it.
    fn is_live(&self) -> bool {
        self.seen >= self.past.len()
    }

    fn keep(&mut self, value: Shared<Anything>) {
        let now = self.now();
        self.past.push((now, Moment::Kept(value)));
    }

    fn kept(&mut self) -> Run<Shared<Anything>> {
        match self.past.get(self.seen) {
            Some((_, Moment::Kept(kept))) => {
                self.seen += 1;
                Ok(Shared::clone(kept))
            }
            _ => Err(ErrorCode::Internal.into()),
        }
    }

    fn ask(&mut self, command: Command) -> Run<&Input> {
        match self.past.get(self.seen) {
            Some((_, Moment::Input(input))) => {
                self.seen += 1;
                Ok(input)
            }
            Some(_) => Err(ErrorCode::Internal.into()),
            None => {
                self.question = Some(command);
                Err(ErrorCode::Internal.into())
            }
        }
    }

    /// Takes a response in and begins the next run: what the flow told before is told already.
    fn record(&mut self, now: UnixTime, moment: Moment) {
        self.past.push((now, moment));
        // The first moment is the start, which nothing asks for.
        self.seen = 1;
    }
}

impl Input {
    fn done(&self) -> Run<bool> {
        match self {
            Self::Done => Ok(true),
            Self::Conflict => Ok(false),
            other => other.refuse(),
        }
    }

    fn bytes(&self) -> Run<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            other => other.refuse(),
        }
    }

    fn text(&self) -> Run<Secret> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            other => other.refuse(),
        }
    }

    fn refuse<T>(&self) -> Run<T> {
        match self {
            Self::Failed(error) => Err(error.clone().into()),
            _ => Err(ErrorCode::Internal.into()),
        }
    }
}

/// Without the record, which holds tokens, and without a URL's query: an `id_token_hint` is one
/// too.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request) => f.debug_tuple("Send").field(request).finish(),
            Self::Random(length) => f.debug_tuple("Random").field(length).finish(),
            Self::Read(key) => f.debug_tuple("Read").field(key).finish(),
            Self::Write { key, over, .. } => {
                let mut write = f.debug_struct("Write");
                write.field("key", key).field("over", over);
                write.finish_non_exhaustive()
            }
            Self::Lock(name) => f.debug_tuple("Lock").field(name).finish(),
            Self::ClaimTab => f.write_str("ClaimTab"),
            Self::Navigate(url) => {
                let shown = url.split(['?', '#']).next();
                f.debug_tuple("Navigate").field(&shown).finish()
            }
            Self::AwaitRedirect => f.write_str("AwaitRedirect"),
            Self::Sign { algorithm, .. } => f.debug_tuple("Sign").field(algorithm).finish(),
            Self::Digest(algorithm, _) => f.debug_tuple("Digest").field(algorithm).finish(),
            Self::ClientAssertion(place) => f.debug_tuple("ClientAssertion").field(place).finish(),
            Self::Wait(until) => f.debug_tuple("Wait").field(until).finish(),
            Self::Load(name) => f.debug_tuple("Load").field(name).finish(),
            Self::Save {
                name, expires_at, ..
            } => {
                let mut save = f.debug_struct("Save");
                save.field("name", name).field("expires_at", expires_at);
                save.finish_non_exhaustive()
            }
        }
    }
}

/// Without the authorization code in a URL.
impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlock(name) => f.debug_tuple("Unlock").field(name).finish(),
            Self::ReplaceUrl { to, .. } => f.debug_tuple("ReplaceUrl").field(to).finish(),
            Self::Emit(event) => f.debug_tuple("Emit").field(event).finish(),
            Self::WakeAt(time) => f.debug_tuple("WakeAt").field(time).finish(),
            Self::Log(entry) => f.debug_tuple("Log").field(entry).finish(),
            #[cfg(any(feature = "native", not(feature = "browser")))]
            Self::DeviceCode(_) => f.write_str("DeviceCode"),
            Self::RenewalDue => f.write_str("RenewalDue"),
        }
    }
}

/// Without the random bytes, which become secrets, and without the record.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Done => f.write_str("Done"),
            Self::Conflict => f.write_str("Conflict"),
            Self::Response(response) => f.debug_tuple("Response").field(response).finish(),
            Self::Bytes(bytes) => f.debug_tuple("Bytes").field(&bytes.len()).finish(),
            Self::Record(record) => {
                let record = record.as_ref().map(|_| "…");
                f.debug_tuple("Record").field(&record).finish()
            }
            Self::Text(assertion) => f.debug_tuple("Text").field(assertion).finish(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}
