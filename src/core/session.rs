//! The session: who is signed in, and the tokens that were obtained for them.

use super::discovery::ProviderMetadata;
use super::form::{Form, FormWriter};
use super::id_token::IdToken;
use super::refresh::Lifetime;
use super::secret::Secret;
use super::time::UnixTime;
use super::token_response::TokenResponse;

/// The layout of the stored record; a record of another layout is dropped.
const LAYOUT: &str = "1";

/// A signed-in user's tokens. One refresh token serves all access tokens.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) id_token: IdToken,
    pub(crate) metadata: ProviderMetadata,
    /// Names the refresh-token family, hence the lock; it never leaves the page.
    pub(crate) family: String,
    pub(crate) access_tokens: Vec<AccessToken>,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) refresh_token_ends_at: Option<UnixTime>,
}

/// An access token with what it was asked for.
#[derive(Clone, Debug)]
pub struct AccessToken {
    pub(crate) target: Target,
    /// The token.
    pub token: Secret,
    /// `token_type`.
    pub token_type: String,
    /// The granted scope.
    pub scope: String,
    /// Its life.
    pub lifetime: Lifetime,
}

/// What an access token is for: the requested scope and the resource.
#[derive(Clone, Debug)]
pub struct Target {
    scope: String,
    resource: Option<String>,
}

impl Target {
    /// The target of these parameters.
    pub fn new(scope: &str, resource: Option<&str>) -> Self {
        Self {
            scope: scope.into(),
            resource: resource.map(String::from),
        }
    }

    /// The `scope` to ask for.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The `resource` to ask for.
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }
}

/// The order of a scope's words means nothing (RFC 6749 section 3.3).
impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        let within = |scope: &str, other: &str| {
            scope
                .split_ascii_whitespace()
                .all(|word| other.split_ascii_whitespace().any(|known| known == word))
        };
        self.resource == other.resource
            && (self.scope == other.scope
                || within(&self.scope, &other.scope) && within(&other.scope, &self.scope))
    }
}

impl Session {
    pub(crate) fn access_token(&self, target: &Target) -> Option<&AccessToken> {
        self.access_tokens
            .iter()
            .find(|known| known.target == *target)
    }

    /// Takes the tokens of an answer in, the ID token apart, which has to be checked first.
    pub(crate) fn absorb(
        &mut self,
        response: TokenResponse,
        target: Target,
        requested_at: UnixTime,
    ) {
        let lifetime = Lifetime::of(&response, requested_at);
        self.access_tokens.retain(|known| known.target != target);
        self.access_tokens.push(AccessToken {
            scope: response.scope.unwrap_or_else(|| target.scope.clone()),
            target,
            token: response.access_token,
            token_type: response.token_type,
            lifetime,
        });
        // RFC 6749 section 6: a new refresh token replaces the old one.
        if response.refresh_token.is_some() {
            self.refresh_token = response.refresh_token;
        }
        if let Some(seconds) = response.refresh_token_expires_in {
            self.refresh_token_ends_at = Some(requested_at.plus(seconds));
        }
    }

    /// The next time at which an access token should be renewed.
    pub(crate) fn next_refresh(&self) -> Option<UnixTime> {
        self.refresh_token.as_ref()?;
        self.access_tokens
            .iter()
            .map(|known| known.lifetime.refresh_at)
            .reduce(UnixTime::earlier)
    }

    pub(crate) fn to_record(&self) -> String {
        let mut record = FormWriter::default();
        record
            .set("layout", LAYOUT)
            .set("id_token", self.id_token.token.expose())
            .set("iss", &self.id_token.issuer)
            .set("sub", &self.id_token.subject)
            .set("claims", &self.id_token.claims)
            .set("metadata", &self.metadata.to_record())
            .set("family", &self.family)
            .set_some(
                "refresh_token",
                self.refresh_token.as_ref().map(Secret::expose),
            )
            .set_seconds(
                "refresh_token_ends_at",
                self.refresh_token_ends_at.map(UnixTime::seconds),
            );
        for token in &self.access_tokens {
            record.set("access_token", &token.to_record());
        }
        record.finish()
    }

    /// Reads the record back; `None` for one of another layout or one that was tampered with.
    pub(crate) fn from_record(record: &str) -> Option<Self> {
        let form = Form::read(record);
        if form.get("layout") != Some(LAYOUT) {
            return None;
        }
        let text = |name| form.get(name).map(String::from);
        Some(Self {
            id_token: IdToken {
                token: Secret::new(form.get("id_token")?),
                issuer: text("iss")?,
                subject: text("sub")?,
                claims: text("claims")?,
            },
            metadata: ProviderMetadata::from_record(form.get("metadata")?)?,
            family: text("family")?,
            access_tokens: form
                .all("access_token")
                .filter_map(AccessToken::from_record)
                .collect(),
            refresh_token: text("refresh_token").map(Secret::new),
            refresh_token_ends_at: form
                .seconds("refresh_token_ends_at")
                .and_then(UnixTime::from_seconds),
        })
    }
}

impl AccessToken {
    fn to_record(&self) -> String {
        let lifetime = &self.lifetime;
        FormWriter::default()
            .set("target_scope", &self.target.scope)
            .set_some("resource", self.target.resource.as_deref())
            .set("token", self.token.expose())
            .set("token_type", &self.token_type)
            .set("scope", &self.scope)
            .set_seconds("obtained_at", Some(lifetime.obtained_at.seconds()))
            .set_seconds("refresh_at", Some(lifetime.refresh_at.seconds()))
            .set_seconds("expires_at", Some(lifetime.expires_at.seconds()))
            .finish()
    }

    fn from_record(record: &str) -> Option<Self> {
        let form = Form::read(record);
        let text = |name| form.get(name).map(String::from);
        let time = |name| form.seconds(name).and_then(UnixTime::from_seconds);
        Some(Self {
            target: Target::new(form.get("target_scope")?, form.get("resource")),
            token: Secret::new(form.get("token")?),
            token_type: text("token_type")?,
            scope: text("scope")?,
            lifetime: Lifetime {
                obtained_at: time("obtained_at")?,
                refresh_at: time("refresh_at")?,
                expires_at: time("expires_at")?,
            },
        })
    }
}
