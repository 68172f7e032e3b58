//! The messages of OAuth 2.0 and OpenID Connect: each request and each response in a file.

pub(crate) mod api_response;
pub(crate) mod authorization_request;
pub(crate) mod authorization_response;
pub(crate) mod claims_policy;
pub(crate) mod client_assertion;
pub(crate) mod client_authentication;
#[cfg(any(feature = "native", not(feature = "browser")))]
pub(crate) mod device_authorization;
pub(crate) mod dpop;
pub(crate) mod id_token;
pub(crate) mod logout_request;
pub(crate) mod logout_token;
pub(crate) mod managed_identity;
pub(crate) mod pkce;
pub(crate) mod server_error;
pub(crate) mod target;
pub(crate) mod token_exchange;
pub(crate) mod token_request;
pub(crate) mod token_response;
pub(crate) mod token_revocation;
pub(crate) mod user_info;
