//! What the core needs from a JSON object. The parser is the host's: the platform's own in a page,
//! `serde_json` at the edge and in Rust.

use super::text::parse_decimal;
use crate::core::error::{AuthError, ErrorCode};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Parses a text into a JSON object.
pub(crate) type ParseJson = for<'a> fn(&'a str) -> Result<Box<dyn JsonObject + 'a>, JsonFault>;

/// Parses a text into the objects of an array that is a member of an object, as `keys` of a JWK
/// Set. Elements that are not objects are left out.
pub(crate) type ParseJsonArray =
    for<'a> fn(&'a str, &str) -> Result<Vec<Box<dyn JsonObject + 'a>>, JsonFault>;

/// Why a text is not accepted as a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonFault {
    /// It is not JSON, or not an object.
    NotAnObject,
    /// It names a member twice. The platform's parser lets the last one win instead, which
    /// RFC 7515 section 4 and RFC 7519 section 4 also allow.
    Duplicate,
}

/// A JSON object, read member by member.
///
/// Each reader returns `Ok(None)` if the member is absent or `null`, and [`WrongType`] if it has
/// another type.
pub(crate) trait JsonObject {
    /// A member that is a string.
    fn string(&self, name: &str) -> Result<Option<String>, WrongType>;
    /// A member that is a number.
    fn number(&self, name: &str) -> Result<Option<f64>, WrongType>;
    /// A member that is `true` or `false`.
    fn boolean(&self, name: &str) -> Result<Option<bool>, WrongType>;
    /// A member that is an array of strings.
    fn strings(&self, name: &str) -> Result<Option<Vec<String>>, WrongType>;
    /// A member of any type, as JSON.
    fn json(&self, name: &str) -> Option<String>;

    /// A member that is a string or an array of strings, as `aud` is (RFC 7519 section 4.1.3).
    fn string_or_strings(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        match self.string(name) {
            Ok(value) => Ok(value.map(|value| vec![value])),
            Err(WrongType) => self.strings(name),
        }
    }

    /// A member that is a number, or a whole number written as a string, as Entra v1.0 does.
    fn number_or_digits(&self, name: &str) -> Result<Option<f64>, WrongType> {
        match self.number(name) {
            Err(WrongType) => match self.string(name)? {
                Some(digits) => {
                    let whole = parse_decimal(&digits).ok_or(WrongType)?;
                    Ok(Some(whole as f64))
                }
                None => Ok(None),
            },
            read => read,
        }
    }
}

/// The member exists, but has another type than the protocol gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongType;

impl dyn JsonObject + '_ {
    /// A member that is a string and not empty; anything else is as good as absent.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let value = self.string(name).ok().flatten();
        value.filter(|text| !text.is_empty())
    }

    /// A member that may be absent but must be a string; an error of this code about it otherwise.
    pub(crate) fn optional_string(
        &self,
        name: &'static str,
        code: ErrorCode,
    ) -> Result<Option<String>, AuthError> {
        self.string(name)
            .map_err(|WrongType| AuthError::about(code, name))
    }

    /// A member that must be there and a string; an error of this code about it otherwise.
    pub(crate) fn required_string(
        &self,
        name: &'static str,
        code: ErrorCode,
    ) -> Result<String, AuthError> {
        match self.string(name) {
            Ok(Some(value)) => Ok(value),
            _ => Err(AuthError::about(code, name)),
        }
    }
}
