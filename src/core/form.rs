//! `application/x-www-form-urlencoded`: the parameters of RFC 6749 (appendix B), and the form in
//! which everything is stored.
//!
//! Written out here because the page pays for each byte: `form_urlencoded` with what it brings in
//! is 10 KB of WebAssembly, these loops are less than one. Structures with many texts in them keep
//! them in one form for the same reason: moving, copying and dropping a text is 100 bytes of code,
//! for each text and at each place.

use super::text::{decimal, parse_decimal, split_once};
use alloc::string::String;
use alloc::vec::Vec;

/// Parameters, or a record's members, encoded. It has no `Debug`: what it holds may be secret.
#[derive(Clone, Default)]
pub(crate) struct Form(String);

impl Form {
    /// Takes an encoded form.
    pub(crate) fn from_encoded(text: &str) -> Self {
        Self(text.into())
    }

    /// The form, encoded.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Adds a parameter.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        encode(name, &mut self.0);
        self.0.push('=');
        encode(value, &mut self.0);
        self
    }

    /// Adds a parameter that may be absent.
    pub(crate) fn set_some(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Adds a time or a duration in seconds, in whole milliseconds.
    pub(crate) fn set_seconds(&mut self, name: &str, seconds: f64) -> &mut Self {
        self.set(name, &decimal((seconds * 1000.0) as u64))
    }

    /// Adds all parameters of another form.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        expect(dead_code, reason = "for JavaScript")
    )]
    pub(crate) fn append(&mut self, other: &Self) {
        if !self.0.is_empty() && !other.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(&other.0);
    }

    /// Puts a parameter in the place of all of its name; only removes those where there is none.
    pub(crate) fn replace(&mut self, name: &str, value: Option<&str>) {
        let mut kept = Self::default();
        for (known, value) in self.parameters() {
            if known != name {
                kept.set(&known, &value);
            }
        }
        kept.set_some(name, value);
        *self = kept;
    }

    /// The first value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let mut parameters = self.parameters();
        parameters
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The first value of a parameter, empty where there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default()
    }

    /// A value that was set by [`Form::set_seconds`].
    pub(crate) fn seconds(&self, name: &str) -> Option<f64> {
        let milliseconds = parse_decimal(&self.get(name)?)?;
        Some(milliseconds as f64 / 1000.0)
    }

    /// All values of a parameter, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let mut values = Vec::new();
        for (known, value) in self.parameters() {
            if known == name {
                values.push(value);
            }
        }
        values
    }

    /// The address with these parameters added to its query.
    pub(crate) fn appended_to(&self, url: &str) -> String {
        let (address, fragment) = match split_once(url, b'#') {
            Some((address, fragment)) => (address, Some(fragment)),
            None => (url, None),
        };
        let mut whole = String::from(address);
        let has_query = address.bytes().any(|byte| byte == b'?');
        whole.push(if has_query { '&' } else { '?' });
        whole.push_str(&self.0);
        if let Some(fragment) = fragment {
            whole.push('#');
            whole.push_str(fragment);
        }
        whole
    }

    /// All parameters, decoded, in order.
    #[cfg_attr(
        not(feature = "browser"),
        expect(dead_code, reason = "for the page's options")
    )]
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.parameters().collect()
    }

    fn parameters(&self) -> Parameters<'_> {
        Parameters(&self.0)
    }
}

/// The parameters of a form, decoded one after the other.
struct Parameters<'a>(&'a str);

impl Iterator for Parameters<'_> {
    type Item = (String, String);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            let (parameter, rest) = split_once(self.0, b'&').unwrap_or((self.0, ""));
            self.0 = rest;
            if !parameter.is_empty() {
                let (name, value) = split_once(parameter, b'=').unwrap_or((parameter, ""));
                return Some((decode(name), decode(value)));
            }
        }
        None
    }
}

/// Percent-encodes all but the characters that the encoding leaves as they are.
fn encode(text: &str, form: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                form.push(char::from(byte));
            }
            b' ' => form.push('+'),
            _ => {
                form.push('%');
                for digit in [byte >> 4, byte & 15] {
                    form.extend(
                        DIGITS
                            .get(usize::from(digit))
                            .map(|digit| char::from(*digit)),
                    );
                }
            }
        }
    }
}

/// Decodes; what is not UTF-8 decodes to nothing, because no parameter of the protocol is that.
fn decode(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut ahead = bytes.clone();
                let mut digit = || char::from(ahead.next()?).to_digit(16);
                match (digit(), digit()) {
                    (Some(high), Some(low)) => {
                        bytes = ahead;
                        (high << 4 | low) as u8
                    }
                    _ => b'%',
                }
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_6749_appendix_b() {
        let mut form = Form::default();
        form.set("name", " %&+\u{a3}\u{20ac}");
        assert_eq!(form.as_str(), "name=+%25%26%2B%C2%A3%E2%82%AC");
        assert_eq!(form.text("name"), " %&+\u{a3}\u{20ac}");
    }

    #[test]
    fn what_is_malformed_is_read_as_far_as_it_goes() {
        let mut form = Form::from_encoded("a=1&&b&=c&d=%zz%4&e=%ff&a=2&%61=3");
        assert_eq!(form.all("a"), ["1", "2", "3"]);
        assert_eq!(form.get("b"), Some(String::new()));
        assert_eq!(form.text("d"), "%zz%4");
        assert_eq!(form.get("e"), Some(String::new()));
        form.replace("a", Some("4"));
        assert_eq!(form.all("a"), ["4"]);
        form.replace("a", None);
        assert_eq!(form.get("a"), None);
    }

    #[test]
    fn rfc_6749_3_1_the_query_of_an_endpoint_is_kept() {
        let add = |url| Form::default().set("a", "b").appended_to(url);
        assert_eq!(add("https://as.example/x"), "https://as.example/x?a=b");
        assert_eq!(
            add("https://as.example/x?p=q#f"),
            "https://as.example/x?p=q&a=b#f"
        );
    }
}
