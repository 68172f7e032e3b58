//! Results, as the package's JavaScript reads them.

use crate::core::page::{Account, Client, GetTokenOptions, SignIn};
use crate::core::wire::form::Form;
use crate::core::wire::record::Field;

/// `revision`, `serial`, `account` if somebody is signed in, `reauthDueAt` if it is known.
pub(super) fn state(client: &Client, form: &mut Form) {
    form.set("revision", &client.revision());
    client.serial().put("serial", form);
    if let Some(account) = client.account() {
        form.set("account", self::account(&account).as_str());
    }
    client.reauth_due_at().put("reauthDueAt", form);
}

/// `account`, and `appState` as the page gave it.
pub(super) fn sign_in(sign_in: &SignIn, form: &mut Form) {
    form.set("account", account(&sign_in.account).as_str())
        .set_some("appState", sign_in.app_state.as_deref());
}

/// The options of the token to repeat a request with.
pub(super) fn retry(options: &GetTokenOptions, form: &mut Form) {
    form.set_some("scope", options.scope.as_deref())
        .set_some("resource", options.resource.as_deref())
        .set_some("claims", options.claims.as_deref())
        .set("forceRefresh", "true");
}

/// `issuer`, `subject`, and `claims` as JSON.
fn account(account: &Account) -> Form {
    let mut form = Form::default();
    form.set("issuer", &account.issuer)
        .set("subject", &account.subject)
        .set("claims", &account.claims);
    form
}
