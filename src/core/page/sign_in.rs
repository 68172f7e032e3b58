//! Sign-in, the first leg: from the call to the provider's page.

use super::transaction::Transaction;
use super::{Client, SignInOptions};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Run};
use crate::core::oauth::authorization_request::{SignInSecrets, authorization_request};
use crate::core::oauth::pkce::CodeVerifier;
use crate::core::oauth::target::Target;
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::shared::Shared;
use crate::core::wire::base64url;
use crate::core::wire::url;
use alloc::string::String;

impl Client {
    /// Sends the user to the provider. The flow ends when the navigation was requested.
    ///
    /// A session that exists already stays untouched until the user comes back.
    pub fn sign_in(self: &Shared<Self>, options: SignInOptions) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.leave(io, &options))
    }

    pub(crate) fn leave(&self, io: &mut Io, options: &SignInOptions) -> Run<()> {
        let (transaction, url) = self.begin_sign_in(io, options, &self.config.redirect_uri)?;
        self.update_transactions(io, &|transactions| {
            if transactions.is_loop(transaction.started_at) {
                return Err(ErrorCode::SignInLoop);
            }
            transactions.add(&transaction);
            Ok(())
        })?;
        io.log("authorization_request", url::without_query(&url));
        io.navigate(url)
    }

    /// The authorization request of a sign-in, and what its response is checked against.
    pub(super) fn begin_sign_in(
        &self,
        io: &mut Io,
        options: &SignInOptions,
        redirect_uri: &str,
    ) -> Run<(Shared<Transaction>, String)> {
        options.check()?;
        let return_to = options.return_to.as_deref();
        if return_to.is_some_and(|url| !self.is_own(url)) {
            let detail = "return_to must be a URL of the page's origin";
            return Err(AuthError::about(ErrorCode::InvalidOption, detail).into());
        }
        let fetched = self.metadata.get(io)?;
        let target = self.sign_in_target(&fetched.metadata, options);

        let secrets = SignInSecrets {
            state: base64url::encode(&io.random(32)?),
            nonce: base64url::encode(&io.random(32)?),
            code_verifier: CodeVerifier::from_random(&io.random(32)?),
        };
        let stored = self.load(io)?;
        let session = stored.session().filter(|_| options.is_silent());
        let form = authorization_request(
            &self.config.client_id,
            redirect_uri,
            &target,
            &secrets,
            session.and_then(|session| session.id_token.hint()),
            options,
        );
        let url = self.authorization_url(io, &fetched.metadata, form)?;

        let transaction = Shared::new(Transaction {
            state: secrets.state,
            nonce: secrets.nonce,
            code_verifier: secrets.code_verifier,
            redirect_uri: redirect_uri.into(),
            target: Shared::new(target),
            max_age: options.max_age,
            app_state: options.app_state.clone(),
            return_to: options.return_to.clone(),
            metadata: fetched.metadata,
            started_at: io.now(),
        });
        Ok((transaction, url))
    }

    /// Whether this is a URL of the page's own origin, and so no way to lead a user elsewhere
    /// (RFC 9700 section 4.11.1).
    pub(super) fn is_own(&self, url: &str) -> bool {
        let url = (self.platform.normalize_url)(url).unwrap_or_default();
        let origin = url::origin(&url);
        origin.is_some() && origin == url::origin(&self.redirect_uri)
    }

    /// What this sign-in asks for.
    pub(crate) fn sign_in_target(
        &self,
        metadata: &ProviderMetadata,
        options: &SignInOptions,
    ) -> Target {
        let configured = &self.config.target;
        let scope = options.scope.as_deref().or(configured.scope.as_deref());
        let scope = scope.unwrap_or(match metadata.offers_offline_access {
            true => "openid profile offline_access",
            // A provider may refuse a scope that it does not know (RFC 6749 section 4.1.2.1).
            false => "openid profile",
        });
        let resource = options
            .resource
            .as_deref()
            .or(configured.resource.as_deref());
        Target::new(Some(scope), resource)
    }
}
