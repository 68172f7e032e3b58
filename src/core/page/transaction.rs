//! Sign-ins in progress: what is kept between the authorization request and its response.

use super::Client;
use super::session::head_of;
use super::store::ATTEMPTS;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, RecordKey, Run, settle};
use crate::core::oauth::pkce::CodeVerifier;
use crate::core::oauth::target::Target;
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::record::{Record, record};
use alloc::string::String;
use alloc::vec::Vec;

/// A sign-in is forgotten after this many seconds: by then the user has given it up, and a code is
/// valid for ten minutes at most (RFC 6749 section 4.1.2).
const LIFETIME: f64 = 3600.0;
/// How many are kept; the oldest is dropped first.
const MAX_TRANSACTIONS: usize = 8;
/// A page that starts as many sign-ins within this many seconds and receives no response is in a
/// loop.
const LOOP: f64 = 60.0;

record! {
    /// One sign-in in progress. It remembers the metadata that its request was made with, so that
    /// the response is taken to the same provider (mix-up defence, RFC 9700 section 4.4).
    pub(crate) struct Transaction {
        pub(crate) state: String,
        pub(crate) nonce: String,
        pub(crate) code_verifier: CodeVerifier,
        /// `redirect_uri`, which the token request repeats.
        pub(crate) redirect_uri: String,
        pub(crate) target: Shared<Target>,
        /// `max_age` in seconds.
        pub(crate) max_age: Option<u64>,
        /// The page's own state.
        pub(crate) app_state: Option<String>,
        pub(crate) return_to: Option<String>,
        pub(crate) metadata: Shared<ProviderMetadata>,
        pub(crate) started_at: UnixTime,
    }

    /// A sign-in whose response has come, so that its `state` is used once (RFC 9700 section 4.7.1)
    /// and a call that is made twice gets one result.
    pub(crate) struct ClosedSignIn {
        pub(crate) state: String,
        pub(crate) app_state: Option<String>,
        pub(crate) return_to: Option<String>,
        /// The session that it started.
        pub(crate) family: Option<String>,
        /// The error, if it failed.
        pub(crate) error: Option<AuthError>,
    }

    /// The sign-ins of one tab.
    #[derive(Default)]
    pub(crate) struct Transactions {
        revision: u64,
        open: Vec<Shared<Transaction>>,
        closed: Vec<Shared<ClosedSignIn>>,
    }
}

impl Transactions {
    /// Whether a sign-in of this `state` was started here, not too long ago.
    pub(crate) fn knows(&self, state: &str, now: UnixTime) -> bool {
        let is_young = |open: &Shared<Transaction>| now.since(open.started_at) < LIFETIME;
        self.open(state).is_some_and(is_young) || self.closed(state).is_some()
    }

    /// The open sign-in of this `state`.
    pub(crate) fn open(&self, state: &str) -> Option<&Shared<Transaction>> {
        self.open.iter().find(|known| known.state == state)
    }

    /// The sign-in of this `state` whose response has come before.
    pub(crate) fn closed(&self, state: &str) -> Option<&Shared<ClosedSignIn>> {
        self.closed.iter().find(|known| known.state == state)
    }

    /// Whether a page keeps starting sign-ins without receiving a response.
    pub(crate) fn is_loop(&self, now: UnixTime) -> bool {
        let recent =
            |known: &&Shared<Transaction>| (0.0..LOOP).contains(&now.since(known.started_at));
        self.open.iter().filter(recent).count() >= MAX_TRANSACTIONS
    }

    pub(crate) fn add(&mut self, transaction: &Shared<Transaction>) {
        let now = transaction.started_at;
        remove(&mut self.open, |known| {
            now.since(known.started_at) >= LIFETIME
        });
        keep(&mut self.open, Shared::clone(transaction));
    }

    /// Closes the sign-in of this state. Returns whether it was open.
    fn close(&mut self, closed: &Shared<ClosedSignIn>) -> bool {
        let was_open = remove(&mut self.open, |known| known.state == closed.state);
        remove(&mut self.closed, |known| known.state == closed.state);
        keep(&mut self.closed, Shared::clone(closed));
        was_open
    }

    /// Forgets all sign-ins in progress.
    pub(crate) fn cancel_all(&mut self) {
        self.open.clear();
    }
}

/// Removes the oldest element of this kind. Returns whether there was one.
fn remove<T>(kept: &mut Vec<Shared<T>>, is: impl Fn(&T) -> bool) -> bool {
    let place = kept.iter().position(|known| is(known));
    if let Some(place) = place {
        kept.remove(place);
    }
    place.is_some()
}

/// Adds an element; if there are too many, it replaces the oldest.
fn keep<T>(kept: &mut Vec<Shared<T>>, element: Shared<T>) {
    if kept.len() >= MAX_TRANSACTIONS {
        kept.remove(0);
    }
    kept.push(element);
}

impl Client {
    /// The sign-ins of this tab; a record that cannot be read counts as none.
    pub(super) fn transactions(&self, io: &mut Io) -> Run<Transactions> {
        let record = io.read(RecordKey::Transactions)?;
        let record = record.as_ref().map_or("", |record| record.as_str());
        Ok(Transactions::from_text(record).unwrap_or_default())
    }

    /// Changes the record of the tab's sign-ins.
    pub(super) fn update_transactions(
        &self,
        io: &mut Io,
        change: &dyn Fn(&mut Transactions) -> Result<(), ErrorCode>,
    ) -> Run<()> {
        for _ in 0..ATTEMPTS {
            let record = io.read(RecordKey::Transactions)?;
            let record = record.as_ref().map_or("", |record| record.as_str());
            let mut transactions = Transactions::from_text(record).unwrap_or_default();
            change(&mut transactions)?;
            transactions.revision += 1;
            let over = head_of(record);
            if io.write(RecordKey::Transactions, transactions.to_text(), over)? {
                return Ok(());
            }
        }
        Err(ErrorCode::Internal.into())
    }

    /// Closes a sign-in, with its result if that is known.
    pub(super) fn close_transaction(
        &self,
        io: &mut Io,
        transaction: &Transaction,
        family: Option<String>,
        error: Option<AuthError>,
    ) -> Run<Shared<ClosedSignIn>> {
        let is_concluded = family.is_some() || error.is_some();
        let closed = Shared::new(ClosedSignIn {
            state: transaction.state.clone(),
            app_state: transaction.app_state.clone(),
            return_to: transaction.return_to.clone(),
            family,
            error,
        });
        let written =
            self.update_transactions(io, &|transactions| match transactions.close(&closed)
                || is_concluded
            {
                true => Ok(()),
                false => Err(ErrorCode::SignInCancelled),
            });
        let written = settle(written, io)?;
        // If the result cannot be stored, only a second call misses it.
        match written {
            Err(error) if !is_concluded => Err(error.into()),
            _ => Ok(closed),
        }
    }
}
