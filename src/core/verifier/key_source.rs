//! Where a verifier's keys come from: the issuer's metadata names the key set (RFC 8414 section 2,
//! OpenID Connect Discovery section 3), or the configuration holds it.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run, settle};
use crate::core::http::HttpRequest;
use crate::core::jose::jwk::JwkSet;
use crate::core::provider::jwks_cache::{FETCH_ENDS_WITHIN, FetchedKeys, JwksCache, Turn};
use crate::core::provider::metadata_source::MetadataSource;
use crate::core::shared::Guarded;
use crate::core::wire::cache_control::max_age;
use crate::core::wire::json::{ParseJson, ParseJsonArray};

/// How long to wait before looking again whether somebody else's fetch has ended, in seconds.
const WAIT: f64 = 0.025;

/// The keys of one issuer, and how they are fetched.
pub(super) struct KeySource {
    metadata: MetadataSource,
    cache: Guarded<JwksCache>,
    parse_json_array: ParseJsonArray,
}

impl KeySource {
    /// The keys that this issuer's metadata names, or the given ones.
    pub(super) fn new(
        authority: &str,
        given: Option<JwkSet>,
        parse_json: ParseJson,
        parse_json_array: ParseJsonArray,
    ) -> Self {
        Self {
            metadata: MetadataSource::new(authority, authority, None, parse_json, |metadata| {
                metadata.jwks_uri().map(|_| ())
            }),
            cache: Guarded::new(given.map(JwksCache::given).unwrap_or_default()),
            parse_json_array,
        }
    }

    /// Looks at the keys at hand, or notes what happened to them.
    pub(super) fn with<R>(&self, look: impl FnOnce(&mut JwksCache) -> R) -> R {
        self.cache.with(look)
    }

    /// Fetches the keys, unless somebody else does: then it waits for that.
    pub(super) fn renew(&self, io: &mut Io) -> Run<()> {
        if let Some(fetch) = self.turn(io)? {
            let fetched = settle(self.fetch(io), io)?;
            let now = io.now();
            io.act(|_| self.cache.with(|cache| cache.finish(fetch, fetched, now)));
        }
        let now = io.now();
        let outcome = io.once(|_| {
            let keys = self.cache.with(|cache| cache.keys_without_fetch(now));
            keys.map(|_| ())
        })?;
        (*outcome).clone().map_err(Into::into)
    }

    /// The number of the fetch to make, if any.
    fn turn(&self, io: &mut Io) -> Run<Option<u64>> {
        let began = io.now();
        loop {
            let now = io.now();
            if now.since(began) > FETCH_ENDS_WITHIN {
                return Ok(None);
            }
            match *io.once(|_| self.cache.with(|cache| cache.begin(now)))? {
                Turn::Nothing => return Ok(None),
                Turn::Fetch(fetch) => return Ok(Some(fetch)),
                Turn::Wait => {
                    // A host that cannot wait makes requests of its own.
                    if settle(io.wait(now.plus(WAIT)), io)?.is_err() {
                        let fetch = io.once(|_| self.cache.with(|cache| cache.overtake(now)))?;
                        return Ok(Some(*fetch));
                    }
                }
            }
        }
    }

    fn fetch(&self, io: &mut Io) -> Run<FetchedKeys> {
        let metadata = self.metadata.get(io)?.metadata;
        let jwks_uri = metadata.jwks_uri()?;
        let mut request = HttpRequest::get(jwks_uri);
        let etag = io.once(|_| self.cache.with(|cache| cache.etag()))?;
        if let Some(etag) = &*etag {
            request.headers.push(("if-none-match", etag.clone()));
        }
        let response = io.send(request)??;
        let headers = &response.headers;
        let keys = match response.status {
            200 => Some(JwkSet::read(&response.body, self.parse_json_array)?),
            304 if etag.is_some() => None,
            status => {
                let now = io.now();
                let pause = headers.retry_after.unwrap_or_default();
                io.act(|_| self.cache.with(|cache| cache.pause(pause, now)));
                if matches!(status, 408 | 429 | 500..) {
                    return Err(AuthError::about(ErrorCode::ProviderUnavailable, jwks_uri).into());
                }
                io.act(|_| self.metadata.forget());
                return Err(AuthError::about(ErrorCode::UnexpectedResponse, jwks_uri).into());
            }
        };
        if keys.as_ref().is_some_and(|keys| !keys.has_usable_key()) {
            return Err(AuthError::about(ErrorCode::JwksInvalid, "no usable key").into());
        }
        Ok(FetchedKeys {
            keys,
            etag: headers.etag.clone(),
            max_age: headers.cache_control.as_deref().and_then(max_age),
        })
    }
}
