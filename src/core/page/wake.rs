//! Work in the background: tokens that are due are renewed before they expire.

use super::Client;
use super::get_token::Reason;
use crate::core::flow::{Flow, Io, Run, settle};
use crate::core::shared::Shared;

impl Client {
    /// Renews the tokens that are due and in use. Call it at the time of
    /// [`Notice::WakeAt`](crate::Notice::WakeAt), and whenever time may have passed unseen: the
    /// page is shown again, or the network is back, which `is_online` says.
    pub fn wake(self: &Shared<Self>, is_online: bool) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.renew_due(io, is_online))
    }

    pub(crate) fn renew_due(&self, io: &mut Io, is_online: bool) -> Run<()> {
        let stored = self.load(io)?;
        let now = io.now();
        let due = io.once(|_| self.due(now))?;
        for (account, target) in &*due {
            // A failure is kept in the session, and told if the page must know.
            let reason = Reason::Due { is_online };
            let renewed = self.new_token(io, &stored, Some(account), target, &reason);
            let _ = settle(renewed, io)?;
        }
        let now = io.now();
        io.act(|notices| self.plan_anew(now, notices));
        Ok(())
    }
}
