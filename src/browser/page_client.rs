//! The exports: one client of a page. `pkg-template/browser.js` gives it the shape of the API.

use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::page_flow::PageFlow;
use super::storage::Storage;
use super::{json, options, results};
use crate::core::client::Client;
use crate::core::error::{AuthError, ErrorCode};
use crate::javascript::error_to_js;

/// What the package's `Client` drives.
#[wasm_bindgen]
pub struct PageClient {
    client: Rc<Client>,
    storage: Rc<Storage>,
}

#[wasm_bindgen]
impl PageClient {
    /// A client of these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Self, JsValue> {
        let (config, storage) = options::client_config(options).map_err(error_to_js)?;
        Ok(Self {
            client: Client::new(config, json::parse_json).map_err(error_to_js)?,
            storage: Rc::new(storage),
        })
    }

    /// Makes a flow of a call. One export for all calls, since a page pays for each.
    pub fn flow(&self, call: &str, options: &str) -> Result<PageFlow, JsValue> {
        self.try_flow(call, options).map_err(error_to_js)
    }

    /// What an API's answer asks for: the options of the token to repeat the request with.
    #[wasm_bindgen(js_name = bearerAnswer)]
    pub fn bearer_answer(
        &self,
        status: u16,
        www_authenticate: &str,
        options: &str,
    ) -> Option<String> {
        let options = options::get_token_options(options);
        let answer = self
            .client
            .bearer_answer(status, www_authenticate, &options);
        results::bearer_answer(answer)
    }

    /// Who is signed in.
    pub fn account(&self) -> Option<String> {
        let account = self.client.account()?;
        Some(results::account(&account).as_str().into())
    }

    fn try_flow(&self, call: &str, options: &str) -> Result<PageFlow, AuthError> {
        let (client, storage) = (&self.client, &self.storage);
        Ok(match call {
            "restore" => PageFlow::new(storage, client.restore(), results::nothing),
            "signIn" => {
                let flow = client.sign_in(options::sign_in_options(options)?);
                PageFlow::new(storage, flow, results::nothing)
            }
            "handleRedirect" => {
                let flow = client.handle_redirect(options::text(options, "url"));
                PageFlow::new(storage, flow, results::sign_in)
            }
            "getToken" => {
                let flow = client.get_token(options::get_token_options(options));
                PageFlow::new(storage, flow, results::token_set)
            }
            "getTokenFor" => {
                let address = options::text(options, "url");
                let flow = client.get_token_for(address, options::get_token_options(options));
                PageFlow::new(storage, flow, results::token_set)
            }
            "wake" => PageFlow::new(storage, client.wake(), results::nothing),
            "signOut" => {
                let is_local = options::text(options, "local") == "true";
                PageFlow::new(storage, client.sign_out(is_local), results::nothing)
            }
            _ => return Err(ErrorCode::Internal.into()),
        })
    }
}
