//! Where a verifier's keys come from: the issuer's metadata names the key set (RFC 8414 section 2,
//! OpenID Connect Discovery section 3), or the configuration holds it.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run, settle};
use crate::core::http::HttpRequest;
use crate::core::jose::jwk::JwkSet;
use crate::core::provider::issuer::TrustedIssuer;
use crate::core::provider::jwks_cache::{FETCH_ENDS_WITHIN, FetchedKeys, JwksCache, Turn};
use crate::core::provider::metadata_source::MetadataSource;
use crate::core::shared::Guarded;
use crate::core::wire::cache_control::max_age;
use crate::core::wire::json::{ParseJson, ParseJsonArray};
use crate::core::wire::text::concat;
use crate::core::wire::url;
use alloc::string::String;

/// How long to wait before looking again whether somebody else's fetch has ended, in seconds.
const WAIT: f64 = 0.025;

/// Where an issuer's keys come from.
#[derive(Clone, Debug)]
pub enum KeysFrom {
    /// The metadata at the issuer's own URL names them.
    Discovery,
    /// The metadata of this authority, or at this URL, names them. It must name the issuer, as that
    /// of Entra's External ID and B2C does at an authority that is not the issuer.
    Authority(String),
    /// This metadata, as JSON, names them.
    Metadata(String),
    /// They are at this URL.
    JwksUri(String),
    /// They are these, as JSON, and nothing is fetched.
    Jwks(String),
}

/// The keys of one issuer, and how they are fetched.
pub(super) struct KeySource {
    location: Location,
    cache: Guarded<JwksCache>,
    parse_json_array: ParseJsonArray,
}

enum Location {
    Metadata(MetadataSource),
    JwksUri(String),
}

impl KeySource {
    pub(super) fn new(
        issuer: &TrustedIssuer,
        keys: KeysFrom,
        parse_json: ParseJson,
        parse_json_array: ParseJsonArray,
    ) -> Result<Self, AuthError> {
        let metadata = |authority: &str, named: &str, given| {
            MetadataSource::new(authority, named, given, parse_json, |metadata| {
                metadata.jwks_uri().map(|_| ())
            })
        };
        let own = issuer.authority();
        let (location, cache) = match keys {
            KeysFrom::Discovery => (
                Location::Metadata(metadata(&own, &own, None)),
                JwksCache::default(),
            ),
            KeysFrom::Authority(url) => {
                check_url("authority", &url)?;
                let source = metadata(&url, issuer.as_str(), None).at_url();
                (Location::Metadata(source), JwksCache::default())
            }
            KeysFrom::Metadata(given) => {
                let source = metadata(&own, issuer.as_str(), Some(given));
                (Location::Metadata(source), JwksCache::default())
            }
            KeysFrom::JwksUri(url) => {
                check_url("jwks_uri", &url)?;
                (Location::JwksUri(url), JwksCache::default())
            }
            KeysFrom::Jwks(jwks) => {
                let keys = JwkSet::read(&jwks, parse_json_array)?;
                // Never looked at: given keys do not age.
                (Location::JwksUri(String::new()), JwksCache::given(keys))
            }
        };
        Ok(Self {
            location,
            cache: Guarded::new(cache),
            parse_json_array,
        })
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
        let jwks_uri = match &self.location {
            Location::JwksUri(url) => url.clone(),
            Location::Metadata(source) => source.get(io)?.metadata.jwks_uri()?.into(),
        };
        let mut request = HttpRequest::get(&jwks_uri);
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
                    return Err(AuthError::about(ErrorCode::ProviderUnavailable, &jwks_uri).into());
                }
                if let Location::Metadata(source) = &self.location {
                    io.act(|_| source.forget());
                }
                return Err(AuthError::about(ErrorCode::UnexpectedResponse, &jwks_uri).into());
            }
        };
        if keys.as_ref().is_some_and(|keys| !keys.has_usable_key()) {
            return Err(AuthError::about(ErrorCode::JwksInvalid, "no usable key").into());
        }
        Ok(FetchedKeys {
            keys,
            etag: headers.etag.clone(),
            max_age: headers.cache_control.as_deref().and_then(max_age),
            age: headers.age.unwrap_or_default(),
        })
    }
}

fn check_url(option: &str, url: &str) -> Result<(), AuthError> {
    if url::is_secure(url) {
        return Ok(());
    }
    let detail = concat(&[option, " must be an https URL"]);
    Err(AuthError::about(ErrorCode::InvalidOption, &detail))
}
