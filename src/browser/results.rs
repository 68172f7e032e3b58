//! Results, as the package's JavaScript reads them.

use crate::core::client::{Account, BearerAnswer, SignIn};
use crate::core::form::Form;
use crate::core::session::AccessToken;
use alloc::string::String;

/// No result.
pub(super) fn nothing(_: ()) -> Form {
    Form::default()
}

/// `issuer`, `subject`, and `claims` as JSON.
pub(super) fn account(account: &Account) -> Form {
    let mut form = Form::default();
    form.set("issuer", &account.issuer)
        .set("subject", &account.subject)
        .set("claims", &account.claims);
    form
}

/// `account`, and `appState` as the page gave it; nothing where the page load was no answer.
pub(super) fn sign_in(result: Option<SignIn>) -> Form {
    let mut form = Form::default();
    if let Some(result) = result {
        form.set("account", account(&result.account).as_str())
            .set_some("appState", result.app_state.as_deref());
    }
    form
}

/// `accessToken`, `tokenType`, `scope`, and the times `obtainedAt`, `refreshAt`, `expiresAt`.
pub(super) fn token_set(token: AccessToken) -> Form {
    let lifetime = token.lifetime();
    let mut form = Form::default();
    form.set("accessToken", token.token().expose())
        .set("tokenType", &token.token_type())
        .set("scope", &token.scope())
        .set_seconds("obtainedAt", lifetime.obtained_at.seconds())
        .set_seconds("refreshAt", lifetime.refresh_at.seconds())
        .set_seconds("expiresAt", lifetime.expires_at.seconds());
    form
}

/// The options of the token to repeat the request with; `None` where the answer is delivered.
pub(super) fn bearer_answer(answer: BearerAnswer) -> Option<String> {
    let BearerAnswer::Retry(options) = answer else {
        return None;
    };
    let mut form = Form::default();
    form.set_some("scope", options.scope.as_deref())
        .set_some("resource", options.resource.as_deref())
        .set_some("claims", options.claims.as_deref())
        .set("forceRefresh", "true");
    Some(form.as_str().into())
}
