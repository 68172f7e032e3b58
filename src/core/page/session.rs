//! The session: who is signed in, and the tokens that were obtained for them.

use crate::core::error::AuthError;
use crate::core::oauth::id_token::IdToken;
use crate::core::oauth::target::Target;
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::cache::TokenCache;
use crate::core::tokens::cache_key::{CacheKey, Owner, Partition};
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
        /// Names this sign-in and the family of its refresh tokens; hence their lock.
        pub(crate) family: String,
        pub(crate) client_id: String,
        pub(crate) metadata: Shared<ProviderMetadata>,
        /// When the metadata was fetched.
        pub(crate) metadata_at: UnixTime,
        /// What the user signed in for.
        pub(crate) target: Shared<Target>,
        pub(crate) id_token: Shared<IdToken>,
        pub(crate) refresh_token: Option<Secret>,
        /// When renewing ends, if that is known.
        pub(crate) renewable_until: Option<UnixTime>,
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

    /// Whose tokens these are.
    pub(crate) fn partition(&self) -> Partition {
        let IdToken {
            issuer, subject, ..
        } = &*self.id_token;
        Partition::new(issuer, None, &self.client_id, Owner::Account(subject))
    }

    pub(crate) fn key(&self, target: &Target) -> CacheKey {
        self.partition().key(target, None, None)
    }

    /// The target of these parameters; what is not given is the sign-in's.
    pub(crate) fn target_of(&self, scope: Option<&str>, resource: Option<&str>) -> Target {
        Target::new(
            scope.or(self.target.scope.as_deref()),
            resource.or(self.target.resource.as_deref()),
        )
    }

    /// The token for this target, if it has not expired.
    pub(crate) fn token(&self, target: &Target, now: UnixTime) -> Option<&Shared<AccessToken>> {
        let token = self.tokens.get(&self.key(target))?;
        (token.lifetime().freshness(now) != Freshness::Expired).then_some(token)
    }

    /// When the token for this target came, be it good or not.
    pub(crate) fn received_at(&self, target: &Target) -> Option<UnixTime> {
        let token = self.tokens.get(&self.key(target))?;
        Some(token.received_at)
    }

    pub(crate) fn keep_token(&mut self, token: AccessToken) {
        self.outage = None;
        self.refusals.retain(|known| {
            known.target != token.target
                || known.claims.is_some() && known.claims != token.claims
        });
        self.tokens.drop_expired(token.received_at);
        self.tokens
            .insert(self.key(&token.target), Shared::new(token));
    }

    /// Takes a new refresh token in the place of the former one (RFC 6749 section 6).
    pub(crate) fn keep_refresh_token(&mut self, token: Secret, expires_at: Option<UnixTime>) {
        self.refresh_token = Some(token);
        self.renewable_until = expires_at.or(self.renewable_until);
    }

    /// Forgets a refresh token that is good for nothing more.
    pub(crate) fn drop_refresh_token(&mut self, now: UnixTime) {
        self.refresh_token = None;
        self.renewable_until = Some(now);
    }

    /// Of a target's claims challenges, which may differ each time, the last refusal is kept.
    pub(crate) fn keep_refusal(&mut self, refusal: Refusal) {
        self.refusals.retain(|known| {
            known.target != refusal.target || known.claims.is_some() != refusal.claims.is_some()
        });
        self.refusals.push(Shared::new(refusal));
    }

    pub(crate) fn refusal(&self, target: &Target, claims: Option<&str>) -> Option<&Shared<Refusal>> {
        let mut refusals = self.refusals.iter();
        refusals.find(|known| *known.target == *target && known.claims.as_deref() == claims)
    }

    /// The failure that a caller gets instead of a request of their own.
    pub(crate) fn failure(
        &self,
        target: &Target,
        claims: Option<&str>,
        now: UnixTime,
    ) -> Option<AuthError> {
        let refusal = self.refusal(target, claims).filter(|known| known.answers(now));
        let outage = self.outage.as_ref().filter(|known| known.answers(now));
        let error = refusal.map(|known| &known.error);
        error.or(outage.map(|known| &known.error)).cloned()
    }

    /// When to renew the next token; `None` if none can be renewed. `is_used` says of a token by its
    /// place whether it was handed out: one that is due and that nobody uses is left alone.
    pub(crate) fn next_renewal(
        &self,
        now: UnixTime,
        is_used: impl Fn(usize) -> bool,
    ) -> Option<UnixTime> {
        self.refresh_token.as_ref()?;
        let mut next: Option<UnixTime> = None;
        for (place, (_, token)) in self.tokens.iter().enumerate() {
            let at = token.refresh_at.later(now);
            let is_wanted = at > now || is_used(place);
            if is_wanted && self.refusal(&token.target, None).is_none() {
                next = Some(next.map_or(at, |next| next.earlier(at)));
            }
        }
        let pause = self.outage.as_ref().filter(|outage| outage.pauses(now));
        let next = pause.map_or(next, |pause| next.map(|next| next.later(pause.retry_at)));
        next.filter(|next| self.renewable_until.is_none_or(|end| *next < end))
    }
}

/// What the store holds: a session, or the fact that somebody signed out.
#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) revision: Revision,
    /// The count of the last state without a session.
    signed_out: u64,
    pub(crate) session: Option<Session>,
}

/// Which state of the store this is. No two states have the same: the count tells those of one
/// sign-in apart, the family those of different ones.
#[derive(Clone, Default)]
pub(crate) struct Revision {
    count: u64,
    family: String,
}

impl Stored {
    /// The state that follows this one.
    pub(crate) fn followed_by(&self, session: Option<Session>) -> Self {
        let family = session.as_ref().map(|session| session.family.clone());
        let count = self.revision.count + 1;
        Self {
            revision: Revision {
                count,
                family: family.unwrap_or_default(),
            },
            signed_out: match session {
                Some(_) => self.signed_out,
                None => count,
            },
            session,
        }
    }

    /// Whether a session has ended between that state and this one.
    pub(crate) fn has_signed_out_since(&self, earlier: &Self) -> bool {
        self.session.is_none() || self.signed_out > earlier.revision.count
    }

    /// How the record of this state begins.
    pub(crate) fn head(&self) -> String {
        let Revision { count, family } = &self.revision;
        concat(&["revision=", &decimal(*count), ".", family])
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
        if let Some(session) = &self.session {
            self.signed_out.put("signed_out", form);
            session.write(form);
        }
    }

    fn read(from: &Reader) -> Self {
        let revision = from.get("revision").unwrap_or_default();
        let (count, family) = from.require(split_once(revision, b'.'));
        let revision = Revision {
            count: from.require(parse_decimal(count)),
            family: family.into(),
        };
        let mut signed_out = revision.count;
        let session = (!family.is_empty()).then(|| {
            signed_out = u64::take("signed_out", from);
            let mut session = Session::read(from);
            let partition = session.partition();
            session.tokens.index(&partition);
            if session.family != family {
                from.fail();
            }
            session
        });
        Self {
            revision,
            signed_out,
            session,
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
