//! A service's client.

use alloc::string::String;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::options as service_options;
use crate::core::error::ErrorCode;
use crate::core::flow::{Flow, Io, Run};
use crate::core::service::ConfidentialClient;
use crate::core::shared::Shared;
use crate::core::wire::form::Form;
use crate::javascript::json::parse_json;
use crate::javascript::options::Options;
use crate::javascript::results::token_set;
use crate::javascript::{RunningFlow, error_to_js};

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

    /// Makes a flow of a `call` with its options.
    pub fn flow(&self, options: String) -> RunningFlow {
        let client = Shared::clone(&self.client);
        RunningFlow::new(Flow::new(move |io| run(&client, io, &options)))
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
        _ => return Err(ErrorCode::Internal.into()),
    }
    Ok(result)
}
