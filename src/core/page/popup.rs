//! Sign-in in a window of its own. The page stays, so nothing of the sign-in is stored: what its
//! response is checked against lives as long as the flow.

use super::handle_redirect::SignIn;
use super::transaction::Transaction;
use super::{Client, SignInOptions};
use crate::core::error::ErrorCode;
use crate::core::flow::{Flow, Io, Run};
use crate::core::oauth::authorization_response::AuthorizationResponse;
use crate::core::shared::Shared;
use crate::core::wire::url;

impl Client {
    /// Shows the provider in a popup, which the host has opened, and signs in with the response
    /// that comes back.
    pub fn sign_in_popup(self: &Shared<Self>, options: SignInOptions) -> Flow<SignIn> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.authorize_in_popup(io, &options))
    }

    pub(crate) fn authorize_in_popup(&self, io: &mut Io, options: &SignInOptions) -> Run<SignIn> {
        // Before the user sees anything: a sign-out in the meantime ends this sign-in.
        let before = self.load(io)?;
        let config = &self.config;
        let redirect_uri = config.popup_redirect_uri.as_deref();
        let redirect_uri = redirect_uri.unwrap_or(&config.redirect_uri);
        let (transaction, url) = self.begin_sign_in(io, options, redirect_uri)?;
        io.log("authorization_request", url::without_query(&url));
        let response_url = io.popup(url, &transaction.state)?;
        io.log("authorization_response", "");
        let normalize = self.platform.normalize_url;
        let response_url = normalize(response_url.expose()).unwrap_or_default();
        let redirect_uri = normalize(redirect_uri).unwrap_or_default();
        let response = AuthorizationResponse::read(&response_url, &redirect_uri)
            .filter(|response| response.state() == Some(&transaction.state))
            .ok_or(ErrorCode::ResponseInvalid)?;
        let family = self.redeem(io, &transaction, &response, before, None)?;
        let Transaction {
            app_state,
            return_to,
            ..
        } = &*transaction;
        let sign_in = self.signed_in(io, &family, app_state, return_to)?;
        Ok(sign_in.ok_or(ErrorCode::SignInCancelled)?)
    }
}
