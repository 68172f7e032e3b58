//! The exports: one client of a page. `pkg-template/browser.js` gives it the shape of the API.

use alloc::string::String;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{call, results};
use crate::core::flow::Flow;
use crate::core::page::Client;
use crate::core::shared::Shared;
use crate::core::wire::form::Form;
use crate::core::wire::text::split_once;
use crate::javascript::options::Options;
use crate::javascript::results::token_set;
use crate::javascript::session::PLATFORM;
use crate::javascript::{RunningFlow, error_to_js, now, write_notices};

/// The core of the package's `Client`. It has few exports, since a page pays for each.
#[wasm_bindgen]
pub struct PageClient {
    client: Shared<Client>,
}

#[wasm_bindgen]
impl PageClient {
    /// A client with these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Self, JsValue> {
        let client = Options::read(options)
            .client_config()
            .and_then(|config| Client::new(config, PLATFORM))
            .map_err(error_to_js)?;
        Ok(Self { client })
    }

    /// Makes a flow of a `call` with its options.
    pub fn flow(&self, options: String) -> RunningFlow {
        let client = Shared::clone(&self.client);
        RunningFlow::new(Flow::new(move |io| call::run(&client, io, &options)))
    }

    /// Reads the store's record, if one is given; it is empty if the store has none.
    /// Returns every `notice`, as [`RunningFlow::resume`] does, and what the page may know at any
    /// time: `revision`, how the store's record begins as long as this client's copy is what the
    /// store holds, `serial`, which counts the states of the copy, `account` and `reauthDueAt`.
    pub fn observe(&self, record: Option<String>) -> String {
        let mut form = Form::default();
        if let Some(record) = record {
            write_notices(&self.client.observe(Some(&record), now()), &mut form);
        }
        results::state(&self.client, &mut form);
        form.into_string()
    }

    /// A fresh token of the copy, for a scope and, on a second line, a resource. Returns its place,
    /// which stays its own as long as the serial does, and -1 if there is none.
    #[wasm_bindgen(js_name = cachedToken)]
    pub fn cached_token(&self, target: &str) -> i32 {
        let (scope, resource) = split_once(target, b'\n').unwrap_or((target, ""));
        let cached = self.client.cached_token(Some(scope), Some(resource), now());
        cached.map_or(-1, |place| place as i32)
    }

    /// The token at a place that [`PageClient::cached_token`] returned for the same serial.
    #[wasm_bindgen(js_name = tokenAt)]
    pub fn token_at(&self, place: usize) -> String {
        let mut form = Form::default();
        if let Some(token) = self.client.token_at(place) {
            token_set(&token, &mut form);
        }
        form.into_string()
    }
}
