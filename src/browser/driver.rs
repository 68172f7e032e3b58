//! Runs a flow: carries out its commands one after the other until it ends.

use js_sys::{Date, Object};
use wasm_bindgen::JsValue;

use super::locks::HeldLocks;
use super::results::error_to_js;
use super::storage::Storage;
use super::{PageHost, http};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
use crate::core::flow::{Command, Flow, Input, Step};
use crate::core::time::UnixTime;
use crate::javascript::set;

/// What commands are carried out with.
pub(crate) struct Page {
    pub(crate) host: PageHost,
    pub(crate) storage: Storage,
}

impl Page {
    /// Runs the flow to its end. A flow that is dropped on the way releases its locks.
    pub(crate) async fn run<T>(&self, mut flow: Flow<T>) -> Result<T, AuthError> {
        let mut locks = HeldLocks::default();
        let mut input = Input::Start;
        loop {
            input = match flow.resume(now(), input) {
                Step::Ended(result) => return result,
                Step::Command(command) => self
                    .carry_out(command, &mut locks)
                    .await
                    .unwrap_or_else(Input::Failed),
            };
        }
    }

    async fn carry_out(&self, command: Command, locks: &mut HeldLocks) -> Result<Input, AuthError> {
        match command {
            Command::Send(request) => {
                return http::send(&self.host, &request).await.map(Input::Response);
            }
            Command::Random(length) => {
                let mut bytes = vec![0; length];
                getrandom::fill(&mut bytes).map_err(|_| ErrorCode::InsecureContext)?;
                return Ok(Input::Bytes(bytes));
            }
            Command::Read(key) => return self.storage.read(&key).map(Input::Record),
            Command::Write(key, record) => self.storage.write(&key, record)?,
            Command::Lock(name) => locks.acquire(name).await?,
            Command::Unlock(name) => locks.release(&name),
            Command::Navigate(url) => navigate(&url)?,
            Command::ReplaceAddress(url) => replace_address(&url),
            Command::Emit(event) => self.emit(event),
            Command::WakeAt(time) => self.host.wake_at(time.map(UnixTime::seconds)),
            Command::Log(entry) => self.host.log(entry.step, &entry.detail),
        }
        Ok(Input::Done)
    }

    fn emit(&self, event: Event) {
        let (name, detail) = match event {
            Event::SignedIn => ("signedin", JsValue::NULL),
            Event::SignedOut => ("signedout", JsValue::NULL),
            Event::TokenRefreshed => ("tokenrefreshed", JsValue::NULL),
            Event::ReauthDue(time) => {
                let detail = Object::new();
                set(&detail, "at", time.seconds());
                ("reauthdue", detail.into())
            }
            Event::Error(error) => ("error", error_to_js(&error)),
        };
        self.host.emit(name, &detail);
    }
}

/// The page's clock, read for each input.
pub(crate) fn now() -> UnixTime {
    UnixTime::from_seconds(Date::now() / 1000.0).unwrap_or(UnixTime::EPOCH)
}

fn navigate(url: &str) -> Result<(), AuthError> {
    web_sys::window()
        .and_then(|window| window.location().assign(url).ok())
        .ok_or_else(|| AuthError::about(ErrorCode::UnexpectedResponse, "navigation"))
}

fn replace_address(url: &str) {
    // A page that forbids it keeps the answer in its address; a reload is refused as a replay.
    let _ = web_sys::window().and_then(|window| {
        let history = window.history().ok()?;
        let state = history.state().ok()?;
        history.replace_state_with_url(&state, "", Some(url)).ok()
    });
}
