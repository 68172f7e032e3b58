//! Tokens: from the cache while they are good, by the refresh token when they are not.

use super::Client;
use super::session::{Session, Stored};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Notice, Run, settle};
use crate::core::oauth::target::Target;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::text::concat;
use alloc::string::String;

/// How often a call that has waited for a lock starts again because the session was replaced.
const RESTARTS: usize = 3;

/// Which token is wanted.
#[derive(Clone, Debug, Default)]
pub struct GetTokenOptions {
    /// `scope`, instead of the sign-in's.
    pub scope: Option<String>,
    /// `resource`, instead of the sign-in's.
    pub resource: Option<String>,
    /// `claims` of a claims challenge; asks for a new token.
    pub claims: Option<String>,
    /// Asks for a new token though the cached one is good.
    pub force_refresh: bool,
}

/// Why a cached token will not do, and a request is sent for another one.
pub(super) enum Reason<'a> {
    /// The caller wants one that is newer than their call, with these claims.
    Wanted(Option<&'a str>, UnixTime),
    /// There is none that is good.
    Missing,
    /// It is due. `is_online` says that the network has just come back.
    Due { is_online: bool },
}

impl Client {
    /// An access token that is good now.
    ///
    /// A token that is due is handed out while it is renewed in the background. Calls that find no
    /// good token make one request: the first takes the lock of the refresh-token family, the
    /// others wait for it and find the new token, or the failure.
    pub fn get_token(self: &Shared<Self>, options: GetTokenOptions) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.token(io, &options))
    }

    pub(crate) fn token(&self, io: &mut Io, options: &GetTokenOptions) -> Run<Shared<AccessToken>> {
        let asked_at = io.now();
        let stored = self.load(io)?;
        let session = signed_in(&stored)?;
        let scope = options.scope.as_deref();
        let target = Shared::new(session.target_of(scope, options.resource.as_deref()));
        let claims = options.claims.as_deref();
        let reason = match options.force_refresh || claims.is_some() {
            true => Reason::Wanted(claims, asked_at),
            false => Reason::Missing,
        };
        let token = match reason.cached(session, &target, asked_at) {
            Some(token) => Shared::clone(token),
            None => self.new_token(io, &target, &reason)?,
        };
        let now = io.now();
        io.act(|notices| self.hand_out(&target, now, notices));
        Ok(token)
    }

    /// Asks for a token, unless another call has got one meanwhile or has failed.
    pub(super) fn new_token(
        &self,
        io: &mut Io,
        target: &Shared<Target>,
        reason: &Reason<'_>,
    ) -> Run<Shared<AccessToken>> {
        for _ in 0..RESTARTS {
            // Before and after the wait for the lock the session must be the same user's, and the
            // lock must be that of its refresh tokens: so no caller gets another user's token, and
            // no refresh token is sent twice.
            let stored = self.load(io)?;
            let session = signed_in(&stored)?;
            let lock = concat(&["countersign:refresh:", &session.family]);
            io.lock(&lock)?;
            let locked = self.load(io)?;
            let current = signed_in(&locked)?;
            if current.family != session.family {
                io.tell(Notice::Unlock(lock));
                if current.is_of_same_user(session) {
                    continue;
                }
                break;
            }
            let now = io.now();
            if let Some(token) = reason.cached(current, target, now) {
                io.tell(Notice::Unlock(lock));
                return Ok(Shared::clone(token));
            }
            let renewed = match reason.failure(current, target, now) {
                Some(error) => Err(error),
                None => settle(self.renew(io, current, target, reason), io)?,
            };
            io.tell(Notice::Unlock(lock));
            return Ok(renewed?);
        }
        Err(ErrorCode::SessionReplaced.into())
    }
}

impl<'a> Reason<'a> {
    pub(super) fn claims(&self) -> Option<&'a str> {
        match self {
            Self::Wanted(claims, _) => *claims,
            _ => None,
        }
    }

    pub(super) fn is_background(&self) -> bool {
        matches!(self, Self::Due { .. })
    }

    /// The token in the session that will do.
    fn cached<'s>(
        &self,
        session: &'s Session,
        target: &Target,
        now: UnixTime,
    ) -> Option<&'s Shared<AccessToken>> {
        let token = session.token(target, now)?;
        let does = match self {
            Self::Wanted(claims, asked_at) => {
                token.received_at >= *asked_at && token.claims.as_deref() == *claims
            }
            Self::Missing => true,
            Self::Due { .. } => token.lifetime().freshness(now) == Freshness::Fresh,
        };
        does.then_some(token)
    }

    /// The failure to return instead of sending a request.
    fn failure(&self, session: &Session, target: &Target, now: UnixTime) -> Option<AuthError> {
        let (outage, refusal) = (session.outage.as_deref(), session.refusal(target));
        let (outage, refusal) = match self {
            // One failure counts for all tokens, until it is time to try again.
            Self::Due { is_online } => (
                outage.filter(|outage| {
                    outage.pauses(now) && !(*is_online && outage.ends_online(now))
                }),
                refusal,
            ),
            _ => (
                outage.filter(|outage| outage.is_shared(now)),
                refusal.filter(|refusal| refusal.is_shared(now)),
            ),
        };
        let error = refusal.map(|refusal| &refusal.error);
        error.or(outage.map(|outage| &outage.error)).cloned()
    }
}

fn signed_in(stored: &Stored) -> Result<&Session, ErrorCode> {
    stored.session.as_deref().ok_or(ErrorCode::SignInRequired)
}
