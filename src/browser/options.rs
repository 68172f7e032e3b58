//! Options as the page's author writes them. Members that the package's JavaScript has not put
//! into text already are read one by one.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::storage::Storage;
use crate::core::authorization_request::SignInOptions;
use crate::core::client::{ClientConfig, GetTokenOptions};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::text::concat;

const DEFAULT_SCOPE: &str = "openid profile offline_access";
/// Seconds by which the page's clock and the provider's may differ where nothing is said.
const CLOCK_TOLERANCE: f64 = 60.0;

/// `createClient`'s options, `redirectUri` filled in and `metadata` as text.
pub(super) fn client_config(options: &JsValue) -> Result<(ClientConfig, Storage), AuthError> {
    let config = ClientConfig {
        authority: required(options, "authority")?,
        client_id: required(options, "clientId")?,
        redirect_uri: required(options, "redirectUri")?,
        post_logout_redirect_uri: text(options, "postLogoutRedirectUri")?,
        scope: text(options, "scope")?.unwrap_or_else(|| DEFAULT_SCOPE.into()),
        resource: text(options, "resource")?,
        metadata: text(options, "metadata")?,
        clock_tolerance: number(options, "clockTolerance")?.unwrap_or(CLOCK_TOLERANCE),
    };
    let prefix = concat(&["countersign:", &config.authority, "|", &config.client_id]);
    let storage = match text(options, "storage")?.as_deref() {
        Some("memory") => Storage::memory(prefix),
        None | Some("session") => Storage::session(prefix),
        Some(_) => return Err(AuthError::about(ErrorCode::InvalidOption, "storage")),
    };
    Ok((config, storage))
}

/// `signIn`'s options.
pub(super) fn sign_in_options(options: &JsValue) -> Result<SignInOptions, AuthError> {
    // The names on the wire, of OpenID Connect Core section 3.1.2.1 and of Entra.
    const WIRE_NAMES: [(&str, &str); 7] = [
        ("prompt", "prompt"),
        ("loginHint", "login_hint"),
        ("domainHint", "domain_hint"),
        ("acrValues", "acr_values"),
        ("uiLocales", "ui_locales"),
        ("claims", "claims"),
        ("responseMode", "response_mode"),
    ];
    let mut parameters = Vec::new();
    for (name, wire_name) in WIRE_NAMES {
        if let Some(value) = text(options, name)? {
            parameters.push((wire_name.into(), value));
        }
    }
    let extra = member(options, "parameters");
    if let Some(extra) = extra.dyn_ref::<Object>() {
        for name in Object::keys(extra)
            .iter()
            .filter_map(|name| name.as_string())
        {
            if let Some(value) = text(extra, &name)? {
                parameters.push((name, value));
            }
        }
    }
    Ok(SignInOptions {
        scope: text(options, "scope")?,
        resource: text(options, "resource")?,
        parameters,
        max_age: number(options, "maxAge")?,
        app_state: text(options, "appState")?,
    })
}

/// `getToken`'s options.
pub(super) fn get_token_options(options: &JsValue) -> Result<GetTokenOptions, AuthError> {
    Ok(GetTokenOptions {
        scope: text(options, "scope")?,
        resource: text(options, "resource")?,
        claims: text(options, "claims")?,
        force_refresh: member(options, "forceRefresh").is_truthy(),
    })
}

fn required(options: &JsValue, name: &str) -> Result<String, AuthError> {
    text(options, name)?.ok_or_else(|| AuthError::about(ErrorCode::InvalidOption, name))
}

/// A string, or an array of strings as one list of words.
fn text(options: &JsValue, name: &str) -> Result<Option<String>, AuthError> {
    let value = member(options, name);
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let words = value
        .dyn_ref::<Array>()
        .and_then(|words| words.join(" ").as_string());
    value
        .as_string()
        .or(words)
        .map(Some)
        .ok_or_else(|| AuthError::about(ErrorCode::InvalidOption, name))
}

fn number(options: &JsValue, name: &str) -> Result<Option<f64>, AuthError> {
    let value = member(options, name);
    match value.as_f64() {
        None if value.is_undefined() => Ok(None),
        Some(number) if number >= 0.0 => Ok(Some(number)),
        _ => Err(AuthError::about(ErrorCode::InvalidOption, name)),
    }
}

fn member(options: &JsValue, name: &str) -> JsValue {
    Reflect::get(options, &name.into()).unwrap_or_default()
}
