//! Sign-in of a web app's users: authorization code with PKCE, redeemed by a confidential client
//! (RFC 6749 section 4.1, RFC 9700 section 2.1.1).
//!
//! Nothing is kept here. Between the two legs the web app keeps the transaction for the user's
//! browser, and afterwards the user's tokens: an instance of a service sees one leg, and another one
//! the next.

use super::ConfidentialClient;
use super::metadata::ServiceMetadata;
use super::refusal::{self, Grant};
use super::request::guid;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Run};
use crate::core::oauth::authorization_request::{
    SignInOptions, SignInSecrets, authorization_request,
};
use crate::core::oauth::authorization_response::{AuthorizationResponse, SentRequest};
use crate::core::oauth::claims_policy::ClaimsPolicy;
use crate::core::oauth::id_token::{IdToken, IdTokenExpectations};
use crate::core::oauth::pkce::CodeVerifier;
use crate::core::oauth::target::Target;
use crate::core::oauth::token_request;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::wire::base64url;
use crate::core::wire::form::Form;
use crate::core::wire::record::{Record, record};
use crate::core::wire::text::{concat, has_word, split_once};
use crate::core::wire::url;
use alloc::string::String;

/// A sign-in is forgotten after this many seconds: by then the user has given it up, and a code is
/// valid for ten minutes at most (RFC 6749 section 4.1.2).
const LIFETIME: f64 = 3600.0;

/// The first leg: where the user goes.
#[derive(Clone, Debug)]
pub struct SignInRequest {
    /// The URL to redirect the user's browser to.
    pub url: String,
    /// What the second leg needs. It is secret, and belongs to the user's browser: an encrypted,
    /// `HttpOnly` cookie, or the server's own session.
    pub transaction: Secret,
}

/// Who signed in.
#[derive(Clone, Debug)]
pub struct User {
    /// `iss` of the ID token.
    pub issuer: String,
    /// `sub` of the ID token.
    pub subject: String,
    /// The claims of the ID token, as JSON.
    pub claims: String,
}

/// A user's tokens, which the web app keeps.
#[derive(Clone, Debug)]
pub struct UserTokens {
    /// Who they are: after a sign-in always.
    pub user: Option<User>,
    /// The access token.
    pub token: Shared<AccessToken>,
    /// The refresh token, in the place of the former one (RFC 6749 section 6).
    pub refresh_token: Option<Secret>,
    /// The ID token, for a sign-out at the provider.
    pub id_token: Option<Secret>,
}

/// Which token of a user is wanted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RefreshOptions {
    /// The user's refresh token.
    pub refresh_token: Secret,
    /// What the token is for; without scope and resource, what the user granted at first.
    pub target: Target,
    /// `claims` of a claims challenge.
    pub claims: Option<String>,
}

impl RefreshOptions {
    /// Asks for what the user granted.
    pub fn new(refresh_token: Secret, target: Target) -> Self {
        Self {
            refresh_token,
            target,
            claims: None,
        }
    }
}

record! {
    /// What is known between the two legs.
    struct Transaction {
        issuer: String,
        state: String,
        nonce: String,
        code_verifier: CodeVerifier,
        redirect_uri: String,
        target: Shared<Target>,
        max_age: Option<u64>,
        started_at: UnixTime,
    }
}

impl ConfidentialClient {
    /// Begins a sign-in. `redirect_uri` is where the web app receives the response.
    pub fn authorization_request(
        self: &Shared<Self>,
        redirect_uri: String,
        options: SignInOptions,
    ) -> Flow<SignInRequest> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.begin_sign_in(io, &redirect_uri, &options))
    }

    /// Completes a sign-in with the URL that the browser came to and the transaction of the same
    /// browser.
    pub fn handle_redirect(
        self: &Shared<Self>,
        url: Secret,
        transaction: Secret,
    ) -> Flow<UserTokens> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.complete_sign_in(io, &url, &transaction))
    }

    /// Renews a user's token, or gets one for another API. Who calls this for one user at two places
    /// at once may lose the session: providers take a refresh token once.
    pub fn refresh(self: &Shared<Self>, options: RefreshOptions) -> Flow<UserTokens> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.refresh_user(io, &options))
    }

    pub(crate) fn begin_sign_in(
        &self,
        io: &mut Io,
        redirect_uri: &str,
        options: &SignInOptions,
    ) -> Run<SignInRequest> {
        let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail).into());
        options.check()?;
        // RFC 6749 section 3.1.2.1: the response has a code.
        if !url::is_secure(redirect_uri) || redirect_uri.bytes().any(|byte| byte == b'#') {
            return wrong("redirect_uri must be an https URL without a fragment");
        }
        for (name, value) in &options.parameters {
            // The fragment stays in the browser.
            if name == "response_mode" && value != "query" && value != "form_post" {
                return wrong("response_mode must be query or form_post");
            }
        }
        let metadata = &self.metadata(io)?;
        let scope = options.scope.as_deref().unwrap_or("openid profile");
        if !has_word(scope, "openid") {
            return wrong("scope must contain openid");
        }
        let target = Target::new(Some(scope), options.resource.as_deref());
        let secrets = SignInSecrets {
            state: base64url::encode(&io.random(32)?),
            nonce: base64url::encode(&io.random(32)?),
            code_verifier: CodeVerifier::from_random(&io.random(32)?),
        };
        let client_id = &self.config.client_id;
        let form = authorization_request(client_id, redirect_uri, &target, &secrets, None, options);
        let url = form.appended_to(metadata.authorization_endpoint()?);
        io.log("authorization_request", url::without_query(&url));
        let transaction = Transaction {
            issuer: metadata.issuer.as_str().into(),
            state: secrets.state,
            nonce: secrets.nonce,
            code_verifier: secrets.code_verifier,
            redirect_uri: redirect_uri.into(),
            target: Shared::new(target),
            max_age: options.max_age,
            started_at: io.now(),
        };
        Ok(SignInRequest {
            url,
            transaction: Secret::new(transaction.to_text()),
        })
    }

    pub(crate) fn complete_sign_in(
        &self,
        io: &mut Io,
        url: &Secret,
        transaction: &Secret,
    ) -> Run<UserTokens> {
        let invalid = |detail| AuthError::about(ErrorCode::ResponseInvalid, detail);
        let transaction = Transaction::from_text(transaction.expose());
        let transaction = transaction.ok_or_else(|| invalid("transaction"))?;
        if !(0.0..LIFETIME).contains(&io.now().since(transaction.started_at)) {
            return Err(ErrorCode::SignInTimedOut.into());
        }
        // The web app knows its own route; behind a proxy the URL that it sees is another one.
        let (_, query) = split_once(url.expose(), b'?').unwrap_or_default();
        let redirect_uri = &transaction.redirect_uri;
        let came_to = concat(&[url::without_query(redirect_uri), "?", query]);
        let response = AuthorizationResponse::read(&came_to, redirect_uri);
        let response = response.ok_or_else(|| invalid("code"))?;
        // RFC 6749 section 10.12: the response to a sign-in of this browser.
        if response.state() != Some(&transaction.state) {
            return Err(invalid("state").into());
        }
        io.log("authorization_response", "");
        let metadata = &self.metadata(io)?;
        // The code goes to the provider that the user was sent to (RFC 9700 section 4.4).
        if metadata.issuer.as_str() != transaction.issuer {
            return Err(ErrorCode::ResponseIssuerMismatch.into());
        }
        let form = token_request::authorization_code(&response.validate(SentRequest {
            metadata,
            redirect_uri,
            code_verifier: &transaction.code_verifier,
            resource: transaction.target.resource.as_deref(),
        })?);
        let requested_at = io.now();
        let response = self.ask_for_user(io, metadata, &form)?;
        let mut tokens = UserTokens::of(&response, &transaction.target, None, requested_at)?;
        let id_token = response.id_token.as_ref();
        let id_token = IdToken::check(
            id_token.ok_or(ErrorCode::IdTokenMissing)?,
            &IdTokenExpectations {
                issuer: &metadata.issuer,
                client_id: &self.config.client_id,
                trusted_audiences: "",
                nonce: Some(&transaction.nonce),
                max_age: transaction.max_age,
                former: None,
                clock_tolerance: ClaimsPolicy::CLOCK_TOLERANCE,
            },
            self.parse_json,
            io.now(),
        )?;
        io.log("token_response", &id_token.issuer);
        tokens.user = Some(User {
            issuer: id_token.issuer,
            subject: id_token.subject,
            claims: id_token.claims,
        });
        Ok(tokens)
    }

    pub(crate) fn refresh_user(&self, io: &mut Io, options: &RefreshOptions) -> Run<UserTokens> {
        if options.refresh_token.expose().is_empty() {
            let detail = "refresh_token is missing";
            return Err(AuthError::about(ErrorCode::InvalidOption, detail).into());
        }
        let metadata = self.metadata(io)?;
        let form = token_request::refresh_token(
            &options.refresh_token,
            &options.target,
            true,
            options.claims.as_deref(),
        );
        let requested_at = io.now();
        let response = self.ask_for_user(io, &metadata, &form)?;
        let target = Shared::new(options.target.clone());
        let claims = options.claims.as_deref();
        let mut tokens = UserTokens::of(&response, &target, claims, requested_at)?;
        let former = || Some(options.refresh_token.clone());
        tokens.refresh_token = tokens.refresh_token.or_else(former);
        // Nobody has checked it, and the web app has that of the sign-in.
        tokens.id_token = None;
        Ok(tokens)
    }

    /// Sends a token request for a user with the client's proof.
    fn ask_for_user(
        &self,
        io: &mut Io,
        metadata: &ServiceMetadata,
        form: &Form,
    ) -> Run<TokenResponse> {
        let endpoint = Self::endpoint_in(metadata, None, || None)?;
        let request_id = match endpoint.protocol {
            Some(_) => Some(guid(&io.random(16)?)),
            None => None,
        };
        let response = self.send(io, form, &endpoint, request_id.as_deref(), Grant::User)?;
        let response = response.and_then(|response| {
            TokenResponse::process(&response, self.parse_json)
                .map_err(|error| refusal::typed(error, Grant::User))
        });
        Ok(response.map_err(|error| match &request_id {
            Some(id) => refusal::with_request_id(error, id),
            None => error,
        })?)
    }
}

impl UserTokens {
    /// The tokens of a response, before its ID token is checked.
    fn of(
        response: &TokenResponse,
        target: &Shared<Target>,
        claims: Option<&str>,
        requested_at: UnixTime,
    ) -> Result<Self, AuthError> {
        let mut token = AccessToken::from_response(response, Shared::clone(target), requested_at)?;
        token.claims = claims.map(Into::into);
        Ok(Self {
            user: None,
            token: Shared::new(token),
            refresh_token: response.refresh_token.clone(),
            id_token: response.id_token.clone(),
        })
    }
}
