//! Sign-ins under way: what is kept between the authorization request and its answer.

use super::discovery::ProviderMetadata;
use super::error::{AuthError, ErrorCode};
use super::form::Form;
use super::pkce::CodeVerifier;
use super::time::UnixTime;
use alloc::string::String;

/// A sign-in is forgotten after this time, in seconds: a user has left it long before, and a code
/// lives ten minutes at most (RFC 6749 section 4.1.2).
const LIFETIME: f64 = 3600.0;
/// So many are kept; the oldest goes.
const MAX_TRANSACTIONS: usize = 8;

/// One sign-in under way. It remembers the metadata that its request was made with, so that the
/// answer is taken to the same provider (mix-up defence, RFC 9700 section 4.4).
#[derive(Clone)]
pub struct Transaction(pub(crate) Form);

impl Transaction {
    /// `state`.
    pub(crate) fn state(&self) -> String {
        self.0.text("state")
    }

    /// `nonce`.
    pub(crate) fn nonce(&self) -> String {
        self.0.text("nonce")
    }

    /// `code_verifier`.
    pub(crate) fn code_verifier(&self) -> CodeVerifier {
        CodeVerifier::from_stored(&self.0.text("code_verifier"))
    }

    /// `redirect_uri`, which the token request repeats.
    pub(crate) fn redirect_uri(&self) -> String {
        self.0.text("redirect_uri")
    }

    /// `scope`.
    pub(crate) fn scope(&self) -> String {
        self.0.text("scope")
    }

    /// `resource`.
    pub(crate) fn resource(&self) -> Option<String> {
        self.0.get("resource")
    }

    /// `max_age`, in seconds.
    pub(crate) fn max_age(&self) -> Option<f64> {
        self.0.seconds("max_age")
    }

    /// The page's own state.
    pub(crate) fn app_state(&self) -> Option<String> {
        self.0.get("app_state")
    }

    pub(crate) fn metadata(&self) -> ProviderMetadata {
        ProviderMetadata::from_record(&self.0.text("metadata"))
    }

    fn is_alive(&self, now: UnixTime) -> bool {
        self.0
            .seconds("started_at")
            .is_some_and(|started_at| now.seconds() - started_at < LIFETIME)
    }
}

/// The sign-ins of one tab: those under way, and the states of those that were answered.
pub(crate) struct Transactions(Form);

impl Transactions {
    pub(crate) fn is_awaiting(&self) -> bool {
        self.0.get("open").is_some()
    }

    pub(crate) fn add(&mut self, transaction: &Transaction, now: UnixTime) {
        let open = self.0.all("open");
        self.0.replace("open", None);
        for record in open
            .iter()
            .skip((open.len() + 1).saturating_sub(MAX_TRANSACTIONS))
        {
            if Transaction(Form::from_encoded(record)).is_alive(now) {
                self.0.set("open", record);
            }
        }
        self.0.set("open", transaction.0.as_str());
    }

    /// Takes the transaction of this state out, once: `state` is single-use (RFC 9700
    /// section 4.7.1).
    pub(crate) fn take(&mut self, state: &str, now: UnixTime) -> Result<Transaction, AuthError> {
        let answered = self.0.all("answered");
        if answered.iter().any(|known| known == state) {
            return Err(ErrorCode::StateReplayed.into());
        }
        let mut taken = None;
        let open = self.0.all("open");
        self.0 = Form::default();
        for record in open {
            let transaction = Transaction(Form::from_encoded(&record));
            if transaction.state() == state && transaction.is_alive(now) {
                taken = Some(transaction);
            } else {
                self.0.set("open", &record);
            }
        }
        for known in answered
            .iter()
            .skip((answered.len() + 1).saturating_sub(MAX_TRANSACTIONS))
        {
            self.0.set("answered", known);
        }
        if taken.is_some() {
            self.0.set("answered", state);
        }
        taken.ok_or_else(|| ErrorCode::StateUnknown.into())
    }

    pub(crate) fn as_record(&self) -> &str {
        self.0.as_str()
    }

    /// Reads the record back; what cannot be read is as if it were not there.
    pub(crate) fn from_record(record: &str) -> Self {
        Self(Form::from_encoded(record))
    }
}
