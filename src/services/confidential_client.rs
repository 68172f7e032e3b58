//! A service's client.

use alloc::string::String;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{options as service_options, sign_in};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Run};
use crate::core::oauth::api_response::{ApiResponse, check_url};
use crate::core::service::{ConfidentialClient, response_to_caller};
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::form::Form;
use crate::core::wire::record::Record;
use crate::core::wire::text::{concat, decimal};
use crate::javascript::json::parse_json;
use crate::javascript::options::Options;
use crate::javascript::results::{token_members, token_set};
use crate::javascript::{RunningFlow, error_to_js, now};

/// What `createConfidentialClient` drives.
#[wasm_bindgen]
pub struct ServiceClient {
    client: Shared<ConfidentialClient>,
}

#[wasm_bindgen]
impl ServiceClient {
    /// A client with these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Self, JsValue> {
        let client = service_options::config(&Options::read(options))
            .and_then(|config| ConfidentialClient::new(config, parse_json));
        Ok(Self {
            client: client.map_err(error_to_js)?,
        })
    }

    /// Takes over the metadata that another client of the authority has fetched.
    #[wasm_bindgen(js_name = shareMetadataOf)]
    pub fn share_metadata_of(&self, other: &ServiceClient) {
        self.client.share_metadata_of(&other.client);
    }

    /// The token that is kept and fresh, found without a flow: the form of its other members, and after
    /// a line break the token. The options are `scope`, `resource`, `tenant` and `assertion`, each on
    /// a line; an empty one is absent. Without an assertion the token is the service's own.
    #[wasm_bindgen(js_name = freshToken)]
    pub fn fresh_token(&self, options: &str) -> Option<String> {
        let (options, assertion) = service_options::of_lines(options)?;
        let token = match assertion {
            "" => self.client.own_fresh_token(&options, now()),
            assertion => self
                .client
                .fresh_token_on_behalf(assertion, &options, now()),
        }?;
        let mut form = Form::default();
        token_members(&token, &mut form);
        Some(concat(&[form.as_str(), "\n", token.token().expose()]))
    }

    /// Makes a flow of a `call` with its options.
    pub fn flow(&self, options: String) -> RunningFlow {
        let client = Shared::clone(&self.client);
        RunningFlow::new(Flow::new(move |io| run(&client, io, &options)))
    }

    /// Until when the provider asked not to be asked, in seconds; 0 if it did not.
    #[wasm_bindgen(js_name = closedUntil)]
    pub fn closed_until(&self) -> f64 {
        let until = self.client.closed_until(now());
        until.map_or(0.0, UnixTime::seconds)
    }

    /// What the client has done so far: the numbers, in the order of their names in
    /// `confidential-client.js`, each before a space.
    pub fn counters(&self) -> String {
        let counters = self.client.counters();
        let mut text = String::new();
        for count in [
            counters.from_memory,
            counters.from_store,
            counters.requests,
            counters.refused,
            counters.failed,
            counters.spared,
        ] {
            text.push_str(&decimal(count.into()));
            text.push(' ');
        }
        text
    }
}

fn run(client: &ConfidentialClient, io: &mut Io, options: &str) -> Run<Form> {
    let options = Options::read(options);
    let mut result = Form::default();
    match options.text("call").as_str() {
        "clientCredentials" => {
            let token = client.own_token(io, &service_options::client_credentials(&options)?)?;
            token_set(&token, &mut result);
        }
        "onBehalfOf" => {
            let options = service_options::on_behalf_of(&options)?;
            token_set(&*client.token_on_behalf(io, &options)?, &mut result);
        }
        "exchange" => {
            let (exchange, options) = service_options::exchange(&options)?;
            token_set(&*client.exchanged(io, &exchange, &options)?, &mut result);
        }
        "authorizationRequest" => sign_in::begin(client, io, &options, &mut result)?,
        "handleRedirect" => sign_in::complete(client, io, &options, &mut result)?,
        "refresh" => sign_in::refresh(client, io, &options, &mut result)?,
        "endSession" => client.forget_session(io, &service_options::session(&options)?)?,
        _ => return Err(ErrorCode::Internal.into()),
    }
    Ok(result)
}

/// Throws if a token must not be sent to this URL.
#[wasm_bindgen(js_name = checkUrl)]
pub fn check_api_url(url: &str) -> Result<(), JsValue> {
    check_url(url).map_err(error_to_js)
}

/// What an API's response asks for: `forceRefresh` and perhaps `claims`, or nothing. The time is in
/// seconds.
#[wasm_bindgen(js_name = betterToken)]
pub fn better_token(status: u16, www_authenticate: String, token_obtained_at: f64) -> String {
    let response = ApiResponse {
        status,
        www_authenticate,
        token_obtained_at: UnixTime::EPOCH.plus(token_obtained_at),
    };
    let mut form = Form::default();
    if let Some(better) = response.better_token(now()) {
        form.set("forceRefresh", "true")
            .set_some("claims", better.claims.as_deref());
    }
    form.into_string()
}

/// How an API responds to its caller with this error: `status`, and `wwwAuthenticate` if it is a
/// challenge. `error` is the error's code by its number, and what the server said.
#[wasm_bindgen(js_name = responseToCaller)]
pub fn response_of(error: &str) -> String {
    let error = AuthError::from_text(error).unwrap_or_else(|| ErrorCode::Internal.into());
    let (status, challenge) = response_to_caller(&error);
    let mut response = Form::default();
    response
        .set("status", &decimal(status.into()))
        .set_some("wwwAuthenticate", challenge.as_deref());
    response.into_string()
}
