//! Tokens that are kept: until when, under which key, and what failed when they were renewed.

pub(crate) mod access_token;
pub(crate) mod cache;
pub(crate) mod cache_key;
pub(crate) mod clock;
pub(crate) mod failure;
pub(crate) mod lifetime;
