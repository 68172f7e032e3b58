//! Tokens: from the cache, renewed when they are due.

use super::{GetTokenOptions, NativeClient};
use crate::core::flow::{Flow, Io, Run, settle};
use crate::core::page::Freshness;
use crate::core::page::get_token::Reason;
use crate::core::shared::Shared;
use crate::core::tokens::access_token::AccessToken;
use alloc::string::String;

impl NativeClient {
    /// An access token that is good now.
    ///
    /// A token that is due is renewed before the call ends, and handed out if that fails: a program
    /// may end at any time, and a refresh token that is replaced meanwhile would be lost. Callers in
    /// all processes that share the cache make one request.
    pub fn get_token(self: &Shared<Self>, options: GetTokenOptions) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.token(io, &options))
    }

    /// The token for a request to this URL.
    pub fn get_token_for(
        self: &Shared<Self>,
        url: String,
        options: GetTokenOptions,
    ) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.token_for(io, &url, &options))
    }

    pub(crate) fn token_for(
        &self,
        io: &mut Io,
        url: &str,
        options: &GetTokenOptions,
    ) -> Run<Shared<AccessToken>> {
        self.token(io, &self.session.for_url(url, options)?)
    }

    pub(crate) fn token(&self, io: &mut Io, options: &GetTokenOptions) -> Run<Shared<AccessToken>> {
        let token = self.session.token(io, options)?;
        if token.lifetime().freshness(io.now()) != Freshness::Due {
            return Ok(token);
        }
        let stored = self.session.load(io)?;
        let due = Reason::Due { is_online: false };
        let renewed = self
            .session
            .new_token(io, &stored, None, &token.target, &due);
        Ok(settle(renewed, io)?.unwrap_or(token))
    }
}
