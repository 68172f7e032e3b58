//! JSON by the platform's own parser.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::JsValue;

use crate::core::wire::json::{JsonFault, JsonObject, WrongType};

/// The [`ParseJson`](crate::core::wire::json::ParseJson) of the page.
pub(super) fn parse_json(text: &str) -> Result<Box<dyn JsonObject + '_>, JsonFault> {
    match JSON::parse(text) {
        Ok(value) if value.is_object() && !Array::is_array(&value) => Ok(Box::new(Object(value))),
        _ => Err(JsonFault::NotAnObject),
    }
}

struct Object(JsValue);

impl Object {
    fn member(&self, name: &str) -> Option<JsValue> {
        let value = Reflect::get(&self.0, &name.into()).ok()?;
        (!value.is_null() && !value.is_undefined()).then_some(value)
    }

    fn elements(&self, name: &str) -> Result<Option<Array>, WrongType> {
        match self.member(name) {
            None => Ok(None),
            Some(value) if Array::is_array(&value) => Ok(Some(value.into())),
            Some(_) => Err(WrongType),
        }
    }
}

impl JsonObject for Object {
    fn string(&self, name: &str) -> Result<Option<String>, WrongType> {
        let read = |value: JsValue| value.as_string().ok_or(WrongType);
        self.member(name).map(read).transpose()
    }

    fn number(&self, name: &str) -> Result<Option<f64>, WrongType> {
        let read = |value: JsValue| value.as_f64().ok_or(WrongType);
        self.member(name).map(read).transpose()
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, WrongType> {
        let read = |value: JsValue| value.as_bool().ok_or(WrongType);
        self.member(name).map(read).transpose()
    }

    fn strings(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        let Some(elements) = self.elements(name)? else {
            return Ok(None);
        };
        let mut strings = Vec::new();
        for at in 0..elements.length() {
            strings.push(elements.get(at).as_string().ok_or(WrongType)?);
        }
        Ok(Some(strings))
    }

    fn numbers(&self, name: &str) -> Result<Option<Vec<f64>>, WrongType> {
        let Some(elements) = self.elements(name)? else {
            return Ok(None);
        };
        let mut numbers = Vec::new();
        for at in 0..elements.length() {
            numbers.push(elements.get(at).as_f64().ok_or(WrongType)?);
        }
        Ok(Some(numbers))
    }
}
