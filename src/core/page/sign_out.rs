//! Sign-out: here first, then at the provider.

use super::session::Session;
use super::{AccountId, Client};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Run, settle};
use crate::core::oauth::client_authentication::public_client;
use crate::core::oauth::logout_request::logout_request;
use crate::core::oauth::token_revocation::refresh_token_revocation;
use crate::core::shared::Shared;
use crate::core::wire::base64url;
use crate::core::wire::url;

/// How far a sign-out goes.
#[derive(Clone, Debug, Default)]
pub struct SignOutOptions {
    /// Whose session ends; `None`: those of all accounts.
    pub account: Option<AccountId>,
    /// The provider's session stays.
    pub local: bool,
    /// Whether the refresh token is revoked, if the provider offers that. `None`: unless `local`.
    pub revoke: Option<bool>,
    /// The provider's page is shown in a popup, which the host has opened, and the page stays.
    pub in_popup: bool,
}

impl Client {
    /// Ends the sessions of all accounts here and every sign-in in progress, then sends the user to
    /// the provider to end its session too, that of the active account, if the provider offers that
    /// and `local` does not forbid it.
    pub fn sign_out(self: &Shared<Self>, local: bool) -> Flow<()> {
        let options = SignOutOptions {
            local,
            ..SignOutOptions::default()
        };
        self.sign_out_with(options)
    }

    /// The same with the session of one account alone, and as far as the options say. If it was the
    /// active one, none is.
    pub fn sign_out_with(self: &Shared<Self>, options: SignOutOptions) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.end(io, &options))
    }

    pub(crate) fn end(&self, io: &mut Io, options: &SignOutOptions) -> Run<()> {
        let config = &self.config;
        let back = config.post_logout_redirect_uri.as_deref();
        if options.in_popup && back.is_none() {
            let detail =
                "post_logout_redirect_uri must be set, because the page there closes the popup";
            return Err(AuthError::about(ErrorCode::InvalidOption, detail).into());
        }
        let stored = self.load(io)?;
        // First, so that a sign-in that is being completed finds itself cancelled or its session
        // overtaken. A tab without storage has no sign-ins in progress.
        let cancelled = self.update_transactions(io, &|transactions| {
            transactions.cancel_all();
            Ok(())
        });
        let _ = settle(cancelled, io)?;
        let account = options.account.as_ref();
        let is_meant = |session: &Session| account.is_none_or(|account| session.is_of(account));
        let ended = self.apply(io, Shared::clone(&stored), None, true, &|current| {
            Ok(current.accounts.without(&is_meant))
        });
        let ended = settle(ended, io)?;
        if options.revoke.unwrap_or(!options.local) {
            for session in stored
                .accounts
                .sessions
                .iter()
                .filter(|known| is_meant(known))
            {
                self.revoke(io, session)?;
            }
        }
        ended?;
        let mut sessions = stored.accounts.sessions.iter();
        let Some(session) = sessions
            .find(|session| is_meant(session))
            .filter(|_| !options.local)
        else {
            return Ok(());
        };
        let state = match options.in_popup {
            true => Some(base64url::encode(&io.random(32)?)),
            false => None,
        };
        let request = logout_request(
            &session.metadata,
            &config.client_id,
            &session.id_token,
            back,
            state.as_deref(),
        );
        let Some(url) = request else {
            return Ok(());
        };
        io.log("logout_request", url::without_query(&url));
        match state {
            Some(state) => io.popup(url, &state).map(|_| ()),
            None => io.navigate(url),
        }
    }

    /// Revokes the session's refresh token, and with it what was obtained by it, if the provider has
    /// an endpoint for that (RFC 7009). That a provider cannot be reached keeps nobody signed in.
    pub(crate) fn revoke(&self, io: &mut Io, session: &Session) -> Run<()> {
        let endpoint = session.metadata.revocation_endpoint.as_deref();
        if let (Some(endpoint), Some(token)) = (endpoint, &session.refresh_token) {
            let form = refresh_token_revocation(token);
            let request = public_client(&self.config.client_id, form, endpoint);
            io.log("revocation_request", url::without_query(&request.url));
            let response = io.send(request)?;
            if !response.is_ok_and(|response| response.status == 200) {
                io.log("revocation_failed", "");
            }
        }
        Ok(())
    }
}
