//! Results as plain objects.

use js_sys::{JSON, Object};
use wasm_bindgen::JsValue;

use crate::core::client::{Account, BearerAnswer, SignIn};
use crate::core::session::AccessToken;
use crate::javascript::{set, set_some};

/// `{ issuer, subject, claims }`.
pub(super) fn account(account: Account) -> JsValue {
    let object = Object::new();
    set(&object, "issuer", account.issuer);
    set(&object, "subject", account.subject);
    // The claims were parsed when they were checked.
    set(
        &object,
        "claims",
        JSON::parse(&account.claims).unwrap_or_default(),
    );
    object.into()
}

/// No result.
pub(super) fn nothing(_: ()) -> JsValue {
    JsValue::UNDEFINED
}

/// `{ account, appState }`, the state still as text; `null` where the page load was no answer.
pub(super) fn sign_in(result: Option<SignIn>) -> JsValue {
    let Some(result) = result else {
        return JsValue::NULL;
    };
    let object = Object::new();
    set(&object, "account", account(result.account));
    set_some(&object, "appState", result.app_state);
    object.into()
}

/// `{ accessToken, tokenType, obtainedAt, refreshAt, expiresAt, scope }`, the times in seconds.
pub(super) fn token_set(token: AccessToken) -> JsValue {
    let object = Object::new();
    set(&object, "accessToken", token.token.expose());
    set(&object, "tokenType", token.token_type);
    set(&object, "expiresAt", token.lifetime.expires_at.seconds());
    set(&object, "refreshAt", token.lifetime.refresh_at.seconds());
    set(&object, "obtainedAt", token.lifetime.obtained_at.seconds());
    set(&object, "scope", token.scope);
    object.into()
}

/// The options of the token to repeat the request with; `undefined` where the answer is delivered.
pub(super) fn bearer_answer(answer: BearerAnswer) -> JsValue {
    let BearerAnswer::Retry(options) = answer else {
        return JsValue::UNDEFINED;
    };
    let object = Object::new();
    set_some(&object, "scope", options.scope);
    set_some(&object, "resource", options.resource);
    set_some(&object, "claims", options.claims);
    set(&object, "forceRefresh", options.force_refresh);
    object.into()
}
