//! What of a flow's commands and notices the platform does at once.

use alloc::vec;
use alloc::vec::Vec;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
use crate::core::flow::Notice;
use crate::core::form::Form;
use crate::core::time::UnixTime;
use crate::javascript::error_form;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = window)]
    static WINDOW: Option<web_sys::Window>;
}

/// The page's window; a worker has none.
pub(super) fn window() -> Option<web_sys::Window> {
    WINDOW.with(Clone::clone)
}

/// Carries out a notice, or returns what the package's JavaScript is to do: `unlock`, `wakeAt`
/// (never, where it is empty), `emit` and `log`, these two with a `detail`.
pub(super) fn take_notice(notice: Notice) -> Form {
    let mut form = Form::default();
    match notice {
        Notice::Unlock(name) => form.set("unlock", &name),
        Notice::ReplaceAddress(url) => {
            replace_address(&url);
            &mut form
        }
        Notice::Emit(event) => emit(event, &mut form),
        Notice::WakeAt(None) => form.set("wakeAt", ""),
        Notice::WakeAt(Some(time)) => form.set_seconds("wakeAt", UnixTime::seconds(time)),
        Notice::Log(entry) => form.set("log", entry.step).set("detail", &entry.detail),
    };
    form
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

fn emit(event: Event, form: &mut Form) -> &mut Form {
    match event {
        Event::SignedIn => form.set("emit", "signedin"),
        Event::SignedOut => form.set("emit", "signedout"),
        Event::TokenRefreshed => form.set("emit", "tokenrefreshed"),
        Event::ReauthDue(time) => form
            .set("emit", "reauthdue")
            .set_seconds("detail", time.seconds()),
        Event::Error(error) => form
            .set("emit", "error")
            .set("detail", error_form(&error).as_str()),
    }
}

fn replace_address(url: &str) {
    // A page that forbids it keeps the answer in its address; a reload is refused as a replay.
    let _ = window().and_then(|window| {
        let history = window.history().ok()?;
        let state = history.state().ok()?;
        history.replace_state_with_url(&state, "", Some(url)).ok()
    });
}
