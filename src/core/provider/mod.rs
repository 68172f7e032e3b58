//! The provider: its issuer, its endpoints and its keys.

pub(crate) mod entra;
pub(crate) mod issuer;
pub(crate) mod jwks_cache;
pub(crate) mod metadata;
pub(crate) mod metadata_source;
pub(crate) mod profile;
pub(crate) mod unknown_keys;
