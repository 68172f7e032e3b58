//! Sign-in, the second leg: from the provider's answer to the stored token.

use alloc::rc::Rc;
use alloc::string::String;

use super::{Account, Client};
use crate::core::authorization_response::{AuthorizationResponse, ValidatedCode};
use crate::core::base64url;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
use crate::core::flow::{Flow, Io, Notice, RecordKey};
use crate::core::id_token::{IdToken, IdTokenExpectations};
use crate::core::session::{Session, Target};
use crate::core::token_request;
use crate::core::token_response::TokenResponse;
use crate::core::transaction::Transactions;
use crate::core::url;

/// A sign-in that succeeded.
#[derive(Debug)]
pub struct SignIn {
    /// Who signed in.
    pub account: Account,
    /// What the page gave to `signIn`.
    pub app_state: Option<String>,
}

impl Client {
    /// Completes a sign-in with the address that the page was loaded at; `None` where this page
    /// load is not an answer.
    ///
    /// A failed sign-in leaves an earlier session as it was, and an address without the answer in
    /// it, so that a reload does not fail again.
    pub fn handle_redirect(self: &Rc<Self>, address: String) -> Flow<Option<SignIn>> {
        let client = Rc::clone(self);
        Flow::new(async move |io| {
            let Some(response) = AuthorizationResponse::read(&address, &client.config.redirect_uri)
            else {
                return Ok(None);
            };
            let record = io.read(RecordKey::Transactions).await?.unwrap_or_default();
            let mut transactions = Transactions::from_record(&record);
            // A `code` without `state` where no answer is awaited is the page's own parameter.
            if response.state().is_err() && !transactions.is_awaiting() {
                return Ok(None);
            }
            io.log("authorization_response", "");
            io.tell(Notice::ReplaceAddress(url::without_query(&address).into()));

            let transaction = transactions.take(&response.state()?, io.now())?;
            io.write(
                RecordKey::Transactions,
                Some(transactions.as_record().into()),
            )
            .await?;

            let validated = response.validate(transaction)?;
            let session = client.redeem(&io, &validated).await?;
            client.keep_session(&io, session).await;
            io.emit(Event::SignedIn);
            Ok(Some(SignIn {
                account: client.account().ok_or(ErrorCode::Internal)?,
                app_state: validated.transaction.app_state(),
            }))
        })
    }

    /// Turns a validated code into a session.
    async fn redeem(&self, io: &Io, validated: &ValidatedCode) -> Result<Session, AuthError> {
        let request = token_request::authorization_code(&self.config.client_id, validated)?;
        io.log("token_request", url::without_query(&request.url));
        let requested_at = io.now();
        let answer = io.send(request).await?;
        let response = TokenResponse::process(&answer, self.parse_json)?;

        let transaction = &validated.transaction;
        let metadata = transaction.metadata();
        let id_token = response.text("id_token").ok_or(ErrorCode::IdTokenMissing)?;
        let id_token = IdToken::check(
            &id_token,
            &IdTokenExpectations {
                issuer: &metadata.issuer()?,
                client_id: &self.config.client_id,
                nonce: Some(&transaction.nonce()),
                max_age: transaction.max_age(),
                subject: None,
                clock_tolerance: self.config.clock_tolerance,
            },
            self.parse_json,
            io.now(),
        )?;
        io.log("token_response", &id_token.issuer());

        let family = base64url::encode(&io.random::<16>().await?);
        let target = Target::new(&transaction.scope(), transaction.resource().as_deref());
        let mut session = Session::new(&id_token, &metadata, &target, &family);
        session.absorb(&response, &target, requested_at);
        Ok(session)
    }
}
