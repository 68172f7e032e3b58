//! Tokens: from the cache while they are good, by the refresh token when they are not.

use super::renew::token_endpoint;
use super::session::{Session, Stored};
use super::{AccountId, Client};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Notice, Run, settle};
use crate::core::oauth::target::Target;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::text::concat;
use alloc::string::String;

/// How often a call starts over before it gives up.
const RESTARTS: usize = 4;
/// The error of a call that has to start over: the session, the metadata or the refresh token was
/// replaced, the lock was held for too long, or the new token has expired on its way.
pub(super) const START_OVER: ErrorCode = ErrorCode::TokenExpired;
/// No request with a refresh token begins later than this many seconds after the lock was acquired:
/// a host gives a request up after thirty, and may take the lock over after sixty.
const LATEST: f64 = 25.0;

/// Which token is wanted.
#[derive(Clone, Debug, Default)]
pub struct GetTokenOptions {
    /// Whose token, if not the active account's.
    pub account: Option<AccountId>,
    /// `scope`, instead of the sign-in's.
    pub scope: Option<String>,
    /// `resource`, instead of the sign-in's.
    pub resource: Option<String>,
    /// Entra: the tenant that issues the token, by its GUID or a domain, instead of the sign-in's:
    /// for a guest in it. The one refresh token serves all tenants.
    pub tenant: Option<String>,
    /// `claims` of a claims challenge; asks for a new token.
    pub claims: Option<String>,
    /// Asks for a new token though the cached one is good.
    pub force_refresh: bool,
}

/// Why a cached token will not do, and a request is sent for another one.
pub(crate) enum Reason<'a> {
    /// The caller wants a new one, with these claims; not the one that was obtained at this time.
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
        let stored = self.load(io)?;
        let account = options.account.as_ref();
        let session = stored.accounts.of(account)?;
        let scope = options.scope.as_deref();
        let target = session.target_of(scope, options.resource.as_deref());
        let tenant = options.tenant.as_deref();
        token_endpoint(session, tenant)?;
        let target = Shared::new(target.in_tenant(tenant));
        let claims = options.claims.as_deref();
        let known = session.token(&target);
        let reason = match options.force_refresh || claims.is_some() {
            true => Reason::Wanted(
                claims,
                known.map_or(UnixTime::EPOCH, |known| known.obtained_at),
            ),
            false => Reason::Missing,
        };
        let token = match known {
            Some(known) if reason.accepts(known, io.now()) => Shared::clone(known),
            _ => self.new_token(io, &stored, account, &target, &reason)?,
        };
        let now = io.now();
        let is_active_meant = account.is_none();
        let is_still_meant =
            io.once(|notices| self.hand_out(session, is_active_meant, &target, now, notices))?;
        match *is_still_meant {
            true => Ok(token),
            // A page that shows the active account must not show it with another user's data.
            false => Err(ErrorCode::SessionReplaced.into()),
        }
    }

    /// Asks for a token of this account, unless another call has got one meanwhile or has failed.
    pub(crate) fn new_token(
        &self,
        io: &mut Io,
        stored: &Shared<Stored>,
        account: Option<&AccountId>,
        target: &Shared<Target>,
        reason: &Reason<'_>,
    ) -> Run<Shared<AccessToken>> {
        let first = stored.accounts.of(account)?;
        let mut stored = Shared::clone(stored);
        for _ in 0..RESTARTS {
            // Before and after the wait for the lock the session must be the same user's, and the
            // lock must be that of its refresh tokens: so no caller gets another user's token, and
            // no refresh token is sent twice.
            let session = stored.accounts.of(account)?;
            if !session.is_of_same_user(first) {
                return Err(ErrorCode::SessionReplaced.into());
            }
            let lock = concat(&["countersign:refresh:", &session.family]);
            io.lock(&lock)?;
            let locked_at = io.now();
            let locked = self.load(io)?;
            let is_late = io.now().since(locked_at) > LATEST;
            let token = match locked.accounts.of(account) {
                Ok(current) if current.family == session.family && !is_late => {
                    settle(self.locked_token(io, current, target, reason), io)?
                }
                _ => Err(START_OVER.into()),
            };
            io.tell(Notice::Unlock(lock));
            match token {
                Err(error) if error.code() == START_OVER => {}
                Ok(token) if !token.is_good(io.now()) => {}
                token => return Ok(token?),
            }
            stored = locked;
        }
        Err(START_OVER.into())
    }

    /// What the caller gets, who has the lock of the session's family.
    fn locked_token(
        &self,
        io: &mut Io,
        session: &Session,
        target: &Shared<Target>,
        reason: &Reason<'_>,
    ) -> Run<Shared<AccessToken>> {
        let now = io.now();
        if let Some(known) = session.token(target)
            && reason.accepts(known, now)
        {
            return Ok(Shared::clone(known));
        }
        match reason.failure(session, target, now) {
            Some(error) => Err(error.into()),
            None => self.renew(io, session, target, reason),
        }
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

    /// Whether a token of the cache will do.
    fn accepts(&self, token: &AccessToken, now: UnixTime) -> bool {
        let freshness = token.lifetime().freshness(now);
        match self {
            _ if freshness == Freshness::Expired => false,
            Self::Wanted(claims, known_at) => {
                token.obtained_at != *known_at && token.claims.as_deref() == *claims
            }
            Self::Missing => true,
            Self::Due { .. } => freshness == Freshness::Fresh,
        }
    }

    /// The failure to return instead of sending a request.
    fn failure(&self, session: &Session, target: &Target, now: UnixTime) -> Option<AuthError> {
        let (outage, refusal) = (
            session.outage.as_deref(),
            session.refusal(target, self.claims()),
        );
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
