//! How flows read and change the session. A flow writes only over the state that it has read; if
//! that state has been replaced, the flow reads again and decides again.

use super::Client;
use super::accounts::Accounts;
use super::session::{Session, Stored};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
use crate::core::flow::{Io, Notice, RecordKey, Run, settle};
use crate::core::provider::issuer::metadata_may_name;
use crate::core::shared::Shared;
use crate::core::tokens::cache::TokenCache;
use crate::core::wire::record::Record;

/// How often a change is tried if others write at the same time.
pub(super) const ATTEMPTS: usize = 20;

/// A flow's decision about the state that it finds: a new state, or a reason to leave it.
pub(crate) type Change<'a> = &'a dyn Fn(&Stored) -> Result<Accounts, ErrorCode>;

impl Client {
    /// The session as the store holds it now.
    pub(crate) fn load(&self, io: &mut Io) -> Run<Shared<Stored>> {
        let record = settle(io.read(RecordKey::Session), io)?;
        let now = io.now();
        let stored = io.once(|notices| match &record {
            Ok(Some(record)) => self.look(record, now, notices),
            Ok(None) => self.look("", now, notices),
            Err(_) => self.unread(),
        })?;
        Ok(Shared::clone(&stored))
    }

    /// Changes the session, starting from this state of the store. The host gets `notice` before
    /// the listeners are told of the change.
    pub(crate) fn change(
        &self,
        io: &mut Io,
        loaded: Shared<Stored>,
        notice: Option<Notice>,
        change: Change<'_>,
    ) -> Run<Shared<Stored>> {
        self.apply(io, loaded, notice, false, change)
    }

    /// The same. `is_end` says that it is a sign-out: it has failed if it could not be stored, and
    /// a sign-in that is being completed finds itself overtaken.
    pub(super) fn apply(
        &self,
        io: &mut Io,
        loaded: Shared<Stored>,
        notice: Option<Notice>,
        is_end: bool,
        change: Change<'_>,
    ) -> Run<Shared<Stored>> {
        let mut loaded = loaded;
        for _ in 0..ATTEMPTS {
            let accounts = change(&loaded)?;
            let is_end = is_end || accounts.sessions.is_empty();
            let mut next = loaded.followed_by(accounts, is_end);
            let error = match self.write(io, &loaded, &next, is_end)? {
                Ok(true) => None,
                Ok(false) => {
                    loaded = self.load(io)?;
                    continue;
                }
                // A session is valid in this page even if it could not be stored. A sign-out that
                // could not be stored has failed.
                Err(error) => {
                    next.head = loaded.head.clone();
                    Some(error)
                }
            };
            let failed = error.clone().filter(|_| is_end);
            // The page is told once.
            let untold = error.filter(|_| !is_end && !loaded.is_refused());
            if let Some(notice) = notice {
                io.tell(notice);
            }
            let now = io.now();
            let stored = io.once(|notices| {
                let stored = self.adopt(Shared::new(next), now, notices);
                if let Some(error) = untold {
                    notices.push(Notice::Emit(Event::Error(error)));
                }
                stored
            })?;
            return match failed {
                Some(error) => Err(error.into()),
                None => Ok(Shared::clone(&stored)),
            };
        }
        Err(ErrorCode::Internal.into())
    }

    /// Whether the state was written over the loaded one.
    fn write(
        &self,
        io: &mut Io,
        loaded: &Stored,
        next: &Stored,
        is_end: bool,
    ) -> Run<Result<bool, AuthError>> {
        let written = settle(
            io.write(RecordKey::Session, next.to_text(), &loaded.head),
            io,
        )?;
        if written.is_ok() || next.accounts.sessions.is_empty() {
            return Ok(written);
        }
        // A full store may have room without the access tokens. The refresh tokens must not be lost.
        let lean = next.accounts.each(&|session| Session {
            tokens: TokenCache::default(),
            ..session.clone()
        });
        let lean = loaded.followed_by(lean, is_end);
        settle(
            io.write(RecordKey::Session, lean.to_text(), &loaded.head),
            io,
        )
    }

    /// Whether a stored session is this client's: a changed configuration starts signed out.
    pub(super) fn is_mine(&self, session: &Session) -> bool {
        let issuer = session.metadata.issuer.as_str();
        session.client_id == self.config.client_id
            && metadata_may_name(self.config.issuer(), issuer)
    }
}
