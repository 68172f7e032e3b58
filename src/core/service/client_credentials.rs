//! The service's own tokens: RFC 6749 section 4.4.

use super::endpoint::Endpoint;
use super::refusal::Grant;
use super::tokens::Wanted;
use super::{AccessToken, ConfidentialClient, Target, TokenOptions};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Run};
use crate::core::oauth::token_request;
use crate::core::provider::entra::Protocol;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::cache_key::Owner;
use crate::core::wire::text::{concat, split_once};

impl ConfidentialClient {
    /// A token with which the service acts as itself.
    ///
    /// Errors: `invalid_option` or `tenant_required` if the provider would refuse the request
    /// whatever the client is allowed; what the provider refuses, in its own words.
    pub fn client_credentials(
        self: &Shared<Self>,
        options: impl Into<TokenOptions>,
    ) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        let options = options.into();
        Flow::new(move |io| client.own_token(io, &options))
    }

    /// The service's own token for this target, if it is kept and fresh: found without a flow.
    pub fn own_fresh_token(
        &self,
        options: &TokenOptions,
        now: UnixTime,
    ) -> Option<Shared<AccessToken>> {
        self.fresh_token(Owner::Client, options, now)
    }

    pub(crate) fn own_token(
        &self,
        io: &mut Io,
        options: &TokenOptions,
    ) -> Run<Shared<AccessToken>> {
        options.check()?;
        let owner = options
            .fmi_path
            .as_deref()
            .map_or(Owner::Client, Owner::Agent);
        let wanted = Wanted {
            key: self.key(owner, options),
            grant: Grant::ClientCredentials,
            options,
            tenant: &|| None,
            session: None,
            form: &|endpoint| {
                check_target(endpoint, &options.target)?;
                Ok(token_request::client_credentials(
                    &options.target,
                    options.claims.as_deref(),
                    options.fmi_path.as_deref(),
                ))
            },
        };
        self.token(io, &wanted)
    }
}

/// Refuses what Entra would refuse: a service asks for all that it was granted at one resource, by
/// `/.default` at v2.0 and by `resource` at v1.0.
fn check_target(endpoint: &Endpoint, target: &Target) -> Result<(), AuthError> {
    let wrong = |detail: &[&str]| {
        let detail = concat(detail);
        Err(AuthError::about(ErrorCode::InvalidOption, &detail))
    };
    if endpoint.protocol.is_some() && endpoint.is_shared {
        return Err(ErrorCode::TenantRequired.into());
    }
    match (endpoint.protocol, &target.scope, &target.resource) {
        (Some(Protocol::V1), _, None) => {
            wrong(&["the authority speaks Entra's v1.0: give the resource instead of a scope"])
        }
        (Some(Protocol::V2), None, Some(resource)) => wrong(&[
            "the authority speaks Entra's v2.0: give the scope ",
            resource,
            "/.default instead of the resource",
        ]),
        (Some(Protocol::V2), Some(scope), _) => match split_once(scope, b' ') {
            Some(_) => wrong(&["scope must name one resource: a token is for one"]),
            None if !scope.ends_with("/.default") => {
                wrong(
                    &["scope must be the resource's identifier and /.default, as \
                 api://orders.example/.default: a service cannot ask for single permissions"],
                )
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}
