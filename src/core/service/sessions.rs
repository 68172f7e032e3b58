//! Long-running sessions: work that goes on for a user when the token that began it has expired, by
//! the refresh token of an exchange. Entra's on-behalf-of flow gives one.

use super::on_behalf_of::for_session;
use super::refusal::Grant;
use super::tokens::Wanted;
use super::{AccessToken, ConfidentialClient, TokenOptions};
use crate::core::error::ErrorCode;
use crate::core::flow::{Flow, Io, Notice, Run};
use crate::core::oauth::token_request;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::tokens::cache_key::Owner;
use crate::core::wire::record::record;
use crate::core::wire::text::concat;
use alloc::string::String;

record! {
    /// A session, by its key.
    #[derive(Clone, Debug)]
    pub(super) struct Session {
        pub(super) key: String,
        /// The digest of the assertion that began it. Tokens are kept under both: one key that is
        /// used for two users never gives one the other's.
        pub(super) by: String,
        /// Empty if the provider gave none.
        pub(super) refresh_token: Secret,
        pub(super) tenant: Option<String>,
    }
}

/// A session to begin, or to go on with.
#[derive(Clone, Copy)]
pub(super) struct Begun<'a> {
    pub(super) key: &'a str,
    pub(super) by: &'a str,
}

impl Session {
    fn begun(&self) -> Begun<'_> {
        Begun {
            key: &self.key,
            by: &self.by,
        }
    }
}

impl ConfidentialClient {
    /// Forgets a long-running session.
    pub fn end_session(self: &Shared<Self>, session: String) -> Flow<()> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.forget_session(io, &session))
    }

    pub(crate) fn forget_session(&self, io: &mut Io, session: &str) -> Run<()> {
        let lock = lock_of(session);
        io.lock(&lock)?;
        io.act(|_| self.kept.with(|kept| kept.drop_session(session, None)));
        self.save_end_of_session(io, session)?;
        io.tell(Notice::Unlock(lock));
        Ok(())
    }

    /// Whether the session is still the one that this assertion began.
    pub(super) fn is_begun(&self, io: &mut Io, begun: Begun<'_>) -> Run<bool> {
        let session = self.load_session(io, begun.key)?;
        Ok(session.is_some_and(|session| session.by == begun.by))
    }

    /// Keeps a session that was begun, or the newer refresh token of one that goes on. A session that
    /// has ended meanwhile, or that another user's has replaced, is not brought back.
    pub(super) fn keep_session(&self, io: &mut Io, grant: Grant, session: &Session) -> Run<()> {
        let lock = lock_of(&session.key);
        io.lock(&lock)?;
        if grant == Grant::OnBehalfOf || self.is_begun(io, session.begun())? {
            io.act(|_| self.kept.with(|kept| kept.keep_session(session)));
            self.save_session(io, session)?;
        }
        io.tell(Notice::Unlock(lock));
        Ok(())
    }

    /// A token of a session that was begun.
    pub(super) fn token_in_session(
        &self,
        io: &mut Io,
        key: &str,
        options: &TokenOptions,
    ) -> Run<Shared<AccessToken>> {
        let session = self.load_session(io, key)?;
        let session = session.filter(|session| !session.refresh_token.expose().is_empty());
        let session = session.ok_or(ErrorCode::SessionUnknown)?;
        self.token(
            io,
            &Wanted {
                key: self.key(Owner::Session(key, &session.by), options),
                grant: Grant::Session,
                options,
                tenant: &|| session.tenant.as_deref(),
                session: Some(session.begun()),
                form: &|endpoint| {
                    // Another flow may have got a newer refresh token meanwhile; Entra takes both.
                    let target = match endpoint.protocol {
                        Some(_) => for_session(&options.target),
                        None => options.target.clone(),
                    };
                    Ok(token_request::refresh_token(
                        &session.refresh_token,
                        &target,
                        true,
                        options.claims.as_deref(),
                    ))
                },
            },
        )
    }
}

fn lock_of(session: &str) -> String {
    concat(&["countersign:session:", session])
}
