//! Sign-ins under way: what is kept between the authorization request and its answer.

use super::discovery::ProviderMetadata;
use super::error::{AuthError, ErrorCode};
use super::form::{Form, FormWriter};
use super::pkce::CodeVerifier;
use super::time::UnixTime;

/// A sign-in is forgotten after this time, in seconds: a user has left it long before, and a code
/// lives ten minutes at most (RFC 6749 section 4.1.2).
const LIFETIME: f64 = 3600.0;
/// So many are kept; the oldest goes.
const MAX_TRANSACTIONS: usize = 8;

/// One sign-in under way. It remembers the metadata that its request was made with, so that the
/// answer is taken to the same provider (mix-up defence, RFC 9700 section 4.4).
#[derive(Clone, Debug)]
pub struct Transaction {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: CodeVerifier,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) resource: Option<String>,
    pub(crate) max_age: Option<f64>,
    pub(crate) app_state: Option<String>,
    pub(crate) metadata: ProviderMetadata,
    pub(crate) started_at: UnixTime,
}

/// The sign-ins of one tab: those under way, and the states of those that were answered.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    open: Vec<Transaction>,
    answered: Vec<String>,
}

impl Transactions {
    pub(crate) fn is_awaiting(&self) -> bool {
        !self.open.is_empty()
    }

    pub(crate) fn add(&mut self, transaction: Transaction) {
        let now = transaction.started_at;
        self.open
            .retain(|known| now.since(known.started_at) < LIFETIME);
        if self.open.len() >= MAX_TRANSACTIONS {
            self.open.remove(0);
        }
        self.open.push(transaction);
    }

    /// Takes the transaction of this state out, once: `state` is single-use (RFC 9700
    /// section 4.7.1).
    pub(crate) fn take(&mut self, state: &str, now: UnixTime) -> Result<Transaction, AuthError> {
        if self.answered.iter().any(|known| known == state) {
            return Err(ErrorCode::StateReplayed.into());
        }
        let at = self
            .open
            .iter()
            .position(|known| known.state == state && now.since(known.started_at) < LIFETIME);
        let transaction = at
            .map(|at| self.open.remove(at))
            .ok_or(ErrorCode::StateUnknown)?;
        if self.answered.len() >= MAX_TRANSACTIONS {
            self.answered.remove(0);
        }
        self.answered.push(state.into());
        Ok(transaction)
    }

    pub(crate) fn to_record(&self) -> String {
        let mut record = FormWriter::default();
        for transaction in &self.open {
            record.set("open", &transaction.to_record());
        }
        for state in &self.answered {
            record.set("answered", state);
        }
        record.finish()
    }

    /// Reads the record back; what cannot be read is dropped.
    pub(crate) fn from_record(record: &str) -> Self {
        let form = Form::read(record);
        Self {
            open: form
                .all("open")
                .filter_map(Transaction::from_record)
                .collect(),
            answered: form.all("answered").map(String::from).collect(),
        }
    }
}

impl Transaction {
    fn to_record(&self) -> String {
        FormWriter::default()
            .set("state", &self.state)
            .set("nonce", &self.nonce)
            .set("code_verifier", self.code_verifier.expose())
            .set("redirect_uri", &self.redirect_uri)
            .set("scope", &self.scope)
            .set_some("resource", self.resource.as_deref())
            .set_seconds("max_age", self.max_age)
            .set_some("app_state", self.app_state.as_deref())
            .set("metadata", &self.metadata.to_record())
            .set_seconds("started_at", Some(self.started_at.seconds()))
            .finish()
    }

    fn from_record(record: &str) -> Option<Self> {
        let form = Form::read(record);
        let text = |name| form.get(name).map(String::from);
        Some(Self {
            state: text("state")?,
            nonce: text("nonce")?,
            code_verifier: CodeVerifier::from_stored(form.get("code_verifier")?),
            redirect_uri: text("redirect_uri")?,
            scope: text("scope")?,
            resource: text("resource"),
            max_age: form.seconds("max_age"),
            app_state: text("app_state"),
            metadata: ProviderMetadata::from_record(form.get("metadata")?)?,
            started_at: UnixTime::from_seconds(form.seconds("started_at")?)?,
        })
    }
}
