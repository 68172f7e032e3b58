//! The build for services: a thin adapter that carries out and decides nothing.
//!
//! It is a module of its own, beside that of the edge: a Worker that only verifies does not load it,
//! and a daemon that only gets tokens loads nothing else. Signatures and JSON are the host's.
//!
//! One module for both was measured in workerd: a Worker that only gets tokens then loads 513 KB
//! instead of 88 and takes 1.1 times the processor time to its first response, one that only
//! verifies the same, one that does both 0.93.

mod confidential_client;
mod options;
mod sign_in;

pub use crate::javascript::RunningFlow;
pub use confidential_client::{ServiceClient, better_token, check_api_url, response_of};
