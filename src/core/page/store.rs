//! How flows read and change the session. A write happens only over the state that its flow has
//! read; a flow whose state was overtaken reads again and decides anew.

use super::Client;
use super::known::{Loaded, tell_error};
use super::session::{Session, Stored};
use super::transaction::ATTEMPTS;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Io, Notice, RecordKey, Run, settle};
use crate::core::provider::issuer::metadata_may_name;
use crate::core::shared::Shared;
use crate::core::wire::record::Record;
use alloc::string::String;
use alloc::vec::Vec;

/// A state that was written and is not known to the client yet.
pub(super) struct Written {
    stored: Shared<Stored>,
    head: String,
    /// Why the store did not take it, if it did not.
    error: Option<AuthError>,
}

impl Client {
    /// The session as the store holds it now.
    pub(super) fn load(&self, io: &mut Io) -> Run<Loaded> {
        let record = settle(io.read(RecordKey::Session))?;
        let now = io.now();
        let loaded = io.once(|notices| match record {
            Ok(record) => {
                let record = record.as_ref().map(|record| record.as_str());
                self.look(record, now, notices)
            }
            Err(_) => self.unread(),
        })?;
        Ok((*loaded).clone())
    }

    /// Writes a state over the loaded one; `None` if somebody else has changed that.
    pub(super) fn write(
        &self,
        io: &mut Io,
        loaded: &Loaded,
        session: Option<Session>,
    ) -> Run<Option<Written>> {
        let next = loaded.stored.followed_by(session);
        let attempt = settle(io.write(RecordKey::Session, next.to_text(), &loaded.head))?;
        let attempt = match attempt {
            // A store that is full may have room without the access tokens: what must not be lost
            // is the refresh token.
            Err(_) if next.session.is_some() => {
                let lean = next.session.clone().map(|session| Session {
                    tokens: Default::default(),
                    ..session
                });
                let lean = loaded.stored.followed_by(lean).to_text();
                settle(io.write(RecordKey::Session, lean, &loaded.head))?
            }
            attempt => attempt,
        };
        let (head, error) = match attempt {
            Ok(true) => (next.head(), None),
            Ok(false) => return Ok(None),
            Err(error) => (loaded.head.clone(), Some(error)),
        };
        Ok(Some(Written {
            stored: Shared::new(next),
            head,
            error,
        }))
    }

    /// Makes what was written the client's copy. A session is good in this page even if it could
    /// not be stored.
    pub(super) fn accept(&self, io: &mut Io, written: Written) -> Run<Loaded> {
        let now = io.now();
        let Written {
            stored,
            head,
            error,
        } = written;
        io.once(|notices: &mut Vec<Notice>| {
            let was_told = self.adopt(&stored, &head, now, notices);
            if let (Some(error), false) = (error, was_told) {
                tell_error(error, notices);
            }
        })?;
        Ok(Loaded { stored, head })
    }

    /// Changes the session of this family; `None` if there is none any more.
    pub(super) fn update(
        &self,
        io: &mut Io,
        family: &str,
        change: &dyn Fn(&Session) -> Option<Session>,
    ) -> Run<Option<Loaded>> {
        for _ in 0..ATTEMPTS {
            let loaded = self.load(io)?;
            let Some(session) = loaded
                .session()
                .filter(|session| session.family == family)
            else {
                return Ok(None);
            };
            if let Some(written) = self.write(io, &loaded, change(session))? {
                return self.accept(io, written).map(Some);
            }
        }
        Err(ErrorCode::Internal.into())
    }

    /// Ends whatever session there is.
    pub(super) fn clear(&self, io: &mut Io) -> Run<()> {
        for _ in 0..ATTEMPTS {
            let loaded = self.load(io)?;
            if let Some(mut written) = self.write(io, &loaded, None)? {
                let error = written.error.take();
                self.accept(io, written)?;
                return match error {
                    Some(error) => Err(error.into()),
                    None => Ok(()),
                };
            }
        }
        Err(ErrorCode::Internal.into())
    }

    /// Whether a stored session is this client's: a changed configuration starts signed out.
    pub(super) fn is_mine(&self, session: &Session) -> bool {
        let issuer = session.metadata.issuer.as_str();
        session.client_id == self.config.client_id
            && metadata_may_name(&self.config.authority, issuer)
    }
}
