//! The page's build: a thin adapter over the browser. It carries out the commands of the core's
//! flows and decides nothing; `pkg-template/browser.js` gives it the shape of the API.

mod driver;
mod http;
mod json;
mod locks;
mod options;
mod page_client;
mod results;
mod storage;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// What the package's JavaScript does for the core: `{ emit, log, wakeAt, fetch }`.
    pub type PageHost;

    /// Tells the listeners: the event's name and its detail.
    #[wasm_bindgen(method)]
    fn emit(this: &PageHost, name: &str, detail: &wasm_bindgen::JsValue);

    /// Tells the log.
    #[wasm_bindgen(method)]
    fn log(this: &PageHost, step: &str, detail: &str);

    /// Sets the time, in seconds, at which to call `wake`; none with `undefined`.
    #[wasm_bindgen(method, js_name = wakeAt)]
    fn wake_at(this: &PageHost, seconds: Option<f64>);

    /// The page's `fetch`, or the one that the page's author gave.
    #[wasm_bindgen(method, catch)]
    fn fetch(
        this: &PageHost,
        url: &str,
        init: &web_sys::RequestInit,
    ) -> Result<js_sys::Promise, wasm_bindgen::JsValue>;
}
