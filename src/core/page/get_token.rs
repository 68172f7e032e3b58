//! Tokens: from the cache while they are good, by the refresh token when they are not.

use super::Client;
use super::session::Session;
use crate::core::error::ErrorCode;
use crate::core::flow::{Flow, Io, Notice, Run};
use crate::core::oauth::target::Target;
use crate::core::shared::Shared;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::text::concat;
use alloc::string::String;

/// How often a call starts over, because the session was replaced while it waited for the lock, the
/// lock was held for too long, or the new token has expired on its way.
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

impl GetTokenOptions {
    /// Whether a cached token does not do.
    fn wants_new(&self) -> bool {
        self.force_refresh || self.claims.is_some()
    }
}

impl Client {
    /// An access token that is good now.
    ///
    /// A token that is due is handed out while it is renewed in the background. Calls that find no
    /// good token make one request: the first takes the lock of the refresh-token family, the others
    /// wait for it and find the new token, or the failure.
    pub fn get_token(self: &Shared<Self>, options: GetTokenOptions) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.token(io, &options))
    }

    pub(crate) fn token(
        &self,
        io: &mut Io,
        options: &GetTokenOptions,
    ) -> Run<Shared<AccessToken>> {
        let wanted = |session: &Session| {
            let scope = options.scope.as_deref();
            Shared::new(session.target_of(scope, options.resource.as_deref()))
        };
        let mut loaded = self.load(io)?;
        let session = loaded.session().ok_or(ErrorCode::SignInRequired)?;
        let target = wanted(session);
        let good = session.token(&target, io.now());
        if let (Some(token), false) = (good, options.wants_new()) {
            return self.give(io, &target, token);
        }
        let mut failure = ErrorCode::SessionReplaced;
        for _ in 0..RESTARTS {
            let session = loaded.session().ok_or(ErrorCode::SignInRequired)?;
            let target = wanted(session);
            // Whose session it is, and the lock of its family, must be the same before and after
            // the wait: nobody gets another's token, and no refresh token is sent twice.
            let lock = refresh_lock(&session.family);
            io.lock(&lock)?;
            let locked_at = io.now();
            let locked = self.load(io)?;
            let current = locked.session().ok_or(ErrorCode::SignInRequired)?;
            if current.family == session.family {
                let claims = options.claims.as_deref();
                let is_new = current.received_at(&target) != session.received_at(&target);
                let known = current.token(&target, io.now()).filter(|token| {
                    !options.wants_new() || is_new && token.claims.as_deref() == claims
                });
                if let Some(token) = known {
                    return self.give(io, &target, token);
                }
                if let Some(error) = current.failure(&target, claims, io.now()) {
                    return Err(error.into());
                }
                if let Some(token) = self.renew(io, current, locked_at, &target, claims, false)? {
                    if token.lifetime().freshness(io.now()) != Freshness::Expired {
                        return self.give(io, &target, &token);
                    }
                    // The page slept, or the clock was set, while the token was on its way.
                    failure = ErrorCode::TokenExpired;
                }
            } else if !current.is_of_same_user(session) {
                break;
            }
            loaded = locked;
            io.tell(Notice::Unlock(lock));
        }
        Err(failure.into())
    }

    fn give(
        &self,
        io: &mut Io,
        target: &Target,
        token: &Shared<AccessToken>,
    ) -> Run<Shared<AccessToken>> {
        let now = io.now();
        io.once(|notices| self.hand_out(target, now, notices))?;
        Ok(Shared::clone(token))
    }
}

/// The lock of a family of refresh tokens.
pub(super) fn refresh_lock(family: &str) -> String {
    concat(&["countersign:refresh:", family])
}
