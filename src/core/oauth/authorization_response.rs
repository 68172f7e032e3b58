//! The authorization response at the redirect URI: RFC 6749 section 4.1.2, RFC 9207.

use super::pkce::CodeVerifier;
use crate::core::error::{AuthError, ErrorCode, ServerError};
use crate::core::provider::entra::{self, Refusal};
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::secret::Secret;
use crate::core::wire::form::Parameters;
use crate::core::wire::text::split_once;
use crate::core::wire::url;
use alloc::vec::Vec;

/// A response in the page's URL, unchecked.
pub(crate) struct AuthorizationResponse(Parameters);

/// An authorization code whose `state` and `iss` were checked, with the parameters of the request
/// that its redemption repeats. A token request for a code takes nothing else.
pub(crate) struct ValidatedCode<'a> {
    pub(crate) code: Secret,
    pub(crate) redirect_uri: &'a str,
    pub(crate) code_verifier: &'a CodeVerifier,
    pub(crate) resource: Option<&'a str>,
}

/// The request that a response is checked against.
pub(crate) struct SentRequest<'a> {
    pub(crate) metadata: &'a ProviderMetadata,
    pub(crate) redirect_uri: &'a str,
    pub(crate) code_verifier: &'a CodeVerifier,
    pub(crate) resource: Option<&'a str>,
}

impl AuthorizationResponse {
    /// Reads the response from the query or the fragment of the page's URL: whatever has a `state`,
    /// for a response without code and error is one too, and invalid. `None` if there is none, or if
    /// the page is not at `redirect_uri`. Both URLs are normalized: the URL standard decides what is
    /// equal, not the spelling.
    pub(crate) fn read(page_url: &str, redirect_uri: &str) -> Option<Self> {
        if url::without_query(page_url) != url::without_query(redirect_uri) {
            return None;
        }
        let (before, fragment) = split_once(page_url, b'#').unwrap_or((page_url, ""));
        let query = url::query(before);
        // RFC 6749 section 3.1.2: the redirect URI's own query is kept.
        let own = Parameters::read(url::query(redirect_uri)).0;
        for parameters in [query, fragment] {
            let mut response = Vec::new();
            for parameter in Parameters::read(parameters).0 {
                if !own.contains(&parameter) {
                    response.push(parameter);
                }
            }
            let response = Self(Parameters(response));
            if response.state().is_some() {
                return Some(response);
            }
        }
        None
    }

    /// `state`, by which the request is found. A response to a request of this client always has it
    /// (RFC 6749 section 4.1.2).
    pub(crate) fn state(&self) -> Option<&str> {
        self.0.get("state")
    }

    /// Checks the response against the request of its `state`.
    pub(crate) fn validate<'a>(
        &self,
        request: SentRequest<'a>,
    ) -> Result<ValidatedCode<'a>, AuthError> {
        // RFC 6749 section 3.1: a parameter must not be repeated.
        let mut is_valid = self.is_code() != self.is_error();
        for name in ["state", "iss", "code", "error"] {
            is_valid &= self.0.count(name) < 2;
        }
        if !is_valid {
            return Err(ErrorCode::ResponseInvalid.into());
        }
        // RFC 9207 section 2.4, before anything else in the response is believed, errors included.
        match self.0.get("iss") {
            // Entra's template takes the tenant from the response's own `iss`. That is safe,
            // because the ID token, which comes over TLS, is checked against the template again.
            Some(iss) if !request.metadata.issuer.is(iss, entra::tenant_in(iss)) => {
                return Err(ErrorCode::ResponseIssuerMismatch.into());
            }
            None if request.metadata.promises_iss => {
                return Err(ErrorCode::ResponseIssuerMissing.into());
            }
            _ => {}
        }
        if let Some(server) = ServerError::from_parameters(&self.0) {
            let code = Refusal::of(&server).code(ErrorCode::AuthorizationRefused);
            return Err(AuthError::from_server(code, server));
        }
        Ok(ValidatedCode {
            code: Secret::new(self.0.get("code").unwrap_or_default()),
            redirect_uri: request.redirect_uri,
            code_verifier: request.code_verifier,
            resource: request.resource,
        })
    }

    fn is_code(&self) -> bool {
        self.0.count("code") > 0
    }

    fn is_error(&self) -> bool {
        self.0.count("error") > 0
    }
}
