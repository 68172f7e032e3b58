//! JSON Web Signature in compact serialization, RFC 7515 section 7.1, taken apart strictly.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::wire::base64url;
use crate::core::wire::json::{JsonFault, JsonObject, ParseJson};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// The longest accepted token, in bytes.
pub(crate) const MAX_TOKEN_LENGTH: usize = 64 * 1024;

/// The three parts of a token, nothing of them decoded.
#[derive(Clone, Copy)]
pub(crate) struct CompactParts<'a> {
    pub header: &'a [u8],
    pub payload: &'a [u8],
    pub signature: &'a [u8],
    /// What the signature is over: header, dot, payload (RFC 7515 section 5.2 step 8).
    pub signing_input: &'a [u8],
}

impl<'a> CompactParts<'a> {
    /// Splits the token at its two dots.
    pub(crate) fn split(token: &'a [u8]) -> Result<Self, AuthError> {
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(ErrorCode::TokenTooLarge.into());
        }
        let malformed = || AuthError::new(ErrorCode::TokenMalformed);
        let (header, rest) = split_at_dot(token).ok_or_else(malformed)?;
        let (payload, signature) = split_at_dot(rest).ok_or_else(malformed)?;
        if split_at_dot(signature).is_some() {
            return Err(malformed());
        }
        let signing_input = token
            .get(..header.len() + 1 + payload.len())
            .ok_or_else(malformed)?;
        Ok(Self {
            header,
            payload,
            signature,
            signing_input,
        })
    }
}

/// Looks at eight bytes at once: the search runs over the whole token, and byte by byte it takes as
/// long as decoding it.
fn split_at_dot(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const DOTS: u64 = ONES * b'.' as u64;
    let has_no_dot = |word: &&[u8; 8]| {
        let zero_at_dots = u64::from_le_bytes(**word) ^ DOTS;
        zero_at_dots.wrapping_sub(ONES) & !zero_at_dots & (ONES << 7) == 0
    };
    let passed = bytes
        .as_chunks::<8>()
        .0
        .iter()
        .take_while(has_no_dot)
        .count()
        * 8;
    let within = bytes.get(passed..)?.iter().position(|byte| *byte == b'.')?;
    Some((
        bytes.get(..passed + within)?,
        bytes.get(passed + within + 1..)?,
    ))
}

/// Decodes a part of the token.
pub(crate) fn decode_part(part: &[u8]) -> Result<Vec<u8>, AuthError> {
    base64url::decode(part).ok_or_else(|| ErrorCode::TokenEncodingInvalid.into())
}

/// The text of a decoded part, and the JSON object in it.
pub(crate) fn parse_part(
    decoded: &[u8],
    parse_json: ParseJson,
) -> Result<(&str, Box<dyn JsonObject + '_>), AuthError> {
    let text = str::from_utf8(decoded).map_err(|_| ErrorCode::TokenJsonInvalid)?;
    let object = parse_json(text).map_err(|fault| match fault {
        JsonFault::NotAnObject => ErrorCode::TokenJsonInvalid,
        JsonFault::Duplicate => ErrorCode::TokenMemberDuplicate,
        JsonFault::TooManyMembers => ErrorCode::TokenMembersExceeded,
    })?;
    Ok((text, object))
}

/// `alg` of a JOSE header. Refuses every `crit`, because no extension is supported (RFC 7515 section
/// 4.1.11).
pub(crate) fn algorithm_of(header: &dyn JsonObject) -> Result<String, AuthError> {
    refuse_critical(header)?;
    header.required_string("alg", ErrorCode::TokenJsonInvalid)
}

fn refuse_critical(header: &dyn JsonObject) -> Result<(), AuthError> {
    if header.json("crit").is_some() {
        return Err(ErrorCode::CriticalHeaderUnknown.into());
    }
    Ok(())
}

/// The members of a JOSE header that have a meaning here.
///
/// `jwk`, `jku`, `x5u` and `x5c` are not among them: a key that the token itself brings is never
/// trusted (RFC 8725 section 3.10).
#[derive(Clone, Debug)]
pub(crate) struct JoseHeader {
    /// `alg`, not yet checked against what is allowed.
    pub(crate) alg: String,
    /// `kid`.
    pub(crate) key_id: Option<String>,
    /// `typ`, as [`short_type`] has it.
    pub(crate) typ: Option<String>,
}

impl JoseHeader {
    /// Reads the header.
    pub(crate) fn read(header: &dyn JsonObject) -> Result<Self, AuthError> {
        refuse_critical(header)?;
        Self::read_members(header)
    }

    /// Reads a header whose `crit` was judged.
    pub(crate) fn read_members(header: &dyn JsonObject) -> Result<Self, AuthError> {
        Ok(Self {
            alg: header.required_string("alg", ErrorCode::TokenJsonInvalid)?,
            key_id: text(header, "kid")?,
            typ: text(header, "typ")?.map(|typ| short_type(&typ)),
        })
    }
}

/// A `typ` in lower case and without a leading `application/` (RFC 7515 section 4.1.9).
pub(crate) fn short_type(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    match typ.strip_prefix("application/") {
        Some(short) => short.into(),
        None => typ,
    }
}

/// A parameter that must be a string if it is there, which `null` is not (RFC 7515 sections 4.1.4
/// and 4.1.9).
fn text(header: &dyn JsonObject, name: &'static str) -> Result<Option<String>, AuthError> {
    match header.optional_string(name, ErrorCode::TokenJsonInvalid)? {
        None if header.json(name).is_some() => {
            Err(AuthError::about(ErrorCode::TokenJsonInvalid, name))
        }
        text => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7515_7_1_the_dot_is_found_wherever_it_stands() {
        for length in 0..40 {
            let plain = vec![b'-'; length];
            assert_eq!(split_at_dot(&plain), None);
            for place in 0..length {
                let mut bytes = plain.clone();
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = b'.';
                }
                let (before, after) = split_at_dot(&bytes).unwrap();
                assert_eq!((before.len(), after.len()), (place, length - place - 1));
            }
        }
        // Bytes that differ from a dot in one bit, or from the next byte's borrow.
        for byte in (0..=255).filter(|byte| *byte != b'.') {
            assert_eq!(split_at_dot(&[byte; 24]), None, "{byte}");
            let both = [[byte; 8], [b'.'; 8]].concat();
            assert_eq!(split_at_dot(&both).unwrap().0.len(), 8, "{byte}");
        }
    }
}
