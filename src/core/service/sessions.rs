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
use alloc::string::String;

record! {
    /// A session, by its key.
    #[derive(Debug)]
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
    pub(super) fn begun(&self) -> Begun<'_> {
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
        self.put_session(io, session, None, None)
    }

    /// Whether the session is the one that is wanted, if one is to be begun.
    pub(super) fn is_begun(&self, io: &mut Io, wanted: &Wanted<'_>) -> Run<bool> {
        match wanted.session {
            Some(begun) if wanted.grant == Grant::OnBehalfOf => self.is_current(io, begun),
            _ => Ok(true),
        }
    }

    /// Whether the session is still the one that this assertion began.
    fn is_current(&self, io: &mut Io, begun: Begun<'_>) -> Run<bool> {
        let session = self.load_session(io, begun.key)?;
        Ok(session.is_some_and(|session| session.by == begun.by))
    }

    /// Keeps a session, or none, in the place of any or only of this one. One that has ended
    /// meanwhile, or that another user's has replaced, is not brought back by its renewal.
    pub(super) fn put_session(
        &self,
        io: &mut Io,
        key: &str,
        session: Option<&Shared<Session>>,
        over: Option<Begun<'_>>,
    ) -> Run<()> {
        let name = self.session_name(key);
        io.lock(&name)?;
        let is_over = match over {
            Some(begun) => self.is_current(io, begun)?,
            None => true,
        };
        if is_over {
            io.act(|_| self.kept.with(|kept| kept.put_session(key, session)));
            self.save_session(io, name.clone(), session)?;
        }
        io.tell(Notice::Unlock(name));
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
