//! The calls of the page's API, by name, each with its options and its result as text.

use super::results;
use crate::core::error::ErrorCode;
use crate::core::flow::{Io, Run};
use crate::core::page::Client;
use crate::core::wire::form::Form;
use crate::core::wire::record::Field;
use crate::javascript::options::Options;
use crate::javascript::results::token_set;
use crate::javascript::session;

/// Runs a call. One flow for all of them: a page would pay for the driving of each kind again.
pub(super) fn run(client: &Client, io: &mut Io, options: &str) -> Run<Form> {
    let options = Options::read(options);
    let mut result = Form::default();
    match options.text("call").as_str() {
        "restore" => client.take_up(io)?,
        "signIn" => client.leave(io, &options.sign_in()?)?,
        "signInPopup" => {
            let sign_in = client.authorize_in_popup(io, &options.sign_in()?)?;
            results::sign_in(&sign_in, &mut result);
        }
        "handleRedirect" => {
            if let Some(sign_in) = client.complete(io, &options.only_url()?)? {
                results::sign_in(&sign_in, &mut result);
            }
        }
        "getToken" => {
            let (url, options) = options.get_token()?;
            let options = match url {
                Some(url) => client.for_url(url, &options)?,
                None => options,
            };
            token_set(&*client.token(io, &options)?, &mut result);
        }
        // What an API's response asks for.
        "apiResponse" => {
            let (response, options) = options.api_response()?;
            if let Some(retry) = response.retry(&options, io.now()) {
                session::retry(&retry, &mut result);
            }
        }
        "userInfo" => {
            let (_, options) = options.get_token()?;
            result.set("claims", &client.ask_user_info(io, &options)?.claims);
        }
        "importSession" => {
            let (response, obtained_at) = options.import_session(io.now())?;
            let imported = client.import(io, &response, obtained_at)?;
            result.set("account", session::account(&imported).as_str());
        }
        "wake" => client.renew_due(io, options.only_flag("is_online")?)?,
        "setActiveAccount" => client.activate(io, options.account().as_ref())?,
        "signOut" => client.end(io, &options.sign_out()?)?,
        "handleFrontChannelLogout" => {
            let is_done = client.end_from_front_channel(io, &options.only_url()?)?;
            is_done.put("done", &mut result);
        }
        "handleInitiateLogin" => {
            let is_done = client.leave_as_asked(io, &options.only_url()?)?;
            is_done.put("done", &mut result);
        }
        _ => return Err(ErrorCode::Internal.into()),
    }
    Ok(result)
}
