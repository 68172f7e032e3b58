//! The provider: who issues tokens, where it is reached, and which keys are its own.

pub(crate) mod entra;
pub(crate) mod issuer;
pub(crate) mod jwks_cache;
pub(crate) mod metadata;
pub(crate) mod metadata_source;
pub(crate) mod profile;
pub(crate) mod unknown_keys;
