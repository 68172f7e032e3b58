//! How an API responds to its caller if the token for the next API cannot be had.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::wire::base64url::encode_standard;
use crate::core::wire::text::concat;
use alloc::string::String;

/// The status of the response, and its `WWW-Authenticate` if it is a challenge.
///
/// What the user has to do more becomes Entra's claims challenge ("Claims challenges, claims requests,
/// and client capabilities"); a token that is good for nothing more, RFC 6750's `invalid_token`. What
/// no token of the caller's would change is not a challenge.
pub fn response_to_caller(error: &AuthError) -> (u16, Option<String>) {
    use ErrorCode as Code;
    let claims = error.server().and_then(|server| server.claims.as_deref());
    match (error.code(), claims) {
        (Code::InteractionRequired, Some(claims)) => {
            let claims = encode_standard(claims.as_bytes());
            let challenge = concat(&[
                r#"Bearer realm="", error="insufficient_claims", claims=""#,
                &claims,
                "\"",
            ]);
            (401, Some(challenge))
        }
        (
            Code::AssertionRefused
            | Code::AssertionUnsuitable
            | Code::TokenAudienceMismatch
            | Code::TokenExpired
            | Code::SessionUnknown,
            _,
        ) => (401, Some(r#"Bearer error="invalid_token""#.into())),
        (Code::InteractionRequired | Code::ConsentRequired, _) => (403, None),
        (
            Code::NetworkError
            | Code::ProviderUnavailable
            | Code::UnexpectedResponse
            | Code::TokenResponseInvalid,
            _,
        ) => (503, None),
        _ => (500, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ServerError;
    use crate::core::wire::challenge::Challenges;
    use crate::core::wire::record::Record;

    #[test]
    fn a_claims_challenge_is_read_as_it_was_written() {
        let server = ServerError::from_text("error=interaction_required&claims=%7B%22a%22%3A1%7D");
        let error = AuthError::from_server(ErrorCode::InteractionRequired, server.unwrap());
        let (status, challenge) = response_to_caller(&error);
        let challenges = Challenges::read(challenge.as_deref().unwrap());
        assert_eq!(status, 401);
        assert_eq!(
            challenges.parameter("bearer", "error"),
            Some("insufficient_claims")
        );
        assert_eq!(challenges.claims().as_deref(), Some(r#"{"a":1}"#));
    }

    #[test]
    fn rfc_6750_3_1_only_what_another_token_would_change_is_a_challenge() {
        let response = |code: ErrorCode| response_to_caller(&code.into());
        let (status, challenge) = response(ErrorCode::AssertionRefused);
        let challenges = Challenges::read(challenge.as_deref().unwrap());
        assert_eq!(status, 401);
        assert_eq!(
            challenges.parameter("bearer", "error"),
            Some("invalid_token")
        );
        // Without claims nobody could satisfy it.
        assert_eq!(response(ErrorCode::InteractionRequired), (403, None));
        assert_eq!(response(ErrorCode::ConsentRequired), (403, None));
        assert_eq!(response(ErrorCode::ProviderUnavailable), (503, None));
        assert_eq!(response(ErrorCode::ClientRefused), (500, None));
    }
}
