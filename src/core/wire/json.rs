//! What the core needs from a JSON object. The parser is the host's: the platform's own in a page,
//! `serde_json` at the edge and in Rust.

use super::text::{decimal, parse_decimal};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::time::UnixTime;
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
    /// It has more members than are read.
    TooManyMembers,
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

    /// The elements of a member that is an array, as JSON; none of anything else. Read at the edge only.
    fn elements(&self, _name: &str) -> Vec<String> {
        Vec::new()
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

/// A JSON object, written member by member.
#[derive(Default)]
pub(crate) struct JsonWriter(String);

impl JsonWriter {
    /// Adds a string.
    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        quote(value, &mut self.0);
        self
    }

    /// Adds an array of strings.
    pub(crate) fn texts(&mut self, name: &str, values: &[String]) -> &mut Self {
        self.name(name);
        for (place, value) in values.iter().enumerate() {
            self.0.push(if place == 0 { '[' } else { ',' });
            quote(value, &mut self.0);
        }
        self.0.push_str(if values.is_empty() { "[]" } else { "]" });
        self
    }

    /// Adds a value that is JSON already.
    pub(crate) fn json(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        self.0.push_str(value);
        self
    }

    /// Adds a time as a NumericDate in whole seconds (RFC 7519 section 2).
    pub(crate) fn time(&mut self, name: &str, time: UnixTime) -> &mut Self {
        self.name(name);
        self.0.push_str(&decimal(time.seconds() as u64));
        self
    }

    /// The object.
    pub(crate) fn into_string(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        quote(name, &mut self.0);
        self.0.push(':');
    }
}

/// RFC 8259 section 7.
fn quote(text: &str, json: &mut String) {
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            '\0'..='\x1f' => {
                json.push_str("\\u00");
                for digit in [letter as u32 >> 4, letter as u32 & 15] {
                    json.extend(char::from_digit(digit, 16));
                }
            }
            _ => json.push(letter),
        }
    }
    json.push('"');
}

/// The member exists, but has another type than the protocol gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongType;

impl dyn JsonObject + '_ {
    /// A member that is a string and not empty; anything else counts as absent.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_8259_7_what_is_written_is_read_the_same() {
        let text = "\"\\\u{8}\n\u{1f}\u{20ac}/\u{1f600}";
        let mut object = JsonWriter::default();
        object
            .text(text, text)
            .texts("none", &[])
            .texts("two", &["a".into(), text.into()])
            .time("time", UnixTime::from_seconds(1.9e9).unwrap());
        let read: serde_json::Value = serde_json::from_str(&object.into_string()).unwrap();
        assert_eq!(read[text], text);
        assert_eq!(read["none"], serde_json::json!([]));
        assert_eq!(read["two"], serde_json::json!(["a", text]));
        assert_eq!(read["time"], 1_900_000_000);
        assert_eq!(JsonWriter::default().into_string(), "{}");
    }
}
