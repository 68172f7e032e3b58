//! The request of a token exchange: RFC 8693 section 2.1.

use super::target::Target;
use crate::core::secret::Secret;
use crate::core::wire::form::Form;
use alloc::string::String;

/// `grant_type`.
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// The type of an access token (section 3).
pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What is exchanged, and for what.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenExchange {
    /// `subject_token`: on whose behalf.
    pub subject_token: Secret,
    /// `subject_token_type`.
    pub subject_token_type: String,
    /// `actor_token`: who acts, with its type.
    pub actor_token: Option<(Secret, String)>,
    /// `requested_token_type`.
    pub requested_token_type: Option<String>,
    /// `audience`: the name of the service that the token is for.
    pub audience: Option<String>,
}

impl TokenExchange {
    /// The exchange of a token of this type.
    pub fn new(subject_token: Secret, subject_token_type: &str) -> Self {
        Self {
            subject_token,
            subject_token_type: subject_token_type.into(),
            actor_token: None,
            requested_token_type: None,
            audience: None,
        }
    }

    /// The exchange of an access token.
    pub fn of_access_token(subject_token: Secret) -> Self {
        Self::new(subject_token, ACCESS_TOKEN)
    }

    pub(crate) fn form(&self, target: &Target) -> Form {
        let mut form = Form::default();
        form.set("grant_type", TOKEN_EXCHANGE)
            .set("subject_token", self.subject_token.expose())
            .set("subject_token_type", &self.subject_token_type);
        if let Some((token, token_type)) = &self.actor_token {
            form.set("actor_token", token.expose())
                .set("actor_token_type", token_type);
        }
        form.set_some("requested_token_type", self.requested_token_type.as_deref())
            .set_some("audience", self.audience.as_deref())
            .set_some("scope", target.scope.as_deref())
            .set_some("resource", target.resource.as_deref());
        form
    }
}
