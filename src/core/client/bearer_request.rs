//! Calls to an API: the token that goes along, and what its answer asks for.

use alloc::rc::Rc;
use alloc::string::String;

use super::{Client, GetTokenOptions};
use crate::core::challenge::Challenge;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::Flow;
use crate::core::session::AccessToken;
use crate::core::url;

/// What is to be done with the API's answer.
#[derive(Debug)]
pub enum BearerAnswer {
    /// Hand it to the caller.
    Deliver,
    /// Get a token by these options and repeat the request once.
    Retry(GetTokenOptions),
}

impl Client {
    /// The token for a request to this address.
    pub fn get_token_for(
        self: &Rc<Self>,
        address: String,
        options: GetTokenOptions,
    ) -> Flow<AccessToken> {
        let client = Rc::clone(self);
        Flow::new(async move |io| {
            // RFC 6750 section 5.2: bearer tokens travel over TLS only.
            if !url::is_secure(&address) {
                return Err(AuthError::about(
                    ErrorCode::InsecureUrl,
                    url::origin(&address).unwrap_or_default(),
                ));
            }
            client.token(&io, &options).await
        })
    }

    /// Decides what the API's answer asks for: `invalid_token` is answered with a new token
    /// (RFC 6750 section 3.1), Entra's `insufficient_claims` with one that has the claims.
    pub fn bearer_answer(
        &self,
        status: u16,
        www_authenticate: &str,
        options: &GetTokenOptions,
    ) -> BearerAnswer {
        if status != 401 {
            return BearerAnswer::Deliver;
        }
        let retry = |claims| {
            BearerAnswer::Retry(GetTokenOptions {
                force_refresh: true,
                claims,
                ..options.clone()
            })
        };
        let challenges = Challenge::read_all(www_authenticate);
        let bearer = challenges.iter().find(|known| known.is_scheme("bearer"));
        let error = bearer.and_then(|challenge| challenge.parameter("error"));
        let claims = bearer.and_then(Challenge::claims);
        match (error.as_deref(), claims) {
            (Some("invalid_token"), _) => retry(None),
            (Some("insufficient_claims"), claims @ Some(_)) => retry(claims),
            _ => BearerAnswer::Deliver,
        }
    }
}
