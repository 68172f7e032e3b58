//! What an API requires of a token, of every one or by who stands behind it.

use super::TokenKind;
use super::access_token::Facts;
use super::permissions::{Met, Permissions};
use crate::core::error::{AuthError, ErrorCode};

/// What a request requires of its token. The default is nothing.
///
/// ```
/// use countersign::verifier::{Permissions, Requirement};
///
/// let reader = Requirement::from(Permissions::default().scope("notes.read")?);
/// let by_kind = Requirement {
///     user: Some(Permissions::default().scope("notes.write")?),
///     app: Some(Permissions::default().roles(&["Notes.Write"])?),
///     ..reader
/// };
/// # Ok::<(), countersign::AuthError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Requirement {
    /// Of every token, of whatever kind.
    pub every: Permissions,
    /// Of a user's token. If this or `app` is given, a token of a kind that has none is refused.
    pub user: Option<Permissions>,
    /// Of an application's token.
    pub app: Option<Permissions>,
}

impl From<Permissions> for Requirement {
    fn from(every: Permissions) -> Self {
        Self {
            every,
            user: None,
            app: None,
        }
    }
}

impl Requirement {
    pub(super) fn check(&self, facts: &Facts<'_>) -> Result<Met, AuthError> {
        let of_every = self.every.check(facts)?;
        if self.user.is_none() && self.app.is_none() {
            return Ok(of_every);
        }
        let permissions = match facts.kind {
            TokenKind::User => &self.user,
            TokenKind::App => &self.app,
            TokenKind::Unknown => &None,
        };
        match permissions {
            Some(permissions) => match permissions.check(facts)? {
                Met::Yes => Ok(of_every),
                Met::GroupsNeeded => Ok(Met::GroupsNeeded),
            },
            None => Err(ErrorCode::TokenKindRefused.into()),
        }
    }

    /// Every set of rules.
    pub(super) fn all(&self) -> impl Iterator<Item = &Permissions> {
        let of_kinds = self.user.iter().chain(&self.app);
        core::iter::once(&self.every).chain(of_kinds)
    }
}
