//! Records: how typed structs become text and text becomes typed structs again.
//!
//! A record is a form with one parameter for each field. Reading checks every field: a record that
//! lacks one or has a malformed one is refused. Encoding happens in two places only: in storage and
//! on the way to JavaScript.

use super::form::{Form, Parameters};
use super::text::{decimal, parse_decimal};
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

/// A struct that can be written as a form and read back.
pub(crate) trait Record: Sized {
    fn write(&self, form: &mut Form);
    fn read(from: &Reader) -> Self;

    fn to_text(&self) -> String {
        let mut form = Form::default();
        self.write(&mut form);
        form.into_string()
    }

    /// `None` if a field is missing or malformed.
    fn from_text(text: &str) -> Option<Self> {
        let reader = Reader::new(text);
        let record = Self::read(&reader);
        (!reader.has_failed.get()).then_some(record)
    }
}

/// A field of a record.
pub(crate) trait Field: Sized {
    fn put(&self, name: &'static str, form: &mut Form);
    /// Reads the field. One that is missing or malformed fails the reader, and anything will do in
    /// its place: the record is refused.
    fn take(name: &'static str, from: &Reader) -> Self;
}

/// Reads the fields of a record. It remembers a failure instead of returning it: a return at every
/// field, with what was read to be dropped, is most of the code that a page would load for a
/// record.
pub(crate) struct Reader {
    parameters: Parameters,
    has_failed: Cell<bool>,
}

impl Reader {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            parameters: Parameters::read(text),
            has_failed: Cell::new(false),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)
    }

    pub(crate) fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    pub(crate) fn fail(&self) {
        self.has_failed.set(true);
    }

    /// What is read, or its default and a failure.
    pub(crate) fn require<T: Default>(&self, read: Option<T>) -> T {
        if read.is_none() {
            self.fail();
        }
        read.unwrap_or_default()
    }

    /// Reads a record inside this one.
    fn nested<R: Record>(&self, text: &str) -> R {
        let reader = Self::new(text);
        let record = R::read(&reader);
        if reader.has_failed.get() {
            self.fail();
        }
        record
    }
}

/// Declares structs that are records.
macro_rules! record {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty,)+
    })+) => {
        $(
            $(#[$meta])*
            $vis struct $name {
                $($(#[$field_meta])* $field_vis $field: $type,)+
            }

            $crate::core::wire::record::record_of!($name { $($field,)+ });
        )+
    };
}

/// Makes a record of a struct that is declared elsewhere.
macro_rules! record_of {
    ($name:ident { $($field:ident,)+ }) => {
        impl $crate::core::wire::record::Record for $name {
            fn write(&self, form: &mut $crate::core::wire::form::Form) {
                $($crate::core::wire::record::Field::put(&self.$field, stringify!($field), form);)+
            }

            fn read(from: &$crate::core::wire::record::Reader) -> Self {
                Self {
                    $($field: $crate::core::wire::record::Field::take(stringify!($field), from),)+
                }
            }
        }
    };
}

pub(crate) use {record, record_of};

/// A text is never empty: a field that may be is an `Option`.
impl Field for String {
    fn put(&self, name: &'static str, form: &mut Form) {
        form.set(name, self);
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        let text = from.get(name).unwrap_or_default();
        if text.is_empty() {
            from.fail();
        }
        text.into()
    }
}

impl Field for Secret {
    fn put(&self, name: &'static str, form: &mut Form) {
        form.set(name, self.expose());
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        Self::new(String::take(name, from))
    }
}

impl Field for u64 {
    fn put(&self, name: &'static str, form: &mut Form) {
        form.set(name, &decimal(*self));
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        from.require(parse_decimal(from.get(name).unwrap_or_default()))
    }
}

/// Seconds, in whole milliseconds.
impl Field for f64 {
    fn put(&self, name: &'static str, form: &mut Form) {
        ((*self * 1000.0 + 0.5) as u64).put(name, form);
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        u64::take(name, from) as Self / 1000.0
    }
}

impl Field for UnixTime {
    fn put(&self, name: &'static str, form: &mut Form) {
        self.seconds().put(name, form);
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        Self::EPOCH.plus(f64::take(name, from))
    }
}

/// A flag is there or not.
impl Field for bool {
    fn put(&self, name: &'static str, form: &mut Form) {
        if *self {
            form.set(name, "1");
        }
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        let text = from.get(name);
        if text.is_some_and(|text| text != "1") {
            from.fail();
        }
        text.is_some()
    }
}

impl<F: Field> Field for Option<F> {
    fn put(&self, name: &'static str, form: &mut Form) {
        if let Some(field) = self {
            field.put(name, form);
        }
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        let text = from.get(name).filter(|text| !text.is_empty());
        text.map(|_| F::take(name, from))
    }
}

impl<R: Record> Field for R {
    fn put(&self, name: &'static str, form: &mut Form) {
        form.set(name, &self.to_text());
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        from.nested(from.require(from.get(name)))
    }
}

impl<R: Record> Field for Shared<R> {
    fn put(&self, name: &'static str, form: &mut Form) {
        R::put(self, name, form);
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        Self::new(R::take(name, from))
    }
}

/// Each element is a parameter of this name.
impl<R: Record> Field for Vec<Shared<R>> {
    fn put(&self, name: &'static str, form: &mut Form) {
        for element in self {
            element.put(name, form);
        }
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        let mut elements = Self::new();
        for (known, text) in &from.parameters.0 {
            if known == name {
                elements.push(Shared::new(from.nested(text)));
            }
        }
        elements
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    record! {
        struct Inner {
            text: String,
        }

        struct Outer {
            secret: Secret,
            at: UnixTime,
            count: u64,
            flag: bool,
            maybe: Option<String>,
            inner: Shared<Inner>,
            list: Vec<Shared<Inner>>,
        }
    }

    fn outer() -> Outer {
        let inner = |text: &str| Inner { text: text.into() };
        Outer {
            secret: Secret::new("a&b=c%"),
            at: UnixTime::from_seconds(1.25).unwrap(),
            count: 7,
            flag: true,
            maybe: None,
            inner: Shared::new(inner("\u{fc} +")),
            list: vec![Shared::new(inner("1")), Shared::new(inner("2"))],
        }
    }

    #[test]
    fn a_record_reads_what_it_wrote() {
        let text = outer().to_text();
        let read = Outer::from_text(&text).unwrap();
        assert_eq!(read.to_text(), text);
        assert_eq!(read.secret.expose(), "a&b=c%");
        assert_eq!(read.at.seconds(), 1.25);
        assert_eq!((read.count, read.flag, read.maybe), (7, true, None));
        assert_eq!(read.inner.text, "\u{fc} +");
        assert_eq!(read.list.len(), 2);
    }

    #[test]
    fn a_record_with_a_renamed_emptied_or_malformed_field_is_none() {
        let text = outer().to_text();
        for (field, altered) in [
            ("secret=", "secrets="),
            ("secret=a%26b%3Dc%25", "secret="),
            ("at=1250", "at=x"),
            ("count=7", "count="),
            ("flag=1", "flag=yes"),
            ("inner=text", "inner=texts"),
            ("list=text%3D2", "list=tex"),
        ] {
            assert!(text.contains(field), "{field} in {text}");
            let altered = text.replace(field, altered);
            assert!(Outer::from_text(&altered).is_none(), "{altered}");
        }
    }
}
