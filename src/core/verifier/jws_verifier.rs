//! Signed messages that are no access tokens, as webhooks are: RFC 7515 without any claims.

use super::key_source::{KeySource, KeysFrom};
use super::{VerificationKey, decode};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run};
use crate::core::jose::algorithm::Algorithm;
use crate::core::jose::jwk::JwkSet;
use crate::core::jose::jws::{CompactParts, JoseHeader, parse_part};
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
use crate::core::wire::json::{JsonObject, ParseJson, ParseJsonArray};
use alloc::vec::Vec;

/// A JWS verifier's configuration.
#[derive(Clone, Debug)]
pub struct JwsConfig {
    /// Where the keys come from: not from metadata, which is an issuer's.
    pub keys: KeysFrom,
    /// The admitted algorithms of public keys.
    pub algorithms: Vec<Algorithm>,
}

impl JwsConfig {
    /// These keys, with all algorithms of public keys.
    pub fn new(keys: KeysFrom) -> Self {
        Self {
            keys,
            algorithms: Algorithm::asymmetric().collect(),
        }
    }
}

/// Checks who signed a message, and nothing of what it says.
pub struct JwsVerifier {
    algorithms: Vec<Algorithm>,
    keys: KeySource,
    parse_json: ParseJson,
}

/// A message whose signature is not checked yet.
pub struct ExaminedJws {
    pub(crate) algorithm: Algorithm,
    pub(crate) signing_input: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    /// The set that the key is in.
    pub(crate) keys: Shared<JwkSet>,
    /// The place of the key in the set.
    pub(crate) key_index: usize,
    pub(crate) renewal_is_due: bool,
    verified: VerifiedJws,
}

/// A message that the key's owner signed.
#[derive(Clone, Debug)]
pub struct VerifiedJws {
    /// The header, as JSON.
    pub header: Vec<u8>,
    /// The payload; nothing, if it was detached.
    pub payload: Vec<u8>,
}

impl JwsVerifier {
    pub(crate) fn new(
        config: JwsConfig,
        parse_json: ParseJson,
        parse_json_array: ParseJsonArray,
    ) -> Result<Shared<Self>, AuthError> {
        super::check_algorithms(&config.algorithms)?;
        Ok(Shared::new(Self {
            algorithms: config.algorithms,
            keys: KeySource::without_issuer(config.keys, parse_json_array)?,
            parse_json,
        }))
    }

    /// Examines a message in compact serialization, at last with the keys at hand; `None` if they
    /// are to be fetched first. `detached` is the payload of one that was sent without it (RFC 7515
    /// appendix F).
    pub(crate) fn examine(
        &self,
        jws: &[u8],
        detached: Option<&[u8]>,
        now: UnixTime,
        is_last: bool,
    ) -> Result<Option<ExaminedJws>, AuthError> {
        let parts = CompactParts::split(jws)?;
        let mut header_json = Vec::new();
        decode(parts.header, &mut header_json)?;
        let (header, is_encoded) = {
            let (_, header) = parse_part(&header_json, self.parse_json)?;
            read_header(&*header)?
        };
        let algorithm = Algorithm::read(&header.alg)?;
        self.keys.check_algorithm(algorithm, &self.algorithms)?;

        let signing_input = signing_input(&parts, detached, is_encoded)?;
        let mut payload = Vec::new();
        if !is_encoded {
            payload.extend_from_slice(parts.payload);
        } else {
            decode(parts.payload, &mut payload)?;
        }
        let mut signature = Vec::new();
        decode(parts.signature, &mut signature)?;

        let key_id = header.key_id.as_deref();
        let (keys, renewal_is_due) = if is_last {
            (self.keys.at_hand(key_id, algorithm, now)?, false)
        } else {
            match self.keys.for_token(key_id, algorithm, now)? {
                Some(found) => (found.keys, found.renewal_is_due),
                None => return Ok(None),
            }
        };
        let (key_index, _) = keys.select(key_id, algorithm)?;
        // Some hosts' crypto makes another length an error of the call.
        if algorithm
            .signature_length()
            .is_some_and(|length| length != signature.len())
        {
            return Err(ErrorCode::SignatureInvalid.into());
        }
        Ok(Some(ExaminedJws {
            algorithm,
            signing_input,
            signature,
            keys,
            key_index,
            renewal_is_due,
            verified: VerifiedJws {
                header: header_json,
                payload,
            },
        }))
    }

    /// Fetches the keys, unless somebody else does: then it waits for that.
    pub(crate) fn renew_keys(&self, io: &mut Io) -> Run<()> {
        self.keys.renew(io)
    }
}

impl ExaminedJws {
    /// The key to check the signature with.
    pub(crate) fn key(&self) -> Option<&VerificationKey> {
        self.keys.get(self.key_index)?.key()
    }

    /// Opens the message, now that the signature was checked.
    pub(crate) fn open(self, signature_is_right: bool) -> Result<VerifiedJws, AuthError> {
        if signature_is_right {
            Ok(self.verified)
        } else {
            Err(ErrorCode::SignatureInvalid.into())
        }
    }
}

/// The header, and whether the payload is encoded, which `b64` says if it is critical (RFC 7797
/// sections 3 and 6). It is the only extension that is understood.
fn read_header(header: &dyn JsonObject) -> Result<(JoseHeader, bool), AuthError> {
    if header.json("crit").is_none() {
        return Ok((JoseHeader::read(header)?, true));
    }
    let is_b64 = |names: &Vec<_>| matches!(&names[..], [name] if name == "b64");
    let is_understood = header
        .strings("crit")
        .is_ok_and(|crit| crit.as_ref().is_some_and(is_b64));
    match header.boolean("b64") {
        Ok(Some(is_encoded)) if is_understood => {
            Ok((JoseHeader::read_members(header)?, is_encoded))
        }
        _ => Err(ErrorCode::CriticalHeaderUnknown.into()),
    }
}

/// What the signature is over (RFC 7515 section 5.2 step 8, RFC 7797 section 3).
fn signing_input(
    parts: &CompactParts<'_>,
    detached: Option<&[u8]>,
    is_encoded: bool,
) -> Result<Vec<u8>, AuthError> {
    let Some(detached) = detached else {
        return Ok(parts.signing_input.into());
    };
    // Which of two payloads was signed, a caller would not know.
    if !parts.payload.is_empty() {
        return Err(AuthError::about(ErrorCode::TokenMalformed, "payload"));
    }
    let mut input = Vec::from(parts.signing_input);
    if is_encoded {
        input.extend_from_slice(base64url::encode(detached).as_bytes());
    } else {
        input.extend_from_slice(detached);
    }
    Ok(input)
}
