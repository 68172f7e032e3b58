//! The credentials of a request: RFC 6750 section 2.1, RFC 9449 section 7.1.

use crate::core::error::{AuthError, ErrorCode};

/// The scheme under which a token was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Anybody who has the token may use it.
    Bearer,
    /// The token comes with a proof that the sender has the key that it is bound to.
    Dpop,
}

/// The token of an `Authorization` header, and its scheme.
pub fn credentials(authorization: Option<&str>) -> Result<(Scheme, &str), AuthError> {
    let header = authorization.ok_or(ErrorCode::CredentialsMissing)?;
    let (name, token) = header.split_once(' ').unwrap_or((header, ""));
    let scheme = if name.eq_ignore_ascii_case("bearer") {
        Scheme::Bearer
    } else if name.eq_ignore_ascii_case("dpop") {
        Scheme::Dpop
    } else {
        return Err(ErrorCode::CredentialsMissing.into());
    };
    let token = token.trim();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || !token.bytes().all(is_plain) {
        return Err(ErrorCode::CredentialsMalformed.into());
    }
    Ok((scheme, token))
}
