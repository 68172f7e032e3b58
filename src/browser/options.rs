//! Options, as the package's JavaScript hands them over. A name that is not known is refused: a
//! misspelt option would be silently without effect.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::oauth::claims_policy::ClaimsPolicy;
use crate::core::page::{ApiResponse, ClientConfig, GetTokenOptions, SignInOptions, Target};
use crate::core::time::UnixTime;
use crate::core::wire::form::Parameters;
use crate::core::wire::text::{concat, parse_decimal};
use alloc::string::String;

const DEFAULT_SCOPE: &str = "openid profile offline_access";

/// `createClient`'s options.
pub(super) fn client_config(options: &str) -> Result<ClientConfig, AuthError> {
    let options = Options::read(
        options,
        &[
            "authority",
            "clientId",
            "redirectUri",
            "postLogoutRedirectUri",
            "scope",
            "resource",
            "metadata",
            "clockTolerance",
        ],
    )?;
    let scope = options.get("scope").unwrap_or(DEFAULT_SCOPE);
    Ok(ClientConfig {
        authority: options.text("authority"),
        client_id: options.text("clientId"),
        redirect_uri: options.text("redirectUri"),
        post_logout_redirect_uri: options.some("postLogoutRedirectUri"),
        target: Target::new(Some(scope), options.get("resource")),
        metadata: options.some("metadata"),
        clock_tolerance: options
            .seconds("clockTolerance")?
            .unwrap_or(ClaimsPolicy::CLOCK_TOLERANCE),
    })
}

/// `signIn`'s options; `parameters` is a form of its own.
pub(super) fn sign_in(options: &str) -> Result<SignInOptions, AuthError> {
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
    let options = Options::read(
        options,
        &[
            "scope",
            "resource",
            "maxAge",
            "appState",
            "parameters",
            "prompt",
            "loginHint",
            "domainHint",
            "acrValues",
            "uiLocales",
            "claims",
            "responseMode",
        ],
    )?;
    let mut parameters = Parameters::read(options.get("parameters").unwrap_or_default()).0;
    for (name, wire_name) in WIRE_NAMES {
        if let Some(value) = options.some(name) {
            parameters.push((wire_name.into(), value));
        }
    }
    Ok(SignInOptions {
        scope: options.some("scope"),
        resource: options.some("resource"),
        parameters,
        max_age: options.seconds("maxAge")?.map(|seconds| seconds as u64),
        app_state: options.some("appState"),
    })
}

/// `getToken`'s options.
pub(super) fn get_token(options: &str) -> Result<GetTokenOptions, AuthError> {
    let names = ["scope", "resource", "claims", "forceRefresh"];
    Ok(Options::read(options, &names)?.for_token())
}

/// The options of the token for a request, and the request's `url`.
pub(super) fn get_token_for(options: &str) -> Result<(String, GetTokenOptions), AuthError> {
    let names = ["scope", "resource", "claims", "forceRefresh", "url"];
    let options = Options::read(options, &names)?;
    Ok((options.text("url"), options.for_token()))
}

/// An API's response with the options of the token that was sent.
pub(super) fn api_response(options: &str) -> Result<(ApiResponse, GetTokenOptions), AuthError> {
    let options = Options(Parameters::read(options));
    let response = ApiResponse {
        status: options.seconds("status")?.unwrap_or_default() as u16,
        www_authenticate: options.text("wwwAuthenticate"),
        token_obtained_at: UnixTime::EPOCH
            .plus(options.seconds("obtainedAt")?.unwrap_or_default()),
    };
    Ok((response, options.for_token()))
}

/// `handleRedirect`'s URL.
pub(super) fn handle_redirect(options: &str) -> Result<String, AuthError> {
    Ok(Options::read(options, &["url"])?.text("url"))
}

/// The flag of a call that has nothing else.
pub(super) fn flag(options: &str, name: &'static str) -> Result<bool, AuthError> {
    Ok(Options::read(options, &[name])?.flag(name))
}

struct Options(Parameters);

impl Options {
    fn read(text: &str, known: &[&str]) -> Result<Self, AuthError> {
        let parameters = Parameters::read(text);
        for (name, _) in &parameters.0 {
            if !known.contains(&name.as_str()) {
                let detail = concat(&[name, " is not an option"]);
                return Err(AuthError::about(ErrorCode::InvalidOption, &detail));
            }
        }
        Ok(Self(parameters))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().into()
    }

    fn some(&self, name: &str) -> Option<String> {
        self.get(name).map(String::from)
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    fn seconds(&self, name: &'static str) -> Result<Option<f64>, AuthError> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let milliseconds = parse_decimal(text).ok_or_else(|| {
            let detail = concat(&[name, " must be a number of seconds"]);
            AuthError::about(ErrorCode::InvalidOption, &detail)
        })?;
        Ok(Some(milliseconds as f64 / 1000.0))
    }

    fn for_token(&self) -> GetTokenOptions {
        GetTokenOptions {
            scope: self.some("scope"),
            resource: self.some("resource"),
            claims: self.some("claims"),
            force_refresh: self.flag("forceRefresh"),
        }
    }
}
