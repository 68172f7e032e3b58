//! Tokens of a managed identity, from the endpoint that Azure gives a program on its own machine:
//! "How to use managed identities for App Service and Azure Functions" (REST endpoint reference), and
//! "How to use managed identities for Azure resources on an Azure VM to acquire an access token".

use super::token_response::TokenResponse;
use crate::core::error::{AuthError, ErrorCode, ServerError};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::secret::Secret;
use crate::core::time::UnixTime;
use crate::core::wire::form::Form;
use crate::core::wire::json::{JsonObject, ParseJson};
use crate::core::wire::text::concat;
use alloc::string::String;

/// The Azure Instance Metadata Service of virtual machines and clusters.
const IMDS: &str = "http://169.254.169.254";
const IMDS_PATH: &str = "/metadata/identity/oauth2/token";

/// Service Fabric has App Service's variables and this one.
const SERVICE_FABRIC: &str = "IDENTITY_SERVER_THUMBPRINT";
/// Of Azure Arc and of Azure Machine Learning; App Service has the latter beside its own.
const OTHERS: [&str; 2] = ["IMDS_ENDPOINT", "MSI_ENDPOINT"];

/// A managed identity of Azure.
#[derive(Clone, Debug)]
pub struct ManagedIdentity {
    endpoint: Endpoint,
    named: Option<IdentityName>,
}

#[derive(Clone, Debug)]
enum Endpoint {
    /// App Service, Functions and Container Apps. The header keeps requests out that a program was
    /// talked into.
    AppService { url: String, header: Secret },
    /// The Instance Metadata Service, or what stands for it in a cluster.
    Imds { url: String },
}

/// Which of the identities that are assigned to the host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityName {
    /// By its client ID.
    ClientId(String),
    /// By the object ID of its service principal.
    ObjectId(String),
    /// By its resource ID in Azure.
    ResourceId(String),
}

impl ManagedIdentity {
    /// The identity of the host that has these environment variables: the named one of those that
    /// are assigned to it, or its own (system-assigned).
    ///
    /// Errors: `credential_invalid` of a host whose endpoint is of another kind.
    pub fn of_host(
        variable: impl Fn(&str) -> Option<String>,
        named: Option<IdentityName>,
    ) -> Result<Self, AuthError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let unsupported = |names: &[&str]| {
            let name = names.iter().find(|name| variable(name).is_some())?;
            let detail = concat(&["managedIdentity: not supported with ", name]);
            Some(AuthError::about(ErrorCode::CredentialInvalid, &detail))
        };
        if let Some(error) = unsupported(&[SERVICE_FABRIC]) {
            return Err(error);
        }
        let endpoint = match (variable("IDENTITY_ENDPOINT"), variable("IDENTITY_HEADER")) {
            (Some(url), Some(header)) => Endpoint::AppService {
                url,
                header: Secret::new(header),
            },
            _ => {
                if let Some(error) = unsupported(&OTHERS) {
                    return Err(error);
                }
                let host = variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
                let host = host.as_deref().unwrap_or(IMDS);
                let host = host.strip_suffix('/').unwrap_or(host);
                let url = concat(&[host, IMDS_PATH]);
                Endpoint::Imds { url }
            }
        };
        Ok(Self { endpoint, named })
    }

    /// The request for a token for this resource.
    pub(crate) fn request(&self, resource: &str) -> HttpRequest {
        let mut query = Form::default();
        let (url, version, resource_id, header) = match &self.endpoint {
            Endpoint::AppService { url, header } => {
                let header = ("x-identity-header", header.expose().into());
                (url, "2019-08-01", "mi_res_id", header)
            }
            Endpoint::Imds { url } => {
                (url, "2018-02-01", "msi_res_id", ("metadata", "true".into()))
            }
        };
        query.set("api-version", version).set("resource", resource);
        match &self.named {
            Some(IdentityName::ClientId(id)) => query.set("client_id", id),
            Some(IdentityName::ObjectId(id)) => query.set("object_id", id),
            Some(IdentityName::ResourceId(id)) => query.set(resource_id, id),
            None => &mut query,
        };
        let mut request = HttpRequest::get(&concat(&[url, "?", query.as_str()]));
        request.headers.push(header);
        request
    }

    /// Reads the response. The Instance Metadata Service says 404 and 410 while it is updated.
    pub(crate) fn process(
        response: &HttpResponse,
        requested_at: UnixTime,
        parse_json: ParseJson,
    ) -> Result<TokenResponse, AuthError> {
        if matches!(response.status, 404 | 408 | 410 | 429 | 500..) {
            let detail = "managedIdentity";
            return Err(AuthError::about(ErrorCode::ProviderUnavailable, detail));
        }
        let body = parse_json(&response.body).map_err(|_| ErrorCode::TokenResponseInvalid)?;
        if response.status != 200 {
            return Err(refusal(&*body, response.status));
        }
        Ok(TokenResponse {
            access_token: body.text("access_token").map(Secret::new),
            token_type: body.text("token_type"),
            expires_in: expires_in(&*body, requested_at),
            refresh_in: None,
            scope: None,
            refresh_token: None,
            refresh_token_expires_in: None,
            authorization_details: None,
            id_token: None,
        })
    }
}

/// App Service gives the time in the place of the seconds until then. Both write numbers as strings.
fn expires_in(body: &dyn JsonObject, requested_at: UnixTime) -> Result<Option<f64>, AuthError> {
    let number = |name| body.number_or_digits(name).ok().flatten();
    let left = number("expires_on").map(|time| time - requested_at.seconds());
    match number("expires_in").or(left) {
        Some(seconds) if seconds > 0.0 => Ok(Some(seconds)),
        _ => Err(AuthError::about(ErrorCode::ExpiresInInvalid, "expires_on")),
    }
}

/// App Service has `message` in the place of `error` and `error_description`.
fn refusal(body: &dyn JsonObject, status: u16) -> AuthError {
    let code = ErrorCode::TokenRequestRefused;
    match ServerError::from_json(body, status) {
        Some(server) => AuthError::from_server(code, server),
        None => AuthError::about(code, &body.text("message").unwrap_or_default()),
    }
}

/// Which identities Entra federates with in the cloud of this token endpoint ("Configure an
/// application to trust a managed identity").
pub(crate) fn exchange_audience(token_endpoint: &str) -> &'static str {
    let host = token_endpoint.split('/').nth(2).unwrap_or_default();
    if host.ends_with(".us") {
        "api://AzureADTokenExchangeUSGov"
    } else if host.ends_with(".cn") {
        "api://AzureADTokenExchangeChina"
    } else {
        "api://AzureADTokenExchange"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(variables: &'static [(&str, &str)]) -> Result<ManagedIdentity, AuthError> {
        let variable = |name: &str| {
            let mut variables = variables.iter();
            let found = variables.find(|(known, _)| *known == name);
            found.map(|(_, value)| String::from(*value))
        };
        ManagedIdentity::of_host(variable, None)
    }

    fn url(variables: &'static [(&str, &str)]) -> String {
        host(variables).unwrap().request("r").url
    }

    #[test]
    fn the_endpoint_is_app_services_if_it_has_both_variables_and_imds_otherwise() {
        let imds = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=r";
        assert_eq!(url(&[]), imds);
        assert_eq!(
            url(&[("IDENTITY_ENDPOINT", "http://e"), ("IDENTITY_HEADER", "")]),
            imds
        );
        assert_eq!(
            url(&[
                ("IDENTITY_ENDPOINT", "http://e/msi"),
                ("IDENTITY_HEADER", "h")
            ]),
            "http://e/msi?api-version=2019-08-01&resource=r"
        );
        assert!(
            url(&[("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://p/")])
                .starts_with("http://p/metadata/")
        );
    }

    #[test]
    fn a_host_of_another_kind_is_refused_and_app_service_is_known_beside_its_former_variables() {
        for name in [SERVICE_FABRIC, "IMDS_ENDPOINT", "MSI_ENDPOINT"] {
            let variable = |asked: &str| (asked == name).then(|| String::from("x"));
            let error = ManagedIdentity::of_host(variable, None).unwrap_err();
            assert_eq!(error.code(), ErrorCode::CredentialInvalid);
            assert!(error.detail().unwrap().ends_with(name));
        }
        let variables = &[
            ("IDENTITY_ENDPOINT", "http://e/msi"),
            ("IDENTITY_HEADER", "h"),
            ("MSI_ENDPOINT", "http://e/msi"),
        ];
        assert!(url(variables).starts_with("http://e/msi?"));
    }

    #[test]
    fn each_cloud_has_an_audience_of_its_own_for_federated_identities() {
        for (endpoint, audience) in [
            (
                "https://login.microsoftonline.com/t/oauth2/v2.0/token",
                "api://AzureADTokenExchange",
            ),
            (
                "https://login.microsoftonline.us/t/oauth2/v2.0/token",
                "api://AzureADTokenExchangeUSGov",
            ),
            (
                "https://login.partner.microsoftonline.cn/t/oauth2/v2.0/token",
                "api://AzureADTokenExchangeChina",
            ),
        ] {
            assert_eq!(exchange_audience(endpoint), audience);
        }
    }

    #[test]
    fn neither_the_header_nor_its_value_is_in_the_debug_output() {
        let identity = host(&[
            ("IDENTITY_ENDPOINT", "http://e"),
            ("IDENTITY_HEADER", "s3cr3t"),
        ]);
        assert!(!alloc::format!("{identity:?}").contains("s3cr3t"));
    }
}
