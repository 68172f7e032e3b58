//! The account that calls mean which name none.

use super::{AccountId, Client};
use crate::core::flow::{Flow, Io, Run};
use crate::core::shared::Shared;

impl Client {
    /// Makes this account the active one, or none.
    pub fn set_active_account(self: &Shared<Self>, account: Option<AccountId>) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.activate(io, account.as_ref()))
    }

    pub(crate) fn activate(&self, io: &mut Io, account: Option<&AccountId>) -> Run<()> {
        let stored = self.load(io)?;
        self.change(io, stored, None, &|current| {
            current.accounts.activated(account)
        })?;
        Ok(())
    }
}
