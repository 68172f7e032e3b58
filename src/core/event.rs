//! What a client tells its listeners and its log.

use super::error::AuthError;
use super::time::UnixTime;
use alloc::string::String;

/// Something that happened to the session.
#[derive(Clone, Debug)]
pub enum Event {
    /// A user has signed in.
    SignedIn,
    /// The session has ended here.
    SignedOut,
    /// An access token was renewed.
    TokenRefreshed,
    /// The session cannot be renewed past this time: the user has to sign in again.
    ReauthDue(UnixTime),
    /// Work in the background failed.
    Error(AuthError),
}

/// A protocol step for the log: what was done, with which endpoint or code, never with a secret.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// The step, by the protocol's name for it.
    pub step: &'static str,
    /// An address without its query, an error code, or nothing.
    pub detail: String,
}
