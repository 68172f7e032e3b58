//! Sign-out: here first, then at the provider.

use super::NativeClient;
use crate::core::flow::{Flow, Io, Run};
use crate::core::oauth::logout_request::logout_request;
use crate::core::page::accounts::Accounts;
use crate::core::shared::Shared;
use crate::core::wire::url;

/// How far a sign-out goes.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SignOutOptions {
    /// The tokens are forgotten, and the provider is told nothing.
    pub local: bool,
    /// The browser is opened to end the provider's session in it, if the provider offers that.
    pub in_browser: bool,
}

impl NativeClient {
    /// Ends the session here, then revokes its refresh token if the provider has an endpoint for
    /// that (RFC 7009). That a provider cannot be reached does not keep a user signed in.
    pub fn sign_out(self: &Shared<Self>, options: SignOutOptions) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.end(io, options))
    }

    pub(crate) fn end(&self, io: &mut Io, options: SignOutOptions) -> Run<()> {
        let stored = self.session.load(io)?;
        let ended = Shared::clone(&stored);
        self.session
            .change(io, stored, None, &|_| Ok(Accounts::default()))?;
        let Some(session) = ended.session().filter(|_| !options.local) else {
            return Ok(());
        };
        let client_id = &self.session.config.client_id;
        self.session.revoke(io, session)?;
        if options.in_browser
            && let Some(url) =
                logout_request(&session.metadata, client_id, &session.id_token, None, None)
        {
            io.log("logout_request", url::without_query(&url));
            io.navigate(url)?;
        }
        Ok(())
    }
}
