//! Sign-out: here first, then at the provider.

use super::Client;
use crate::core::flow::{Flow, Io, Run, settle};
use crate::core::oauth::logout_request::logout_request;
use crate::core::shared::Shared;
use crate::core::wire::url;

impl Client {
    /// Ends the session here and every sign-in in progress, then sends the user to the provider to
    /// end its session too, if the provider offers that and `local` does not forbid it.
    pub fn sign_out(self: &Shared<Self>, local: bool) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.end(io, local))
    }

    pub(crate) fn end(&self, io: &mut Io, local: bool) -> Run<()> {
        let stored = self.load(io)?;
        // First, so that a sign-in that is being completed finds itself cancelled or its session
        // overtaken. A tab without storage has no sign-ins in progress.
        let cancelled = self.update_transactions(io, &|transactions| {
            transactions.cancel_all();
            Ok(())
        });
        let _ = settle(cancelled, io)?;
        self.change(io, Shared::clone(&stored), None, &|_| Ok(None))?;
        let Some(session) = stored.session.as_ref().filter(|_| !local) else {
            return Ok(());
        };
        let config = &self.config;
        let request = logout_request(
            &session.metadata,
            &config.client_id,
            &session.id_token,
            config.post_logout_redirect_uri.as_deref(),
        );
        match request {
            Some(url) => {
                io.log("logout_request", url::without_query(&url));
                io.navigate(url)
            }
            None => Ok(()),
        }
    }
}
