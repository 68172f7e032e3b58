//! Where a token request goes, and the client's proof in it.

use super::ConfidentialClient;
use super::metadata::ServiceMetadata;
use super::tokens::Wanted;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run};
use crate::core::http::HttpRequest;
use crate::core::oauth::client_assertion::{AssertionAudience, LIFETIME, PrivateKey};
use crate::core::oauth::client_authentication::ClientAuthentication;
use crate::core::provider::entra::{self, Protocol};
use crate::core::secret::Secret;
use crate::core::time::UnixTime;
use crate::core::wire::form::Form;
use alloc::string::String;

/// A kept assertion is not sent in its last seconds.
const LAST_SECONDS: f64 = 60.0;

/// A token endpoint, of the tenant that was asked for.
pub(super) struct Endpoint {
    pub(super) url: String,
    /// The one for mutual TLS, if it is another one.
    mtls_url: Option<String>,
    issuer: String,
    /// Entra's protocol, if the provider is Entra.
    pub(super) protocol: Option<Protocol>,
    /// Whether it is Entra's for many tenants.
    pub(super) is_shared: bool,
}

/// An assertion that Entra takes again until it expires.
pub(super) struct KeptAssertion {
    credential: usize,
    audience: String,
    text: Secret,
    made_at: UnixTime,
}

impl ConfidentialClient {
    pub(super) fn endpoint(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<Endpoint> {
        let metadata = self.metadata(io)?;
        let named = wanted.options.tenant.as_deref();
        Ok(Self::endpoint_in(&metadata, named, wanted.tenant)?)
    }

    /// The token endpoint of the tenant that the caller named, or that follows from the request.
    pub(super) fn endpoint_in<'a>(
        metadata: &ServiceMetadata,
        named: Option<&'a str>,
        implied: impl FnOnce() -> Option<&'a str>,
    ) -> Result<Endpoint, AuthError> {
        let url = metadata.token_endpoint()?;
        let issuer = metadata.issuer.as_str();
        let protocol = Protocol::of(issuer, url);
        let tenant = match protocol {
            Some(_) => named.or_else(implied),
            None => named,
        };
        let endpoint = match (tenant, protocol) {
            (None, _) => Endpoint {
                url: url.into(),
                mtls_url: metadata.mtls_token_endpoint.clone(),
                issuer: issuer.into(),
                protocol,
                is_shared: entra::tenant_in(url).is_some_and(entra::is_shared),
            },
            (Some(tenant), Some(_)) => Endpoint {
                url: entra::of_tenant(url, tenant).ok_or(ErrorCode::Internal)?,
                mtls_url: metadata
                    .mtls_token_endpoint
                    .as_deref()
                    .and_then(|url| entra::of_tenant(url, tenant)),
                issuer: entra::with_tenant(issuer, tenant),
                protocol,
                is_shared: false,
            },
            (Some(_), None) => {
                let detail = "tenant: the authority is not Entra's";
                return Err(AuthError::about(ErrorCode::InvalidOption, detail));
            }
        };
        Ok(endpoint)
    }

    /// The request with these parameters and the client's proof by this credential.
    pub(super) fn authenticated(
        &self,
        io: &mut Io,
        credential: usize,
        form: Form,
        endpoint: &Endpoint,
        request_id: Option<&str>,
    ) -> Run<HttpRequest> {
        let client_id = &self.config.client_id;
        let proof = self.config.credentials.get(credential);
        let proof = proof.ok_or(ErrorCode::Internal)?;
        let url = match (proof, &endpoint.mtls_url) {
            (ClientAuthentication::MutualTls, Some(url)) => url,
            _ => &endpoint.url,
        };
        let mut request = proof.request(client_id, form, url, || match proof {
            ClientAuthentication::PrivateKey(key) => self.assertion(io, credential, key, endpoint),
            ClientAuthentication::ManagedIdentity(identity) => {
                self.identity_assertion(io, identity, endpoint)
            }
            _ => io.client_assertion(credential),
        })?;
        if let Some(id) = request_id {
            request.headers.push(("client-request-id", id.into()));
        }
        Ok(request)
    }

    /// RFC 7523 section 3: an assertion may be good once only. Entra takes one again until it
    /// expires ("Certificate credentials"), and a signature costs more than the rest of a request.
    fn assertion(
        &self,
        io: &mut Io,
        credential: usize,
        key: &PrivateKey,
        endpoint: &Endpoint,
    ) -> Run<Secret> {
        let audience = match key.audience {
            AssertionAudience::TokenEndpoint => &endpoint.url,
            AssertionAudience::Issuer => &endpoint.issuer,
        };
        if endpoint.protocol.is_none() {
            return key.assertion(io, credential, &self.config.client_id, audience);
        }
        let now = io.now();
        let kept = io.once(|_| {
            self.kept.with(|kept| {
                let mut assertions = kept.assertions.iter();
                let kept = assertions.find(|kept| kept.is_for(credential, audience, now));
                kept.map(|kept| kept.text.clone())
            })
        })?;
        if let Some(text) = &*kept {
            return Ok(text.clone());
        }
        let text = key.assertion(io, credential, &self.config.client_id, audience)?;
        io.act(|_| {
            self.kept.with(|kept| {
                kept.assertions.retain(|kept| kept.is_good(now));
                kept.assertions.push(KeptAssertion {
                    credential,
                    audience: audience.clone(),
                    text: text.clone(),
                    made_at: now,
                });
            });
        });
        Ok(text)
    }
}

impl KeptAssertion {
    fn is_for(&self, credential: usize, audience: &str, now: UnixTime) -> bool {
        self.credential == credential && self.audience == audience && self.is_good(now)
    }

    fn is_good(&self, now: UnixTime) -> bool {
        (0.0..LIFETIME - LAST_SECONDS).contains(&now.since(self.made_at))
    }
}
