//! Formats: text that is parsed where it enters and written where it leaves.

pub(crate) mod base64url;
pub(crate) mod cache_control;
pub(crate) mod challenge;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod record;
pub(crate) mod text;
pub(crate) mod url;
