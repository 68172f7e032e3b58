//! The protocol: pure Rust without a clock, randomness, network or JavaScript of its own.
//!
//! It is divided into rooms; each imports only rooms below it.
//!
//! | room | purpose |
//! |---|---|
//! | `native` | the flows of a native app's client, over the session of a page's |
//! | [`page`] | the flows of a page's client, top down |
//! | [`service`] | the flows of a service's client |
//! | [`verifier`] | from a token to the verdict |
//! | [`tokens`] | what is kept, and until when |
//! | [`oauth`] | requests and responses of OAuth 2.0 and OpenID Connect |
//! | [`provider`] | who the issuer is: metadata, issuers, keys, Entra's own rules |
//! | [`jose`] | signatures, keys, algorithms |
//! | [`wire`] | formats |
//! | [`flow`], [`http`], [`error`], [`event`], [`secret`], [`shared`], [`time`] | the ground |
//!
//! Every step that needs the outside world is a [`flow`]: commands out, inputs in.

pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod flow;
pub(crate) mod http;
pub(crate) mod secret;
pub(crate) mod shared;
pub(crate) mod time;

pub(crate) mod jose;
#[cfg(any(feature = "native", not(feature = "browser")))]
pub mod native;
pub(crate) mod oauth;
pub mod page;
pub(crate) mod provider;
pub mod service;
pub(crate) mod tokens;
pub mod verifier;
pub(crate) mod wire;
