//! The authorization response at the redirect URI: RFC 6749 section 4.1.2, RFC 9207.

use super::error::{AuthError, ErrorCode, ServerError};
use super::form::Form;
use super::secret::Secret;
use super::transaction::Transaction;
use super::url;

/// An answer as it stands in the address, unchecked. Only [`AuthorizationResponse::validate`]
/// makes something of it that a token request accepts.
#[derive(Debug)]
pub struct AuthorizationResponse {
    state: Option<String>,
    iss: Option<String>,
    outcome: Result<Secret, Box<ServerError>>,
    repeats: bool,
}

/// An authorization code whose `state` and `iss` were checked, with the transaction it answers.
#[derive(Debug)]
pub struct ValidatedCode {
    pub(crate) code: Secret,
    pub(crate) transaction: Transaction,
}

impl AuthorizationResponse {
    /// Reads the answer from the query or the fragment of the page's address; `None` where the
    /// page was loaded without one, or is not at `redirect_uri`.
    pub fn read(address: &str, redirect_uri: &str) -> Option<Self> {
        if url::without_query(address) != url::without_query(redirect_uri) {
            return None;
        }
        let (before, fragment) = address.split_once('#').unwrap_or((address, ""));
        let (_, query) = before.split_once('?').unwrap_or((before, ""));
        [query, fragment]
            .into_iter()
            .find_map(Self::read_parameters)
    }

    /// `state`, by which the transaction is found. RFC 6749 section 4.1.2 requires it, because
    /// the request had one.
    pub fn state(&self) -> Result<&str, AuthError> {
        if self.repeats {
            return Err(ErrorCode::ResponseInvalid.into());
        }
        self.state
            .as_deref()
            .ok_or_else(|| ErrorCode::StateMissing.into())
    }

    /// Checks the answer against the transaction of its `state`.
    pub fn validate(self, transaction: Transaction) -> Result<ValidatedCode, AuthError> {
        if self.state()? != transaction.state {
            return Err(ErrorCode::StateUnknown.into());
        }
        // RFC 9207 section 2.4, before anything else is believed, an error answer included.
        match self.iss {
            Some(iss) if !transaction.metadata.issuer.is(&iss, tenant_of(&iss)) => {
                return Err(ErrorCode::ResponseIssuerMismatch.into());
            }
            None if transaction.metadata.iss_parameter_supported => {
                return Err(ErrorCode::ResponseIssuerMissing.into());
            }
            _ => {}
        }
        match self.outcome {
            Ok(code) => Ok(ValidatedCode { code, transaction }),
            Err(server) if server.needs_interaction() => Err(AuthError::from_server(
                ErrorCode::InteractionRequired,
                *server,
            )),
            Err(server) => Err(AuthError::from_server(
                ErrorCode::AuthorizationRefused,
                *server,
            )),
        }
    }

    fn read_parameters(parameters: &str) -> Option<Self> {
        let form = Form::read(parameters);
        let text = |name| form.get(name).map(String::from);
        let error = text("error");
        let code = text("code");
        if error.is_none() && code.is_none() {
            return None;
        }
        Some(Self {
            state: text("state"),
            iss: text("iss"),
            repeats: form.repeats(&["state", "iss", "code", "error"])
                || error.is_some() == code.is_some(),
            outcome: match error {
                Some(error) => Err(Box::new(ServerError {
                    error,
                    error_description: text("error_description"),
                    error_uri: text("error_uri"),
                    suberror: text("suberror").or_else(|| text("error_subcode")),
                    claims: text("claims"),
                    ..ServerError::default()
                })),
                None => Ok(Secret::new(code.unwrap_or_default())),
            },
        })
    }
}

/// Entra's issuer template is resolved by the tenant in the answer's own `iss`: the token, which
/// names its tenant under the provider's TLS, is held against the template again.
fn tenant_of(iss: &str) -> Option<&str> {
    url::path(iss)?.strip_prefix('/')?.split('/').next()
}
