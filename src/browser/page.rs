//! What of a flow's commands and notices the platform does at once.

use alloc::vec;
use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

use super::storage::Storage;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
use crate::core::flow::Notice;
use crate::core::form::Form;
use crate::core::time::UnixTime;
use crate::javascript::error_form;

/// The page's window; a worker has none.
pub(super) fn window() -> Option<web_sys::Window> {
    WINDOW.with(Clone::clone)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = window)]
    static WINDOW: Option<web_sys::Window>;

    /// What the package's JavaScript does for the core.
    pub type PageHost;

    /// Tells the listeners: the event's name and its detail.
    #[wasm_bindgen(method)]
    fn emit(this: &PageHost, name: &str, detail: &str);

    /// Tells the log.
    #[wasm_bindgen(method)]
    fn log(this: &PageHost, step: &str, detail: &str);

    /// Sets the time, in seconds, at which to call `wake`; none with `undefined`.
    #[wasm_bindgen(method, js_name = wakeAt)]
    fn wake_at(this: &PageHost, seconds: Option<f64>);

    /// Releases a lock that a flow waited for.
    #[wasm_bindgen(method)]
    fn unlock(this: &PageHost, name: &str);
}

/// The page that a client lives in.
pub(super) struct Page {
    pub(super) host: PageHost,
    pub(super) storage: Storage,
}

impl Page {
    /// Carries out a notice.
    pub(super) fn take_notice(&self, notice: Notice) {
        match notice {
            Notice::Unlock(name) => self.host.unlock(&name),
            Notice::ReplaceAddress(url) => replace_address(&url),
            Notice::Emit(event) => self.emit(event),
            Notice::WakeAt(time) => self.host.wake_at(time.map(UnixTime::seconds)),
            Notice::Log(entry) => self.host.log(entry.step, &entry.detail),
        }
    }

    fn emit(&self, event: Event) {
        let mut detail = Form::default();
        let name = match event {
            Event::SignedIn => "signedin",
            Event::SignedOut => "signedout",
            Event::TokenRefreshed => "tokenrefreshed",
            Event::ReauthDue(time) => {
                detail.set_seconds("at", time.seconds());
                "reauthdue"
            }
            Event::Error(error) => {
                detail = error_form(&error);
                "error"
            }
        };
        self.host.emit(name, detail.as_str());
    }
}

/// Random bytes of the platform's generator.
pub(super) fn random(length: usize) -> Result<Vec<u8>, AuthError> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|_| ErrorCode::InsecureContext)?;
    Ok(bytes)
}

/// Leaves the page.
pub(super) fn navigate(url: &str) -> Result<(), AuthError> {
    window()
        .and_then(|window| window.location().assign(url).ok())
        .ok_or_else(|| AuthError::about(ErrorCode::UnexpectedResponse, "navigation"))
}

fn replace_address(url: &str) {
    // A page that forbids it keeps the answer in its address; a reload is refused as a replay.
    let _ = window().and_then(|window| {
        let history = window.history().ok()?;
        let state = history.state().ok()?;
        history.replace_state_with_url(&state, "", Some(url)).ok()
    });
}
