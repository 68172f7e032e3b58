//! A flow as JavaScript drives it.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use js_sys::Date;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::page::{Page, navigate, random};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Command, Flow, Input, Notice, Step};
use crate::core::form::Form;
use crate::core::http::HttpResponse;
use crate::core::time::UnixTime;
use crate::javascript::error_to_js;

/// A flow under way.
#[wasm_bindgen]
pub struct PageFlow {
    page: Rc<Page>,
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
    /// Returns what is to be waited for next, `send` with perhaps `form`, or `lock`, or the end,
    /// `result`; a flow that failed throws.
    pub fn resume(&mut self, status: u16, body: Option<String>) -> Result<String, JsValue> {
        let input = match (self.awaited, body) {
            (Awaited::Start, _) => Input::Start,
            (Awaited::Lock, _) => Input::Done,
            (Awaited::Answer, Some(body)) => Input::Response(HttpResponse { status, body }),
            (Awaited::Answer, None) => Input::Failed(ErrorCode::NetworkError.into()),
        };
        self.go_on(input)
    }

    pub(super) fn new<T: 'static>(
        page: &Rc<Page>,
        mut flow: Flow<T>,
        to_form: fn(T) -> Form,
    ) -> Self {
        Self {
            page: Rc::clone(page),
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
    fn go_on(&mut self, mut input: Input) -> Result<String, JsValue> {
        let mut next = Form::default();
        loop {
            let (notices, step) = (self.resume)(now(), input);
            for notice in notices {
                self.page.take_notice(notice);
            }
            let command = match step {
                Step::Command(command) => command,
                Step::Ended(result) => {
                    next.set("result", result.map_err(error_to_js)?.as_str());
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
        Ok(next.as_str().into())
    }

    fn carry_out(&self, command: Command) -> Result<Input, AuthError> {
        match command {
            Command::Random(length) => random(length).map(Input::Bytes),
            Command::Read(key) => self.page.storage.read(&key).map(Input::Record),
            Command::Write(key, record) => {
                self.page.storage.write(&key, record).map(|()| Input::Done)
            }
            Command::Navigate(url) => navigate(&url).map(|()| Input::Done),
            Command::Send(_) | Command::Lock(_) => Err(ErrorCode::Internal.into()),
        }
    }
}

/// The page's clock, read for each input.
fn now() -> UnixTime {
    UnixTime::from_seconds(Date::now() / 1000.0).unwrap_or(UnixTime::EPOCH)
}
