//! What a client counts.

/// How often a client has done what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Calls that got a token that was kept.
    pub from_memory: u32,
    /// Calls that got a token of the store.
    pub from_store: u32,
    /// Requests for a token that were sent.
    pub requests: u32,
    /// Requests that were refused.
    pub refused: u32,
    /// Requests to which the provider did not respond, or could not.
    pub failed: u32,
    /// Calls that got the failure of an earlier request instead of one of their own.
    pub spared: u32,
}
