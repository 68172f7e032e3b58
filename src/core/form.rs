//! `application/x-www-form-urlencoded`: the parameters of RFC 6749 (appendix B), and the form in
//! which records are stored.
//!
//! Written out here because the page pays for each byte: `form_urlencoded` with what it brings in
//! is 10 KB of WebAssembly, these loops are less than one.

use std::mem::take;

/// Parameters being written, in order.
#[derive(Default)]
pub(crate) struct FormWriter(String);

impl FormWriter {
    /// Writes a parameter.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        encode(name, &mut self.0);
        self.0.push('=');
        encode(value, &mut self.0);
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
        whole.push(if address.bytes().any(|byte| byte == b'?') {
            '&'
        } else {
            '?'
        });
        whole.push_str(&self.finish());
        if let Some(fragment) = fragment {
            whole.push('#');
            whole.push_str(fragment);
        }
        whole
    }
}

/// Parameters being read.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads an encoded form.
    pub(crate) fn read(text: &str) -> Self {
        let parameters = text.split('&').filter(|parameter| !parameter.is_empty());
        Self(
            parameters
                .map(|parameter| {
                    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
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
            .map(|(_, value)| value.as_str())
    }

    /// Whether a parameter of these occurs more than once (forbidden by RFC 6749 section 3.1).
    pub(crate) fn repeats(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.all(name).nth(1).is_some())
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
        let mut form = FormWriter::default();
        let written = form.set("name", " %&+\u{a3}\u{20ac}").finish();
        assert_eq!(written, "name=+%25%26%2B%C2%A3%E2%82%AC");
        assert_eq!(Form::read(&written).get("name"), Some(" %&+\u{a3}\u{20ac}"));
    }

    #[test]
    fn what_is_malformed_is_read_as_far_as_it_goes() {
        let form = Form::read("a=1&&b&=c&d=%zz%4&e=%ff&a=2&%61=3");
        assert_eq!(form.all("a").collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(form.get("b"), Some(""));
        assert_eq!(form.get("d"), Some("%zz%4"));
        assert_eq!(form.get("e"), Some(""));
        assert!(form.repeats(&["b", "a"]) && !form.repeats(&["b"]));
    }

    #[test]
    fn rfc_6749_3_1_the_query_of_an_endpoint_is_kept() {
        let add = |url| FormWriter::default().set("a", "b").appended_to(url);
        assert_eq!(add("https://as.example/x"), "https://as.example/x?a=b");
        assert_eq!(
            add("https://as.example/x?p=q#f"),
            "https://as.example/x?p=q&a=b#f"
        );
    }
}
