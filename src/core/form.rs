//! `application/x-www-form-urlencoded`: the parameters of RFC 6749 (appendix B), and the form in
//! which records are stored.

use std::borrow::Cow;
use std::mem::take;

use form_urlencoded::byte_serialize;

/// Parameters being written, in order.
#[derive(Default)]
pub(crate) struct FormWriter(String);

impl FormWriter {
    /// Writes a parameter.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(byte_serialize(name.as_bytes()));
        self.0.push('=');
        self.0.extend(byte_serialize(value.as_bytes()));
        self
    }

    /// Writes a parameter that may be absent.
    pub(crate) fn set_some(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.set(name, value);
        }
        self
    }

    /// Writes a time or a duration, in seconds.
    pub(crate) fn set_seconds(&mut self, name: &str, seconds: Option<f64>) -> &mut Self {
        // Whole milliseconds: integers print without the float formatting code.
        let text = seconds.map(|seconds| ((seconds * 1000.0) as i64).to_string());
        self.set_some(name, text.as_deref())
    }

    /// The encoded form.
    pub(crate) fn finish(&mut self) -> String {
        take(&mut self.0)
    }

    /// The address with these parameters added to its query.
    pub(crate) fn appended_to(&mut self, url: &str) -> String {
        let (address, fragment) = match url.split_once('#') {
            Some((address, fragment)) => (address, Some(fragment)),
            None => (url, None),
        };
        let mut whole = String::from(address);
        whole.push(if address.contains('?') { '&' } else { '?' });
        whole.push_str(&self.finish());
        if let Some(fragment) = fragment {
            whole.push('#');
            whole.push_str(fragment);
        }
        whole
    }
}

/// Parameters being read.
pub(crate) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// Reads an encoded form.
    pub(crate) fn read(text: &'a str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).collect())
    }

    /// The first value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// A value written by [`FormWriter::set_seconds`].
    pub(crate) fn seconds(&self, name: &str) -> Option<f64> {
        let milliseconds: i64 = self.get(name)?.parse().ok()?;
        Some(milliseconds as f64 / 1000.0)
    }

    /// All values of a parameter, in order.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| &**value)
    }

    /// Whether a parameter of these occurs more than once (forbidden by RFC 6749 section 3.1).
    pub(crate) fn repeats(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.all(name).nth(1).is_some())
    }
}
