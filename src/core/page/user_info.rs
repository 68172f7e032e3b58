//! Who a user is, by the provider's UserInfo endpoint.

use super::{Account, Client, GetTokenOptions};
use crate::core::flow::{Flow, Io, Run};
use crate::core::oauth::user_info::{user_info_claims, user_info_request};
use crate::core::provider::entra::Protocol;
use crate::core::shared::Shared;
use crate::core::wire::url;
use alloc::string::String;

/// Microsoft Graph's client ID, by which it is a resource in every cloud of Entra.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// What the provider says of a signed-in user now.
#[derive(Clone, Debug)]
pub struct UserInfo {
    /// Whom it is about.
    pub account: Account,
    /// The claims, as JSON.
    pub claims: String,
}

impl Client {
    /// Asks who the user is (OpenID Connect Core section 5.3).
    pub fn user_info(self: &Shared<Self>, options: GetTokenOptions) -> Flow<UserInfo> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.ask_user_info(io, &options))
    }

    pub(crate) fn ask_user_info(&self, io: &mut Io, options: &GetTokenOptions) -> Run<UserInfo> {
        let stored = self.load(io)?;
        let session = stored.accounts.of(options.account.as_ref())?;
        let metadata = &session.metadata;
        let endpoint = metadata.userinfo_endpoint()?;
        let mut options = options.clone();
        let protocol = Protocol::of(metadata.issuer.as_str(), metadata.token_endpoint()?);
        // Entra's UserInfo is Microsoft Graph's, whose tokens v2.0 gives for these scopes alone.
        if options.scope.is_none() && options.resource.is_none() {
            match protocol {
                Some(Protocol::V1) => options.resource = Some(GRAPH.into()),
                Some(Protocol::V2) => options.scope = Some("openid profile".into()),
                None => {}
            }
        }
        let token = self.token(io, &options)?;
        let request = user_info_request(endpoint, token.token());
        io.log("user_info_request", url::without_query(&request.url));
        let response = io.send(request)??;
        let parse_json = self.platform.parse_json;
        let claims = user_info_claims(&response, &session.id_token.subject, parse_json)?;
        Ok(UserInfo {
            account: Account::of(session),
            claims,
        })
    }
}
