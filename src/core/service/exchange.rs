//! Token exchange by its own terms: RFC 8693.

use super::refusal::Grant;
use super::tokens::Wanted;
use super::{AccessToken, ConfidentialClient, TokenOptions};
use crate::core::flow::{Flow, Io, Run};
use crate::core::jose::sha256;
use crate::core::oauth::token_exchange::TokenExchange;
use crate::core::shared::Shared;
use crate::core::tokens::cache_key::Owner;
use crate::core::wire::base64url;

impl ConfidentialClient {
    /// Exchanges a token for one of another kind or for another audience.
    pub fn exchange(
        self: &Shared<Self>,
        exchange: TokenExchange,
        options: TokenOptions,
    ) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.exchanged(io, &exchange, &options))
    }

    pub(crate) fn exchanged(
        &self,
        io: &mut Io,
        exchange: &TokenExchange,
        options: &TokenOptions,
    ) -> Run<Shared<AccessToken>> {
        options.check_tenant()?;
        // All that is sent makes the key: two exchanges share a token only if they are the same.
        let form = exchange.form(&options.target);
        let digest = base64url::encode(&sha256::digest(form.as_str().as_bytes()));
        self.token(
            io,
            &Wanted {
                key: self.key(Owner::Assertion(&digest), options),
                grant: Grant::OnBehalfOf,
                options,
                tenant: &|| None,
                session: None,
                form: &|_| Ok(form.clone()),
            },
        )
    }
}
