//! How a client proves who it is at the token endpoint: RFC 6749 section 2.3, RFC 7523 section 2.2.

use super::client_assertion::PrivateKey;
use super::managed_identity::ManagedIdentity;
use crate::core::flow::Run;
use crate::core::http::HttpRequest;
use crate::core::secret::Secret;
use crate::core::wire::base64url::encode_standard;
use crate::core::wire::form::{Form, encoded};
use crate::core::wire::text::concat;

/// RFC 7523 section 2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A confidential client's proof.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `client_secret_post`: the secret is a parameter of the body.
    SecretPost(Secret),
    /// `client_secret_basic`: the secret is a header.
    SecretBasic(Secret),
    /// `private_key_jwt`: an assertion that the host signs.
    PrivateKey(PrivateKey),
    /// An assertion of another issuer, as Entra's federated credentials; the host gets
    /// it.
    Assertion,
    /// A token of this managed identity is the assertion, as of a federated credential.
    ManagedIdentity(ManagedIdentity),
    /// `tls_client_auth` or `self_signed_tls_client_auth` (RFC 8705 section 2): the certificate of
    /// the connection, which the host presents.
    MutualTls,
}

/// A client's identity without proof, as public clients have it: `client_id` is a parameter
/// (RFC 6749 section 3.2.1).
pub(crate) fn public_client(client_id: &str, mut form: Form, endpoint: &str) -> HttpRequest {
    form.set("client_id", client_id);
    HttpRequest::post_form(endpoint, form.as_str())
}

impl ClientAuthentication {
    /// The request with these parameters, and the proof. `assertion` is asked if the proof is one.
    pub(crate) fn request(
        &self,
        client_id: &str,
        mut form: Form,
        endpoint: &str,
        assertion: impl FnOnce() -> Run<Secret>,
    ) -> Run<HttpRequest> {
        match self {
            Self::SecretBasic(secret) => {
                let mut request = HttpRequest::post_form(endpoint, form.as_str());
                let credentials = basic_credentials(client_id, secret);
                request.headers.push(("authorization", credentials));
                return Ok(request);
            }
            Self::SecretPost(secret) => form.set("client_secret", secret.expose()),
            Self::PrivateKey(_) | Self::Assertion | Self::ManagedIdentity(_) => form
                .set("client_assertion_type", JWT_BEARER)
                .set("client_assertion", assertion()?.expose()),
            // RFC 8705 section 2: `client_id` says whose certificate it is.
            Self::MutualTls => &mut form,
        };
        Ok(public_client(client_id, form, endpoint))
    }
}

/// RFC 6749 section 2.3.1: both are form-encoded first, then joined and encoded as RFC 7617 has it.
fn basic_credentials(client_id: &str, secret: &Secret) -> alloc::string::String {
    let pair = concat(&[&encoded(client_id), ":", &encoded(secret.expose())]);
    concat(&["Basic ", &encode_standard(pair.as_bytes())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_6749_2_3_1_a_colon_and_a_percent_sign_do_not_end_the_client_id() {
        // "a%3Ab:%25+%C3%BC" in base64.
        assert_eq!(
            basic_credentials("a:b", &Secret::new("% \u{fc}")),
            "Basic YSUzQWI6JTI1KyVDMyVCQw=="
        );
    }
}
