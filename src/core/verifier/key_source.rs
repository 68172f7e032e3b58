//! Where a verifier's keys come from: the issuer's metadata names the key set (RFC 8414 section 2,
//! OpenID Connect Discovery section 3), or the configuration holds it.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Run, settle};
use crate::core::http::HttpRequest;
use crate::core::jose::algorithm::Algorithm;
use crate::core::jose::jwk::JwkSet;
use crate::core::provider::entra;
use crate::core::provider::issuer::TrustedIssuer;
use crate::core::provider::jwks_cache::{
    FETCH_ENDS_WITHIN, FetchedKeys, JwksCache, KeysAtHand, Turn,
};
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::provider::metadata_source::MetadataSource;
use crate::core::secret::Secret;
use crate::core::shared::{Guarded, Shared};
use crate::core::time::UnixTime;
use crate::core::wire::base64url;
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
    /// There are none: the issuer shares a secret with the API.
    Secret {
        /// The only algorithm of the secret (RFC 8725 section 3.1): HMAC with a hash that is not
        /// longer.
        algorithm: Algorithm,
        /// The secret, as base64url.
        secret: Secret,
    },
}

/// The keys of one issuer, and how they are fetched.
pub(super) struct KeySource {
    location: Location,
    cache: Guarded<JwksCache>,
    parse_json_array: ParseJsonArray,
    /// In place of public keys, never beside them.
    secret_algorithm: Option<Algorithm>,
}

/// Keys that have one for a token.
pub(super) struct FoundKeys {
    pub(super) keys: Shared<JwkSet>,
    /// Whether they are to be fetched again meanwhile.
    pub(super) renewal_is_due: bool,
    /// For how long they are fresh, in seconds.
    pub(super) fresh_for: f64,
}

enum Location {
    Metadata {
        source: MetadataSource,
        /// Whom the metadata must name.
        issuer: String,
        /// Where it comes from.
        authority: String,
    },
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
        let named = issuer.as_str();
        let (source, named, authority) = match keys {
            KeysFrom::Discovery => (metadata(&own, &own, None), own.clone(), own),
            KeysFrom::Authority(url) => {
                check_url("authority", &url)?;
                (metadata(&url, named, None).at_url(), named.into(), url)
            }
            KeysFrom::Metadata(given) => (metadata(&own, named, Some(given)), named.into(), own),
            keys => return Self::without_issuer(keys, parse_json_array),
        };
        Ok(Self {
            location: Location::Metadata {
                source,
                issuer: named,
                authority,
            },
            cache: Guarded::default(),
            parse_json_array,
            secret_algorithm: None,
        })
    }

    /// Whether tokens of the issuer may be signed by this algorithm: that of its secret, or else one
    /// of these with a public key (RFC 8725 sections 2.1 and 3.1).
    pub(super) fn check_algorithm(
        &self,
        algorithm: Algorithm,
        admitted: &[Algorithm],
    ) -> Result<(), AuthError> {
        let is_admitted = match self.secret_algorithm {
            Some(only) => algorithm == only,
            None if algorithm.is_symmetric() => return Err(ErrorCode::AlgorithmSymmetric.into()),
            None => admitted.contains(&algorithm),
        };
        if is_admitted {
            Ok(())
        } else {
            let name = algorithm.as_str();
            Err(AuthError::about(ErrorCode::AlgorithmNotAllowed, name))
        }
    }

    /// Keys that are no issuer's.
    pub(super) fn without_issuer(
        keys: KeysFrom,
        parse_json_array: ParseJsonArray,
    ) -> Result<Self, AuthError> {
        let (location, cache, secret_algorithm) = match keys {
            KeysFrom::JwksUri(url) => {
                check_url("jwks_uri", &url)?;
                (Location::JwksUri(url), JwksCache::default(), None)
            }
            KeysFrom::Jwks(jwks) => {
                let keys = JwkSet::read(&jwks, parse_json_array)?;
                // Never looked at: given keys do not age.
                (
                    Location::JwksUri(String::new()),
                    JwksCache::given(keys),
                    None,
                )
            }
            KeysFrom::Secret { algorithm, secret } => {
                check_secret(algorithm, &secret)?;
                let keys = JwkSet::of_secret(algorithm, &secret);
                let cache = JwksCache::given(keys);
                (Location::JwksUri(String::new()), cache, Some(algorithm))
            }
            _ => {
                let detail = "jwks, jwks_uri or secret must be given";
                return Err(AuthError::about(ErrorCode::InvalidOption, detail));
            }
        };
        Ok(Self {
            location,
            cache: Guarded::new(cache),
            parse_json_array,
            secret_algorithm,
        })
    }

    /// The keys that have one for a token; `None` if they are to be fetched first.
    pub(super) fn for_token(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> Result<Option<FoundKeys>, AuthError> {
        let found = match self.with(|cache| cache.keys(key_id, now))? {
            KeysAtHand::Missing => return Ok(None),
            KeysAtHand::Usable {
                keys,
                renewal_is_due,
                fresh_for,
            } => FoundKeys {
                keys,
                renewal_is_due,
                fresh_for,
            },
        };
        match found.keys.select(key_id, algorithm) {
            Err(error) if error.code() == ErrorCode::KeyUnknown => {
                self.with(|cache| cache.look_for(key_id, now))?;
                Ok(None)
            }
            // A provider may have replaced a key under its old name.
            Err(_) if self.with(|cache| cache.may_be_outdated(now)) => Ok(None),
            _ => Ok(Some(found)),
        }
    }

    /// The keys at hand, unless none of them is the token's.
    pub(super) fn at_hand(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> Result<Shared<JwkSet>, AuthError> {
        let keys = self.with(|cache| cache.keys_without_fetch(now))?;
        match keys.select(key_id, algorithm) {
            Err(error) if error.code() == ErrorCode::KeyUnknown => {
                Err(self.with(|cache| cache.without(key_id, now)))
            }
            _ => Ok(keys),
        }
    }

    /// Seconds until a token whose key was not at hand is worth another try.
    pub(super) fn retry_after(&self, now: UnixTime) -> f64 {
        self.with(|cache| cache.retry_after(now))
    }

    /// Looks at the keys at hand, or notes what happened to them.
    fn with<R>(&self, look: impl FnOnce(&mut JwksCache) -> R) -> R {
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
            Location::Metadata {
                source,
                issuer,
                authority,
            } => jwks_uri(&source.get(io)?.metadata, issuer, authority)?,
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
                if let Location::Metadata { source, .. } = &self.location {
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
            is_stored: headers.is_stored,
        })
    }
}

/// Where the issuer's keys are, as its metadata says.
fn jwks_uri(
    metadata: &ProviderMetadata,
    issuer: &str,
    authority: &str,
) -> Result<String, AuthError> {
    // RFC 8414 section 3.3, OpenID Connect Discovery section 4.3: character by character. A page takes
    // the issuer from its metadata; here it is the caller's, and tokens are compared with it.
    let named = metadata.issuer.as_str();
    if named != issuer && !entra::metadata_may_name(authority, named) {
        return Err(AuthError::about(ErrorCode::MetadataIssuerMismatch, named));
    }
    let jwks_uri = metadata.jwks_uri()?;
    // What listens on this machine's loopback is no remote issuer's to name.
    let is_local = |url: &str| url::origin(url).is_some_and(|origin| origin.starts_with("http:"));
    if is_local(jwks_uri) && !is_local(authority) {
        return Err(AuthError::about(ErrorCode::MetadataInvalid, "jwks_uri"));
    }
    Ok(jwks_uri.into())
}

fn check_url(option: &str, url: &str) -> Result<(), AuthError> {
    if url::is_secure(url) {
        return Ok(());
    }
    let detail = concat(&[option, " must be an https URL"]);
    Err(AuthError::about(ErrorCode::InvalidOption, &detail))
}

/// A secret is as long as the hash at least (RFC 7518 section 3.2), which is as long as the code.
fn check_secret(algorithm: Algorithm, secret: &Secret) -> Result<(), AuthError> {
    let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
    if !algorithm.is_symmetric() {
        return wrong("secret needs the algorithm HS256, HS384 or HS512");
    }
    let length = base64url::decode(secret.expose().as_bytes()).map(|bytes| bytes.len());
    if length < algorithm.signature_length() {
        return wrong("secret must be as long as the hash: 32, 48 or 64 bytes");
    }
    Ok(())
}
