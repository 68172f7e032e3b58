//! Sign-in through the system's browser: RFC 8252.

use super::NativeClient;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Run, settle};
use crate::core::http::HttpResponse;
use crate::core::oauth::authorization_request::{SignInSecrets, authorization_request};
use crate::core::oauth::authorization_response::{AuthorizationResponse, SentRequest};
use crate::core::oauth::client_authentication::public_client;
use crate::core::oauth::pkce::CodeVerifier;
use crate::core::oauth::token_request;
use crate::core::page::handle_redirect::Granted;
use crate::core::page::{Account, SignInOptions};
use crate::core::provider::entra::Protocol;
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
use crate::core::wire::text::{concat, decimal};
use crate::core::wire::url;
use alloc::string::String;

/// Of so many browsers that come to the redirect URI, one has the response. Others are no part of
/// this sign-in: old tabs, or pages of somebody who would like to disturb it.
const MAX_VISITS: usize = 200;

/// Where the browser brings the response.
#[derive(Clone, Debug)]
pub enum RedirectUri {
    /// At this URI, which the app has registered: a scheme of its own, or a path on loopback.
    Own(String),
    /// On this machine, at this port (RFC 8252 section 7.3).
    Loopback(u16),
}

impl RedirectUri {
    fn of(&self, metadata: &ProviderMetadata) -> String {
        match self {
            Self::Own(uri) => uri.clone(),
            Self::Loopback(port) => {
                let token_endpoint = metadata.token_endpoint.as_deref().unwrap_or_default();
                let port = decimal((*port).into());
                match Protocol::of(metadata.issuer.as_str(), token_endpoint) {
                    // Entra lets the port vary for this name only ("Redirect URI restrictions").
                    Some(_) => concat(&["http://localhost:", &port]),
                    // RFC 8252 section 8.3: a name may lead elsewhere.
                    None => concat(&["http://127.0.0.1:", &port, "/"]),
                }
            }
        }
    }
}

impl NativeClient {
    /// Signs a user in. The host listens at the redirect URI before it starts the flow.
    pub fn sign_in(
        self: &Shared<Self>,
        redirect_uri: RedirectUri,
        options: SignInOptions,
    ) -> Flow<Account> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.authorize(io, &redirect_uri, &options))
    }

    pub(crate) fn authorize(
        &self,
        io: &mut Io,
        redirect_uri: &RedirectUri,
        options: &SignInOptions,
    ) -> Run<Account> {
        options.check()?;
        for (name, _) in &options.parameters {
            // A fragment does not reach the redirect URI, and nobody reads a form there.
            if name == "response_mode" {
                let detail = "parameters must not set response_mode";
                return Err(AuthError::about(ErrorCode::InvalidOption, detail).into());
            }
        }
        let fetched = self.session.metadata.get(io)?;
        let target = self.session.sign_in_target(&fetched.metadata, options);
        let secrets = SignInSecrets {
            state: base64url::encode(&io.random(32)?),
            nonce: base64url::encode(&io.random(32)?),
            code_verifier: CodeVerifier::from_random(&io.random(32)?),
        };
        let redirect_uri = redirect_uri.of(&fetched.metadata);
        let config = &self.session.config;
        let form = authorization_request(
            &config.client_id,
            &redirect_uri,
            &target,
            &secrets,
            None,
            options,
        );
        let url = self
            .session
            .authorization_url(io, &fetched.metadata, form)?;
        io.log("authorization_request", url::without_query(&url));
        io.navigate(url)?;

        let response = self.response(io, &redirect_uri, &secrets.state)?;
        io.log("authorization_response", "");
        let validated = response.validate(SentRequest {
            metadata: &fetched.metadata,
            redirect_uri: &redirect_uri,
            code_verifier: &secrets.code_verifier,
            resource: target.resource.as_deref(),
        })?;
        let endpoint = fetched.metadata.token_endpoint()?;
        let form = token_request::authorization_code(&validated);
        let request = public_client(&config.client_id, form, endpoint);
        io.log("token_request", url::without_query(&request.url));
        let requested_at = io.now();
        let response = io.send(request)??;
        let granted = Granted {
            target: &Shared::new(target),
            metadata: &fetched.metadata,
            metadata_at: fetched.fetched_at,
            nonce: Some(&secrets.nonce),
            max_age: options.max_age,
        };
        self.begin_session(io, &granted, &response, requested_at)
    }

    /// Waits for the response to this sign-in. Nobody else knows its `state`.
    fn response(&self, io: &mut Io, redirect_uri: &str, state: &str) -> Run<AuthorizationResponse> {
        let normalize = self.session.platform.normalize_url;
        let redirect_uri = normalize(redirect_uri);
        let rule = "redirect_uri must be an absolute URL";
        let redirect_uri =
            redirect_uri.ok_or_else(|| AuthError::about(ErrorCode::InvalidOption, rule))?;
        for _ in 0..MAX_VISITS {
            let url = io.await_redirect()?;
            let url = normalize(url.expose()).unwrap_or_default();
            let response = AuthorizationResponse::read(&url, &redirect_uri);
            match response {
                Some(response) if response.state() == Some(state) => {
                    return Ok(response);
                }
                _ => io.log("authorization_response_refused", "state"),
            }
        }
        Err(AuthError::about(ErrorCode::ResponseInvalid, "state").into())
    }

    /// Keeps the session that a token response begins.
    pub(super) fn begin_session(
        &self,
        io: &mut Io,
        granted: &Granted<'_>,
        response: &HttpResponse,
        requested_at: UnixTime,
    ) -> Run<Account> {
        let family = base64url::encode(&io.random(16)?);
        let now = io.now();
        let session = self
            .session
            .new_session(granted, response, &family, requested_at, now)?;
        io.log("token_response", &session.id_token.issuer);
        let stored = self.session.load(io)?;
        let kept = self.session.change(io, stored, None, &|current| {
            Ok(current.accounts.signed_in(&session))
        });
        // Who cannot keep the session is signed in until the program ends.
        let _ = settle(kept, io)?;
        Ok(Account::of(&session))
    }
}
