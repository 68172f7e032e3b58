//! Results, as the package's JavaScript reads them.

use crate::core::page::{Client, SignIn};
use crate::core::wire::form::Form;
use crate::core::wire::record::Field;
use crate::javascript::session::account;

/// `revision`, `serial`, the active `account`, each `other`, by how
/// much the provider's clock is `ahead` or `behind`, `reauthDueAt` if it is known.
pub(super) fn state(client: &Client, form: &mut Form) {
    form.set("revision", &client.revision());
    client.serial().put("serial", form);
    if let Some(user) = client.account() {
        form.set("account", account(&user).as_str());
    }
    for user in client.other_accounts() {
        form.set("other", account(&user).as_str());
    }
    if let Some(skew) = client.clock_skew() {
        let name = if skew < 0.0 { "behind" } else { "ahead" };
        skew.abs().put(name, form);
    }
    client.reauth_due_at().put("reauthDueAt", form);
}

/// `account`, and `appState` and `returnTo` as the page gave them.
pub(super) fn sign_in(sign_in: &SignIn, form: &mut Form) {
    form.set("account", account(&sign_in.account).as_str())
        .set_some("appState", sign_in.app_state.as_deref())
        .set_some("returnTo", sign_in.return_to.as_deref());
}
