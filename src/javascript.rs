//! What both builds hand to JavaScript in the same form.
//!
//! Structures cross as one text, `application/x-www-form-urlencoded`, which the platform reads by
//! itself (`URLSearchParams`): a setter for each member of each object costs a page four times as
//! much.

use wasm_bindgen::JsValue;

use crate::core::error::AuthError;
use crate::core::form::Form;

/// An error, to be thrown; the package's own `AuthError` class is made of it. Its members are
/// those of `index.d.ts`.
pub(crate) fn error_to_js(error: AuthError) -> JsValue {
    JsValue::from_str(error_form(&error).as_str())
}

/// An error's members.
pub(crate) fn error_form(error: &AuthError) -> Form {
    let mut form = Form::default();
    form.set("code", error.code().as_str())
        .set("message", &error.message())
        .set_some("subject", error.subject());
    if let Some(server) = error.server() {
        form.append(server.as_form());
    }
    form
}
