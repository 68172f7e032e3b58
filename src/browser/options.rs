//! Options, as the package's JavaScript hands them over, their names in snake case. A name that is
//! not known is refused: a misspelt option would be silently without effect.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::oauth::claims_policy::ClaimsPolicy;
use crate::core::page::{ApiResponse, ClientConfig, GetTokenOptions, SignInOptions, Target};
use crate::core::time::UnixTime;
use crate::core::wire::form::Parameters;
use crate::core::wire::text::{concat, parse_decimal, split_once};
use alloc::string::String;

const DEFAULT_SCOPE: &str = "openid profile offline_access";

/// `createClient`'s options.
pub(super) fn client_config(options: &str) -> Result<ClientConfig, AuthError> {
    let names = "authority client_id redirect_uri post_logout_redirect_uri scope resource metadata clock_tolerance";
    let options = Options::read(options, names)?;
    let scope = options.get("scope").unwrap_or(DEFAULT_SCOPE);
    let clock_tolerance = options.seconds("clock_tolerance")?;
    Ok(ClientConfig {
        authority: options.text("authority"),
        client_id: options.text("client_id"),
        redirect_uri: options.text("redirect_uri"),
        post_logout_redirect_uri: options.some("post_logout_redirect_uri"),
        target: Target::new(Some(scope), options.get("resource")),
        metadata: options.some("metadata"),
        clock_tolerance: clock_tolerance.unwrap_or(ClaimsPolicy::CLOCK_TOLERANCE),
    })
}

/// `signIn`'s options; `parameters` is a form of its own. The others that the client has no use for
/// are parameters too, of OpenID Connect Core section 3.1.2.1 and of Entra.
pub(super) fn sign_in(options: &str) -> Result<SignInOptions, AuthError> {
    const PARAMETERS: &str =
        "prompt login_hint domain_hint acr_values ui_locales claims response_mode";
    let names = concat(&["scope resource max_age app_state parameters ", PARAMETERS]);
    let options = Options::read(options, &names)?;
    let mut parameters = Parameters::read(options.get("parameters").unwrap_or_default()).0;
    for (name, value) in &options.0.0 {
        if is_word_of(name, PARAMETERS) {
            parameters.push((name.clone(), value.clone()));
        }
    }
    let max_age = options.seconds("max_age")?;
    Ok(SignInOptions {
        scope: options.some("scope"),
        resource: options.some("resource"),
        parameters,
        max_age: max_age.map(|seconds| seconds as u64),
        app_state: options.some("app_state"),
    })
}

/// `getToken`'s options.
pub(super) fn get_token(options: &str) -> Result<GetTokenOptions, AuthError> {
    let names = "scope resource claims force_refresh";
    Ok(Options::read(options, names)?.for_token())
}

/// The options of the token for a request, and the request's `url`.
pub(super) fn get_token_for(options: &str) -> Result<(String, GetTokenOptions), AuthError> {
    let names = "scope resource claims force_refresh url";
    let options = Options::read(options, names)?;
    Ok((options.text("url"), options.for_token()))
}

/// An API's response with the options of the token that was sent.
pub(super) fn api_response(options: &str) -> Result<(ApiResponse, GetTokenOptions), AuthError> {
    let options = Options(Parameters::read(options));
    let obtained_at = options.seconds("obtained_at")?.unwrap_or_default();
    let response = ApiResponse {
        status: options.seconds("status")?.unwrap_or_default() as u16,
        www_authenticate: options.text("www_authenticate"),
        token_obtained_at: UnixTime::EPOCH.plus(obtained_at),
    };
    Ok((response, options.for_token()))
}

/// `handleRedirect`'s URL.
pub(super) fn handle_redirect(options: &str) -> Result<String, AuthError> {
    Ok(Options::read(options, "url")?.text("url"))
}

/// The flag of a call that has nothing else.
pub(super) fn flag(options: &str, name: &'static str) -> Result<bool, AuthError> {
    Ok(Options::read(options, name)?.flag(name))
}

struct Options(Parameters);

impl Options {
    /// Reads options whose names are among these words.
    fn read(text: &str, names: &str) -> Result<Self, AuthError> {
        let parameters = Parameters::read(text);
        for (name, _) in &parameters.0 {
            if !is_word_of(name, names) {
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
        match parse_decimal(text) {
            Some(milliseconds) => Ok(Some(milliseconds as f64 / 1000.0)),
            None => {
                let detail = concat(&[name, " must be a number of seconds"]);
                Err(AuthError::about(ErrorCode::InvalidOption, &detail))
            }
        }
    }

    fn for_token(&self) -> GetTokenOptions {
        GetTokenOptions {
            scope: self.some("scope"),
            resource: self.some("resource"),
            claims: self.some("claims"),
            force_refresh: self.flag("force_refresh"),
        }
    }
}

fn is_word_of(word: &str, text: &str) -> bool {
    let mut rest = text;
    while let Some((known, after)) = split_once(rest, b' ') {
        if known == word {
            return true;
        }
        rest = after;
    }
    rest == word
}
