//! JSON by the platform's own parser.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::wire::form::Parameters;
use crate::core::wire::json::{JsonFault, JsonObject, WrongType};
use crate::core::wire::text::parse_decimal;

#[wasm_bindgen(module = "/src/javascript/json.js")]
extern "C" {
    fn members(text: &str) -> Option<String>;
}

/// The [`ParseJson`](crate::core::wire::json::ParseJson) of these builds. A value that is not an
/// object passes for one that lacks whatever is required of it.
pub(crate) fn parse_json(text: &str) -> Result<Box<dyn JsonObject + '_>, JsonFault> {
    match members(text) {
        Some(members) => Ok(Box::new(Object(Parameters::read(&members)))),
        None => Err(JsonFault::NotAnObject),
    }
}

/// The members, each after the mark of its type.
struct Object(Parameters);

impl Object {
    /// What follows the mark of this type.
    fn marked(&self, name: &str, mark: &str) -> Result<Option<&str>, WrongType> {
        match self.0.get(name) {
            None | Some("null") => Ok(None),
            Some(value) => value.strip_prefix(mark).map(Some).ok_or(WrongType),
        }
    }
}

impl JsonObject for Object {
    fn string(&self, name: &str) -> Result<Option<String>, WrongType> {
        Ok(self.marked(name, "\"")?.map(String::from))
    }

    fn number(&self, name: &str) -> Result<Option<f64>, WrongType> {
        match self.marked(name, "#")? {
            Some(thousandths) => {
                let thousandths = parse_decimal(thousandths).ok_or(WrongType)?;
                Ok(Some(thousandths as f64 / 1000.0))
            }
            None => Ok(None),
        }
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, WrongType> {
        match self.0.get(name) {
            None | Some("null") => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(WrongType),
        }
    }

    fn strings(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        let Some(elements) = self.marked(name, "&")? else {
            return Ok(None);
        };
        let mut texts = Vec::new();
        for (_, text) in Parameters::read(elements).0 {
            texts.push(text);
        }
        Ok(Some(texts))
    }

    fn json(&self, name: &str) -> Option<String> {
        self.0.get(name).map(String::from)
    }
}
