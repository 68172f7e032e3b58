//! A client on a page that stands still, with what the package ships around it.

use countersign::browser::{PageClient, RunningFlow};
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

// Named so that they are there for the modules that import them.
#[wasm_bindgen(module = "/pkg-template/driver.js")]
extern "C" {
    #[allow(dead_code)]
    type Driver;
}

#[wasm_bindgen(module = "/pkg-template/error-codes.js")]
extern "C" {
    #[allow(dead_code)]
    type ErrorCodes;
}

#[wasm_bindgen(module = "/pkg-template/page-host.js")]
extern "C" {
    #[allow(dead_code)]
    type PageHost;
}

#[wasm_bindgen(module = "/pkg-template/stores.js")]
extern "C" {
    #[allow(dead_code)]
    type Stores;
}

#[wasm_bindgen(module = "/pkg-template/tab.js")]
extern "C" {
    #[allow(dead_code)]
    type Tab;
}

#[wasm_bindgen(module = "/pkg-template/crossing.js")]
extern "C" {
    pub(crate) fn decode(form: &str) -> JsValue;
}

#[wasm_bindgen(module = "/pkg-template/auth-error.js")]
extern "C" {
    #[wasm_bindgen(js_name = isAuthError)]
    pub(crate) fn is_auth_error(error: &JsValue) -> bool;
}

#[wasm_bindgen(module = "/pkg-template/wake-up.js")]
extern "C" {
    #[allow(dead_code)]
    pub(crate) type WakeUp;
}

#[wasm_bindgen(module = "/tests/browser/page.js")]
extern "C" {
    pub(crate) type TestPage;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new(kind: &str, prefix: &str) -> TestPage;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn requests(this: &TestPage) -> Array;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn events(this: &TestPage) -> Array;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn log(this: &TestPage) -> Array;
    #[wasm_bindgen(method, getter, js_name = wakeTimes)]
    pub(crate) fn wake_times(this: &TestPage) -> Array;
    /// Starts a flow at once; the test awaits it when it likes.
    #[wasm_bindgen(method, js_name = run)]
    pub(crate) fn start(this: &TestPage, flow: RunningFlow) -> Promise;
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn run(this: &TestPage, flow: RunningFlow) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    pub(crate) fn fail(this: &TestPage, body: &str);
    #[wasm_bindgen(method, js_name = failToConnect)]
    pub(crate) fn fail_to_connect(this: &TestPage);
    #[wasm_bindgen(method)]
    pub(crate) fn authorize(this: &TestPage, storage_key: &str) -> String;

    pub(crate) fn options(json: &str) -> String;
    #[wasm_bindgen(js_name = callOptions)]
    fn call_options(call: &str, json: &str) -> String;
    pub(crate) fn advance(seconds: f64);
    #[wasm_bindgen(js_name = clearMemory)]
    fn clear_memory();
    #[wasm_bindgen(js_name = wakesUp, catch)]
    pub(crate) async fn wakes_up() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = fillStorage)]
    pub(crate) fn fill_storage() -> Function;
}

pub(crate) const KEY: &str = "countersign:https://as.example|page";

pub(crate) fn window() -> web_sys::Window {
    web_sys::window().expect("the tests run in a page")
}

pub(crate) fn storage() -> web_sys::Storage {
    window().session_storage().unwrap().unwrap()
}

/// The stored session; a sign-out leaves only a revision.
pub(crate) fn stored() -> Option<String> {
    let record = storage().get_item(&format!("{KEY}:session")).unwrap();
    record.filter(|record| record.contains('&'))
}

pub(crate) fn callback() -> String {
    format!("{}/callback", window().location().origin().unwrap())
}

/// A client on its page; the tests run one after the other, each from an empty storage.
pub(crate) struct Page {
    pub(crate) client: PageClient,
    pub(crate) page: TestPage,
}

impl Page {
    pub(crate) fn new(kind: &str) -> Self {
        storage().clear().unwrap();
        clear_memory();
        Self::beside(kind)
    }

    /// A client that finds what others stored.
    pub(crate) fn beside(kind: &str) -> Self {
        let page = TestPage::new(kind, KEY);
        let text = format!(
            r#"{{"authority":"https://as.example","clientId":"page","redirectUri":"{}"}}"#,
            callback()
        );
        let client = PageClient::new(&options(&text)).ok().unwrap();
        Self { client, page }
    }

    pub(crate) async fn call(&self, call: &str, json: &str) -> Result<JsValue, JsValue> {
        self.page.run(self.flow(call, json)).await
    }

    pub(crate) fn flow(&self, call: &str, json: &str) -> RunningFlow {
        self.client.flow(call_options(call, json))
    }

    /// The code of the error that this call ends with.
    pub(crate) async fn refusal(&self, call: &str, json: &str) -> String {
        let error = self
            .call(call, json)
            .await
            .expect_err("it should have failed");
        assert!(is_auth_error(&error), "{error:?}");
        text(&error, "code")
    }

    /// Starts a sign-in, and returns the URL of its response.
    pub(crate) async fn leave(&self, json: &str) -> String {
        // The URL is one that the browser refuses, so that the tests' page stays.
        assert_eq!(self.refusal("signIn", json).await, "storage_unavailable");
        format!("{}?{}", callback(), self.page.authorize(KEY))
    }

    pub(crate) async fn sign_in(&self) -> JsValue {
        let response_url = self.leave("{}").await;
        let json = format!(r#"{{"url":"{response_url}"}}"#);
        self.call("handleRedirect", &json)
            .await
            .expect("the sign-in is good")
    }

    /// Who is signed in.
    pub(crate) fn account(&self) -> Option<JsValue> {
        let state = decode(&self.client.observe(None));
        let account = Reflect::get(&state, &"account".into()).unwrap().as_string();
        account.map(|account| decode(&account))
    }

    pub(crate) async fn token(&self, json: &str) -> String {
        text(
            &self.call("getToken", json).await.expect("there is a token"),
            "accessToken",
        )
    }
}

pub(crate) fn text(object: &JsValue, name: &str) -> String {
    let value = Reflect::get(object, &name.into()).unwrap();
    value
        .as_string()
        .unwrap_or_else(|| panic!("{name} is no text: {value:?}"))
}
