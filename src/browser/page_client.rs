//! The exports: one client of a page. `pkg-template/browser.js` gives it the shape of the API.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::page::{Page, PageHost};
use super::page_flow::PageFlow;
use super::{json, options, results};
use crate::core::client::Client;
use crate::javascript::error_to_js;

/// What the package's `Client` drives.
#[wasm_bindgen]
pub struct PageClient {
    client: Rc<Client>,
    page: Rc<Page>,
}

#[wasm_bindgen]
impl PageClient {
    /// A client of these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, host: PageHost) -> Result<Self, JsValue> {
        let (config, storage) = options::client_config(options).map_err(error_to_js)?;
        Ok(Self {
            client: Client::new(config, json::parse_json).map_err(error_to_js)?,
            page: Rc::new(Page { host, storage }),
        })
    }

    /// Takes up the stored session.
    pub fn restore(&self) -> PageFlow {
        PageFlow::new(&self.page, self.client.restore(), results::nothing)
    }

    /// Sends the user to the provider.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self, options: &str) -> Result<PageFlow, JsValue> {
        let options = options::sign_in_options(options).map_err(error_to_js)?;
        let flow = self.client.sign_in(options);
        Ok(PageFlow::new(&self.page, flow, results::nothing))
    }

    /// Completes a sign-in.
    #[wasm_bindgen(js_name = handleRedirect)]
    pub fn handle_redirect(&self, address: String) -> PageFlow {
        let flow = self.client.handle_redirect(address);
        PageFlow::new(&self.page, flow, results::sign_in)
    }

    /// A token that is good now.
    #[wasm_bindgen(js_name = getToken)]
    pub fn get_token(&self, options: &str) -> PageFlow {
        let flow = self.client.get_token(options::get_token_options(options));
        PageFlow::new(&self.page, flow, results::token_set)
    }

    /// A token for a request to this address.
    #[wasm_bindgen(js_name = tokenForRequest)]
    pub fn token_for_request(&self, address: String, options: &str) -> PageFlow {
        let options = options::get_token_options(options);
        let flow = self.client.token_for_request(address, options);
        PageFlow::new(&self.page, flow, results::token_set)
    }

    /// What an API's answer asks for: the options of the token to repeat the request with, or
    /// `undefined`.
    #[wasm_bindgen(js_name = bearerAnswer)]
    pub fn bearer_answer(
        &self,
        status: u16,
        www_authenticate: Option<String>,
        options: &str,
    ) -> Option<String> {
        let options = options::get_token_options(options);
        let header = www_authenticate.as_deref();
        let answer = self.client.bearer_answer(status, header, &options);
        results::bearer_answer(answer)
    }

    /// Who is signed in.
    pub fn account(&self) -> Option<String> {
        let account = self.client.account()?;
        Some(results::account(&account).as_str().into())
    }

    /// Ends the session.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, local: bool) -> PageFlow {
        PageFlow::new(&self.page, self.client.sign_out(local), results::nothing)
    }

    /// Renews what is due.
    pub fn wake(&self) -> PageFlow {
        PageFlow::new(&self.page, self.client.wake(), results::nothing)
    }
}
