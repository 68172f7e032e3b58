//! The provider's metadata: OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3.

use super::error::{AuthError, ErrorCode};
use super::form::Form;
use super::http::{HttpRequest, HttpResponse};
use super::issuer::{TrustedIssuer, metadata_may_name};
use super::json::{ParseJson, WrongType};
use super::url;
use alloc::string::String;

/// RFC 9207 section 3.
const ISS_SUPPORTED: &str = "authorization_response_iss_parameter_supported";

/// The addresses that are taken over, where the provider has them.
const ENDPOINTS: [&str; 4] = [
    "authorization_endpoint",
    "token_endpoint",
    "end_session_endpoint",
    "jwks_uri",
];

/// What a client or a verifier needs of the provider's metadata, checked.
#[derive(Clone)]
pub struct ProviderMetadata(Form);

impl ProviderMetadata {
    /// The request for the metadata of this authority (Discovery section 4.1).
    pub fn request(authority: &str) -> Result<HttpRequest, AuthError> {
        if !url::is_secure(authority) || url::without_query(authority) != authority {
            return Err(AuthError::about(ErrorCode::InvalidOption, "authority"));
        }
        let mut url = String::from(authority.strip_suffix('/').unwrap_or(authority));
        url.push_str("/.well-known/openid-configuration");
        Ok(HttpRequest::get(&url))
    }

    /// Reads the answer and checks that it speaks of the authority asked for (section 4.3).
    pub fn process(
        authority: &str,
        response: &HttpResponse,
        parse_json: ParseJson,
    ) -> Result<Self, AuthError> {
        if response.status != 200 {
            return Err(AuthError::about(ErrorCode::UnexpectedResponse, authority));
        }
        Self::read(authority, &response.body, parse_json)
    }

    /// Reads a metadata document that the page's author gave or the provider sent.
    pub fn read(authority: &str, body: &str, parse_json: ParseJson) -> Result<Self, AuthError> {
        let document = parse_json(body).map_err(|_| ErrorCode::MetadataInvalid)?;
        let issuer = document.required_string("issuer", ErrorCode::MetadataInvalid)?;
        if !metadata_may_name(authority, &issuer) {
            return Err(AuthError::about(ErrorCode::MetadataIssuerMismatch, &issuer));
        }
        TrustedIssuer::new(&issuer)
            .map_err(|_| AuthError::about(ErrorCode::MetadataInvalid, "issuer"))?;
        let mut checked = Form::default();
        checked.set("issuer", &issuer);
        for name in ENDPOINTS {
            if let Some(address) = document.optional_string(name, ErrorCode::MetadataInvalid)? {
                if !url::is_secure(&address) {
                    return Err(AuthError::about(ErrorCode::InsecureUrl, name));
                }
                checked.set(name, &address);
            }
        }
        match document.boolean(ISS_SUPPORTED) {
            Ok(Some(true)) => {
                checked.set(ISS_SUPPORTED, "true");
            }
            Ok(_) => {}
            Err(WrongType) => {
                return Err(AuthError::about(ErrorCode::MetadataInvalid, ISS_SUPPORTED));
            }
        }
        Ok(Self(checked))
    }

    /// `issuer`, which may be Entra's template.
    pub fn issuer(&self) -> Result<TrustedIssuer, AuthError> {
        TrustedIssuer::new(&self.0.text("issuer"))
    }

    /// An endpoint's address by its name in the metadata.
    pub fn endpoint(&self, name: &'static str) -> Result<String, AuthError> {
        self.0
            .get(name)
            .ok_or_else(|| AuthError::about(ErrorCode::MetadataInvalid, name))
    }

    /// Whether each authorization response names its issuer
    /// (`authorization_response_iss_parameter_supported`).
    pub fn promises_iss(&self) -> bool {
        self.0.get(ISS_SUPPORTED).is_some()
    }

    pub(crate) fn as_record(&self) -> &str {
        self.0.as_str()
    }

    /// Takes a record of [`ProviderMetadata::as_record`] back.
    pub(crate) fn from_record(record: &str) -> Self {
        Self(Form::from_encoded(record))
    }
}
