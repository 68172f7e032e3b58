//! The provider: what it issued, what of that it accepts, and how it decides a request.

use std::fmt;

use crate::random::Random;
use crate::record::numbers_after;
use crate::response::{Body, Meaning, Reply, Wrong};
use crate::world::Time;

pub(crate) const ISSUER: &str = "https://as.example";
/// What a sign-in asks for.
pub(crate) const SCOPE: &str = "openid profile offline_access";
/// The end of each secret: whatever the core shows must not contain it.
pub(crate) const SECRET: &str = ".hush";

pub(crate) type GrantId = usize;
pub(crate) type AccessId = usize;

/// The refresh token of this serial number in the family of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RefreshId {
    pub(crate) grant: GrantId,
    pub(crate) serial: usize,
}

impl RefreshId {
    pub(crate) fn in_text(text: &str) -> Option<Self> {
        let at = text.find("rt.")?;
        let mut numbers = text[at + 3..].split('.');
        Some(Self {
            grant: numbers.next()?.parse().ok()?,
            serial: numbers.next()?.parse().ok()?,
        })
    }
}

impl fmt::Display for RefreshId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rt.{}.{}{SECRET}", self.grant, self.serial)
    }
}

/// What becomes of a refresh token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// It stays good: there is one for each grant.
    Never,
    /// Its second use revokes the grant (RFC 9700 section 4.14.2).
    Strict,
    /// Its second use is refused, and the newest one stays good.
    Lenient,
    /// It stays good for so many seconds, since a response may be lost.
    Grace(u64),
}

/// How long things last, and what is told about it.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) rotation: Rotation,
    /// Seconds.
    pub(crate) access_life: u64,
    pub(crate) tells_access_life: bool,
    /// Seconds from the last use.
    pub(crate) refresh_life: Option<u64>,
    pub(crate) tells_refresh_life: bool,
    pub(crate) refreshes_id_token: bool,
    pub(crate) refresh_in: Option<u64>,
    /// Whether a sign-out at the provider revokes the grant.
    pub(crate) logout_revokes: bool,
}

pub(crate) struct Grant {
    pub(crate) user: &'static str,
    client: String,
    /// For each refresh token when it was used first.
    used: Vec<Option<Time>>,
    pub(crate) is_revoked: bool,
    ends_at: Option<Time>,
}

pub(crate) struct Access {
    pub(crate) grant: GrantId,
    pub(crate) user: &'static str,
    /// The words of its scope in order.
    pub(crate) scope: String,
    pub(crate) claims: Option<String>,
    pub(crate) issued_at: Time,
    pub(crate) expires_at: Time,
    /// Whether the response around it was such that it may be used.
    pub(crate) is_usable: bool,
}

struct Code {
    user: &'static str,
    client: String,
    nonce: String,
    scope: String,
    redirect_uri: String,
    grant: Option<GrantId>,
}

/// A request for which there is a reason to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unavailable {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
}

pub(crate) struct Provider {
    pub(crate) policy: Policy,
    pub(crate) grants: Vec<Grant>,
    pub(crate) access: Vec<Access>,
    codes: Vec<Code>,
    /// How often the token endpoint has moved.
    pub(crate) moves: u32,
    pub(crate) unavailable: Option<Unavailable>,
    pub(crate) has_no_discovery: bool,
    /// Whether the client was removed from the provider's register.
    pub(crate) refuses_client: bool,
    /// Scopes that a refresh request is refused for, until the user consents.
    pub(crate) denied: Vec<&'static str>,
    /// How many of a hundred good responses have something wrong in them.
    pub(crate) wrong: u32,
}

/// A request, read.
pub(crate) struct Message {
    pub(crate) url: String,
    pub(crate) form: Vec<(String, String)>,
}

impl Message {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut form = self.form.iter();
        let found = form.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn refresh(&self) -> Option<RefreshId> {
        RefreshId::in_text(self.get("refresh_token")?)
    }

    pub(crate) fn is_discovery(&self) -> bool {
        self.url.ends_with("/.well-known/openid-configuration")
    }
}

/// The words of a scope in order, each once.
pub(crate) fn sorted(scope: &str) -> String {
    let mut words: Vec<&str> = scope.split_ascii_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

impl Provider {
    pub(crate) fn new(policy: Policy) -> Self {
        Self {
            policy,
            grants: Vec::new(),
            access: Vec::new(),
            codes: Vec::new(),
            moves: 0,
            unavailable: None,
            has_no_discovery: false,
            refuses_client: false,
            denied: Vec::new(),
            wrong: 0,
        }
    }

    /// Everything works again. What was revoked stays so, and what has moved.
    pub(crate) fn heal(&mut self) {
        self.unavailable = None;
        self.has_no_discovery = false;
        self.refuses_client = false;
        self.denied.clear();
        self.wrong = 0;
    }

    /// Whether a second use of a refresh token does harm.
    pub(crate) fn forbids_reuse(&self) -> bool {
        matches!(self.policy.rotation, Rotation::Strict | Rotation::Lenient)
    }

    pub(crate) fn accepts(&self, token: RefreshId, now: Time) -> bool {
        let Some(grant) = self.grants.get(token.grant) else {
            return false;
        };
        let Some(used) = grant.used.get(token.serial) else {
            return false;
        };
        let is_good = match (self.policy.rotation, used) {
            (Rotation::Never, _) | (_, None) => true,
            (Rotation::Strict | Rotation::Lenient, Some(_)) => false,
            (Rotation::Grace(seconds), Some(at)) => now < at + seconds * 1000,
        };
        is_good && !grant.is_revoked && grant.ends_at.is_none_or(|end| now < end)
    }

    pub(crate) fn token_endpoint(&self) -> String {
        match self.moves {
            0 => format!("{ISSUER}/token"),
            moves => format!("{ISSUER}/token{moves}"),
        }
    }

    /// The user agrees to an authorization request. Returns the response's parameters.
    pub(crate) fn authorize(&mut self, request: &Message, user: &'static str) -> String {
        let get = |name: &str| request.get(name).unwrap_or_default().to_string();
        self.codes.push(Code {
            user,
            client: get("client_id"),
            nonce: get("nonce"),
            scope: get("scope"),
            redirect_uri: get("redirect_uri"),
            grant: None,
        });
        let code = self.codes.len() - 1;
        format!("code=code.{code}{SECRET}&state={}", get("state"))
    }

    pub(crate) fn respond(&mut self, request: &Message, now: Time, random: &mut Random) -> Reply {
        if request.is_discovery() {
            return match self.unavailable {
                Some(outage) => Reply::unavailable(outage),
                None if self.has_no_discovery => Reply::not_found(),
                None => Reply::metadata(self),
            };
        }
        if let Some(outage) = self.unavailable {
            return Reply::unavailable(outage);
        }
        if request.url != self.token_endpoint() {
            return Reply::not_found();
        }
        if self.refuses_client {
            return Reply::refusal(401, "invalid_client", None, Meaning::Refused);
        }
        match request.get("grant_type") {
            Some("authorization_code") => self.redeem(request, now, random),
            Some("refresh_token") => self.refresh(request, now, random),
            _ => Reply::refusal(400, "unsupported_grant_type", None, Meaning::Refused),
        }
    }

    fn redeem(&mut self, request: &Message, now: Time, random: &mut Random) -> Reply {
        let dead = || Reply::refusal(400, "invalid_grant", None, Meaning::Dead);
        let text = request.get("code").unwrap_or_default();
        let Some(place) = numbers_after(text, "code.").next() else {
            return dead();
        };
        let Some(code) = self.codes.get_mut(place) else {
            return dead();
        };
        if let Some(grant) = code.grant {
            // RFC 6749 section 4.1.2: what the code was good for is revoked.
            self.grants[grant].is_revoked = true;
            return dead();
        }
        if request.get("redirect_uri") != Some(&code.redirect_uri)
            || request.get("client_id") != Some(&code.client)
        {
            return dead();
        }
        let grant = self.grants.len();
        code.grant = Some(grant);
        let (nonce, scope) = (code.nonce.clone(), code.scope.clone());
        self.grants.push(Grant {
            user: code.user,
            client: code.client.clone(),
            used: vec![None],
            is_revoked: false,
            ends_at: self.policy.refresh_life.map(|life| now + life * 1000),
        });
        let access = self.issue(grant, &scope, None, now);
        let first = RefreshId { grant, serial: 0 };
        self.tokens(access, Some(first), Some(&nonce), now, random)
    }

    fn refresh(&mut self, request: &Message, now: Time, random: &mut Random) -> Reply {
        let dead = || Reply::refusal(400, "invalid_grant", None, Meaning::Dead);
        let Some(token) = request.refresh() else {
            return dead();
        };
        if !self.accepts(token, now) {
            let rotation = self.policy.rotation;
            if let Some(grant) = self.grants.get_mut(token.grant)
                && matches!(rotation, Rotation::Strict | Rotation::Grace(_))
                && grant.used.get(token.serial).is_some_and(Option::is_some)
            {
                grant.is_revoked = true;
            }
            return dead();
        }
        let scope = sorted(request.get("scope").unwrap_or(SCOPE));
        let is_denied = |denied: &&str| scope.split(' ').any(|word| word == *denied);
        if let Some(denied) = self.denied.iter().copied().find(is_denied) {
            return match denied {
                "admin" => Reply::refusal(400, "interaction_required", None, Meaning::NeedsUser),
                // As Entra ID refuses it.
                _ => Reply::refusal(
                    400,
                    "invalid_grant",
                    Some("consent_required"),
                    Meaning::NeedsUser,
                ),
            };
        }
        let claims = request.get("claims").map(String::from);
        if claims.as_deref() == Some(REFUSED_CLAIMS) {
            return Reply::refusal(400, "interaction_required", None, Meaning::NeedsUser);
        }
        let grant = &mut self.grants[token.grant];
        grant.ends_at = self.policy.refresh_life.map(|life| now + life * 1000);
        let next = (self.policy.rotation != Rotation::Never).then(|| {
            let used = &mut grant.used[token.serial];
            *used = Some(used.unwrap_or(now));
            grant.used.push(None);
            RefreshId {
                grant: token.grant,
                serial: grant.used.len() - 1,
            }
        });
        let access = self.issue(token.grant, &scope, claims, now);
        self.tokens(access, next, None, now, random)
    }

    fn issue(
        &mut self,
        grant: GrantId,
        scope: &str,
        claims: Option<String>,
        now: Time,
    ) -> AccessId {
        // Who does not say how long a token lives issues long ones.
        let is_told = self.policy.tells_access_life;
        let life = if is_told {
            self.policy.access_life
        } else {
            3600
        };
        self.access.push(Access {
            grant,
            user: self.grants[grant].user,
            scope: sorted(scope),
            claims,
            issued_at: now,
            expires_at: now + life * 1000,
            is_usable: true,
        });
        self.access.len() - 1
    }

    fn tokens(
        &mut self,
        access: AccessId,
        refresh: Option<RefreshId>,
        nonce: Option<&str>,
        now: Time,
        random: &mut Random,
    ) -> Reply {
        let wrong = random
            .chance(self.wrong)
            .then(|| random.one_of(&Wrong::ALL));
        let grant = self.access[access].grant;
        let body = Body {
            access,
            refresh,
            nonce,
            now,
            client: &self.grants[grant].client,
            user: self.grants[grant].user,
            grant,
            policy: &self.policy,
            wrong,
        };
        let text = body.text();
        let is_usable = wrong.is_none_or(|wrong| wrong.leaves_usable(body.has_id_token()));
        let is_other = wrong == Some(Wrong::AnotherSubject) && body.has_id_token();
        self.access[access].is_usable = is_usable;
        Reply::new(
            200,
            text,
            Meaning::Tokens {
                grant,
                refresh,
                access,
                is_usable,
                is_other,
            },
        )
    }
}

/// A claims challenge that only the user can meet.
pub(crate) const REFUSED_CLAIMS: &str = r#"{"acrs":{"essential":true,"value":"c9"}}"#;
