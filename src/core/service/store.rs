//! The store that the instances of a service share. It may fail, be slow or lose what was written:
//! that costs a request, and nothing else depends on it.

use super::sessions::Session;
use super::tokens::Wanted;
use super::{ClientAuthentication, ConfidentialClient, KeyName};
use crate::core::flow::{Io, Run};
use crate::core::jose::sha256;
use crate::core::shared::Shared;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::base64url;
use crate::core::wire::form::Form;
use crate::core::wire::record::{Record, record};
use alloc::string::String;
use alloc::vec::Vec;

/// A refresh token of Entra's lives so long, in seconds, if the provider says nothing else.
const SESSION_LIFETIME: f64 = 90.0 * 86_400.0;

/// In the place of a session that was ended: other instances may still know it.
const ENDED: &str = "ended=1";

record! {
    /// A token with its name, which says whose it is and by which credentials it was got: a store
    /// that mixes up its entries gives nobody another's.
    struct StoredToken {
        name: String,
        token: Shared<AccessToken>,
    }
}

impl ConfidentialClient {
    /// The token in the store that does.
    pub(super) fn load_token(
        &self,
        io: &mut Io,
        wanted: &Wanted<'_>,
    ) -> Run<Option<Shared<AccessToken>>> {
        if !self.shares_tokens() {
            return Ok(None);
        }
        let name = self.token_name(wanted);
        let Ok(Some(text)) = io.load(name.clone())? else {
            return Ok(None);
        };
        let now = io.now();
        let stored = StoredToken::from_text(&text);
        let does = |stored: &StoredToken| {
            let is_good = stored.token.lifetime().freshness(now) != Freshness::Expired;
            is_good && stored.name == name
        };
        Ok(stored.filter(does).map(|stored| stored.token))
    }

    pub(super) fn save_token(
        &self,
        io: &mut Io,
        wanted: &Wanted<'_>,
        token: &Shared<AccessToken>,
    ) -> Run<()> {
        if !self.shares_tokens() {
            return Ok(());
        }
        let name = self.token_name(wanted);
        let stored = StoredToken {
            name: name.clone(),
            token: Shared::clone(token),
        };
        io.save(name, stored.to_text(), token.expires_at)
    }

    /// The session in the store, or what this instance knows of it if the store has lost it.
    pub(super) fn load_session(&self, io: &mut Io, key: &str) -> Run<Option<Shared<Session>>> {
        if self.config.has_store
            && let Ok(Some(text)) = io.load(self.session_name(key))?
        {
            let stored = Session::from_text(&text).filter(|session| session.key == key);
            if stored.is_some() || *text == ENDED {
                return Ok(stored.map(Shared::new));
            }
        }
        let kept = io.once(|_| self.kept.with(|kept| kept.session(key).cloned()))?;
        Ok((*kept).clone())
    }

    /// Saves the session, or that it has ended.
    pub(super) fn save_session(
        &self,
        io: &mut Io,
        name: String,
        session: Option<&Shared<Session>>,
    ) -> Run<()> {
        if !self.config.has_store {
            return Ok(());
        }
        let record = session.map_or_else(|| ENDED.into(), |session| session.to_text());
        let expires_at = io.now().plus(SESSION_LIFETIME);
        io.save(name, record, expires_at)
    }

    /// Each host asks for the tokens of its own managed identity: nothing that its program knows
    /// tells the identity from that of another host.
    fn shares_tokens(&self) -> bool {
        self.config.has_store && self.config.identity().is_none()
    }

    /// A token is found only by who has the credentials that it was got with.
    fn token_name(&self, wanted: &Wanted<'_>) -> String {
        let mut name = Form::default();
        for credential in &self.config.credentials {
            name.set("credential", &fingerprint(credential));
        }
        name.set("token", wanted.key.as_str());
        base64url::encode(&sha256::digest(name.as_str().as_bytes()))
    }

    /// A session outlives the credentials: they are needed again for each of its requests.
    pub(super) fn session_name(&self, key: &str) -> String {
        let mut name = Form::default();
        name.set("issuer", &self.config.authority)
            .set("client", &self.config.client_id)
            .set("session", key);
        base64url::encode(&sha256::digest(name.as_str().as_bytes()))
    }
}

fn fingerprint(credential: &ClientAuthentication) -> String {
    let digest = |bytes: &[u8]| base64url::encode(&sha256::digest(bytes));
    match credential {
        ClientAuthentication::SecretPost(secret) | ClientAuthentication::SecretBasic(secret) => {
            digest(secret.expose().as_bytes())
        }
        ClientAuthentication::PrivateKey(signer) => match &signer.name {
            // Anybody may call a key so.
            KeyName::KeyId(id) => match &signer.public_key {
                Some(key) => digest(key.as_bytes()),
                None => id.clone(),
            },
            KeyName::Certificate(der) | KeyName::CertificateSha1(der) => digest(der),
            KeyName::Chain(chain) => digest(chain.first().map_or(&[], Vec::as_slice)),
        },
        ClientAuthentication::Assertion
        | ClientAuthentication::ManagedIdentity(_)
        | ClientAuthentication::MutualTls => String::new(),
    }
}
