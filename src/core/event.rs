//! What a client tells its listeners and its log.

use super::error::AuthError;
use super::time::UnixTime;
use alloc::string::String;

/// Something that happened to the session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A user signed in, here or in another place that shares the store.
    SignedIn,
    /// The session ended, here or in another place that shares the store.
    SignedOut,
    /// Other accounts are signed in than before, and the active one is the same.
    AccountsChanged,
    /// An access token was renewed.
    TokenRefreshed,
    /// The session cannot be renewed past this time: the user must sign in again.
    ReauthDue(UnixTime),
    /// Work in the background failed.
    Error(AuthError),
}

/// A protocol step for the log: what was done, with which endpoint or code, never with a secret.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// The step, by the protocol's name for it.
    pub step: &'static str,
    /// A URL without its query, an error code, or nothing.
    pub detail: String,
}
