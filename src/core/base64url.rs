//! Base64url without padding, canonical only (RFC 7515 section 2, RFC 4648 section 3.5).

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::{DecodeSliceError, Engine};

/// Encodes bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes a text; `None` where it is padded, has a foreign character or left-over bits.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Appends the decoded text to a buffer, in the same strict way.
pub(crate) fn decode_into(text: &[u8], buffer: &mut Vec<u8>) -> Option<()> {
    let start = buffer.len();
    buffer.resize(start + text.len() / 4 * 3 + 3, 0);
    let decoded = buffer
        .get_mut(start..)
        .ok_or(DecodeSliceError::OutputSliceTooSmall)
        .and_then(|free| URL_SAFE_NO_PAD.decode_slice(text, free));
    buffer.truncate(start + decoded.as_ref().copied().unwrap_or(0));
    decoded.ok().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4648_3_5_refuses_what_is_not_canonical() {
        assert_eq!(decode(b"AQ").as_deref(), Some(&[1][..]));
        for text in ["AR", "AQ==", "A", "A+", "AQ\n", "A Q"] {
            assert!(decode(text.as_bytes()).is_none(), "{text:?}");
        }
    }
}
