//! Calls to an API: the token that goes along, and what the API's response asks for.

use super::{Client, GetTokenOptions};
use crate::core::flow::Flow;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use alloc::string::String;

pub use crate::core::oauth::api_response::ApiResponse;

impl Client {
    /// The token for a request to this URL.
    pub fn get_token_for(
        self: &Shared<Self>,
        url: String,
        options: GetTokenOptions,
    ) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.token(io, &client.for_url(&url, &options)?))
    }
}

impl ApiResponse {
    /// The options of the token to repeat the request with, once; `None` if the response is the
    /// caller's.
    pub fn retry(&self, options: &GetTokenOptions, now: UnixTime) -> Option<GetTokenOptions> {
        let better = self.better_token(now)?;
        Some(GetTokenOptions {
            force_refresh: true,
            claims: better.claims,
            ..options.clone()
        })
    }
}
