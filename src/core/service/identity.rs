//! Tokens of a managed identity: for a service that is one, and as the assertion of an application
//! that trusts one.

use super::ConfidentialClient;
use super::endpoint::Endpoint;
use super::refusal::Grant;
use super::tokens::Wanted;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run};
use crate::core::http::HttpResponse;
use crate::core::oauth::managed_identity::{ManagedIdentity, exchange_audience};
use crate::core::oauth::target::Target;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::wire::text::concat;
use crate::core::wire::url;

impl ConfidentialClient {
    /// The response to a request for a token of the service's own identity.
    pub(super) fn ask_identity(
        &self,
        io: &mut Io,
        identity: &ManagedIdentity,
        wanted: &Wanted<'_>,
    ) -> Run<Result<Shared<HttpResponse>, AuthError>> {
        let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail).into());
        if wanted.grant != Grant::ClientCredentials {
            return wrong("a managed identity acts for itself only");
        }
        if wanted.options.tenant.is_some() {
            return wrong("tenant is not for a managed identity");
        }
        let Some(resource) = resource(&wanted.options.target) else {
            return wrong("scope must end with /.default");
        };
        let request = identity.request(resource);
        io.log("token_request", url::without_query(&request.url));
        self.count(io, |counters| counters.requests += 1);
        io.send(request)
    }

    /// The assertion of an application that trusts this identity.
    pub(super) fn identity_assertion(
        &self,
        io: &mut Io,
        identity: &ManagedIdentity,
        endpoint: &Endpoint,
    ) -> Run<Secret> {
        let requested_at = io.now();
        let request = identity.request(exchange_audience(&endpoint.url));
        io.log("assertion_request", url::without_query(&request.url));
        let response = io.send(request)??;
        let token = ManagedIdentity::process(&response, requested_at, self.parse_json)
            .and_then(|response| response.bearer_token().cloned());
        Ok(token.map_err(|error| {
            let said = error
                .server()
                .and_then(|server| server.error_description.as_deref());
            let said = said.or(error.detail()).unwrap_or_default();
            AuthError::about(
                ErrorCode::CredentialFailed,
                &concat(&["managedIdentity: ", said]),
            )
        })?)
    }
}

/// v2.0's scope names the resource, and all that was granted there.
fn resource(target: &Target) -> Option<&str> {
    match (&target.resource, &target.scope) {
        (Some(resource), _) => Some(resource),
        (None, Some(scope)) => scope
            .strip_suffix("/.default")
            .filter(|resource| !resource.contains(' ')),
        (None, None) => None,
    }
}
