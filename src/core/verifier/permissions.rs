//! What a token has to permit: scopes (RFC 6749 section 3.3), roles and groups (RFC 9068 section
//! 2.2.3.1), the application that it was issued to, and any other claim.

use super::access_token::{Facts, alone};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::wire::json::JsonObject;
use crate::core::wire::text::{concat, split_while};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// Rules that a token has to meet, all of them. Each is about a list in the token, of which it
/// wants all of its values or one of them.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    list: List,
    /// Whether all of the values are wanted.
    all: bool,
    values: Vec<String>,
    /// Of a claim of any name, those that are not strings.
    others: Vec<ClaimValue>,
}

/// Where a token has what a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum List {
    Scopes,
    Roles,
    Clients,
    Groups,
    /// `wids`: Entra's directory roles.
    DirectoryRoles,
    /// `acrs`: Entra's authentication contexts.
    AuthenticationContexts,
    Claim(String),
}

/// A value of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum ClaimValue {
    /// A string, or one in a list of strings.
    Text(String),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Boolean(bool),
}

/// What a rule says of a token.
pub(super) enum Met {
    Yes,
    /// The token names no groups, because its user is in too many.
    GroupsNeeded,
}

impl Permissions {
    /// Requires all of these scopes, separated by spaces. There must be one, and each must be a
    /// `scope-token` of RFC 6749 section 3.3, because a challenge repeats them.
    pub fn scope(self, scope: &str) -> Result<Self, AuthError> {
        let scopes = scope_tokens(scope)?;
        Ok(self.with(List::Scopes, true, scopes))
    }

    /// Requires one of these scopes.
    pub fn any_scope(self, scope: &str) -> Result<Self, AuthError> {
        let scopes = scope_tokens(scope)?;
        Ok(self.with(List::Scopes, false, scopes))
    }

    /// Requires one of these roles. There must be one, and none of them empty.
    pub fn roles<S: AsRef<str>>(self, roles: &[S]) -> Result<Self, AuthError> {
        let roles = named("roles", roles)?;
        Ok(self.with(List::Roles, false, roles))
    }

    /// Requires all of these roles.
    pub fn all_roles<S: AsRef<str>>(self, roles: &[S]) -> Result<Self, AuthError> {
        let roles = named("all_roles", roles)?;
        Ok(self.with(List::Roles, true, roles))
    }

    /// Requires that the token was issued to one of these applications, by their client IDs.
    pub fn clients<S: AsRef<str>>(self, clients: &[S]) -> Result<Self, AuthError> {
        let clients = named("clients", clients)?;
        Ok(self.with(List::Clients, false, clients))
    }

    /// Requires that the user is in one of these groups.
    pub fn groups<S: AsRef<str>>(self, groups: &[S]) -> Result<Self, AuthError> {
        let groups = named("groups", groups)?;
        Ok(self.with(List::Groups, false, groups))
    }

    /// Requires one of these directory roles of Entra's, by the GUIDs of their templates (`wids`).
    pub fn directory_roles<S: AsRef<str>>(self, roles: &[S]) -> Result<Self, AuthError> {
        let roles = named("wids", roles)?;
        Ok(self.with(List::DirectoryRoles, false, roles))
    }

    /// Requires all of these authentication contexts of Entra's (`acrs`), as `c1`.
    pub fn authentication_contexts<S: AsRef<str>>(self, contexts: &[S]) -> Result<Self, AuthError> {
        let contexts = named("acrs", contexts)?;
        if contexts
            .iter()
            .any(|context| !context.bytes().all(is_scope_character))
        {
            return invalid("acrs must be of printable ASCII without quotes and backslashes");
        }
        Ok(self.with(List::AuthenticationContexts, true, contexts))
    }

    /// Requires that this claim is one of these values, or a list that has one of them.
    pub fn claim(mut self, name: &str, values: &[ClaimValue]) -> Result<Self, AuthError> {
        if values.is_empty() {
            return invalid("claims must have a value each; leave out those that need none");
        }
        let mut rule = Rule {
            list: List::Claim(name.into()),
            all: false,
            values: Vec::new(),
            others: Vec::new(),
        };
        for value in values {
            match value {
                ClaimValue::Number(number) if !number.is_finite() => {
                    return invalid("claims must have numbers that JSON has");
                }
                ClaimValue::Text(text) => rule.values.push(text.clone()),
                other => rule.others.push(other.clone()),
            }
        }
        self.rules.push(rule);
        Ok(self)
    }

    /// Whether the token meets all rules.
    pub(super) fn check(&self, facts: &Facts<'_>) -> Result<Met, AuthError> {
        let mut met = Met::Yes;
        for rule in &self.rules {
            if let Met::GroupsNeeded = rule.check(facts)? {
                met = Met::GroupsNeeded;
            }
        }
        Ok(met)
    }

    /// All scopes that the rules name.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.values_of(List::Scopes)
    }

    /// All authentication contexts that the rules name.
    pub(super) fn contexts(&self) -> impl Iterator<Item = &str> {
        self.values_of(List::AuthenticationContexts)
    }

    fn values_of(&self, list: List) -> impl Iterator<Item = &str> {
        let rules = self.rules.iter().filter(move |rule| rule.list == list);
        rules.flat_map(|rule| rule.values.iter().map(String::as_str))
    }

    fn with(mut self, list: List, all: bool, values: Vec<String>) -> Self {
        self.rules.push(Rule {
            list,
            all,
            values,
            others: Vec::new(),
        });
        self
    }
}

impl Rule {
    fn check(&self, facts: &Facts<'_>) -> Result<Met, AuthError> {
        let has = |list: &[String]| {
            let mut found = self.values.iter().map(|value| list.contains(value));
            if self.all {
                found.all(|found| found)
            } else {
                found.any(|found| found)
            }
        };
        let read;
        let (is_met, refusal) = match &self.list {
            List::Scopes => (has(facts.scopes), ErrorCode::InsufficientScope),
            List::Roles => (has(facts.roles), ErrorCode::InsufficientRole),
            List::Clients => (has(facts.client), ErrorCode::ClientNotAllowed),
            List::Groups => match facts.groups()? {
                None => return Ok(Met::GroupsNeeded),
                Some(groups) => (has(&groups), ErrorCode::InsufficientGroup),
            },
            List::DirectoryRoles => {
                read = facts.strings("wids")?;
                (has(&read), ErrorCode::InsufficientRole)
            }
            List::AuthenticationContexts => {
                read = facts.strings("acrs")?;
                let refusal = if facts.client_takes_claims()? {
                    ErrorCode::InsufficientClaims
                } else {
                    ErrorCode::ClaimsUnsupported
                };
                (has(&read), refusal)
            }
            List::Claim(name) => {
                if !self.has_claim(facts, name) {
                    return Err(AuthError::about(ErrorCode::ClaimRefused, name));
                }
                return Ok(Met::Yes);
            }
        };
        if is_met {
            Ok(Met::Yes)
        } else {
            Err(refusal.into())
        }
    }
}

impl Rule {
    /// Whether the claim, or one of its elements if it is a list, has one of the values.
    fn has_claim(&self, facts: &Facts<'_>, name: &str) -> bool {
        let is_wanted = |claims: &dyn JsonObject, name: &str| {
            let text = claims.string(name).ok().flatten();
            let is_text = text.is_some_and(|text| self.values.contains(&text));
            is_text || self.others.iter().any(|value| value.is(claims, name))
        };
        if is_wanted(facts.claims, name) {
            return true;
        }
        facts.claims.elements(name).iter().any(|element| {
            (facts.parse_json)(&alone(element)).is_ok_and(|element| is_wanted(&*element, "value"))
        })
    }
}

impl ClaimValue {
    fn is(&self, claims: &dyn JsonObject, name: &str) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Number(number) => claims.number(name) == Ok(Some(*number)),
            Self::Boolean(boolean) => claims.boolean(name) == Ok(Some(*boolean)),
        }
    }
}

fn scope_tokens(scope: &str) -> Result<Vec<String>, AuthError> {
    let mut scopes = Vec::new();
    let mut rest = scope;
    while !rest.is_empty() {
        let (word, after) = split_while(rest, |byte| byte != b' ');
        if !word.bytes().all(is_scope_character) {
            return invalid("scope must be of printable ASCII without quotes and backslashes");
        }
        if !word.is_empty() {
            scopes.push(word.into());
        }
        rest = after.get(1..).unwrap_or_default();
    }
    if scopes.is_empty() {
        return invalid("scope must not be empty; leave it out to require none");
    }
    Ok(scopes)
}

fn named<S: AsRef<str>>(option: &str, values: &[S]) -> Result<Vec<String>, AuthError> {
    if values.is_empty() || values.iter().any(|value| value.as_ref().is_empty()) {
        return invalid(&concat(&[
            option,
            " must not be empty; leave them out to require none",
        ]));
    }
    Ok(values
        .iter()
        .map(|value| value.as_ref().to_owned())
        .collect())
}

/// `%x21 / %x23-5B / %x5D-7E`
fn is_scope_character(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

fn invalid<T>(detail: &str) -> Result<T, AuthError> {
    Err(AuthError::about(ErrorCode::InvalidOption, detail))
}
