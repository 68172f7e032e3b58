//! Options, as the package's JavaScript hands them over.

use super::storage::Storage;
use crate::core::authorization_request::SignInOptions;
use crate::core::claims_policy::ClaimsPolicy;
use crate::core::client::{ClientConfig, GetTokenOptions};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::form::Form;
use crate::core::text::concat;
use alloc::string::String;

const DEFAULT_SCOPE: &str = "openid profile offline_access";

/// `createClient`'s options.
pub(super) fn client_config(options: &str) -> Result<(ClientConfig, Storage), AuthError> {
    let options = Form::from_encoded(options);
    let config = ClientConfig {
        authority: options.text("authority"),
        client_id: options.text("clientId"),
        redirect_uri: options.text("redirectUri"),
        post_logout_redirect_uri: options.get("postLogoutRedirectUri"),
        scope: options.get("scope").unwrap_or_else(|| DEFAULT_SCOPE.into()),
        resource: options.get("resource"),
        metadata: options.get("metadata"),
        clock_tolerance: number(&options, "clockTolerance")?
            .unwrap_or(ClaimsPolicy::CLOCK_TOLERANCE),
    };
    let prefix = concat(&["countersign:", &config.authority, "|", &config.client_id]);
    let storage = match options.get("storage").as_deref() {
        Some("memory") => Storage::memory(prefix),
        None | Some("session") => Storage::session(prefix),
        Some(_) => return Err(AuthError::about(ErrorCode::InvalidOption, "storage")),
    };
    Ok((config, storage))
}

/// `signIn`'s options; `parameters` is a form of its own.
pub(super) fn sign_in_options(options: &str) -> Result<SignInOptions, AuthError> {
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
    let options = Form::from_encoded(options);
    let mut parameters = Form::from_encoded(&options.text("parameters"));
    for (name, wire_name) in WIRE_NAMES {
        parameters.set_some(wire_name, options.get(name).as_deref());
    }
    Ok(SignInOptions {
        scope: options.get("scope"),
        resource: options.get("resource"),
        parameters: parameters.into_pairs(),
        max_age: number(&options, "maxAge")?,
        app_state: options.get("appState"),
    })
}

/// `getToken`'s options.
pub(super) fn get_token_options(options: &str) -> GetTokenOptions {
    let options = Form::from_encoded(options);
    GetTokenOptions {
        scope: options.get("scope"),
        resource: options.get("resource"),
        claims: options.get("claims"),
        force_refresh: options.get("forceRefresh").as_deref() == Some("true"),
    }
}

/// A member that is a text.
pub(super) fn text(options: &str, name: &str) -> String {
    Form::from_encoded(options).text(name)
}

fn number(options: &Form, name: &'static str) -> Result<Option<f64>, AuthError> {
    match (options.get(name), options.seconds(name)) {
        (Some(_), None) => Err(AuthError::about(ErrorCode::InvalidOption, name)),
        (_, number) => Ok(number),
    }
}
