//! Base64url without padding, canonical only (RFC 7515 section 2, RFC 4648 section 3.5).
//!
//! Written out here because the page pays for each byte: the `base64` crate's engine is 6.5 KB of
//! WebAssembly, these two loops are less than one.

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const FOREIGN: u8 = 0xff;
const VALUES: [u8; 256] = values();

/// Encodes bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut bits = 0;
        for place in 0..3 {
            bits = bits << 8 | u32::from(group.get(place).copied().unwrap_or(0));
        }
        for place in 0..=group.len() {
            let value = (bits >> (18 - 6 * place)) as usize & 63;
            text.extend(ALPHABET.get(value).map(|letter| char::from(*letter)));
        }
    }
    text
}

/// Encodes bytes as base64 with padding, in its standard alphabet (RFC 4648 section 4), which Basic
/// credentials and X.509 use.
pub(crate) fn encode_standard(bytes: &[u8]) -> String {
    let mut text: String = encode(bytes)
        .chars()
        .map(|letter| match letter {
            '-' => '+',
            '_' => '/',
            letter => letter,
        })
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Decodes a text; `None` if it is padded, has a foreign character or left-over bits.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut buffer = Vec::new();
    decode_into(text, &mut buffer)?;
    Some(buffer)
}

/// Appends the decoded text to a buffer, in the same strict way.
pub(crate) fn decode_into(text: &[u8], buffer: &mut Vec<u8>) -> Option<()> {
    let (groups, rest) = text.as_chunks::<4>();
    let start = buffer.len();
    buffer.reserve(groups.len() * 3 + 2);
    buffer.resize(start + groups.len() * 3, 0);
    let (_, room) = buffer.split_at_mut_checked(start)?;
    let (places, _) = room.as_chunks_mut::<3>();
    // Foreign characters are gathered and looked at once: their value has the high bits set.
    let mut gathered = 0;
    for ([a, b, c, d], place) in groups.iter().zip(places) {
        let [a, b, c, d] = [value(*a), value(*b), value(*c), value(*d)];
        gathered |= a | b | c | d;
        *place = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    }
    gathered |= match *rest {
        [] => 0,
        [a, b] => {
            let [a, b] = [value(a), value(b)];
            buffer.push(a << 2 | b >> 4);
            a | b | left_over(b & 15)
        }
        [a, b, c] => {
            let [a, b, c] = [value(a), value(b), value(c)];
            buffer.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2]);
            a | b | c | left_over(c & 3)
        }
        _ => FOREIGN,
    };
    (gathered < 64).then_some(())
}

fn value(letter: u8) -> u8 {
    VALUES.get(usize::from(letter)).copied().unwrap_or(FOREIGN)
}

/// A canonical text has zeros where the last letter reaches beyond the last byte.
fn left_over(bits: u8) -> u8 {
    if bits == 0 { 0 } else { FOREIGN }
}

const fn values() -> [u8; 256] {
    let mut values = [FOREIGN; 256];
    let mut letters: &[u8] = ALPHABET;
    let mut value = 0;
    while let [letter, after @ ..] = letters {
        if let (_, [place, ..]) = values.split_at_mut(*letter as usize) {
            *place = value;
        }
        value += 1;
        letters = after;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4648_10_round_trips() {
        for bytes in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            let text = encode(bytes.as_bytes());
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(encode(b"foobar"), "Zm9vYmFy");
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(encode(&all).as_bytes()), Some(all));
    }

    #[test]
    fn rfc_4648_3_5_refuses_what_is_not_canonical() {
        assert_eq!(decode(b"AQ").as_deref(), Some(&[1][..]));
        for text in [
            "AR", "AQ==", "A", "A+", "AQ\n", "A Q", "AAAAA", "AAB", "\u{e9}",
        ] {
            assert!(decode(text.as_bytes()).is_none(), "{text:?}");
        }
    }

    #[test]
    fn rfc_4648_5_has_64_letters() {
        for letter in 0..=255_u8 {
            let known = ALPHABET.contains(&letter);
            assert_eq!(
                decode(&[letter, b'A', b'A', b'A']).is_some(),
                known,
                "{letter}"
            );
        }
    }
}
