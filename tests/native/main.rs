//! The core, driven natively: flows on a virtual clock with scripted responses, and signatures by
//! pure Rust.
//!
//! [`host`] carries out a flow's commands, [`provider`] responds to its requests. In
//! the end of every test the host checks that no secret was told.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic in a test is its verdict"
)]

mod access_token;
mod accounts;
mod authorization_response;
mod bearer;
mod binding;
mod discovery;
mod dpop;
mod flow;
mod host;
mod id_token;
mod issuers;
mod jwk_set;
mod jwks_cache;
mod native_app;
mod popup;
mod profile;
mod provider;
mod refresh;
mod refresh_failure;
mod requirement;
mod secrecy;
mod service;
mod sign_in;
mod sign_out;
mod signature;
mod tabs;
mod threads;
mod token_response;
mod verification;
