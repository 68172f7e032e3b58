//! The client's copy of what the store holds. The store decides: the copy knows which revision it
//! is of, and whatever changes it is told to the listeners here, whoever made the change.

use super::session::{Session, Stored, head_of};
use super::{Account, Client};
use crate::core::error::AuthError;
use crate::core::event::Event;
use crate::core::flow::Notice;
use crate::core::oauth::target::Target;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::cache_key::Partition;
use crate::core::tokens::lifetime::Freshness;
use crate::core::wire::record::Record;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The copy.
#[derive(Default)]
pub(super) struct Known {
    stored: Shared<Stored>,
    /// How the store's record began when it was seen last; `None` before the first look. The copy
    /// is ahead of the store if the last write failed; it is good as long as nobody else writes.
    head: Option<String>,
    /// Whose tokens the copy has.
    partition: Option<Shared<Partition>>,
    /// For each token of the copy whether it was handed out.
    used: Vec<bool>,
    /// Counts the copies.
    serial: u64,
    /// The last time that the host was told to wake at.
    wake_at: Option<UnixTime>,
}

/// A state of the store, as a flow read it.
#[derive(Clone)]
pub(super) struct Loaded {
    pub(super) stored: Shared<Stored>,
    /// How the store's record began.
    pub(super) head: String,
}

impl Loaded {
    pub(super) fn session(&self) -> Option<&Session> {
        self.stored.session.as_ref()
    }
}

impl Client {
    /// Who is signed in.
    pub fn account(&self) -> Option<Account> {
        let stored = self.known.with(|known| Shared::clone(&known.stored));
        let id_token = &stored.session.as_ref()?.id_token;
        Some(Account {
            issuer: id_token.issuer.clone(),
            subject: id_token.subject.clone(),
            claims: id_token.claims.clone(),
        })
    }

    /// When the session can no longer be renewed, if that is known.
    pub fn reauth_due_at(&self) -> Option<UnixTime> {
        let stored = self.known.with(|known| Shared::clone(&known.stored));
        stored.session.as_ref()?.renewable_until
    }

    /// How the store's record began when the copy was made: as long as it still does, the copy is
    /// what the store holds.
    pub fn revision(&self) -> String {
        self.known
            .with(|known| known.head.clone())
            .unwrap_or_default()
    }

    /// Counts the states of the copy: as long as it is the same, so are account and tokens.
    pub fn serial(&self) -> u64 {
        self.known.with(|known| known.serial)
    }

    /// The place of a fresh token in the copy, found without asking anybody. It is valid as long as
    /// the record in the store begins with [`Client::revision`].
    pub fn cached_token(
        &self,
        scope: Option<&str>,
        resource: Option<&str>,
        now: UnixTime,
    ) -> Option<usize> {
        self.known.with(|known| {
            let session = known.stored.session.as_ref()?;
            let partition = known.partition.as_ref()?;
            let target = session.target_of(scope, resource);
            let key = partition.key(&target, None, None);
            let place = session.tokens.place(&key).ok()?;
            let token = session.tokens.at(place)?;
            if token.lifetime().freshness(now) != Freshness::Fresh {
                return None;
            }
            if let Some(used) = known.used.get_mut(place) {
                *used = true;
            }
            Some(place)
        })
    }

    /// The token at a place that [`Client::cached_token`] returned for the same revision.
    pub fn token_at(&self, place: usize) -> Option<Shared<AccessToken>> {
        self.known.with(|known| {
            let session = known.stored.session.as_ref()?;
            session.tokens.at(place).map(Shared::clone)
        })
    }

    /// Takes notice of the store's record, which somebody else may have changed. Carry out the
    /// notices that it returns.
    pub fn observe(&self, record: Option<&str>, now: UnixTime) -> Vec<Notice> {
        let mut notices = Vec::new();
        self.look(record, now, &mut notices);
        notices
    }

    pub(super) fn look(
        &self,
        record: Option<&str>,
        now: UnixTime,
        notices: &mut Vec<Notice>,
    ) -> Loaded {
        let record = record.unwrap_or_default();
        let head = head_of(record);
        let unchanged = self.known.with(|known| {
            let same = known.head.as_deref() == Some(head);
            same.then(|| Shared::clone(&known.stored))
        });
        let stored = unchanged.unwrap_or_else(|| {
            // A record that is altered, or another client's, is no session.
            let read = Stored::from_text(record).filter(|read| {
                let session = read.session.as_ref();
                read.head() == head && session.is_none_or(|session| self.is_mine(session))
            });
            let stored = Shared::new(read.unwrap_or_default());
            self.adopt(&stored, head, now, notices);
            stored
        });
        Loaded {
            stored,
            head: head.into(),
        }
    }

    /// What the copy holds, where the store cannot be read.
    pub(super) fn unread(&self) -> Loaded {
        self.known.with(|known| Loaded {
            stored: Shared::clone(&known.stored),
            head: known.head.clone().unwrap_or_default(),
        })
    }

    /// Makes this the copy, and tells what has changed. Returns whether the store had refused the
    /// former state already.
    pub(super) fn adopt(
        &self,
        stored: &Shared<Stored>,
        head: &str,
        now: UnixTime,
        notices: &mut Vec<Notice>,
    ) -> bool {
        self.known.with(|known| {
            let was_ahead = known
                .head
                .as_deref()
                .is_some_and(|head| head != known.stored.head());
            let is_first = known.head.is_none();
            let former = core::mem::replace(&mut known.stored, Shared::clone(stored));
            known.head = Some(head.into());
            known.serial += 1;
            let session = stored.session.as_ref();
            known.used = used(&former, session, &known.used);
            known.partition = session.map(|session| Shared::new(session.partition()));
            if !is_first {
                tell_changes(former.session.as_ref(), session, notices);
            }
            tell_reauth(former.session.as_ref(), session, now, notices);
            known.plan(now, notices);
            was_ahead
        })
    }

    /// Notes that the token for this target was handed out. One that is due is renewed now.
    pub(super) fn hand_out(&self, target: &Target, now: UnixTime, notices: &mut Vec<Notice>) {
        self.known.with(|known| {
            let session = known.stored.session.as_ref();
            let place = session.and_then(|session| session.tokens.place(&session.key(target)).ok());
            if let Some(used) = place.and_then(|place| known.used.get_mut(place)) {
                *used = true;
            }
            known.plan(now, notices);
        });
    }

    /// The targets of the tokens that are to be renewed now: those that are due and in use.
    pub(super) fn due(&self, now: UnixTime) -> Vec<Shared<Target>> {
        self.known.with(|known| {
            let session = known.stored.session.as_ref();
            let tokens = session.into_iter().flat_map(|session| session.tokens.iter());
            let due = tokens.zip(&known.used).filter(|((_, token), used)| {
                **used && token.lifetime().freshness(now) != Freshness::Fresh
            });
            due.map(|((_, token), _)| Shared::clone(&token.target)).collect()
        })
    }

    /// Tells the host when to wake, even if it was told that time before.
    pub(super) fn plan_anew(&self, now: UnixTime, notices: &mut Vec<Notice>) {
        self.known.with(|known| {
            known.wake_at = None;
            known.plan(now, notices);
        });
    }
}

impl Known {
    fn plan(&mut self, now: UnixTime, notices: &mut Vec<Notice>) {
        let session = self.stored.session.as_ref();
        let is_used = |place: usize| self.used.get(place).is_some_and(|used| *used);
        let next = session.and_then(|session| session.next_renewal(now, is_used));
        if next != self.wake_at {
            self.wake_at = next;
            notices.push(Notice::WakeAt(next));
        }
    }
}

/// Which tokens of the new state were handed out: those that are the same as before and were.
fn used(former: &Stored, session: Option<&Session>, former_used: &[bool]) -> Vec<bool> {
    let Some(session) = session else {
        return Vec::new();
    };
    let mut used = vec![false; session.tokens.len()];
    let Some(former) = &former.session else {
        return used;
    };
    for ((key, token), was_used) in former.tokens.iter().zip(former_used) {
        if *was_used
            && let Ok(place) = session.tokens.place(key)
            && let Some(same) = session.tokens.at(place)
            && same.obtained_at == token.obtained_at
            && let Some(flag) = used.get_mut(place)
        {
            *flag = true;
        }
    }
    used
}

fn tell_changes(former: Option<&Session>, session: Option<&Session>, notices: &mut Vec<Notice>) {
    let event = match (former, session) {
        (None, None) => return,
        (Some(_), None) => Event::SignedOut,
        (Some(former), Some(session)) if former.family == session.family => {
            let received = |session: &Session| {
                let tokens = session.tokens.iter();
                tokens.fold(UnixTime::EPOCH, |latest, (_, token)| {
                    latest.later(token.received_at)
                })
            };
            if received(session) <= received(former) {
                return;
            }
            Event::TokenRefreshed
        }
        (_, Some(_)) => Event::SignedIn,
    };
    notices.push(Notice::Emit(event));
}

/// Tells, once, that no renewal will come any more.
fn tell_reauth(
    former: Option<&Session>,
    session: Option<&Session>,
    now: UnixTime,
    notices: &mut Vec<Notice>,
) {
    let due = |session: &Session| {
        let end = session.renewable_until?;
        let renews = session.next_renewal(now, |_| true).is_some();
        (!renews).then_some(end)
    };
    if let Some(session) = session
        && let Some(end) = due(session)
        && !former.is_some_and(|former| former.family == session.family && due(former) == Some(end))
    {
        notices.push(Notice::Emit(Event::ReauthDue(end)));
    }
}

/// A failed write that the page must hear of.
pub(super) fn tell_error(error: AuthError, notices: &mut Vec<Notice>) {
    notices.push(Notice::Emit(Event::Error(error)));
}
