//! `application/x-www-form-urlencoded`: the parameters of RFC 6749 (appendix B), what crosses to
//! JavaScript, and the form in which records are stored.
//!
//! Written out here because the page pays for each byte: `form_urlencoded` with what it brings in
//! is 10 KB of WebAssembly, these loops are less than one.

use super::text::split_once;
use alloc::string::String;
use alloc::vec::Vec;

/// Parameters, written one after the other. It has no `Debug`: what it holds may be secret.
#[derive(Clone, Default)]
pub(crate) struct Form(String);

impl Form {
    /// The form, encoded.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The form, encoded.
    pub(crate) fn into_string(self) -> String {
        self.0
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

    /// The URL with these parameters added to its query.
    pub(crate) fn appended_to(&self, url: &str) -> String {
        let (base, fragment) = match split_once(url, b'#') {
            Some((base, fragment)) => (base, Some(fragment)),
            None => (url, None),
        };
        let mut whole = String::from(base);
        let has_query = base.bytes().any(|byte| byte == b'?');
        whole.push(if has_query { '&' } else { '?' });
        whole.push_str(&self.0);
        if let Some(fragment) = fragment {
            whole.push('#');
            whole.push_str(fragment);
        }
        whole
    }
}

/// Parameters that were read, decoded, in order. It has no `Debug`: what it holds may be secret.
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

impl Parameters {
    /// Reads an encoded form. Whatever is malformed in it is taken as it stands.
    pub(crate) fn read(text: &str) -> Self {
        let mut parameters = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (parameter, after) = split_once(rest, b'&').unwrap_or((rest, ""));
            rest = after;
            if !parameter.is_empty() {
                let (name, value) = split_once(parameter, b'=').unwrap_or((parameter, ""));
                parameters.push((decode(name), decode(value)));
            }
        }
        Self(parameters)
    }

    /// The first value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut parameters = self.0.iter();
        let found = parameters.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// How often a parameter stands.
    pub(crate) fn count(&self, name: &str) -> usize {
        let mut count = 0;
        for (known, _) in &self.0 {
            count += usize::from(known == name);
        }
        count
    }

    /// All values of a parameter, in order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// A text, encoded.
pub(crate) fn encoded(text: &str) -> String {
    let mut form = String::new();
    encode(text, &mut form);
    form
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
        let read = Parameters::read(form.as_str());
        assert_eq!(read.get("name"), Some(" %&+\u{a3}\u{20ac}"));
    }

    #[test]
    fn a_malformed_form_is_read_as_far_as_it_goes() {
        let read = Parameters::read("a=1&&b&=c&d=%zz%4&e=%ff&a=2&%61=3");
        assert_eq!(read.all("a").collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(read.get("b"), Some(""));
        assert_eq!(read.get("d"), Some("%zz%4"));
        assert_eq!(read.get("e"), Some(""));
        assert_eq!(read.get("f"), None);
    }

    #[test]
    fn rfc_6749_3_1_the_query_of_an_endpoint_is_kept() {
        let add = |url| {
            let mut form = Form::default();
            form.set("a", "b").appended_to(url)
        };
        assert_eq!(add("https://as.example/x"), "https://as.example/x?a=b");
        assert_eq!(
            add("https://as.example/x?p=q#f"),
            "https://as.example/x?p=q&a=b#f"
        );
    }
}
