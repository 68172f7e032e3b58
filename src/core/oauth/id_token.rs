//! The ID token and its checks, OpenID Connect Core 1.0 sections 3.1.3.7 and 12.2.

use super::claims_policy::{ClaimsPolicy, required_time};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::algorithm::refuse_unsigned;
use crate::core::jose::jws::{MAX_TOKEN_LENGTH, algorithm_of, decode_part, parse_part};
use crate::core::provider::issuer::TrustedIssuer;
use crate::core::secret::Secret;
use crate::core::time::UnixTime;
use crate::core::wire::json::ParseJson;
use crate::core::wire::record::record;
use crate::core::wire::text::{has_word, split_once};
use alloc::string::String;
use alloc::vec;

record! {
    /// An ID token that came straight from the token endpoint and passed the checks.
    pub(crate) struct IdToken {
        /// The token as it came, for `id_token_hint`.
        pub(crate) token: Secret,
        /// `iss`.
        pub(crate) issuer: String,
        /// `sub`.
        pub(crate) subject: String,
        /// All claims, as the JSON text that the provider signed.
        pub(crate) claims: String,
    }
}

/// What an ID token is checked against.
pub(crate) struct IdTokenExpectations<'a> {
    /// The issuer of the provider's metadata.
    pub(crate) issuer: &'a TrustedIssuer,
    /// The client's own identifier.
    pub(crate) client_id: &'a str,
    /// The audiences that are trusted besides the client, as words.
    pub(crate) trusted_audiences: &'a str,
    /// The nonce of the authorization request; `None` in the response to a refresh request.
    pub(crate) nonce: Option<&'a str>,
    /// The `max_age` of the authorization request, in seconds.
    pub(crate) max_age: Option<u64>,
    /// The ID token that this one replaces, in the response to a refresh request.
    pub(crate) former: Option<&'a IdToken>,
    /// Seconds by which the clocks may differ.
    pub(crate) clock_tolerance: f64,
}

/// The largest difference between this clock and the issuer's that is understood as one clock being
/// wrong, in seconds.
const LARGEST_CLOCK_ERROR: f64 = 86_400.0;

/// The longest ID token that fits a URL with the rest of a request: servers commonly refuse request
/// lines of more than 8 KB.
const MAX_HINT_LENGTH: usize = 4096;

impl IdToken {
    /// The token as an `id_token_hint`, unless it would make the URL too long for a server. The hint
    /// is optional in every request that has one.
    pub(crate) fn hint(&self) -> Option<&str> {
        Some(self.token.expose()).filter(|token| token.len() <= MAX_HINT_LENGTH)
    }

    /// `iat`: the provider's clock when it issued the token.
    pub(crate) fn issued_at(&self, parse_json: ParseJson) -> Option<UnixTime> {
        required_time(&*parse_json(&self.claims).ok()?, "iat").ok()
    }

    /// Checks the token. The numbers are the steps of section 3.1.3.7.
    pub(crate) fn check(
        token: &Secret,
        expected: &IdTokenExpectations<'_>,
        parse_json: ParseJson,
        now: UnixTime,
    ) -> Result<Self, AuthError> {
        let compact = token.expose();
        if compact.len() > MAX_TOKEN_LENGTH {
            return Err(ErrorCode::TokenTooLarge.into());
        }
        // 1: an encrypted token has five parts and is refused here, since no key was registered.
        let (header, rest) = split_once(compact, b'.').ok_or(ErrorCode::TokenMalformed)?;
        let (payload, signature) = split_once(rest, b'.').ok_or(ErrorCode::TokenMalformed)?;
        if split_once(signature, b'.').is_some() {
            return Err(ErrorCode::TokenMalformed.into());
        }
        // 6: the token came from the token endpoint over TLS, so TLS stands for the signature.
        // 7, 8: even so, `none` and symmetric algorithms are refused: a public client has no
        // secret that could have been used. Which public key signed it does not matter here.
        let header = decode_part(header.as_bytes())?;
        refuse_unsigned(&algorithm_of(&*parse_part(&header, parse_json)?.1)?)?;
        let payload = decode_part(payload.as_bytes())?;
        let (text, claims) = parse_part(&payload, parse_json)?;
        let claims = &*claims;

        // 10: `iat` is required. The token was issued for the response that it just came in, so
        // `iat` is the issuer's clock now: by that clock its times are judged, and a machine whose
        // own clock is wrong can sign in all the same.
        let issued_at = required_time(claims, "iat")?;
        let clock_error = issued_at.since(now);
        let now = if (-LARGEST_CLOCK_ERROR..LARGEST_CLOCK_ERROR).contains(&clock_error) {
            issued_at
        } else {
            now
        };

        // 2, 3, 9: issuer, audience, end.
        let policy = ClaimsPolicy {
            issuer: expected.issuer.clone(),
            audiences: vec![expected.client_id.into()],
            clock_tolerance: expected.clock_tolerance,
        };
        let registered = policy.check(claims, None, now)?;

        // 3: every audience besides this client is trusted.
        for audience in &registered.audiences {
            if audience != expected.client_id && !has_word(expected.trusted_audiences, audience) {
                return Err(AuthError::about(ErrorCode::TokenAudienceMismatch, audience));
            }
        }
        // 4, 5: an authorized party, if there is one, is this client.
        let azp = claims.optional_string("azp", ErrorCode::TokenClaimInvalid)?;
        if azp.is_some_and(|azp| azp != expected.client_id) {
            return Err(ErrorCode::AuthorizedPartyMismatch.into());
        }
        // 11: the nonce of this very sign-in.
        if let Some(nonce) = expected.nonce {
            let repeated = claims.optional_string("nonce", ErrorCode::TokenClaimInvalid)?;
            if repeated.as_deref() != Some(nonce) {
                return Err(ErrorCode::NonceMismatch.into());
            }
        }
        // 13: the sign-in is as recent as was asked.
        if let Some(max_age) = expected.max_age {
            let auth_time = required_time(claims, "auth_time")?;
            if now.since(auth_time) > max_age as f64 + expected.clock_tolerance {
                return Err(AuthError::about(ErrorCode::TokenClaimInvalid, "auth_time"));
            }
        }

        let missing = || AuthError::about(ErrorCode::TokenClaimInvalid, "sub");
        let checked = Self {
            token: token.clone(),
            issuer: registered.issuer,
            subject: claims.text("sub").ok_or_else(missing)?,
            claims: text.into(),
        };
        // Section 12.2: a refreshed ID token has the same issuer and subject.
        let is_other =
            |former: &Self| former.issuer != checked.issuer || former.subject != checked.subject;
        if expected.former.is_some_and(is_other) {
            return Err(ErrorCode::SubjectMismatch.into());
        }
        Ok(checked)
    }
}
