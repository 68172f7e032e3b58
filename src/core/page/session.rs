//! The session: who is signed in, and the tokens that were obtained for them.

use super::accounts::{AccountId, Accounts};
use crate::core::oauth::id_token::IdToken;
use crate::core::oauth::target::Target;
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::cache::TokenCache;
use crate::core::tokens::cache_key::{CacheKey, Owner, Partition};
use crate::core::tokens::clock::Clocks;
use crate::core::tokens::failure::{Outage, Refusal};
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::form::Form;
use crate::core::wire::record::{Field, Reader, Record, record};
use crate::core::wire::text::{concat, decimal, parse_decimal, split_once};
use alloc::string::String;
use alloc::vec::Vec;

record! {
    /// A signed-in user's tokens. One refresh token serves all access tokens.
    #[derive(Clone)]
    pub(crate) struct Session {
        /// Names this sign-in, the family of its refresh tokens, and their lock.
        pub(crate) family: String,
        pub(crate) client_id: String,
        pub(crate) metadata: Shared<ProviderMetadata>,
        /// When the metadata was fetched.
        pub(crate) metadata_at: UnixTime,
        /// What the user signed in for.
        pub(crate) target: Shared<Target>,
        pub(crate) id_token: Shared<IdToken>,
        pub(crate) refresh_token: Option<Secret>,
        /// When the last token came, of whichever kind.
        pub(crate) renewed_at: UnixTime,
        /// Until when the session can be renewed, if that is known.
        pub(crate) renewable_until: Option<UnixTime>,
        /// The clocks, when the provider's was seen last.
        pub(crate) clocks: Option<Shared<Clocks>>,
        pub(crate) outage: Option<Shared<Outage>>,
        pub(crate) refusals: Vec<Shared<Refusal>>,
        pub(crate) tokens: TokenCache,
    }
}

impl Session {
    /// Whether both are sessions of one user.
    pub(crate) fn is_of_same_user(&self, other: &Self) -> bool {
        let (mine, others) = (&self.id_token, &other.id_token);
        mine.issuer == others.issuer && mine.subject == others.subject
    }

    /// Whether it is the session of this user.
    pub(crate) fn is_of(&self, account: &AccountId) -> bool {
        let IdToken {
            issuer, subject, ..
        } = &*self.id_token;
        *issuer == account.issuer && *subject == account.subject
    }

    /// The partition of the cache with this session's tokens.
    pub(crate) fn partition(&self) -> Partition {
        let IdToken {
            issuer, subject, ..
        } = &*self.id_token;
        Partition::new(issuer, None, &self.client_id, Owner::Account(subject))
    }

    pub(crate) fn key(&self, target: &Target) -> CacheKey {
        self.partition().key(target, None, None)
    }

    /// The target of these parameters; what is not given, or empty, is the sign-in's.
    pub(crate) fn target_of(&self, scope: Option<&str>, resource: Option<&str>) -> Target {
        let given = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
        Target::new(
            if given(scope) {
                scope
            } else {
                self.target.scope.as_deref()
            },
            if given(resource) {
                resource
            } else {
                self.target.resource.as_deref()
            },
        )
    }

    /// The token for this target, be it good or not.
    pub(crate) fn token(&self, target: &Target) -> Option<&Shared<AccessToken>> {
        self.tokens.get(&self.key(target))
    }

    pub(crate) fn keep_token(&mut self, token: &Shared<AccessToken>, now: UnixTime) {
        self.outage = None;
        self.renewed_at = now;
        self.drop_refusal(&token.target, false);
        self.drop_refusal(&token.target, token.claims.is_some());
        self.tokens.drop_expired(now);
        self.tokens
            .insert(self.key(&token.target), Shared::clone(token));
    }

    /// Replaces the former refresh token (RFC 6749 section 6).
    pub(crate) fn keep_refresh_token(
        &mut self,
        token: Secret,
        expires_at: Option<UnixTime>,
        now: UnixTime,
    ) {
        self.renewed_at = now;
        self.refresh_token = Some(token);
        self.renewable_until = expires_at.or(self.renewable_until);
    }

    /// Forgets a refresh token that is of no more use.
    pub(crate) fn drop_refresh_token(&mut self, now: UnixTime) {
        self.refresh_token = None;
        self.renewable_until = Some(now);
    }

    pub(crate) fn keep_refusal(&mut self, refusal: Refusal) {
        self.drop_refusal(&refusal.target, refusal.claims.is_some());
        self.refusals.push(Shared::new(refusal));
    }

    /// Of a target's claims challenges, which may differ each time, one refusal is kept.
    fn drop_refusal(&mut self, target: &Target, has_claims: bool) {
        let mut refusals = self.refusals.iter();
        if let Some(place) = refusals
            .position(|known| *known.target == *target && known.claims.is_some() == has_claims)
        {
            self.refusals.remove(place);
        }
    }

    pub(crate) fn refusal(
        &self,
        target: &Target,
        claims: Option<&str>,
    ) -> Option<&Shared<Refusal>> {
        let mut refusals = self.refusals.iter();
        refusals.find(|known| *known.target == *target && known.claims.as_deref() == claims)
    }

    /// When to renew the next token; `None` if none can be renewed. `is_used` says whether a caller
    /// has received the token at a place: a token that is due is not renewed unless it is used.
    pub(crate) fn next_renewal(
        &self,
        now: UnixTime,
        is_used: &dyn Fn(usize) -> bool,
    ) -> Option<UnixTime> {
        self.refresh_token.as_ref()?;
        let mut next: Option<UnixTime> = None;
        for (place, (_, token)) in self.tokens.iter().enumerate() {
            let at = match token.lifetime().freshness(now) {
                Freshness::Fresh => token.refresh_at,
                _ => now,
            };
            let is_wanted = at > now || is_used(place);
            if is_wanted && self.refusal(&token.target, None).is_none() {
                next = Some(next.map_or(at, |next| next.earlier(at)));
            }
        }
        let pause = self.outage.as_ref().filter(|outage| outage.pauses(now));
        let next = pause.map_or(next, |pause| next.map(|next| next.later(pause.retry_at)));
        next.filter(|next| self.renewable_until.is_none_or(|end| *next < end))
    }

    /// Until when the session can be renewed, if no renewal will happen before.
    pub(crate) fn reauth_due(&self, now: UnixTime) -> Option<UnixTime> {
        match self.next_renewal(now, &|_| true) {
            Some(_) => None,
            None => self.renewable_until,
        }
    }
}

/// A state of the store: who is signed in, or that nobody is.
#[derive(Default)]
pub(crate) struct Stored {
    revision: Revision,
    pub(crate) accounts: Accounts,
    /// How the store's record begins. If the store has refused this state, it is that of an earlier
    /// one.
    pub(crate) head: String,
}

/// A sign-out counts as so many states, which shows how many there were.
const SIGN_OUT: u64 = 1 << 20;

/// Which state of the store this is. No two states have the same revision: the count tells those
/// apart that followed each other, the family of a session in it those after a store was emptied.
#[derive(Default)]
struct Revision {
    count: u64,
    family: String,
}

impl Stored {
    /// The state that follows this one, by a sign-out or not.
    pub(crate) fn followed_by(&self, accounts: Accounts, is_end: bool) -> Self {
        let count = self.revision.count + 1;
        let revision = Revision {
            count: match is_end {
                true => count.next_multiple_of(SIGN_OUT),
                false => count,
            },
            family: accounts.mark(),
        };
        Self {
            head: revision.head(),
            revision,
            accounts,
        }
    }

    /// Reads a record. One that was altered counts as none.
    pub(crate) fn from_record(record: &str) -> Self {
        let head = head_of(record);
        let read = Self::from_text(record).filter(|read| read.head == head);
        Self {
            head: head.into(),
            ..read.unwrap_or_default()
        }
    }

    /// Whether the store has refused this state.
    pub(crate) fn is_refused(&self) -> bool {
        self.head != self.revision.head()
    }

    /// Whether a session was ended, by a sign-out for example, between that state and this one.
    pub(crate) fn has_signed_out_since(&self, earlier: &Self) -> bool {
        self.revision.count / SIGN_OUT > earlier.revision.count / SIGN_OUT
    }

    /// That of the active account.
    pub(crate) fn session(&self) -> Option<&Session> {
        Some(self.accounts.active()?)
    }
}

impl Revision {
    /// How the record of this revision begins; nothing if there is none.
    fn head(&self) -> String {
        match self.count {
            0 => String::new(),
            count => concat(&["revision=", &decimal(count), ".", &self.family]),
        }
    }
}

/// How a record begins, which tells its revision; nothing if it is absent.
pub(crate) fn head_of(record: &str) -> &str {
    split_once(record, b'&').map_or(record, |(head, _)| head)
}

impl Record for Stored {
    fn write(&self, form: &mut Form) {
        let Revision { count, family } = &self.revision;
        form.set("revision", &concat(&[&decimal(*count), ".", family]));
        if let Some(session) = self.session() {
            session.write(form);
        }
        for session in self.accounts.others() {
            session.put("other", form);
        }
    }

    fn read(from: &Reader) -> Self {
        let revision = from.get("revision").unwrap_or_default();
        let (count, family) = from.require(split_once(revision, b'.'));
        let revision = Revision {
            count: from.require(parse_decimal(count)),
            family: family.into(),
        };
        let mut accounts = Accounts {
            sessions: Vec::take("other", from),
            has_active: !family.is_empty() && split_once(family, b'.').is_none(),
        };
        if accounts.has_active {
            let active = Shared::new(Session::read(from));
            accounts.sessions.insert(0, active);
        }
        let accounts = accounts.each(&|session| {
            let mut session = session.clone();
            let partition = session.partition();
            session.tokens.index(&partition);
            session
        });
        if accounts.mark() != family {
            from.fail();
        }
        Self {
            head: revision.head(),
            revision,
            accounts,
        }
    }
}

impl Field for TokenCache {
    fn put(&self, name: &'static str, form: &mut Form) {
        for (_, token) in self.iter() {
            form.set(name, &token.to_text());
        }
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        Self::unindexed(Vec::take(name, from))
    }
}
