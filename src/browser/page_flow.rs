//! A flow as JavaScript drives it.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use js_sys::Date;
use wasm_bindgen::prelude::wasm_bindgen;

use super::page::{navigate, random, take_notice};
use super::storage::Storage;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Command, Flow, Input, Notice, Step};
use crate::core::form::Form;
use crate::core::http::HttpResponse;
use crate::core::time::UnixTime;
use crate::javascript::error_form;

/// A flow under way.
#[wasm_bindgen]
pub struct PageFlow {
    storage: Rc<Storage>,
    resume: Box<Resume>,
    awaited: Awaited,
}

/// A flow of any result: the notices and the step that follow an input.
type Resume = dyn FnMut(UnixTime, Input) -> (Vec<Notice>, Step<Form>);

/// What the flow waits for.
#[derive(Clone, Copy)]
enum Awaited {
    Start,
    Answer,
    Lock,
}

#[wasm_bindgen]
impl PageFlow {
    /// Starts the flow, or goes on when what it waits for is there: the answer to a request, which
    /// has no body where none came, or a lock.
    ///
    /// Returns each `notice` to be carried out, and then what is to be waited for next, `send` with
    /// perhaps `form`, or `lock`, or the end, `result` or `error`.
    pub fn resume(&mut self, status: u16, body: Option<String>) -> String {
        let input = match (self.awaited, body) {
            (Awaited::Start, _) => Input::Start,
            (Awaited::Lock, _) => Input::Done,
            (Awaited::Answer, Some(body)) => Input::Response(HttpResponse { status, body }),
            (Awaited::Answer, None) => Input::Failed(ErrorCode::NetworkError.into()),
        };
        self.go_on(input)
    }

    pub(super) fn new<T: 'static>(
        storage: &Rc<Storage>,
        mut flow: Flow<T>,
        to_form: fn(T) -> Form,
    ) -> Self {
        Self {
            storage: Rc::clone(storage),
            resume: Box::new(move |now, input| {
                let step = match flow.resume(now, input) {
                    Step::Command(command) => Step::Command(command),
                    Step::Ended(result) => Step::Ended(result.map(to_form)),
                };
                (flow.notices(), step)
            }),
            awaited: Awaited::Start,
        }
    }

    /// Carries out what the platform does at once, until there is something to wait for.
    fn go_on(&mut self, mut input: Input) -> String {
        let mut next = Form::default();
        loop {
            let (notices, step) = (self.resume)(now(), input);
            for notice in notices {
                let notice = take_notice(notice);
                if !notice.as_str().is_empty() {
                    next.set("notice", notice.as_str());
                }
            }
            let command = match step {
                Step::Command(command) => command,
                Step::Ended(Ok(result)) => {
                    next.set("result", result.as_str());
                    break;
                }
                Step::Ended(Err(error)) => {
                    next.set("error", error_form(&error).as_str());
                    break;
                }
            };
            input = match command {
                Command::Send(request) => {
                    self.awaited = Awaited::Answer;
                    next.set("send", &request.url)
                        .set_some("form", request.form.as_deref());
                    break;
                }
                Command::Lock(name) => {
                    self.awaited = Awaited::Lock;
                    next.set("lock", &name);
                    break;
                }
                command => self.carry_out(command).unwrap_or_else(Input::Failed),
            };
        }
        next.as_str().into()
    }

    fn carry_out(&self, command: Command) -> Result<Input, AuthError> {
        match command {
            Command::Random(length) => random(length).map(Input::Bytes),
            Command::Read(key) => self.storage.read(&key).map(Input::Record),
            Command::Write(key, record) => self.storage.write(&key, record).map(|()| Input::Done),
            Command::Navigate(url) => navigate(&url).map(|()| Input::Done),
            Command::Send(_) | Command::Lock(_) => Err(ErrorCode::Internal.into()),
        }
    }
}

/// The page's clock, read for each input.
fn now() -> UnixTime {
    UnixTime::from_seconds(Date::now() / 1000.0).unwrap_or(UnixTime::EPOCH)
}
