//! What both builds hand to JavaScript in the same form.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::core::error::AuthError;

/// An error as a plain object; the package's own `AuthError` class is made of it. Its members are
/// those of `index.d.ts`.
pub(crate) fn error_to_js(error: &AuthError) -> JsValue {
    let object = Object::new();
    set(&object, "code", error.code().as_str());
    set(&object, "message", error.message());
    set_some(&object, "subject", error.subject());
    if let Some(server) = error.server() {
        set(&object, "error", server.error.as_str());
        set_some(
            &object,
            "error_description",
            server.error_description.as_deref(),
        );
        set_some(&object, "error_uri", server.error_uri.as_deref());
        set_some(&object, "suberror", server.suberror.as_deref());
        set_some(&object, "claims", server.claims.as_deref());
        set_some(&object, "correlation_id", server.correlation_id.as_deref());
        set_some(&object, "status", server.status);
        if !server.error_codes.is_empty() {
            let codes: Array = server
                .error_codes
                .iter()
                .map(|code| JsValue::from(*code))
                .collect();
            set(&object, "error_codes", codes);
        }
    }
    object.into()
}

/// Sets a member of a plain object.
pub(crate) fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    // Setting a member of a fresh plain object cannot fail.
    let _ = Reflect::set(object, &name.into(), &value.into());
}

/// Sets a member that may be absent.
pub(crate) fn set_some(object: &Object, name: &str, value: Option<impl Into<JsValue>>) {
    if let Some(value) = value {
        set(object, name, value);
    }
}
