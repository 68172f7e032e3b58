//! The sign-in of a web app's users: the calls, with their options and results as text.

use crate::core::flow::{Io, Run};
use crate::core::secret::Secret;
use crate::core::service::{ConfidentialClient, RefreshOptions, Target, UserTokens};
use crate::core::wire::form::Form;
use crate::javascript::options::Options;
use crate::javascript::results::token_set;

/// Returns `url` and `transaction`.
pub(super) fn begin(
    client: &ConfidentialClient,
    io: &mut Io,
    options: &Options,
    result: &mut Form,
) -> Run<()> {
    let sign_in = options.without("redirect_uri").sign_in()?;
    let request = client.begin_sign_in(io, &options.text("redirect_uri"), &sign_in)?;
    result
        .set("url", &request.url)
        .set("transaction", request.transaction.expose());
    Ok(())
}

/// Returns the user and their tokens.
pub(super) fn complete(
    client: &ConfidentialClient,
    io: &mut Io,
    options: &Options,
    result: &mut Form,
) -> Run<()> {
    options.only("url transaction")?;
    let url = Secret::new(options.text("url"));
    let transaction = Secret::new(options.text("transaction"));
    write(&client.complete_sign_in(io, &url, &transaction)?, result);
    Ok(())
}

/// Returns the user's new tokens.
pub(super) fn refresh(
    client: &ConfidentialClient,
    io: &mut Io,
    options: &Options,
    result: &mut Form,
) -> Run<()> {
    options.only("refresh_token scope resource claims")?;
    let refresh_token = Secret::new(options.text("refresh_token"));
    let target = Target::new(options.get("scope"), options.get("resource"));
    let mut refresh = RefreshOptions::new(refresh_token, target);
    refresh.claims = options.some("claims");
    write(&client.refresh_user(io, &refresh)?, result);
    Ok(())
}

/// `token`, `refreshToken` and `idToken`; `account` of a sign-in.
fn write(tokens: &UserTokens, result: &mut Form) {
    let mut token = Form::default();
    token_set(&tokens.token, &mut token);
    let [refresh_token, id_token] =
        [&tokens.refresh_token, &tokens.id_token].map(|secret| secret.as_ref().map(Secret::expose));
    result
        .set("token", token.as_str())
        .set_some("refreshToken", refresh_token)
        .set_some("idToken", id_token);
    if let Some(user) = &tokens.user {
        let mut account = Form::default();
        account
            .set("issuer", &user.issuer)
            .set("subject", &user.subject)
            .set("claims", &user.claims);
        result.set("account", account.as_str());
    }
}
