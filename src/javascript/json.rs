//! JSON by the platform's own parser.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::JsValue;

use crate::core::wire::json::{JsonFault, JsonObject, WrongType};

/// The [`ParseJson`](crate::core::wire::json::ParseJson) of these builds. A value that is not an object
/// passes for one without members, which lacks whatever is required of it.
pub(crate) fn parse_json(text: &str) -> Result<Box<dyn JsonObject + '_>, JsonFault> {
    match JSON::parse(text) {
        Ok(value) => Ok(Box::new(Object(value))),
        Err(_) => Err(JsonFault::NotAnObject),
    }
}

struct Object(JsValue);

impl Object {
    /// The member, `undefined` if there is none.
    fn member(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap_or_default()
    }
}

/// For a member of another type: `None` if it is `null` or absent, otherwise an error.
fn other<T>(member: &JsValue) -> Result<Option<T>, WrongType> {
    match member.loose_eq(&JsValue::NULL) {
        true => Ok(None),
        false => Err(WrongType),
    }
}

impl JsonObject for Object {
    fn string(&self, name: &str) -> Result<Option<String>, WrongType> {
        let member = self.member(name);
        match member.as_string() {
            None => other(&member),
            text => Ok(text),
        }
    }

    fn number(&self, name: &str) -> Result<Option<f64>, WrongType> {
        let member = self.member(name);
        match member.as_f64() {
            None => other(&member),
            number => Ok(number),
        }
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, WrongType> {
        let member = self.member(name);
        match member.as_bool() {
            None => other(&member),
            flag => Ok(flag),
        }
    }

    fn strings(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        let member = self.member(name);
        if !Array::is_array(&member) {
            return other(&member);
        }
        let elements = Array::from(&member);
        let mut strings = Vec::new();
        for at in 0..elements.length() {
            strings.push(elements.get(at).as_string().ok_or(WrongType)?);
        }
        Ok(Some(strings))
    }

    fn json(&self, name: &str) -> Option<String> {
        JSON::stringify(&self.member(name)).ok()?.as_string()
    }
}
