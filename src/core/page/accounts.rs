//! The accounts of a client: one session for each user who is signed in, one of them active.

use super::Account;
use super::session::Session;
use crate::core::error::ErrorCode;
use crate::core::shared::Shared;
use crate::core::wire::text::concat;
use alloc::string::String;
use alloc::vec::Vec;

/// Which user is meant: what identifies an [`Account`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountId {
    /// `iss` of the ID token.
    pub issuer: String,
    /// `sub` of the ID token.
    pub subject: String,
}

/// The sessions of a state of the store. No two are of one user.
#[derive(Clone, Default)]
pub(crate) struct Accounts {
    pub(crate) sessions: Vec<Shared<Session>>,
    /// Whether the first is that of the active account, which is meant by calls that name none.
    pub(crate) has_active: bool,
}

/// No family begins so.
const NOT_ACTIVE: &str = ".";

impl Accounts {
    /// The session of the active account.
    pub(crate) fn active(&self) -> Option<&Shared<Session>> {
        self.sessions.first().filter(|_| self.has_active)
    }

    /// The sessions of the other accounts.
    pub(crate) fn others(&self) -> &[Shared<Session>] {
        let others = self.sessions.get(usize::from(self.has_active)..);
        others.unwrap_or_default()
    }

    /// The session of this family.
    pub(crate) fn of_family(&self, family: &str) -> Option<&Session> {
        let mut sessions = self.sessions.iter();
        Some(sessions.find(|session| session.family == family)?)
    }

    /// The session of this user, or of the active account.
    pub(crate) fn of(&self, account: Option<&AccountId>) -> Result<&Session, ErrorCode> {
        let found = match account {
            Some(id) => self.sessions.iter().find(|session| session.is_of(id)),
            None => self.active(),
        };
        match found {
            Some(session) => Ok(session),
            None if account.is_none() && !self.sessions.is_empty() => {
                Err(ErrorCode::AccountRequired)
            }
            None => Err(ErrorCode::SignInRequired),
        }
    }

    /// A text that names the first session and whether it is active; nothing if there is none.
    pub(super) fn mark(&self) -> String {
        let first = self.sessions.first();
        let family = first.map_or("", |session| session.family.as_str());
        match self.has_active || family.is_empty() {
            true => family.into(),
            false => concat(&[NOT_ACTIVE, family]),
        }
    }

    /// A user has signed in: their session takes the place of the one they had, and is active.
    pub(crate) fn signed_in(&self, session: &Shared<Session>) -> Self {
        let mut next = self.without(&|known| known.is_of_same_user(session));
        next.sessions.insert(0, Shared::clone(session));
        next.has_active = true;
        next
    }

    /// Without the sessions of this kind.
    pub(crate) fn without(&self, is: &dyn Fn(&Session) -> bool) -> Self {
        let mut next = Self {
            has_active: self.active().is_some_and(|session| !is(session)),
            ..Self::default()
        };
        for session in &self.sessions {
            if !is(session) {
                next.sessions.push(Shared::clone(session));
            }
        }
        next
    }

    /// With each session as it is made anew.
    pub(crate) fn each(&self, make: &dyn Fn(&Session) -> Session) -> Self {
        let mut next = self.clone();
        for session in &mut next.sessions {
            *session = Shared::new(make(session));
        }
        next
    }

    /// With this session in the place of that of its family.
    pub(crate) fn renewed(&self, renewed: &Shared<Session>) -> Self {
        let mut next = self.clone();
        for session in &mut next.sessions {
            if session.family == renewed.family {
                *session = Shared::clone(renewed);
            }
        }
        next
    }

    /// With this user's account as the active one, or none.
    pub(crate) fn activated(&self, account: Option<&AccountId>) -> Result<Self, ErrorCode> {
        let mut next = self.clone();
        next.has_active = account.is_some();
        if let Some(id) = account {
            let place = next.sessions.iter().position(|session| session.is_of(id));
            let session = next
                .sessions
                .remove(place.ok_or(ErrorCode::SignInRequired)?);
            next.sessions.insert(0, session);
        }
        Ok(next)
    }
}

impl AccountId {
    pub(crate) fn of(session: &Session) -> Self {
        let id_token = &session.id_token;
        Self {
            issuer: id_token.issuer.clone(),
            subject: id_token.subject.clone(),
        }
    }
}

impl Account {
    /// What identifies it.
    pub fn id(&self) -> AccountId {
        AccountId {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
        }
    }
}
