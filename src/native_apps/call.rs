//! The calls of the API, by name, each with its options and its result as text.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run};
use crate::core::native::{NativeClient, NativeClientConfig, RedirectUri, SignOutOptions, Target};
use crate::core::page::SignInOptions;
use crate::core::wire::form::Form;
use crate::core::wire::text::parse_decimal;
use crate::javascript::options::Options;
use crate::javascript::results::token_set;
use crate::javascript::session;

/// `createNativeClient`'s options.
pub(super) fn config(options: &Options) -> Result<NativeClientConfig, AuthError> {
    options.only(
        "authority issuer client_id scope resource metadata trusted_audiences clock_tolerance",
    )?;
    let authority = options.text("authority");
    let mut config = NativeClientConfig::new(authority, options.text("client_id"));
    config.issuer = options.some("issuer");
    config.target = Target::new(options.get("scope"), options.get("resource"));
    config.metadata = options.some("metadata");
    config.trusted_audiences = options.text("trusted_audiences");
    if let Some(seconds) = options.seconds("clock_tolerance") {
        config.clock_tolerance = seconds;
    }
    Ok(config)
}

pub(super) fn run(client: &NativeClient, io: &mut Io, options: &str) -> Run<Form> {
    let options = Options::read(options);
    let mut result = Form::default();
    match options.text("call").as_str() {
        "signIn" => {
            let (redirect_uri, options) = sign_in(&options)?;
            let account = client.authorize(io, &redirect_uri, &options)?;
            result.set("account", session::account(&account).as_str());
        }
        "signInWithDeviceCode" => {
            options.only("scope resource")?;
            let account = client.authorize_device(io, &options.sign_in()?)?;
            result.set("account", session::account(&account).as_str());
        }
        "getToken" => {
            let (url, options) = options.get_token()?;
            let token = match url {
                Some(url) => client.token_for(io, url, &options)?,
                None => client.token(io, &options)?,
            };
            token_set(&token, &mut result);
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
        "signOut" => {
            options.only("local in_browser")?;
            let sign_out = SignOutOptions {
                local: options.flag("local"),
                in_browser: options.flag("in_browser"),
            };
            client.end(io, sign_out)?;
        }
        _ => return Err(ErrorCode::Internal.into()),
    }
    Ok(result)
}

/// `signIn`'s options: where the browser comes back to, and those of a page's sign-in.
fn sign_in(options: &Options) -> Result<(RedirectUri, SignInOptions), AuthError> {
    let redirect_uri = match (options.get("at_uri"), options.get("at_port")) {
        (Some(uri), _) => RedirectUri::Own(uri.into()),
        (None, port) => {
            let port = port.and_then(parse_decimal).unwrap_or_default() as u16;
            RedirectUri::Loopback(port)
        }
    };
    let sign_in = options.without("at_uri at_port").sign_in()?;
    Ok((redirect_uri, sign_in))
}
