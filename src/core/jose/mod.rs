//! JOSE: signatures, keys and algorithms, RFC 7515 to RFC 7518.

pub(crate) mod algorithm;
pub(crate) mod jwk;
pub(crate) mod jws;
pub(crate) mod sha256;
