//! The challenge with which an API answers a request that it refuses: RFC 6750 section 3.

use crate::core::error::{AuthError, ErrorCode};
use alloc::string::String;

/// The status of the response and its `WWW-Authenticate`.
pub fn bearer_challenge(error: &AuthError, required_scope: Option<&str>) -> (u16, String) {
    use ErrorCode as Code;
    let (status, error_name) = match error.code() {
        // Section 3.1: no error code where the request has no token.
        Code::CredentialsMissing => (401, None),
        Code::CredentialsMalformed => (400, Some("invalid_request")),
        Code::InsufficientScope
        | Code::InsufficientRole
        | Code::AppTokenRefused
        | Code::TokenKindRefused => (403, Some("insufficient_scope")),
        // The fault is not the token's: its keys could not be had.
        Code::KeysUnavailable | Code::NetworkError | Code::UnexpectedResponse => (503, None),
        // Nor is it the token's where the API itself is not set up as it should be.
        Code::InvalidOption | Code::JwksInvalid | Code::AlgorithmUnsupported | Code::Internal => {
            (500, None)
        }
        _ => (401, Some("invalid_token")),
    };
    let mut header = String::from("Bearer");
    if let Some(name) = error_name {
        header.push_str(" error=\"");
        header.push_str(name);
        header.push_str("\", error_description=\"");
        header.push_str(error.code().message());
        header.push('"');
    }
    if let (403, Some(scope)) = (status, required_scope) {
        header.push_str(", scope=\"");
        header.extend(scope.chars().filter(|c| !matches!(c, '"' | '\\')));
        header.push('"');
    }
    (status, header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_6750_3_1_statuses() {
        let status = |code| bearer_challenge(&AuthError::new(code), Some("a\"b"));
        assert_eq!(
            status(ErrorCode::CredentialsMissing),
            (401, "Bearer".into())
        );
        assert_eq!(status(ErrorCode::CredentialsMalformed).0, 400);
        assert_eq!(status(ErrorCode::TokenExpired).0, 401);
        assert_eq!(status(ErrorCode::KeysUnavailable), (503, "Bearer".into()));
        assert_eq!(status(ErrorCode::InvalidOption), (500, "Bearer".into()));
        let (code, header) = status(ErrorCode::InsufficientScope);
        assert_eq!(code, 403);
        assert!(header.ends_with(", scope=\"ab\""), "{header}");
    }
}
