//! The calls of the page's API, each with its options.

use alloc::string::String;

use super::options;
use super::results;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run};
use crate::core::page::{ApiResponse, Client, GetTokenOptions, SignInOptions};
use crate::core::shared::Shared;
use crate::core::wire::form::Form;

/// A call.
pub(super) enum Call {
    Restore,
    SignIn(SignInOptions),
    HandleRedirect(String),
    GetToken(GetTokenOptions),
    /// The token for a request to this URL.
    GetTokenFor(String, GetTokenOptions),
    /// What an API's response asks for.
    ApiResponse(ApiResponse, GetTokenOptions),
    Wake {
        is_online: bool,
    },
    SignOut {
        is_local: bool,
    },
}

impl Call {
    /// Reads a call by its name.
    pub(super) fn read(name: &str, options: &str) -> Result<Self, AuthError> {
        Ok(match name {
            "restore" => Self::Restore,
            "signIn" => Self::SignIn(options::sign_in(options)?),
            "handleRedirect" => Self::HandleRedirect(options::handle_redirect(options)?),
            "getToken" => Self::GetToken(options::get_token(options)?),
            "getTokenFor" => {
                let (url, options) = options::get_token_for(options)?;
                Self::GetTokenFor(url, options)
            }
            "apiResponse" => {
                let (response, options) = options::api_response(options)?;
                Self::ApiResponse(response, options)
            }
            "wake" => Self::Wake {
                is_online: options::flag(options, "isOnline")?,
            },
            "signOut" => Self::SignOut {
                is_local: options::flag(options, "local")?,
            },
            _ => return Err(ErrorCode::Internal.into()),
        })
    }

    /// One flow for all calls: a page would pay for the driving of each kind of flow again.
    pub(super) fn run(&self, client: &Shared<Client>, io: &mut Io) -> Run<Form> {
        let mut result = Form::default();
        match self {
            Self::Restore => client.take_up(io)?,
            Self::SignIn(options) => client.leave(io, options)?,
            Self::HandleRedirect(url) => {
                if let Some(sign_in) = client.complete(io, url)? {
                    results::sign_in(&sign_in, &mut result);
                }
            }
            Self::GetToken(options) => {
                results::token_set(&*client.token(io, options)?, &mut result);
            }
            Self::GetTokenFor(url, options) => {
                results::token_set(&*client.token_for(io, url, options)?, &mut result);
            }
            Self::ApiResponse(response, options) => {
                if let Some(retry) = response.retry(options, io.now()) {
                    results::retry(&retry, &mut result);
                }
            }
            Self::Wake { is_online } => client.renew_due(io, *is_online)?,
            Self::SignOut { is_local } => client.end(io, *is_local)?,
        }
        Ok(result)
    }
}
