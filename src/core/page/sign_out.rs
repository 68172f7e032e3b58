//! Sign-out: here first, then at the provider.

use super::session::Session;
use super::{AccountId, Client};
use crate::core::flow::{Flow, Io, Run, settle};
use crate::core::oauth::logout_request::logout_request;
use crate::core::shared::Shared;
use crate::core::wire::url;

impl Client {
    /// Ends the sessions of all accounts here and every sign-in in progress, then sends the user to
    /// the provider to end its session too, that of the active account, if the provider offers that
    /// and `local` does not forbid it.
    pub fn sign_out(self: &Shared<Self>, local: bool) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.end(io, None, local))
    }

    /// The same with the session of this account alone. If it was the active one, none is.
    pub fn sign_out_of(self: &Shared<Self>, account: AccountId, local: bool) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.end(io, Some(&account), local))
    }

    pub(crate) fn end(&self, io: &mut Io, account: Option<&AccountId>, local: bool) -> Run<()> {
        let stored = self.load(io)?;
        // First, so that a sign-in that is being completed finds itself cancelled or its session
        // overtaken. A tab without storage has no sign-ins in progress.
        let cancelled = self.update_transactions(io, &|transactions| {
            transactions.cancel_all();
            Ok(())
        });
        let _ = settle(cancelled, io)?;
        let is_meant = |session: &Session| account.is_none_or(|account| session.is_of(account));
        self.change(io, Shared::clone(&stored), None, &|current| {
            Ok(current.accounts.without(&is_meant))
        })?;
        let mut ended = stored.accounts.sessions.iter();
        let Some(session) = ended.find(|session| is_meant(session)).filter(|_| !local) else {
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
