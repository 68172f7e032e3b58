//! The provider's metadata: OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3.

use super::issuer::{TrustedIssuer, metadata_may_name};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::wire::form::Form;
use crate::core::wire::json::{JsonObject, ParseJson};
use crate::core::wire::record::{Field, Reader, record};
use crate::core::wire::text::concat;
use crate::core::wire::url;
use alloc::string::String;

record! {
    /// The members of the provider's metadata that are used here, checked. A malformed or insecure
    /// endpoint counts as absent: it is an error only for a request that needs it.
    pub(crate) struct ProviderMetadata {
        /// `issuer`, which may be Entra's template.
        pub(crate) issuer: TrustedIssuer,
        pub(crate) authorization_endpoint: Option<String>,
        pub(crate) token_endpoint: Option<String>,
        pub(crate) end_session_endpoint: Option<String>,
        pub(crate) jwks_uri: Option<String>,
        /// Discovery section 3.
        pub(crate) userinfo_endpoint: Option<String>,
        /// RFC 8414 section 2.
        pub(crate) revocation_endpoint: Option<String>,
        /// RFC 9126 section 5.
        pub(crate) pushed_authorization_request_endpoint: Option<String>,
        /// `require_pushed_authorization_requests` (RFC 9126 section 5).
        pub(crate) requires_pushed_requests: bool,
        /// `authorization_response_iss_parameter_supported` (RFC 9207 section 3): each
        /// authorization response names its issuer.
        pub(crate) promises_iss: bool,
        /// Whether `scopes_supported` has `offline_access` (OpenID Connect Core section 11).
        pub(crate) offers_offline_access: bool,
        pub(crate) further: FurtherEndpoints,
    }
}

/// The endpoints that a page has no use for; its build reads none.
#[derive(Default)]
pub(crate) struct FurtherEndpoints {
    /// RFC 8628 section 4.
    #[cfg(any(feature = "native", not(feature = "browser")))]
    pub(crate) device_authorization_endpoint: Option<String>,
}

impl ProviderMetadata {
    /// The request for the metadata of this authority (Discovery section 4.1).
    pub(crate) fn request(authority: &str) -> HttpRequest {
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        HttpRequest::get(&concat(&[authority, "/.well-known/openid-configuration"]))
    }

    /// Reads the response and checks that it describes the issuer, or the Entra authority (section
    /// 4.3).
    // Each build calls it once, and a page would pay for the call.
    #[inline(always)]
    pub(crate) fn process(
        expected: &str,
        response: &HttpResponse,
        parse_json: ParseJson,
    ) -> Result<Self, AuthError> {
        match response.status {
            200 => Self::read(expected, &response.body, parse_json),
            408 | 429 | 500.. => Err(AuthError::about(ErrorCode::ProviderUnavailable, expected)),
            _ => Err(AuthError::about(ErrorCode::UnexpectedResponse, expected)),
        }
    }

    /// Reads a metadata document that the provider sent or the caller gave.
    pub(crate) fn read(
        expected: &str,
        body: &str,
        parse_json: ParseJson,
    ) -> Result<Self, AuthError> {
        let invalid = |name| AuthError::about(ErrorCode::MetadataInvalid, name);
        let document = parse_json(body).map_err(|_| invalid("not a JSON object"))?;
        let issuer = document.text("issuer").ok_or_else(|| invalid("issuer"))?;
        if !metadata_may_name(expected, &issuer) {
            return Err(AuthError::about(ErrorCode::MetadataIssuerMismatch, &issuer));
        }
        Ok(Self {
            issuer: TrustedIssuer::new(&issuer).map_err(|_| invalid("issuer"))?,
            authorization_endpoint: endpoint(&*document, "authorization_endpoint"),
            token_endpoint: endpoint(&*document, "token_endpoint"),
            end_session_endpoint: endpoint(&*document, "end_session_endpoint"),
            jwks_uri: endpoint(&*document, "jwks_uri"),
            userinfo_endpoint: endpoint(&*document, "userinfo_endpoint"),
            revocation_endpoint: endpoint(&*document, "revocation_endpoint"),
            pushed_authorization_request_endpoint: endpoint(
                &*document,
                "pushed_authorization_request_endpoint",
            ),
            requires_pushed_requests: document.boolean("require_pushed_authorization_requests")
                == Ok(Some(true)),
            promises_iss: document.boolean("authorization_response_iss_parameter_supported")
                == Ok(Some(true)),
            offers_offline_access: has(&*document, "scopes_supported", "offline_access"),
            further: FurtherEndpoints::read(&*document),
        })
    }

    pub(crate) fn authorization_endpoint(&self) -> Result<&str, AuthError> {
        required(&self.authorization_endpoint, "authorization_endpoint")
    }

    pub(crate) fn token_endpoint(&self) -> Result<&str, AuthError> {
        required(&self.token_endpoint, "token_endpoint")
    }

    pub(crate) fn userinfo_endpoint(&self) -> Result<&str, AuthError> {
        required(&self.userinfo_endpoint, "userinfo_endpoint")
    }

    pub(crate) fn pushed_authorization_request_endpoint(&self) -> Result<&str, AuthError> {
        required(
            &self.pushed_authorization_request_endpoint,
            "pushed_authorization_request_endpoint",
        )
    }

    pub(crate) fn jwks_uri(&self) -> Result<&str, AuthError> {
        required(&self.jwks_uri, "jwks_uri")
    }
}

#[cfg(any(feature = "native", not(feature = "browser")))]
impl ProviderMetadata {
    pub(crate) fn device_authorization_endpoint(&self) -> Result<&str, AuthError> {
        let endpoint = &self.further.device_authorization_endpoint;
        required(endpoint, "device_authorization_endpoint")
    }
}

#[cfg(any(feature = "native", not(feature = "browser")))]
impl FurtherEndpoints {
    fn read(document: &dyn JsonObject) -> Self {
        Self {
            device_authorization_endpoint: endpoint(document, "device_authorization_endpoint"),
        }
    }
}

#[cfg(any(feature = "native", not(feature = "browser")))]
impl Field for FurtherEndpoints {
    fn put(&self, _: &'static str, form: &mut Form) {
        self.device_authorization_endpoint
            .put("device_authorization_endpoint", form);
    }

    fn take(_: &'static str, from: &Reader) -> Self {
        Self {
            device_authorization_endpoint: Field::take("device_authorization_endpoint", from),
        }
    }
}

#[cfg(all(feature = "browser", not(feature = "native")))]
impl FurtherEndpoints {
    fn read(_: &dyn JsonObject) -> Self {
        Self {}
    }
}

#[cfg(all(feature = "browser", not(feature = "native")))]
impl Field for FurtherEndpoints {
    fn put(&self, _: &'static str, _: &mut Form) {}

    fn take(_: &'static str, _: &Reader) -> Self {
        Self {}
    }
}

fn endpoint(document: &dyn JsonObject, name: &str) -> Option<String> {
    document.text(name).filter(|url| url::is_secure(url))
}

fn has(document: &dyn JsonObject, name: &str, value: &str) -> bool {
    let Ok(Some(values)) = document.string_or_strings(name) else {
        return false;
    };
    values.iter().any(|known| known == value)
}

fn required<'a>(endpoint: &'a Option<String>, name: &str) -> Result<&'a str, AuthError> {
    endpoint.as_deref().ok_or_else(|| {
        let detail = concat(&[name, " must be an https URL"]);
        AuthError::about(ErrorCode::MetadataInvalid, &detail)
    })
}
