//! What an API requires of a token: scopes (RFC 6749 section 3.3) and roles (RFC 9068 section
//! 2.2.3.1).

use super::TokenKind;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::wire::text::split_while;
use alloc::string::String;
use alloc::vec::Vec;

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

/// Scopes and roles. If there are both, both are required.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    scopes: Vec<String>,
    roles: Vec<String>,
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

impl Permissions {
    /// Requires all of these scopes, separated by spaces. There must be one, and each must be a
    /// `scope-token` of RFC 6749 section 3.3, because a challenge repeats them.
    pub fn scope(mut self, scope: &str) -> Result<Self, AuthError> {
        let before = self.scopes.len();
        let mut rest = scope;
        while !rest.is_empty() {
            let (word, after) = split_while(rest, |byte| byte != b' ');
            if !word.bytes().all(is_scope_character) {
                return invalid("scope must be of printable ASCII without quotes and backslashes");
            }
            if !word.is_empty() {
                self.scopes.push(word.into());
            }
            rest = after.get(1..).unwrap_or_default();
        }
        if self.scopes.len() == before {
            return invalid("scope must not be empty; leave it out to require none");
        }
        Ok(self)
    }

    /// Requires one of these roles. There must be one, and none of them empty.
    pub fn roles<S: AsRef<str>>(mut self, roles: &[S]) -> Result<Self, AuthError> {
        if roles.is_empty() || roles.iter().any(|role| role.as_ref().is_empty()) {
            return invalid("roles must not be empty; leave them out to require none");
        }
        self.roles = roles.iter().map(|role| role.as_ref().into()).collect();
        Ok(self)
    }

    fn check(&self, scopes: &[String], roles: &[String]) -> Result<(), AuthError> {
        if !self.scopes.iter().all(|scope| scopes.contains(scope)) {
            return Err(ErrorCode::InsufficientScope.into());
        }
        if !self.roles.is_empty() && !self.roles.iter().any(|role| roles.contains(role)) {
            return Err(ErrorCode::InsufficientRole.into());
        }
        Ok(())
    }
}

impl Requirement {
    pub(crate) fn check(
        &self,
        kind: TokenKind,
        scopes: &[String],
        roles: &[String],
    ) -> Result<(), AuthError> {
        self.every.check(scopes, roles)?;
        if self.user.is_none() && self.app.is_none() {
            return Ok(());
        }
        let permissions = match kind {
            TokenKind::User => &self.user,
            TokenKind::App => &self.app,
            TokenKind::Unknown => &None,
        };
        match permissions {
            Some(permissions) => permissions.check(scopes, roles),
            None => Err(ErrorCode::TokenKindRefused.into()),
        }
    }

    /// All scopes that this names.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        let of_kinds = self.user.iter().chain(&self.app);
        let all = core::iter::once(&self.every).chain(of_kinds);
        all.flat_map(|permissions| permissions.scopes.iter().map(String::as_str))
    }
}

/// `%x21 / %x23-5B / %x5D-7E`
fn is_scope_character(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

fn invalid<T>(detail: &str) -> Result<T, AuthError> {
    Err(AuthError::about(ErrorCode::InvalidOption, detail))
}
