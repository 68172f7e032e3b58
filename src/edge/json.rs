//! JSON by `serde_json`, strict: a member that stands twice makes the object invalid, where the
//! platform's parser would let the last one win (RFC 7515 section 4, RFC 7519 section 4).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::core::wire::json::{JsonFault, JsonObject, WrongType};

/// An object with more members than this is refused: no token has as many.
const MAX_MEMBERS: usize = 512;

/// The [`ParseJson`](crate::core::wire::json::ParseJson) of Rust and of the edge build.
pub(crate) fn parse_json(text: &str) -> Result<Box<dyn JsonObject + '_>, JsonFault> {
    Ok(Box::new(Object::parse(text)?))
}

/// The [`ParseJsonArray`](crate::core::wire::json::ParseJsonArray) of Rust and of the edge build.
pub(crate) fn parse_json_array<'a>(
    text: &'a str,
    name: &str,
) -> Result<Vec<Box<dyn JsonObject + 'a>>, JsonFault> {
    let object = Object::parse(text)?;
    let array = object.value(name).ok_or(JsonFault::NotAnObject)?;
    let elements: Vec<&'a RawValue> =
        serde_json::from_str(array.get()).map_err(|_| JsonFault::NotAnObject)?;
    Ok(elements
        .into_iter()
        .filter_map(|element| parse_json(element.get()).ok())
        .collect())
}

/// The members of an object, in order, their values not parsed before they are asked for.
struct Object<'a>(Vec<Member<'a>>);

struct Member<'a> {
    /// Differs for most names that differ, and is compared first: it is one number.
    mark: u32,
    name: Cow<'a, str>,
    value: &'a RawValue,
}

impl<'a> Object<'a> {
    fn parse(text: &'a str) -> Result<Self, JsonFault> {
        let mut object: Self = serde_json::from_str(text).map_err(|_| JsonFault::NotAnObject)?;
        let Self(members) = &mut object;
        if members.len() > MAX_MEMBERS {
            return Err(JsonFault::TooManyMembers);
        }
        // In order, two members with one name are neighbours. To compare each with each would take
        // milliseconds if somebody sends hundreds of names that are alike.
        members.sort_unstable_by(|one, other| one.compare(other.mark, &other.name));
        let is_twice = |pair: &[Member<'_>]| match pair {
            [one, other] => one.compare(other.mark, &other.name).is_eq(),
            _ => false,
        };
        if members.windows(2).any(is_twice) {
            return Err(JsonFault::Duplicate);
        }
        Ok(object)
    }

    fn value(&self, name: &str) -> Option<&'a RawValue> {
        let mark = mark(name);
        let place = self
            .0
            .binary_search_by(|member| member.compare(mark, name))
            .ok()?;
        Some(self.0.get(place)?.value)
    }

    fn read<'s, T: Deserialize<'s>>(&'s self, name: &str) -> Result<Option<T>, WrongType> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => serde_json::from_str(value.get()).map_err(|_| WrongType),
        }
    }
}

impl Member<'_> {
    fn compare(&self, mark: u32, name: &str) -> Ordering {
        #[cfg(test)]
        tests::COMPARISONS.with(|count| count.set(count.get() + 1));
        self.mark
            .cmp(&mark)
            .then_with(|| self.name.as_ref().cmp(name))
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
        Some(self.value(name)?.get().into())
    }

    fn elements(&self, name: &str) -> Vec<String> {
        let read = self.read::<Vec<&RawValue>>(name);
        let elements = read.ok().flatten().unwrap_or_default();
        elements.iter().map(|one| one.get().into()).collect()
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
    use std::cell::Cell;
    use std::fmt::Write as _;

    thread_local! {
        pub(super) static COMPARISONS: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn names_that_are_alike_are_not_compared_each_with_each() {
        for count in [64_usize, 512] {
            let mut text = String::new();
            for number in 0..count {
                // Not in order, and with one mark.
                let number = number * 389 % count;
                let separator = if text.is_empty() { '{' } else { ',' };
                write!(text, "{separator}\"nnnnnnnnnn{number:03}n\":0").unwrap();
            }
            text.push('}');
            let before = COMPARISONS.get();
            assert!(parse_json(&text).is_ok());
            let compared = COMPARISONS.get() - before;
            let bound = 2 * count * count.ilog2() as usize;
            assert!(compared <= bound, "{count} members: {compared} of {bound}");
        }
    }

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
        let mixed = parse_json(r#"{"r":["a",{"value":"b"},1,null,[2]],"o":{}}"#).unwrap();
        let elements = ["\"a\"", r#"{"value":"b"}"#, "1", "null", "[2]"];
        assert_eq!(mixed.elements("r"), elements);
        assert!(mixed.elements("o").is_empty() && mixed.elements("absent").is_empty());
        assert_eq!(object.string("z"), Ok(None));
        assert_eq!(object.string("absent"), Ok(None));
        assert_eq!(object.string("n"), Err(WrongType));
        assert_eq!(object.number("s"), Err(WrongType));
    }
}
