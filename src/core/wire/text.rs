//! Joining and splitting text. The protocol's separators are ASCII, and the standard library's
//! `concat`, `join`, `split`, `trim`, `parse` and `to_string`, made for every type and character,
//! cost a page up to a kilobyte each.

use alloc::string::String;

/// The parts, one after the other.
pub(crate) fn concat(parts: &[&str]) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(part);
    }
    whole
}

/// The number in decimal.
pub(crate) fn decimal(number: u64) -> String {
    let mut text = if number < 10 {
        String::new()
    } else {
        decimal(number / 10)
    };
    text.push(char::from(b'0' + (number % 10) as u8));
    text
}

/// The number that these digits say; `None` for anything but digits, and for a number that is too
/// large.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let mut number: u64 = 0;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    (!text.is_empty()).then_some(number)
}

/// Whether this is one of the words in a text that separates them by spaces.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let mut rest = text;
    if word.is_empty() {
        return false;
    }
    while let Some((known, after)) = split_once(rest, b' ') {
        if known == word {
            return true;
        }
        rest = after;
    }
    rest == word
}

/// The text before and after the first byte of this value, which must be ASCII.
pub(crate) fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// The text before the first byte that fails the test, and the rest. The test must fail or hold for
/// all bytes outside ASCII.
pub(crate) fn split_while(text: &str, test: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().take_while(|byte| test(*byte)).count();
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_and_read() {
        for number in [0, 7, 10, 1_700_000_000_000, u64::MAX] {
            assert_eq!(decimal(number), number.to_string());
            assert_eq!(parse_decimal(&decimal(number)), Some(number));
        }
        for text in ["", "-1", "+1", "1.5", " 1", "18446744073709551616"] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_word_is_found_whole() {
        for word in ["ab", "c", "d"] {
            assert!(has_word("ab c d", word), "{word}");
        }
        for word in ["a", "b", "ab c", "D", ""] {
            assert!(!has_word("ab c  d", word), "{word}");
        }
        assert!(!has_word("", ""));
    }

    #[test]
    fn texts_are_split_between_characters() {
        assert_eq!(
            split_once("\u{e9}=\u{e8}=", b'='),
            Some(("\u{e9}", "\u{e8}="))
        );
        assert_eq!(split_once("a", b'='), None);
        assert_eq!(
            split_while("ab \u{e9}", |byte| byte.is_ascii_alphabetic()),
            ("ab", " \u{e9}")
        );
    }
}
