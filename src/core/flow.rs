//! Flows: protocol steps that run until they need the outside world, say what they need as a
//! [`Command`], and go on with the host's [`Input`].
//!
//! A flow is written top down as an `async` function, and is driven without an executor: each
//! [`Flow::resume`] brings the time and the answer to the last command, and returns the next
//! command or the result. It never waits by itself, so a test can answer in any order, late,
//! wrongly or not at all.
//!
//! **After each resume, carry out the [notices](Flow::notices); then exactly one command is
//! outstanding.** Answer it with the next resume; a flow that is dropped instead was cancelled, and
//! the host releases the locks it took for it.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::error::{AuthError, ErrorCode};
use super::event::{Event, LogEntry};
use super::http::{HttpRequest, HttpResponse};
use super::time::UnixTime;
use super::url;

/// What a flow asks of its host, and waits for.
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
    /// Leave the page for this address. Answer: [`Input::Done`].
    Navigate(String),
}

/// What a flow tells its host without waiting.
#[derive(Debug)]
pub enum Notice {
    /// Release the lock of this name.
    Unlock(String),
    /// Show this address in place of the present one, without loading it.
    ReplaceAddress(String),
    /// Tell the listeners.
    Emit(Event),
    /// Call [`Client::wake`](super::client::Client::wake) at this time, and no more at an earlier
    /// one; `None`: never.
    WakeAt(Option<UnixTime>),
    /// Tell the log.
    Log(LogEntry),
}

/// The host's answer to a command.
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

/// Without the record, which holds tokens, and without the address's query: an `id_token_hint` is
/// one too.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request) => f.debug_tuple("Send").field(request).finish(),
            Self::Random(length) => f.debug_tuple("Random").field(length).finish(),
            Self::Read(key) => f.debug_tuple("Read").field(key).finish(),
            Self::Write(key, record) => {
                let record = record.as_ref().map(|_| "…");
                f.debug_tuple("Write").field(key).field(&record).finish()
            }
            Self::Lock(name) => f.debug_tuple("Lock").field(name).finish(),
            Self::Navigate(address) => {
                let address = url::without_query(address);
                f.debug_tuple("Navigate").field(&address).finish()
            }
        }
    }
}

/// Without the random bytes, which become secrets, and without the record.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Done => f.write_str("Done"),
            Self::Response(response) => f.debug_tuple("Response").field(response).finish(),
            Self::Bytes(bytes) => f.debug_tuple("Bytes").field(&bytes.len()).finish(),
            Self::Record(record) => {
                let record = record.as_ref().map(|_| "…");
                f.debug_tuple("Record").field(&record).finish()
            }
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}

/// A protocol flow under way.
#[must_use = "a flow does nothing until it is resumed"]
pub struct Flow<T> {
    future: Pin<Box<dyn Future<Output = Result<T, AuthError>>>>,
    has_ended: bool,
    io: Io,
}

impl<T> Flow<T> {
    /// Makes a flow of an async function that is given its [`Io`].
    pub(crate) fn new<F>(body: impl FnOnce(Io) -> F) -> Self
    where
        F: Future<Output = Result<T, AuthError>> + 'static,
    {
        let io = Io(Rc::new(Exchange {
            now: Cell::new(UnixTime::EPOCH),
            command: Cell::new(None),
            input: Cell::new(None),
            notices: Cell::new(Vec::new()),
        }));
        Self {
            future: Box::pin(body(io.clone())),
            has_ended: false,
            io,
        }
    }

    /// What the flow has told since it was asked last, in order.
    pub fn notices(&mut self) -> Vec<Notice> {
        self.io.0.notices.take()
    }

    /// Goes on with the answer to the last command, [`Input::Start`] at first.
    pub fn resume(&mut self, now: UnixTime, input: Input) -> Step<T> {
        self.io.0.now.set(now);
        self.io.0.input.set(Some(input));
        let mut context = Context::from_waker(Waker::noop());
        let polled = if self.has_ended {
            Poll::Pending
        } else {
            self.future.as_mut().poll(&mut context)
        };
        match polled {
            Poll::Ready(result) => {
                self.has_ended = true;
                Step::Ended(result)
            }
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

struct Exchange {
    now: Cell<UnixTime>,
    command: Cell<Option<Command>>,
    input: Cell<Option<Input>>,
    notices: Cell<Vec<Notice>>,
}

impl Io {
    /// The time that came with the last input.
    pub(crate) fn now(&self) -> UnixTime {
        self.0.now.get()
    }

    /// Tells the host something that it does not answer.
    pub(crate) fn tell(&self, notice: Notice) {
        let mut notices = self.0.notices.take();
        notices.push(notice);
        self.0.notices.set(notices);
    }

    pub(crate) fn log(&self, step: &'static str, detail: &str) {
        let detail = detail.into();
        self.tell(Notice::Log(LogEntry { step, detail }));
    }

    pub(crate) fn emit(&self, event: Event) {
        self.tell(Notice::Emit(event));
    }

    pub(crate) fn send(&self, request: HttpRequest) -> Answer<HttpResponse> {
        self.ask(Command::Send(request), |input| match input {
            Input::Response(response) => Some(response),
            _ => None,
        })
    }

    pub(crate) fn random<const N: usize>(&self) -> Answer<[u8; N]> {
        self.ask(Command::Random(N), |input| match input {
            Input::Bytes(bytes) => bytes.try_into().ok(),
            _ => None,
        })
    }

    pub(crate) fn read(&self, key: RecordKey) -> Answer<Option<String>> {
        self.ask(Command::Read(key), |input| match input {
            Input::Record(record) => Some(record),
            _ => None,
        })
    }

    pub(crate) fn write(&self, key: RecordKey, record: Option<String>) -> Answer<()> {
        self.ask(Command::Write(key, record), done)
    }

    pub(crate) fn lock(&self, name: &str) -> Answer<()> {
        self.ask(Command::Lock(name.into()), done)
    }

    pub(crate) fn navigate(&self, url: String) -> Answer<()> {
        self.ask(Command::Navigate(url), done)
    }

    fn ask<T>(&self, command: Command, read: fn(Input) -> Option<T>) -> Answer<T> {
        self.0.input.take();
        self.0.command.set(Some(command));
        Answer {
            io: self.clone(),
            read,
        }
    }
}

/// The answer to a command, once the host has given it. A small future of our own, because a flow
/// awaits it in dozens of places and pays for its size in each.
#[must_use = "a command is answered only when it is awaited"]
pub(crate) struct Answer<T> {
    io: Io,
    read: fn(Input) -> Option<T>,
}

impl<T> Future for Answer<T> {
    type Output = Result<T, AuthError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.io.0.input.take() {
            None => Poll::Pending,
            Some(Input::Failed(error)) => Poll::Ready(Err(error)),
            Some(input) => Poll::Ready((self.read)(input).ok_or(ErrorCode::Internal.into())),
        }
    }
}

fn done(input: Input) -> Option<()> {
    matches!(input, Input::Done).then_some(())
}
