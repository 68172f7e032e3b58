//! JSON by the platform's own parser.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::core::json::{JsonFault, JsonObject, WrongType};

/// The [`ParseJson`](crate::core::json::ParseJson) of the page.
pub(super) fn parse_json(text: &str) -> Result<Box<dyn JsonObject + '_>, JsonFault> {
    JSON::parse(text)
        .ok()
        .and_then(Object::of)
        .map(|object| Box::new(object) as Box<dyn JsonObject>)
        .ok_or(JsonFault::NotAnObject)
}

struct Object(JsValue);

impl Object {
    fn of(value: JsValue) -> Option<Self> {
        (value.is_object() && !Array::is_array(&value)).then_some(Self(value))
    }

    fn read<T>(
        &self,
        name: &str,
        convert: impl FnOnce(JsValue) -> Option<T>,
    ) -> Result<Option<T>, WrongType> {
        match Reflect::get(&self.0, &name.into()) {
            Ok(value) if !value.is_null() && !value.is_undefined() => {
                convert(value).map(Some).ok_or(WrongType)
            }
            _ => Ok(None),
        }
    }

    fn read_all<T>(
        &self,
        name: &str,
        convert: impl Fn(JsValue) -> Option<T>,
    ) -> Result<Option<Vec<T>>, WrongType> {
        self.read(name, |value| {
            value
                .dyn_into::<Array>()
                .ok()?
                .iter()
                .map(convert)
                .collect()
        })
    }
}

impl JsonObject for Object {
    fn string(&self, name: &str) -> Result<Option<String>, WrongType> {
        self.read(name, |value| value.as_string())
    }

    fn number(&self, name: &str) -> Result<Option<f64>, WrongType> {
        self.read(name, |value| value.as_f64())
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, WrongType> {
        self.read(name, |value| value.as_bool())
    }

    fn strings(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        self.read_all(name, |value| value.as_string())
    }

    fn numbers(&self, name: &str) -> Result<Option<Vec<f64>>, WrongType> {
        self.read_all(name, |value| value.as_f64())
    }

    fn objects(&self, name: &str) -> Result<Option<Vec<Box<dyn JsonObject + '_>>>, WrongType> {
        let elements = self.read_all(name, Some)?;
        Ok(elements.map(|elements| {
            elements
                .into_iter()
                .filter_map(Self::of)
                .map(|object| Box::new(object) as Box<dyn JsonObject>)
                .collect()
        }))
    }
}
