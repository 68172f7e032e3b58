//! Work in the background: tokens that are due are renewed before they expire.

use super::Client;
use super::get_token::refresh_lock;
use super::renew::is_due;
use crate::core::flow::{Flow, Io, Notice, Run, settle};
use crate::core::shared::Shared;

impl Client {
    /// Renews the tokens that are due and in use. Call it at the time of
    /// [`Notice::WakeAt`](crate::Notice::WakeAt), and whenever time may have passed unseen: the page
    /// is shown again, or the network is back, which `is_online` says.
    pub fn wake(self: &Shared<Self>, is_online: bool) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.renew_due(io, is_online))
    }

    pub(crate) fn renew_due(&self, io: &mut Io, is_online: bool) -> Run<()> {
        self.renew_each(io, is_online)?;
        let now = io.now();
        io.once(|notices| self.plan_anew(now, notices))?;
        Ok(())
    }

    fn renew_each(&self, io: &mut Io, is_online: bool) -> Run<()> {
        let loaded = self.load(io)?;
        let Some(session) = loaded.session() else {
            return Ok(());
        };
        let now = io.now();
        let due = io.once(|_| self.due(now))?;
        if due.is_empty() || session.refresh_token.is_none() {
            return Ok(());
        }
        let lock = refresh_lock(&session.family);
        for target in &*due {
            // Each token has the lock for itself, so that nobody takes it from a page that works.
            io.lock(&lock)?;
            let locked_at = io.now();
            let loaded = self.load(io)?;
            let Some(current) = loaded
                .session()
                .filter(|current| current.family == session.family)
            else {
                return Ok(());
            };
            let now = io.now();
            // One failure stands for all tokens, until it is time to try again.
            let pauses = current.outage.as_ref().is_some_and(|outage| {
                outage.pauses(now) && !(is_online && outage.ends_online(now))
            });
            if pauses || current.refresh_token.is_none() {
                return Ok(());
            }
            if is_due(current, target, now) {
                // What failed is kept in the session, and told if the page must know.
                let _ = settle(self.renew(io, current, locked_at, target, None, true))?;
            }
            io.tell(Notice::Unlock(lock.clone()));
        }
        Ok(())
    }
}
