//! The provider's metadata as a client has it: given, remembered, or fetched.

use super::metadata::ProviderMetadata;
use crate::core::error::AuthError;
use crate::core::flow::{Io, Run};
use crate::core::http::HttpRequest;
use crate::core::shared::{Guarded, Shared};
use crate::core::time::UnixTime;
use crate::core::wire::json::ParseJson;
use crate::core::wire::text::split_while;
use alloc::string::String;

/// Metadata is fetched again after this many seconds.
pub(crate) const METADATA_LIFETIME: f64 = 86_400.0;

/// Where one client's metadata comes from.
pub(crate) struct MetadataSource {
    authority: String,
    /// The request for the metadata of the authority.
    request: fn(&str) -> HttpRequest,
    /// What the metadata's issuer is compared with.
    issuer: String,
    /// The metadata as JSON, if it must not be fetched.
    given: Option<String>,
    parse_json: ParseJson,
    /// What metadata must have to be of any use to the client.
    check: fn(&ProviderMetadata) -> Result<(), AuthError>,
    fetched: Guarded<Option<FetchedMetadata>>,
}

#[derive(Clone)]
pub(crate) struct FetchedMetadata {
    pub(crate) metadata: Shared<ProviderMetadata>,
    pub(crate) fetched_at: UnixTime,
}

impl MetadataSource {
    pub(crate) fn new(
        authority: &str,
        issuer: &str,
        given: Option<String>,
        parse_json: ParseJson,
        check: fn(&ProviderMetadata) -> Result<(), AuthError>,
    ) -> Self {
        Self {
            authority: authority.into(),
            request: ProviderMetadata::request,
            issuer: issuer.into(),
            given,
            parse_json,
            check,
            fetched: Guarded::new(None),
        }
    }

    /// The same with the metadata at this URL: a document's own, or an authority's with a query,
    /// as Entra's `appid`.
    pub(crate) fn at_url(mut self) -> Self {
        self.request = |url| {
            let (path, query) = split_while(url, |byte| byte != b'?');
            let mut request = ProviderMetadata::request(path);
            if path.contains("/.well-known/") {
                request.url = path.into();
            }
            request.url.push_str(query);
            request
        };
        self
    }

    /// The metadata.
    pub(crate) fn get(&self, io: &mut Io) -> Run<FetchedMetadata> {
        let now = io.now();
        let remembered = io.once(|_| self.fetched.with(|fetched| fetched.clone()))?;
        if let Some(known) = &*remembered
            && (0.0..METADATA_LIFETIME).contains(&now.since(known.fetched_at))
        {
            return Ok(known.clone());
        }
        self.fetch(io)
    }

    /// Forgets the metadata: something in it is no longer true.
    pub(crate) fn forget(&self) {
        self.fetched.with(|known| *known = None);
    }

    /// The metadata, newer than what is remembered.
    pub(crate) fn fetch(&self, io: &mut Io) -> Run<FetchedMetadata> {
        let metadata = match &self.given {
            Some(given) => ProviderMetadata::read(&self.issuer, given, self.parse_json)?,
            None => {
                let request = (self.request)(&self.authority);
                io.log("discovery_request", &request.url);
                let response = io.send(request)??;
                ProviderMetadata::process(&self.issuer, &response, self.parse_json)?
            }
        };
        (self.check)(&metadata)?;
        let fetched = FetchedMetadata {
            metadata: Shared::new(metadata),
            fetched_at: io.now(),
        };
        io.act(|_| {
            self.fetched.with(|known| *known = Some(fetched.clone()));
        });
        Ok(fetched)
    }
}
