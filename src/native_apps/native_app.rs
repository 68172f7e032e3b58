//! The exports: the client of one user. `pkg-template/native/native.js` gives them the shape of the
//! API.

use alloc::string::String;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::call;
use crate::core::flow::Flow;
use crate::core::native::NativeClient;
use crate::core::shared::Shared;
use crate::core::wire::form::Form;
use crate::javascript::options::Options;
use crate::javascript::session::{PLATFORM, account};
use crate::javascript::{RunningFlow, error_to_js, now};

/// The core of the package's `NativeClient`, with the session of one user.
#[wasm_bindgen]
pub struct NativeApp {
    client: Shared<NativeClient>,
}

#[wasm_bindgen]
impl NativeApp {
    /// A client with these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Self, JsValue> {
        let client = call::config(&Options::read(options))
            .and_then(|config| NativeClient::new(config, PLATFORM));
        Ok(Self {
            client: client.map_err(error_to_js)?,
        })
    }

    /// Makes a flow of a `call` with its options.
    pub fn flow(&self, options: String) -> RunningFlow {
        let client = Shared::clone(&self.client);
        RunningFlow::new(Flow::new(move |io| call::run(&client, io, &options)))
    }

    /// Reads the cache's record of the session; it is empty if there is none. Returns `account`, if
    /// somebody is signed in.
    pub fn observe(&self, record: &str) -> String {
        // What happened in other processes is nobody's event here.
        let _ = self.client.observe(Some(record), now());
        let mut form = Form::default();
        if let Some(user) = self.client.account() {
            form.set("account", account(&user).as_str());
        }
        form.into_string()
    }
}
