//! Flows: protocol steps that run until they need the outside world, say what they need as a
//! [`Command`], and go on with the host's [`Input`].
//!
//! A flow is written top down as an `async` function, and is driven without an executor: each
//! [`Flow::resume`] brings the time and the answer to the last command, and returns the next
//! command or the result. It never waits by itself, so a test can answer in any order, late,
//! wrongly or not at all.
//!
//! **Exactly one command is outstanding at a time.** Answer it with [`Flow::resume`]; a flow that
//! is dropped instead was cancelled, and the host releases the locks it took for it.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::error::{AuthError, ErrorCode};
use super::event::{Event, LogEntry};
use super::http::{HttpRequest, HttpResponse};
use super::time::UnixTime;

/// What a flow asks of its host.
#[derive(Debug)]
pub enum Command {
    /// Send this request. Answer: [`Input::Response`], or [`Input::Failed`] where none came.
    Send(HttpRequest),
    /// Draw so many bytes from the platform's generator. Answer: [`Input::Bytes`].
    Random(usize),
    /// Read a record. Answer: [`Input::Record`].
    Read(RecordKey),
    /// Write a record, or remove it with `None`. Answer: [`Input::Done`].
    Write(RecordKey, Option<String>),
    /// Wait for the exclusive lock of this name. Answer: [`Input::Done`] when it is held.
    Lock(String),
    /// Release the lock of this name. Answer: [`Input::Done`].
    Unlock(String),
    /// Leave the page for this address. Answer: [`Input::Done`].
    Navigate(String),
    /// Show this address in place of the present one, without loading it. Answer: [`Input::Done`].
    ReplaceAddress(String),
    /// Tell the listeners. Answer: [`Input::Done`].
    Emit(Event),
    /// Call [`Client::wake`](super::client::Client::wake) at this time, and no more at an earlier
    /// one; `None`: never. Answer: [`Input::Done`].
    WakeAt(Option<UnixTime>),
    /// Tell the log. Answer: [`Input::Done`].
    Log(LogEntry),
}

/// The host's answer to a command.
#[derive(Debug)]
pub enum Input {
    /// There is no answer yet: the first call of [`Flow::resume`].
    Start,
    /// Done, with nothing to tell.
    Done,
    /// The HTTP answer.
    Response(HttpResponse),
    /// Random bytes.
    Bytes(Vec<u8>),
    /// The record, where there is one.
    Record(Option<String>),
    /// It could not be done.
    Failed(AuthError),
}

/// Where a record is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RecordKey {
    /// Sign-ins under way, in the tab's own storage whatever the page's author chose: they must
    /// outlive the redirect and must not be seen by other tabs.
    Transactions,
    /// The session, in the storage that the page's author chose.
    Session,
}

/// What a flow gives back each time.
#[derive(Debug)]
#[must_use = "a flow goes on only when its command is answered"]
pub enum Step<T> {
    /// Do this and resume with the answer.
    Command(Command),
    /// The flow has ended.
    Ended(Result<T, AuthError>),
}

/// A protocol flow under way.
#[must_use = "a flow does nothing until it is resumed"]
pub struct Flow<T> {
    future: Pin<Box<dyn Future<Output = Result<T, AuthError>>>>,
    io: Io,
}

impl<T> Flow<T> {
    /// Makes a flow of an async function that is given its [`Io`].
    pub(crate) fn new<F>(body: impl FnOnce(Io) -> F) -> Self
    where
        F: Future<Output = Result<T, AuthError>> + 'static,
    {
        let io = Io(Rc::new(Exchange::default()));
        Self {
            future: Box::pin(body(io.clone())),
            io,
        }
    }

    /// Goes on with the answer to the last command, [`Input::Start`] at first.
    pub fn resume(&mut self, now: UnixTime, input: Input) -> Step<T> {
        self.io.0.now.set(Some(now));
        self.io.0.input.replace(Some(input));
        let mut context = Context::from_waker(Waker::noop());
        match self.future.as_mut().poll(&mut context) {
            Poll::Ready(result) => Step::Ended(result),
            Poll::Pending => match self.io.0.command.take() {
                Some(command) => Step::Command(command),
                None => Step::Ended(Err(ErrorCode::Internal.into())),
            },
        }
    }
}

/// A flow's side of the exchange with its host.
#[derive(Clone)]
pub(crate) struct Io(Rc<Exchange>);

#[derive(Default)]
struct Exchange {
    now: Cell<Option<UnixTime>>,
    command: RefCell<Option<Command>>,
    input: RefCell<Option<Input>>,
}

impl Io {
    /// The time that came with the last input.
    pub(crate) fn now(&self) -> Result<UnixTime, AuthError> {
        self.0.now.get().ok_or_else(|| ErrorCode::Internal.into())
    }

    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, AuthError> {
        match self.ask(Command::Send(request)).await? {
            Input::Response(response) => Ok(response),
            _ => Err(ErrorCode::Internal.into()),
        }
    }

    pub(crate) async fn random<const N: usize>(&self) -> Result<[u8; N], AuthError> {
        match self.ask(Command::Random(N)).await? {
            Input::Bytes(bytes) => bytes.try_into().map_err(|_| ErrorCode::Internal.into()),
            _ => Err(ErrorCode::Internal.into()),
        }
    }

    pub(crate) async fn read(&self, key: RecordKey) -> Result<Option<String>, AuthError> {
        match self.ask(Command::Read(key)).await? {
            Input::Record(record) => Ok(record),
            _ => Err(ErrorCode::Internal.into()),
        }
    }

    pub(crate) async fn write(
        &self,
        key: RecordKey,
        record: Option<String>,
    ) -> Result<(), AuthError> {
        self.tell(Command::Write(key, record)).await
    }

    pub(crate) async fn lock(&self, name: &str) -> Result<(), AuthError> {
        self.tell(Command::Lock(name.into())).await
    }

    pub(crate) async fn unlock(&self, name: &str) -> Result<(), AuthError> {
        self.tell(Command::Unlock(name.into())).await
    }

    pub(crate) async fn navigate(&self, url: String) -> Result<(), AuthError> {
        self.tell(Command::Navigate(url)).await
    }

    pub(crate) async fn replace_address(&self, url: String) -> Result<(), AuthError> {
        self.tell(Command::ReplaceAddress(url)).await
    }

    pub(crate) async fn emit(&self, event: Event) -> Result<(), AuthError> {
        self.tell(Command::Emit(event)).await
    }

    pub(crate) async fn wake_at(&self, time: Option<UnixTime>) -> Result<(), AuthError> {
        self.tell(Command::WakeAt(time)).await
    }

    pub(crate) async fn log(&self, step: &'static str, detail: &str) -> Result<(), AuthError> {
        let detail = detail.into();
        self.tell(Command::Log(LogEntry { step, detail })).await
    }

    async fn tell(&self, command: Command) -> Result<(), AuthError> {
        match self.ask(command).await? {
            Input::Done => Ok(()),
            _ => Err(ErrorCode::Internal.into()),
        }
    }

    async fn ask(&self, command: Command) -> Result<Input, AuthError> {
        self.0.input.take();
        self.0.command.replace(Some(command));
        let input = poll_fn(|_| match self.0.input.take() {
            Some(input) => Poll::Ready(input),
            None => Poll::Pending,
        })
        .await;
        match input {
            Input::Failed(error) => Err(error),
            input => Ok(input),
        }
    }
}
