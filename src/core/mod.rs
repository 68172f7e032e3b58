//! The protocol: pure Rust without a clock, randomness, network or JavaScript of its own.
//!
//! Follow a sign-in from the call to the stored token:
//!
//! 1. [`client::Client::sign_in`] asks for the provider's metadata ([`discovery`]), builds an
//!    [`authorization_request`] and keeps a [`transaction`];
//! 2. [`client::Client::handle_redirect`] reads the [`authorization_response`], takes the
//!    transaction, sends the `token_request`, reads the `token_response`, checks the
//!    [`id_token`] and keeps a [`session`];
//! 3. [`client::Client::get_token`] hands out its access tokens and renews them by [`refresh`].
//!
//! Follow a request from its header to the verdict:
//!
//! 1. [`verifier`] takes the token apart ([`jws`]), chooses the key ([`jwk_set`]) and holds the
//!    claims against the [`claims_policy`] and the [`access_token`] requirement;
//! 2. the adapter checks the signature; only then does the verdict become readable.
//!
//! Every step that needs the outside world is a [`flow`]: commands out, inputs in.

pub mod access_token;
pub mod algorithm;
pub mod authorization_request;
pub mod authorization_response;
mod base64url;
pub mod challenge;
pub mod claims_policy;
pub mod client;
pub mod discovery;
pub mod error;
pub mod event;
pub mod flow;
pub(crate) mod form;
pub mod http;
pub mod id_token;
pub mod issuer;
pub mod json;
pub mod jwk_set;
pub mod jwks_cache;
pub mod jws;
mod logout_request;
pub mod pkce;
pub mod refresh;
pub mod secret;
pub mod session;
mod sha256;
pub(crate) mod text;
pub mod time;
mod token_request;
mod token_response;
pub mod transaction;
mod url;
pub mod verifier;
