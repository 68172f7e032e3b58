//! The authorization response at the redirect URI: RFC 6749 section 4.1.2, RFC 9207.

use super::error::{AuthError, ErrorCode, ServerError};
use super::form::Form;
use super::secret::Secret;
use super::text::{split_once, split_while};
use super::transaction::Transaction;
use super::url;
use alloc::string::String;

/// An answer as it stands in the address, unchecked. Only [`AuthorizationResponse::validate`]
/// makes something of it that a token request accepts.
pub struct AuthorizationResponse(Form);

/// An authorization code whose `state` and `iss` were checked, with the transaction it answers.
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
        let (before, fragment) = split_once(address, b'#').unwrap_or((address, ""));
        let (_, query) = split_once(before, b'?').unwrap_or((before, ""));
        for parameters in [query, fragment] {
            let form = Form::from_encoded(parameters);
            if form.get("code").is_some() || form.get("error").is_some() {
                return Some(Self(form));
            }
        }
        None
    }

    /// `state`, by which the transaction is found. RFC 6749 section 4.1.2 requires it, because
    /// the request had one. Section 3.1 forbids that a parameter stands twice.
    pub fn state(&self) -> Result<String, AuthError> {
        let once = |name| self.0.all(name).len() < 2;
        if !["state", "iss", "code", "error"].into_iter().all(once)
            || self.0.get("code").is_some() == self.0.get("error").is_some()
        {
            return Err(ErrorCode::ResponseInvalid.into());
        }
        self.0
            .get("state")
            .ok_or_else(|| ErrorCode::StateMissing.into())
    }

    /// Checks the answer against the transaction of its `state`.
    pub fn validate(self, transaction: Transaction) -> Result<ValidatedCode, AuthError> {
        if self.state()? != transaction.state() {
            return Err(ErrorCode::StateUnknown.into());
        }
        // RFC 9207 section 2.4, before anything else is believed, an error answer included.
        let metadata = transaction.metadata();
        match self.0.get("iss") {
            Some(iss) if !metadata.issuer()?.is(&iss, tenant_of(&iss)) => {
                return Err(ErrorCode::ResponseIssuerMismatch.into());
            }
            None if metadata.promises_iss() => return Err(ErrorCode::ResponseIssuerMissing.into()),
            _ => {}
        }
        if let Some(server) = ServerError::read(|name| self.0.get(name)) {
            let code = if server.needs_interaction() {
                ErrorCode::InteractionRequired
            } else {
                ErrorCode::AuthorizationRefused
            };
            return Err(AuthError::from_server(code, server));
        }
        Ok(ValidatedCode {
            code: Secret::new(self.0.text("code")),
            transaction,
        })
    }
}

/// Entra's issuer template is resolved by the tenant in the answer's own `iss`: the token, which
/// names its tenant under the provider's TLS, is held against the template again.
fn tenant_of(iss: &str) -> Option<&str> {
    let path = url::path(iss)?.strip_prefix('/')?;
    Some(split_while(path, |byte| byte != b'/').0)
}
