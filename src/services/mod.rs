//! The build for services: a thin adapter that carries out and decides nothing.
//!
//! It is a module of its own, beside that of the edge: a Worker that only verifies does not load it,
//! and a daemon that only gets tokens loads nothing else. Signatures and JSON are the host's.

mod confidential_client;
mod options;
mod sign_in;

pub use crate::javascript::RunningFlow;
pub use confidential_client::{ServiceClient, better_token, check_api_url, response_of};
