//! The service's own tokens: RFC 6749 section 4.4.

use super::tokens::Wanted;
use super::{AccessToken, ConfidentialClient, Target};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Run};
use crate::core::oauth::token_request;
use crate::core::shared::Shared;
use crate::core::tokens::cache_key::{Owner, Partition};

impl ConfidentialClient {
    /// A token with which the service acts as itself, for this scope or resource.
    ///
    /// Errors: `invalid_option` if the target has neither; what the provider refuses, in its own
    /// words.
    pub fn client_credentials(self: &Shared<Self>, target: Target) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        let target = Shared::new(target);
        Flow::new(move |io| client.own_token(io, &target))
    }

    fn own_token(&self, io: &mut Io, target: &Shared<Target>) -> Run<Shared<AccessToken>> {
        if target.scope.is_none() && target.resource.is_none() {
            let missing = "scope or resource is missing";
            return Err(AuthError::about(ErrorCode::InvalidOption, missing).into());
        }
        let config = &self.config;
        let partition = Partition::new(&config.authority, None, &config.client_id, Owner::Client);
        let wanted = Wanted {
            key: partition.key(target, None, None),
            target: Shared::clone(target),
            form: &|| token_request::client_credentials(target),
        };
        self.token(io, &wanted)
    }
}
