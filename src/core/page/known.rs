//! The client's copy of what the store holds. The store decides: the copy is of a known revision.
//! Every change of the copy, no matter who made it, is told to the listeners here.

use super::accounts::Accounts;
use super::session::{Session, Stored, head_of};
use super::{Account, AccountId, Client};
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
    /// For each session of the copy and each of its tokens, whether a caller has received it.
    used: Vec<Vec<bool>>,
    /// Counts the states of the copy.
    serial: u64,
    /// When the host was last told to wake.
    wake_at: Option<UnixTime>,
}

impl Client {
    /// The active account.
    pub fn account(&self) -> Option<Account> {
        self.known.with(|known| known.session().map(Account::of))
    }

    /// The accounts that are signed in and not active.
    pub fn other_accounts(&self) -> Vec<Account> {
        let others = |known: &mut Known| {
            let accounts = &known.stored.as_ref()?.accounts;
            let mut others = Vec::new();
            for session in accounts.others() {
                others.push(Account::of(session));
            }
            Some(others)
        };
        self.known.with(others).unwrap_or_default()
    }

    /// Until when the session can be renewed, if that is known.
    pub fn reauth_due_at(&self) -> Option<UnixTime> {
        self.known.with(|known| known.session()?.renewable_until)
    }

    /// By how many seconds the provider's clock is ahead of this one's; `None` if that is not known,
    /// or more than a day.
    pub fn clock_skew(&self) -> Option<f64> {
        let skew = |known: &mut Known| known.session()?.clocks.as_ref()?.skew();
        self.known.with(skew)
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
            known.mark_used(0, place);
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
                stored.accounts = stored.accounts.without(&|session| !self.is_mine(session));
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
            let nobody = Accounts::default();
            let formerly = former.as_ref().map_or(&nobody, |former| &former.accounts);
            let before = formerly.active();
            let session = stored.session();
            known.serial += 1;
            known.used = used(formerly, &stored.accounts, &known.used);
            known.partition = session.map(Session::partition);
            if former.is_some() {
                tell_changes(formerly, &stored.accounts, notices);
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
    /// Returns whether the caller, who meant this session's user, still means it.
    pub(super) fn hand_out(
        &self,
        meant: &Session,
        is_active_meant: bool,
        target: &Target,
        now: UnixTime,
        notices: &mut Vec<Notice>,
    ) -> bool {
        self.known.with(|known| {
            let number = known
                .sessions()
                .iter()
                .position(|session| session.is_of_same_user(meant));
            if let Some(number) = number
                && let Some(session) = known.sessions().get(number)
                && let Ok(place) = session.tokens.place(&session.key(target))
            {
                known.mark_used(number, place);
            }
            known.plan(now, notices);
            let is_active = known
                .session()
                .is_some_and(|session| session.is_of_same_user(meant));
            is_active || !is_active_meant
        })
    }

    /// The tokens that are to be renewed now, those that are due and in use: whose they are, and
    /// their targets.
    pub(super) fn due(&self, now: UnixTime) -> Vec<(AccountId, Shared<Target>)> {
        self.known.with(|known| {
            let mut due = Vec::new();
            for (session, used) in known.sessions().iter().zip(&known.used) {
                for ((_, token), used) in session.tokens.iter().zip(used) {
                    if *used && token.lifetime().freshness(now) != Freshness::Fresh {
                        due.push((AccountId::of(session), Shared::clone(&token.target)));
                    }
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
    /// The session of the active account.
    fn session(&self) -> Option<&Session> {
        self.stored.as_ref()?.session()
    }

    fn sessions(&self) -> &[Shared<Session>] {
        let stored = self.stored.as_ref();
        stored.map_or(&[], |stored| &stored.accounts.sessions)
    }

    fn mark_used(&mut self, session: usize, place: usize) {
        let used = self.used.get_mut(session);
        if let Some(used) = used.and_then(|used| used.get_mut(place)) {
            *used = true;
        }
    }

    fn plan(&mut self, now: UnixTime, notices: &mut Vec<Notice>) {
        let mut next: Option<UnixTime> = None;
        for (session, used) in self.sessions().iter().zip(&self.used) {
            let is_used = |place: usize| used.get(place) == Some(&true);
            if let Some(at) = session.next_renewal(now, &is_used) {
                next = Some(next.map_or(at, |next| next.earlier(at)));
            }
        }
        if next != self.wake_at {
            self.wake_at = next;
            notices.push(Notice::WakeAt(next));
        }
    }
}

/// Which tokens of the new sessions a caller has received: those that it had received in the former
/// ones.
fn used(before: &Accounts, accounts: &Accounts, was_used: &[Vec<bool>]) -> Vec<Vec<bool>> {
    let mut used = Vec::new();
    for session in &accounts.sessions {
        let mut former = before.sessions.iter().zip(was_used);
        let former = former.find(|(former, _)| former.is_of_same_user(session));
        let mut of_session = Vec::new();
        for (key, token) in session.tokens.iter() {
            let is_used = former.is_some_and(|(former, was_used)| {
                let place = former.tokens.place(key).ok();
                let same = place.and_then(|place| former.tokens.at(place));
                let is_same = same.is_some_and(|same| same.obtained_at == token.obtained_at);
                is_same && place.and_then(|place| was_used.get(place)) == Some(&true)
            });
            of_session.push(is_used);
        }
        used.push(of_session);
    }
    used
}

/// Tells the listeners of this change.
fn tell_changes(before: &Accounts, after: &Accounts, notices: &mut Vec<Notice>) {
    let family = |accounts: &Accounts| Some(accounts.active()?.family.clone());
    let (was_active, is_active) = (family(before), family(after));
    let mut is_other_set = before.sessions.len() != after.sessions.len();
    let mut is_renewed = false;
    for session in &after.sessions {
        match before.of_family(&session.family) {
            Some(former) => is_renewed |= session.renewed_at > former.renewed_at,
            None => is_other_set = true,
        }
    }
    if was_active != is_active {
        notices.push(Notice::Emit(match is_active {
            Some(_) => Event::SignedIn,
            None => Event::SignedOut,
        }));
    } else if is_other_set {
        notices.push(Notice::Emit(Event::AccountsChanged));
    }
    if is_renewed {
        notices.push(Notice::Emit(Event::TokenRefreshed));
    }
}
