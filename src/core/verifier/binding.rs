//! The key that a token is bound to: `cnf` of RFC 7800, which DPoP (RFC 9449 section 6.1) and client
//! certificates (RFC 8705 section 3.1) use.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::wire::json::{JsonObject, ParseJson};

/// What a request proves beside its token. The default is nothing: the token came as a bearer token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Presented<'a> {
    /// The thumbprint of the key whose DPoP proof was verified, by which the token came under the
    /// scheme `DPoP`.
    pub dpop_key: Option<&'a str>,
    /// The SHA-256 of the client's certificate, of which TLS has proved that the client has its key,
    /// as base64url.
    pub certificate: Option<&'a str>,
}

/// Members of `cnf` that bind to a key which nothing here proves (RFC 7800 sections 3.2 to 3.5).
const OTHER_KEYS: [&str; 4] = ["jwk", "jwe", "kid", "jku"];

/// Checks that the request proves each key that the token is bound to.
pub(super) fn check(
    claims: &dyn JsonObject,
    parse_json: ParseJson,
    presented: Presented<'_>,
    dpop_is_required: bool,
) -> Result<(), AuthError> {
    let invalid = || AuthError::about(ErrorCode::TokenClaimInvalid, "cnf");
    let (mut dpop_key, mut certificate) = (None, None);
    if let Some(cnf) = claims.json("cnf") {
        let cnf = parse_json(&cnf).map_err(|_| invalid())?;
        let member = |name| match cnf.string(name) {
            Ok(None) if cnf.json(name).is_some() => Err(invalid()),
            read => read.map_err(|_| invalid()),
        };
        (dpop_key, certificate) = (member("jkt")?, member("x5t#S256")?);
        let is_known = dpop_key.is_some() || certificate.is_some();
        if !is_known || OTHER_KEYS.iter().any(|name| cnf.json(name).is_some()) {
            return Err(ErrorCode::BindingUnsupported.into());
        }
    }
    match (dpop_key.as_deref(), presented.dpop_key) {
        // RFC 9449 section 7.2: such a token is not taken as a bearer token.
        (Some(_), None) => return Err(ErrorCode::ProofMissing.into()),
        (Some(bound), Some(proved)) if bound != proved => {
            return Err(ErrorCode::ProofKeyMismatch.into());
        }
        // Section 7.1: the token is bound to the key of the proof.
        (None, Some(_)) => return Err(ErrorCode::TokenUnbound.into()),
        (None, None) if dpop_is_required => return Err(ErrorCode::TokenUnbound.into()),
        _ => {}
    }
    // RFC 8705 section 3: the certificate of the connection is that of the token.
    if certificate.is_some() && certificate.as_deref() != presented.certificate {
        return Err(ErrorCode::CertificateMismatch.into());
    }
    Ok(())
}
