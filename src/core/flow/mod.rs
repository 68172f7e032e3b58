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

mod command;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(any(feature = "native", not(feature = "browser")))]
pub use self::command::DeviceCode;
pub use self::command::{Command, DigestAlgorithm, Input, Notice, RecordKey};

use super::error::{AuthError, ErrorCode};
use super::event::LogEntry;
use super::http::{HttpRequest, HttpResponse};
use super::secret::Secret;
use super::shared::{Anything, MaySend, MayShare, Shared};
use super::time::UnixTime;

/// What a flow gives back each time.
#[derive(Debug)]
#[must_use = "a flow goes on only when its command is carried out"]
pub enum Step<T> {
    /// Carry this out and resume with the result.
    Command(Command),
    /// The flow has ended.
    Ended(Result<T, AuthError>),
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

    /// The URL that the popup came back with.
    pub(crate) fn popup(&mut self, url: String, state: &str) -> Run<Secret> {
        let state = state.into();
        self.ask(Command::Popup { url, state })?.text()
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
