//! The provider's metadata: OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3.

use super::error::{AuthError, ErrorCode};
use super::form::{Form, FormWriter};
use super::http::{HttpRequest, HttpResponse};
use super::issuer::{TrustedIssuer, metadata_may_name};
use super::json::{JsonObject, ParseJson, WrongType};
use super::url;

/// What a client or a verifier needs of the provider's metadata, checked.
#[derive(Clone, Debug)]
pub struct ProviderMetadata {
    /// `issuer`, which may be Entra's template.
    pub issuer: TrustedIssuer,
    /// `authorization_endpoint`.
    pub authorization_endpoint: Option<String>,
    /// `token_endpoint`.
    pub token_endpoint: Option<String>,
    /// `end_session_endpoint`, where the provider offers RP-initiated logout.
    pub end_session_endpoint: Option<String>,
    /// `jwks_uri`.
    pub jwks_uri: Option<String>,
    /// `authorization_response_iss_parameter_supported` of RFC 9207 section 3.
    pub iss_parameter_supported: bool,
}

impl ProviderMetadata {
    /// The request for the metadata of this authority (Discovery section 4.1).
    pub fn request(authority: &str) -> Result<HttpRequest, AuthError> {
        if !url::is_secure(authority) || url::without_query(authority) != authority {
            return Err(AuthError::about(ErrorCode::InvalidOption, "authority"));
        }
        let mut url = String::from(authority.strip_suffix('/').unwrap_or(authority));
        url.push_str("/.well-known/openid-configuration");
        Ok(HttpRequest::get(url))
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
        let issuer = required(&*document, "issuer")?;
        if !metadata_may_name(authority, &issuer) {
            return Err(AuthError::about(ErrorCode::MetadataIssuerMismatch, issuer));
        }
        Ok(Self {
            issuer: TrustedIssuer::new(issuer)
                .map_err(|_| AuthError::about(ErrorCode::MetadataInvalid, "issuer"))?,
            authorization_endpoint: endpoint(&*document, "authorization_endpoint")?,
            token_endpoint: endpoint(&*document, "token_endpoint")?,
            end_session_endpoint: endpoint(&*document, "end_session_endpoint")?,
            jwks_uri: endpoint(&*document, "jwks_uri")?,
            iss_parameter_supported: document
                .boolean("authorization_response_iss_parameter_supported")
                .map_err(WrongType::in_metadata(
                    "authorization_response_iss_parameter_supported",
                ))?
                .unwrap_or(false),
        })
    }

    /// The address for authorization requests.
    pub fn authorization_endpoint(&self) -> Result<&str, AuthError> {
        let missing = || AuthError::about(ErrorCode::MetadataInvalid, "authorization_endpoint");
        self.authorization_endpoint.as_deref().ok_or_else(missing)
    }

    /// The address for token requests.
    pub fn token_endpoint(&self) -> Result<&str, AuthError> {
        let missing = || AuthError::about(ErrorCode::MetadataInvalid, "token_endpoint");
        self.token_endpoint.as_deref().ok_or_else(missing)
    }

    pub(crate) fn to_record(&self) -> String {
        FormWriter::default()
            .set("issuer", self.issuer.as_str())
            .set_some(
                "authorization_endpoint",
                self.authorization_endpoint.as_deref(),
            )
            .set_some("token_endpoint", self.token_endpoint.as_deref())
            .set_some("end_session_endpoint", self.end_session_endpoint.as_deref())
            .set_some("iss", self.iss_parameter_supported.then_some("1"))
            .finish()
    }

    pub(crate) fn from_record(record: &str) -> Option<Self> {
        let form = Form::read(record);
        let text = |name| form.get(name).map(String::from);
        Some(Self {
            issuer: TrustedIssuer::new(form.get("issuer")?).ok()?,
            authorization_endpoint: text("authorization_endpoint"),
            token_endpoint: text("token_endpoint"),
            end_session_endpoint: text("end_session_endpoint"),
            jwks_uri: None,
            iss_parameter_supported: form.get("iss").is_some(),
        })
    }
}

fn required(document: &dyn JsonObject, name: &'static str) -> Result<String, AuthError> {
    document
        .string(name)
        .map_err(WrongType::in_metadata(name))?
        .map(|value| value.into_owned())
        .ok_or_else(|| AuthError::about(ErrorCode::MetadataInvalid, name))
}

fn endpoint(document: &dyn JsonObject, name: &'static str) -> Result<Option<String>, AuthError> {
    match document
        .string(name)
        .map_err(WrongType::in_metadata(name))?
    {
        Some(address) if !url::is_secure(&address) => {
            Err(AuthError::about(ErrorCode::InsecureUrl, name))
        }
        address => Ok(address.map(|address| address.into_owned())),
    }
}
