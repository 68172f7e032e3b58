//! At the start: the session that an earlier load of the page left.

use super::Client;
use super::accounts::Accounts;
use crate::core::flow::{Flow, Io, Run, settle};
use crate::core::shared::Shared;

impl Client {
    /// Restores the stored session, if there is one. A record that cannot be read is dropped
    /// without an error: the page starts signed out.
    pub fn restore(self: &Shared<Self>) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.take_up(io))
    }

    pub(crate) fn take_up(&self, io: &mut Io) -> Run<()> {
        let is_original = io.claim_tab()?;
        let stored = self.load(io)?;
        if stored.accounts.sessions.is_empty() {
            if stored.is_refused() {
                io.log("session_dropped", "");
                // If that fails, the page is signed out all the same.
                let nobody = self.change(io, stored, None, &|_| Ok(Accounts::default()));
                let _ = settle(nobody, io)?;
            }
            return Ok(());
        }
        io.log("session_restored", "");
        // Two tabs must not use one refresh token: if the provider rotates them, both would lose
        // the session. The copy keeps the account and the tokens that are still good.
        let mut sessions = stored.accounts.sessions.iter();
        if !is_original && sessions.any(|session| session.refresh_token.is_some()) {
            io.log("tab_copied", "");
            let now = io.now();
            self.change(io, Shared::clone(&stored), None, &|current| {
                Ok(current.accounts.each(&|session| {
                    let mut copy = session.clone();
                    copy.drop_refresh_token(now);
                    copy
                }))
            })?;
        }
        Ok(())
    }
}
