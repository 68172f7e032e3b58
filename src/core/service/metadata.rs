//! The provider's metadata as a service needs it: also of a provider without OpenID Connect, and with
//! the endpoint for mutual TLS. A page has no use for either, and does not load it.

use super::{ConfidentialClient, ConfidentialClientConfig};
use crate::core::flow::{Io, Run};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::provider::metadata_source::METADATA_LIFETIME;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::json::ParseJson;
use crate::core::wire::text::concat;
use crate::core::wire::url;
use alloc::string::String;
use core::ops::Deref;

pub(super) struct ServiceMetadata {
    provider: ProviderMetadata,
    /// `token_endpoint` of `mtls_endpoint_aliases` (RFC 8705 section 5).
    pub(super) mtls_token_endpoint: Option<String>,
    fetched_at: UnixTime,
}

impl ConfidentialClient {
    /// Takes over what another client of the authority has fetched, by the same means.
    pub fn share_metadata_of(&self, other: &Self) {
        if self.config.authority == other.config.authority {
            let metadata = other.kept.with(|kept| kept.metadata.clone());
            self.kept.with(|kept| kept.metadata = metadata);
        }
    }

    /// The metadata: given, remembered or fetched.
    pub(super) fn metadata(&self, io: &mut Io) -> Run<Shared<ServiceMetadata>> {
        let now = io.now();
        let known = io.once(|_| self.kept.with(|kept| kept.metadata.clone()))?;
        if let Some(known) = &*known
            && (0.0..METADATA_LIFETIME).contains(&now.since(known.fetched_at))
        {
            return Ok(Shared::clone(known));
        }
        let (authority, parse_json) = (&self.config.authority, self.parse_json);
        let response = match &self.config.metadata {
            Some(given) => Shared::new(HttpResponse::new(200, given.as_str())),
            None => self.document(io)?,
        };
        let provider = ProviderMetadata::process(authority, &response, parse_json)?;
        provider.token_endpoint()?;
        let metadata = Shared::new(ServiceMetadata {
            provider,
            mtls_token_endpoint: mtls_token_endpoint(&response.body, parse_json),
            fetched_at: io.now(),
        });
        io.act(|_| {
            let metadata = Shared::clone(&metadata);
            self.kept.with(|kept| kept.metadata = Some(metadata));
        });
        Ok(metadata)
    }

    fn document(&self, io: &mut Io) -> Run<Shared<HttpResponse>> {
        let request = ProviderMetadata::request(&self.config.authority);
        io.log("discovery_request", &request.url);
        let response = io.send(request)??;
        match oauth_metadata_url(&self.config) {
            Some(url) if response.status == 404 => {
                io.log("discovery_request", &url);
                Ok(io.send(HttpRequest::get(&url))??)
            }
            _ => Ok(response),
        }
    }
}

/// RFC 8414 section 3.1: the well-known part stands between the host and the path.
fn oauth_metadata_url(config: &ConfidentialClientConfig) -> Option<String> {
    let path = url::path(&config.authority)?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let origin = url::origin(&config.authority)?;
    let well_known = "/.well-known/oauth-authorization-server";
    Some(concat(&[origin, well_known, path]))
}

fn mtls_token_endpoint(document: &str, parse_json: ParseJson) -> Option<String> {
    let aliases = parse_json(document).ok()?.json("mtls_endpoint_aliases")?;
    let endpoint = parse_json(&aliases).ok()?.text("token_endpoint")?;
    url::is_secure(&endpoint).then_some(endpoint)
}

impl Deref for ServiceMetadata {
    type Target = ProviderMetadata;

    fn deref(&self) -> &ProviderMetadata {
        &self.provider
    }
}
