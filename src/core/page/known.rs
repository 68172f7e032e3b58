//! The client's copy of what the store holds. The store decides: the copy is of a known revision.
//! Every change of the copy, no matter who made it, is told to the listeners here.

use super::session::{Session, Stored, head_of};
use super::{Account, Client};
use crate::core::event::Event;
use crate::core::flow::Notice;
use crate::core::oauth::target::Target;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::tokens::cache_key::Partition;
use crate::core::tokens::lifetime::Freshness;
use alloc::string::String;
use alloc::vec::Vec;

/// The copy.
#[derive(Default)]
pub(super) struct Known {
    /// `None` before the store was read. A state that the store has refused is valid until another
    /// client writes.
    stored: Option<Shared<Stored>>,
    /// Whose tokens the copy has.
    partition: Option<Partition>,
    /// For each token of the copy, whether a caller has received it.
    used: Vec<bool>,
    /// Counts the states of the copy.
    serial: u64,
    /// When the host was last told to wake.
    wake_at: Option<UnixTime>,
}

impl Client {
    /// Who is signed in.
    pub fn account(&self) -> Option<Account> {
        self.known.with(|known| known.session().map(Account::of))
    }

    /// Until when the session can be renewed, if that is known.
    pub fn reauth_due_at(&self) -> Option<UnixTime> {
        self.known.with(|known| known.session()?.renewable_until)
    }

    /// How the store's record began when the copy was made: as long as it still does, the copy is
    /// what the store holds.
    pub fn revision(&self) -> String {
        let head = |known: &mut Known| Some(known.stored.as_ref()?.head.clone());
        self.known.with(head).unwrap_or_default()
    }

    /// Counts the states of the copy: as long as it is the same, so are account and tokens.
    pub fn serial(&self) -> u64 {
        self.known.with(|known| known.serial)
    }

    /// The place of a fresh token in the copy, found without a flow. It is valid as long as the
    /// record in the store begins with [`Client::revision`].
    pub fn cached_token(
        &self,
        scope: Option<&str>,
        resource: Option<&str>,
        now: UnixTime,
    ) -> Option<usize> {
        self.known.with(|known| {
            let session = known.session()?;
            let target = session.target_of(scope, resource);
            let key = known.partition.as_ref()?.key(&target, None, None);
            let place = session.tokens.place(&key).ok()?;
            let token = session.tokens.at(place)?;
            if token.lifetime().freshness(now) != Freshness::Fresh {
                return None;
            }
            known.mark_used(place);
            Some(place)
        })
    }

    /// The token at a place that [`Client::cached_token`] returned for the same revision.
    pub fn token_at(&self, place: usize) -> Option<Shared<AccessToken>> {
        self.known
            .with(|known| known.session()?.tokens.at(place).map(Shared::clone))
    }

    /// Reads the store's record, which another client may have changed. Carry out the notices that
    /// it returns.
    pub fn observe(&self, record: Option<&str>, now: UnixTime) -> Vec<Notice> {
        let mut notices = Vec::new();
        self.look(record.unwrap_or_default(), now, &mut notices);
        notices
    }

    /// What this record holds; it becomes the copy.
    pub(super) fn look(
        &self,
        record: &str,
        now: UnixTime,
        notices: &mut Vec<Notice>,
    ) -> Shared<Stored> {
        let known = self.known.with(|known| known.stored.clone());
        match known {
            Some(known) if known.head == head_of(record) => known,
            _ => {
                let mut stored = Stored::from_record(record);
                // The session of another client counts as none.
                stored.session = stored.session.filter(|session| self.is_mine(session));
                self.adopt(Shared::new(stored), now, notices)
            }
        }
    }

    /// What the copy holds, for when the store cannot be read.
    pub(super) fn unread(&self) -> Shared<Stored> {
        let stored = self.known.with(|known| known.stored.clone());
        stored.unwrap_or_default()
    }

    /// Makes this the copy, and tells the listeners what has changed.
    pub(super) fn adopt(
        &self,
        stored: Shared<Stored>,
        now: UnixTime,
        notices: &mut Vec<Notice>,
    ) -> Shared<Stored> {
        self.known.with(|known| {
            let former = known.stored.replace(Shared::clone(&stored));
            let before = former.as_ref().and_then(|former| former.session.as_deref());
            let session = stored.session.as_deref();
            known.serial += 1;
            known.used = used(before, session, &known.used);
            known.partition = session.map(Session::partition);
            if former.is_some()
                && let Some(event) = change(before, session)
            {
                notices.push(Notice::Emit(event));
            }
            if let Some(end) = session.and_then(|session| session.reauth_due(now))
                && before.and_then(|before| before.reauth_due(now)) != Some(end)
            {
                notices.push(Notice::Emit(Event::ReauthDue(end)));
            }
            known.plan(now, notices);
        });
        stored
    }

    /// Notes that a caller has received the token for this target. If it is due, it is renewed now.
    pub(super) fn hand_out(&self, target: &Target, now: UnixTime, notices: &mut Vec<Notice>) {
        self.known.with(|known| {
            let place = |session: &Session| session.tokens.place(&session.key(target)).ok();
            if let Some(place) = known.session().and_then(place) {
                known.mark_used(place);
            }
            known.plan(now, notices);
        });
    }

    /// The targets of the tokens that are to be renewed now: those that are due and in use.
    pub(super) fn due(&self, now: UnixTime) -> Vec<Shared<Target>> {
        self.known.with(|known| {
            let mut due = Vec::new();
            for (place, used) in known.used.iter().enumerate() {
                let token = known.session().and_then(|session| session.tokens.at(place));
                if let (true, Some(token)) = (*used, token)
                    && token.lifetime().freshness(now) != Freshness::Fresh
                {
                    due.push(Shared::clone(&token.target));
                }
            }
            due
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
    fn session(&self) -> Option<&Session> {
        self.stored.as_ref()?.session.as_deref()
    }

    fn mark_used(&mut self, place: usize) {
        if let Some(used) = self.used.get_mut(place) {
            *used = true;
        }
    }

    fn plan(&mut self, now: UnixTime, notices: &mut Vec<Notice>) {
        let is_used = |place: usize| self.used.get(place) == Some(&true);
        let session = self.session();
        let next = session.and_then(|session| session.next_renewal(now, &is_used));
        if next != self.wake_at {
            self.wake_at = next;
            notices.push(Notice::WakeAt(next));
        }
    }
}

/// Which tokens of the new session a caller has received: those that it had received in the former
/// one.
fn used(before: Option<&Session>, session: Option<&Session>, was_used: &[bool]) -> Vec<bool> {
    let mut used = Vec::new();
    let Some(session) = session else {
        return used;
    };
    for (key, token) in session.tokens.iter() {
        let place = before.and_then(|before| before.tokens.place(key).ok());
        let same = place.and_then(|place| before?.tokens.at(place));
        let is_same = same.is_some_and(|same| same.obtained_at == token.obtained_at);
        used.push(is_same && place.and_then(|place| was_used.get(place)) == Some(&true));
    }
    used
}

/// What the listeners hear of this change.
fn change(before: Option<&Session>, session: Option<&Session>) -> Option<Event> {
    match (before, session) {
        (None, None) => None,
        (Some(_), None) => Some(Event::SignedOut),
        (Some(before), Some(session)) if before.family == session.family => {
            (session.renewed_at > before.renewed_at).then_some(Event::TokenRefreshed)
        }
        (_, Some(_)) => Some(Event::SignedIn),
    }
}
