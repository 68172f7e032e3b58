//! Import: a session that somebody else has signed in for, a server that has rendered the page for
//! example.

use super::handle_redirect::Granted;
use super::{Account, Client};
use crate::core::error::ErrorCode;
use crate::core::flow::{Flow, Io, Run};
use crate::core::http::HttpResponse;
use crate::core::oauth::authorization_request::SignInOptions;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
use alloc::string::String;

impl Client {
    /// Takes a token response of the provider's for this client (RFC 6749 section 5.1), as JSON, and
    /// signs its user in. It is checked like one that came here; it has no nonce, because nobody
    /// here asked for it. `obtained_at` is when it was requested.
    pub fn import_session(
        self: &Shared<Self>,
        token_response: String,
        obtained_at: UnixTime,
    ) -> Flow<Account> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.import(io, &token_response, obtained_at))
    }

    pub(crate) fn import(&self, io: &mut Io, body: &str, obtained_at: UnixTime) -> Run<Account> {
        // Before anything is waited for: a sign-out ends this, too.
        let before = self.load(io)?;
        let fetched = self.metadata.get(io)?;
        let target = self.sign_in_target(&fetched.metadata, &SignInOptions::default());
        let granted = Granted {
            target: &Shared::new(target),
            metadata: &fetched.metadata,
            metadata_at: fetched.fetched_at,
            nonce: None,
            max_age: None,
        };
        let response = HttpResponse {
            status: 200,
            body: body.into(),
            ..HttpResponse::default()
        };
        let family = base64url::encode(&io.random(16)?);
        let now = io.now();
        let session =
            self.new_session(&granted, &response, &family, obtained_at.earlier(now), now)?;
        io.log("session_imported", &session.id_token.issuer);
        let earlier = Shared::clone(&before);
        self.change(
            io,
            before,
            None,
            &|current| match current.has_signed_out_since(&earlier) {
                true => Err(ErrorCode::SignInCancelled),
                false => Ok(current.accounts.signed_in(&session)),
            },
        )?;
        Ok(Account::of(&session))
    }
}
