//! The session: who is signed in, and the tokens that were obtained for them.

use super::discovery::ProviderMetadata;
use super::form::Form;
use super::id_token::IdToken;
use super::refresh::Lifetime;
use super::secret::Secret;
use super::time::UnixTime;
use super::token_response::TokenResponse;
use alloc::string::String;
use alloc::vec::Vec;

/// The layout of the stored record; a record of another layout is dropped.
const LAYOUT: &str = "1";

/// A signed-in user's tokens. One refresh token serves all access tokens.
#[derive(Clone)]
pub struct Session(Form);

impl Session {
    /// A session without tokens. `family` names the refresh-token family, hence the lock.
    pub(crate) fn new(
        id_token: &IdToken,
        metadata: &ProviderMetadata,
        target: &Target,
        family: &str,
    ) -> Self {
        let mut record = Form::default();
        record
            .set("layout", LAYOUT)
            .set("family", family)
            .set("target", target.0.as_str())
            .set("metadata", metadata.as_record())
            .set("id_token", id_token.as_record());
        Self(record)
    }

    pub(crate) fn family(&self) -> String {
        self.0.text("family")
    }

    /// What the user signed in for.
    pub(crate) fn target(&self) -> Target {
        Target(Form::from_encoded(&self.0.text("target")))
    }

    pub(crate) fn metadata(&self) -> ProviderMetadata {
        ProviderMetadata::from_record(&self.0.text("metadata"))
    }

    pub(crate) fn id_token(&self) -> IdToken {
        IdToken::from_record(&self.0.text("id_token"))
    }

    /// Puts a refreshed ID token in the place of the former one.
    pub(crate) fn set_id_token(&mut self, id_token: &IdToken) {
        self.0.replace("id_token", Some(id_token.as_record()));
    }

    pub(crate) fn refresh_token(&self) -> Option<Secret> {
        self.0.get("refresh_token").map(Secret::new)
    }

    /// Forgets a refresh token that is good for nothing more.
    pub(crate) fn drop_refresh_token(&mut self) {
        self.0.replace("refresh_token", None);
        self.0.replace("refresh_token_ends_at", None);
    }

    /// When the refresh token ends, where the provider says so.
    pub(crate) fn refresh_token_ends_at(&self) -> Option<UnixTime> {
        UnixTime::from_seconds(self.0.seconds("refresh_token_ends_at")?)
    }

    pub(crate) fn access_tokens(&self) -> Vec<AccessToken> {
        let records = self.0.all("access_token");
        records
            .iter()
            .map(|record| AccessToken(Form::from_encoded(record)))
            .collect()
    }

    pub(crate) fn access_token(&self, target: &Target) -> Option<AccessToken> {
        let mut tokens = self.access_tokens().into_iter();
        tokens.find(|known| known.target() == *target)
    }

    /// Takes the tokens of an answer in, the ID token apart, which has to be checked first.
    pub(crate) fn absorb(
        &mut self,
        response: &TokenResponse,
        target: &Target,
        requested_at: UnixTime,
    ) -> AccessToken {
        let token = AccessToken::new(response, target, requested_at);
        let others = self.access_tokens();
        self.0.replace("access_token", Some(token.0.as_str()));
        for other in others {
            if other.target() != *target {
                self.0.set("access_token", other.0.as_str());
            }
        }
        // RFC 6749 section 6: a new refresh token replaces the old one.
        if let Some(refresh_token) = response.text("refresh_token") {
            self.0.replace("refresh_token", Some(&refresh_token));
        }
        if let Some(seconds) = response.seconds("refresh_token_expires_in") {
            self.0.replace("refresh_token_ends_at", None);
            let ends_at = requested_at.plus(seconds).seconds();
            self.0.set_seconds("refresh_token_ends_at", ends_at);
        }
        token
    }

    /// The next time at which an access token should be renewed; `None` where it cannot be, because
    /// there is no refresh token or it will have ended.
    pub(crate) fn next_refresh(&self) -> Option<UnixTime> {
        self.refresh_token()?;
        let mut next: Option<UnixTime> = None;
        for token in self.access_tokens() {
            let refresh_at = token.lifetime().refresh_at;
            next = Some(next.map_or(refresh_at, |next| next.earlier(refresh_at)));
        }
        let end = self.refresh_token_ends_at();
        next.filter(|next| end.is_none_or(|end| *next < end))
    }

    pub(crate) fn as_record(&self) -> &str {
        self.0.as_str()
    }

    /// Reads the record back; `None` for one of another layout or one that was tampered with.
    pub(crate) fn from_record(record: &str) -> Option<Self> {
        let session = Self(Form::from_encoded(record));
        let is_whole = session.0.text("layout") == LAYOUT
            && !session.0.text("family").is_empty()
            && session.metadata().issuer().is_ok()
            && !session.id_token().subject().is_empty();
        is_whole.then_some(session)
    }
}

/// An access token with what it was asked for.
#[derive(Clone)]
pub struct AccessToken(Form);

impl AccessToken {
    fn new(response: &TokenResponse, target: &Target, requested_at: UnixTime) -> Self {
        let lifetime = Lifetime::of(response, requested_at);
        let granted = response.text("scope");
        let mut record = Form::default();
        record
            .set("target", target.0.as_str())
            .set_some("token", response.text("access_token").as_deref())
            .set_some("token_type", response.text("token_type").as_deref())
            .set("scope", granted.as_deref().unwrap_or(&target.scope()))
            .set_seconds("obtained_at", lifetime.obtained_at.seconds())
            .set_seconds("refresh_at", lifetime.refresh_at.seconds())
            .set_seconds("expires_at", lifetime.expires_at.seconds());
        Self(record)
    }

    /// The token.
    pub fn token(&self) -> Secret {
        Secret::new(self.0.text("token"))
    }

    /// `token_type`.
    pub fn token_type(&self) -> String {
        self.0.text("token_type")
    }

    /// The granted scope.
    pub fn scope(&self) -> String {
        self.0.text("scope")
    }

    /// What it was asked for.
    pub fn target(&self) -> Target {
        Target(Form::from_encoded(&self.0.text("target")))
    }

    /// Its life; one that cannot be read has ended.
    pub fn lifetime(&self) -> Lifetime {
        let time = |name| {
            let seconds = self.0.seconds(name).and_then(UnixTime::from_seconds);
            seconds.unwrap_or(UnixTime::EPOCH)
        };
        Lifetime {
            obtained_at: time("obtained_at"),
            refresh_at: time("refresh_at"),
            expires_at: time("expires_at"),
        }
    }
}

/// What an access token is for: the requested scope and the resource.
#[derive(Clone)]
pub struct Target(Form);

impl Target {
    /// The target of these parameters.
    pub fn new(scope: &str, resource: Option<&str>) -> Self {
        let mut record = Form::default();
        record.set("scope", scope).set_some("resource", resource);
        Self(record)
    }

    /// The `scope` to ask for.
    pub fn scope(&self) -> String {
        self.0.text("scope")
    }

    /// The `resource` to ask for.
    pub fn resource(&self) -> Option<String> {
        self.0.get("resource")
    }
}

/// The order of a scope's words means nothing (RFC 6749 section 3.3).
impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        if self.0.as_str() == other.0.as_str() {
            return true;
        }
        let within = |scope: &str, other: &str| {
            scope
                .split_ascii_whitespace()
                .all(|word| other.split_ascii_whitespace().any(|known| known == word))
        };
        let (mine, others) = (self.scope(), other.scope());
        self.resource() == other.resource() && within(&mine, &others) && within(&others, &mine)
    }
}
