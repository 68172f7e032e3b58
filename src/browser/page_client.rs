//! The exports: one client of a page.

use std::rc::Rc;

use js_sys::Promise;
use js_sys::futures::future_to_promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::driver::Page;
use super::{PageHost, json, options, results};
use crate::core::client::Client;
use crate::core::error::AuthError;
use crate::core::flow::Flow;

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
    pub fn new(options: &JsValue, host: PageHost) -> Result<Self, JsValue> {
        let (config, storage) = options::client_config(options).map_err(throw)?;
        Ok(Self {
            client: Client::new(config, json::parse_json).map_err(throw)?,
            page: Rc::new(Page { host, storage }),
        })
    }

    /// Takes up the stored session.
    pub fn restore(&self) -> Promise {
        self.run(self.client.restore(), |()| JsValue::UNDEFINED)
    }

    /// Sends the user to the provider.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self, options: &JsValue) -> Result<Promise, JsValue> {
        let options = options::sign_in_options(options).map_err(throw)?;
        Ok(self.run(self.client.sign_in(options), |()| JsValue::UNDEFINED))
    }

    /// Completes a sign-in.
    #[wasm_bindgen(js_name = handleRedirect)]
    pub fn handle_redirect(&self, address: String) -> Promise {
        self.run(self.client.handle_redirect(address), |sign_in| {
            sign_in.map_or(JsValue::NULL, results::sign_in)
        })
    }

    /// A token that is good now.
    #[wasm_bindgen(js_name = getToken)]
    pub fn get_token(&self, options: &JsValue) -> Result<Promise, JsValue> {
        let options = options::get_token_options(options).map_err(throw)?;
        Ok(self.run(self.client.get_token(options), results::token_set))
    }

    /// A token for a request to this address.
    #[wasm_bindgen(js_name = tokenForRequest)]
    pub fn token_for_request(
        &self,
        address: String,
        options: &JsValue,
    ) -> Result<Promise, JsValue> {
        let options = options::get_token_options(options).map_err(throw)?;
        let flow = self.client.token_for_request(address, options);
        Ok(self.run(flow, results::token_set))
    }

    /// What an API's answer asks for.
    #[wasm_bindgen(js_name = bearerAnswer)]
    pub fn bearer_answer(
        &self,
        status: u16,
        www_authenticate: Option<String>,
        options: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let options = options::get_token_options(options).map_err(throw)?;
        let header = www_authenticate.as_deref();
        let answer = self.client.bearer_answer(status, header, &options);
        Ok(results::bearer_answer(answer))
    }

    /// Who is signed in.
    pub fn account(&self) -> JsValue {
        self.client
            .account()
            .map_or(JsValue::NULL, results::account)
    }

    /// Ends the session.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, local: bool) -> Promise {
        self.run(self.client.sign_out(local), |()| JsValue::UNDEFINED)
    }

    /// Renews what is due.
    pub fn wake(&self) -> Promise {
        self.run(self.client.wake(), |()| JsValue::UNDEFINED)
    }

    /// The promise owns what it needs: `self` is not borrowed while it waits.
    fn run<T: 'static>(&self, flow: Flow<T>, convert: fn(T) -> JsValue) -> Promise {
        let page = Rc::clone(&self.page);
        future_to_promise(async move { page.run(flow).await.map(convert).map_err(throw) })
    }
}

fn throw(error: AuthError) -> JsValue {
    results::error_to_js(&error)
}
