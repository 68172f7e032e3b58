//! The calls of the page's API, by name, each with its options and its result as text.

use super::{options, results};
use crate::core::error::ErrorCode;
use crate::core::flow::{Io, Run};
use crate::core::page::Client;
use crate::core::wire::form::Form;

/// Runs a call. One flow for all of them: a page would pay for the driving of each kind again.
pub(super) fn run(client: &Client, io: &mut Io, call: &str, options: &str) -> Run<Form> {
    let mut result = Form::default();
    match call {
        "restore" => client.take_up(io)?,
        "signIn" => client.leave(io, &options::sign_in(options)?)?,
        "handleRedirect" => {
            if let Some(sign_in) = client.complete(io, &options::handle_redirect(options)?)? {
                results::sign_in(&sign_in, &mut result);
            }
        }
        "getToken" => {
            let token = client.token(io, &options::get_token(options)?)?;
            results::token_set(&token, &mut result);
        }
        // The token for a request to a URL.
        "getTokenFor" => {
            let (url, options) = options::get_token_for(options)?;
            results::token_set(&*client.token_for(io, &url, &options)?, &mut result);
        }
        // What an API's response asks for.
        "apiResponse" => {
            let (response, options) = options::api_response(options)?;
            if let Some(retry) = response.retry(&options, io.now()) {
                results::retry(&retry, &mut result);
            }
        }
        "wake" => client.renew_due(io, options::flag(options, "is_online")?)?,
        "signOut" => client.end(io, options::flag(options, "local")?)?,
        _ => return Err(ErrorCode::Internal.into()),
    }
    Ok(result)
}
