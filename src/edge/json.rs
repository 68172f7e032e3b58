//! JSON by `serde_json`, strict: a member that stands twice makes the object invalid, where the
//! platform's parser would let the last one win (RFC 7515 section 4, RFC 7519 section 4).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::core::wire::json::{JsonFault, JsonObject, WrongType};

/// An object with more members than this is refused: the search for duplicates is quadratic.
const MAX_MEMBERS: usize = 512;

/// The [`ParseJson`](crate::core::wire::json::ParseJson) of Rust and of the edge build.
pub(crate) fn parse_json(text: &str) -> Result<Box<dyn JsonObject + '_>, JsonFault> {
    let object: Object<'_> = serde_json::from_str(text).map_err(|_| JsonFault::NotAnObject)?;
    object.check()?;
    Ok(Box::new(object))
}

/// The [`ParseJsonArray`](crate::core::wire::json::ParseJsonArray) of Rust and of the edge build.
pub(crate) fn parse_json_array<'a>(
    text: &'a str,
    name: &str,
) -> Result<Vec<Box<dyn JsonObject + 'a>>, JsonFault> {
    let object: Object<'a> = serde_json::from_str(text).map_err(|_| JsonFault::NotAnObject)?;
    object.check()?;
    let mark = mark(name);
    let array = object.0.into_iter().find(|member| member.is(mark, name));
    let array = array.ok_or(JsonFault::NotAnObject)?.value;
    let elements: Vec<&'a RawValue> =
        serde_json::from_str(array.get()).map_err(|_| JsonFault::NotAnObject)?;
    Ok(elements
        .into_iter()
        .filter_map(|element| parse_json(element.get()).ok())
        .collect())
}

/// The members of an object, their values not parsed before they are asked for.
struct Object<'a>(Vec<Member<'a>>);

struct Member<'a> {
    /// Differs for most names that differ: names are compared some hundred times for each token.
    mark: u32,
    name: Cow<'a, str>,
    value: &'a RawValue,
}

impl Object<'_> {
    fn check(&self) -> Result<(), JsonFault> {
        if self.0.len() > MAX_MEMBERS {
            return Err(JsonFault::NotAnObject);
        }
        let mut members = self.0.iter();
        while let Some(member) = members.next() {
            if members
                .clone()
                .any(|later| later.is(member.mark, &member.name))
            {
                return Err(JsonFault::Duplicate);
            }
        }
        Ok(())
    }

    fn read<'s, T: Deserialize<'s>>(&'s self, name: &str) -> Result<Option<T>, WrongType> {
        let mark = mark(name);
        match self.0.iter().find(|member| member.is(mark, name)) {
            None => Ok(None),
            Some(member) => serde_json::from_str(member.value.get()).map_err(|_| WrongType),
        }
    }
}

impl Member<'_> {
    fn is(&self, mark: u32, name: &str) -> bool {
        self.mark == mark && self.name == name
    }
}

fn mark(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let at = |place: usize| bytes.get(place).copied().unwrap_or(0);
    let last = bytes.len().saturating_sub(1);
    u32::from_le_bytes([bytes.len() as u8, at(0), at(last / 2), at(last)])
}

impl JsonObject for Object<'_> {
    fn string(&self, name: &str) -> Result<Option<String>, WrongType> {
        self.read(name)
    }

    fn number(&self, name: &str) -> Result<Option<f64>, WrongType> {
        self.read(name)
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, WrongType> {
        self.read(name)
    }

    fn strings(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        self.read(name)
    }

    fn json(&self, name: &str) -> Option<String> {
        let mark = mark(name);
        let member = self.0.iter().find(|member| member.is(mark, name))?;
        Some(member.value.get().into())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(32);
                while let Some((name, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    members.push(Member {
                        mark: mark(&name.0),
                        name: name.0,
                        value,
                    });
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A string, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7519_4_a_member_that_stands_twice_is_refused() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#] {
            assert_eq!(parse_json(text).err(), Some(JsonFault::Duplicate), "{text}");
        }
        for text in ["", "[]", "1", "{", r#"{"a":}"#, r#"{"a":1}x"#, "\u{feff}{}"] {
            assert_eq!(
                parse_json(text).err(),
                Some(JsonFault::NotAnObject),
                "{text}"
            );
        }
    }

    #[test]
    fn members_are_read_by_their_type() {
        let text = r#"{"s":"a\nb","n":1.5,"b":true,"l":["x"],"o":[{"k":"v"},1],"z":null}"#;
        let object = parse_json(text).unwrap();
        assert_eq!(object.string("s").unwrap().as_deref(), Some("a\nb"));
        assert_eq!(object.number("n"), Ok(Some(1.5)));
        assert_eq!(object.boolean("b"), Ok(Some(true)));
        assert_eq!(object.strings("l"), Ok(Some(vec!["x".into()])));
        assert_eq!(parse_json_array(text, "o").unwrap().len(), 1);
        assert!(parse_json_array(text, "s").is_err());
        assert_eq!(object.string("z"), Ok(None));
        assert_eq!(object.string("absent"), Ok(None));
        assert_eq!(object.string("n"), Err(WrongType));
        assert_eq!(object.number("s"), Err(WrongType));
    }
}
