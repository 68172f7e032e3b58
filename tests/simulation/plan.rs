//! What kind of world a schedule has. Each hazard exists in some schedules only: those without it
//! show defects that it would hide.

use crate::provider::{Policy, Rotation};
use crate::random::Random;

/// Where sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// In one store for all tabs.
    Shared,
    /// In the tab's own.
    Tab,
    /// In the document's memory.
    Document,
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) storage: Storage,
    /// Whether the store takes time, in which others come first.
    pub(crate) is_async: bool,
    /// How many clients of one client ID each document has.
    pub(crate) clients: usize,
    /// And one of another client ID, at the same redirect URI.
    pub(crate) has_other_client: bool,
    pub(crate) calls_twice: bool,
    pub(crate) has_storage_events: bool,
    /// Whether pages are kept for the way back.
    pub(crate) keeps_pages: bool,
    pub(crate) policy: Policy,
    pub(crate) hazards: Hazards,
    pub(crate) acts: usize,
    /// Whether all acts have happened, and only the end is to be looked at.
    pub(crate) is_over: bool,
}

/// What may happen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hazards {
    pub(crate) freezes: bool,
    pub(crate) kills: bool,
    pub(crate) duplicates: bool,
    pub(crate) network: bool,
    pub(crate) outages: bool,
    pub(crate) wrong_responses: bool,
    pub(crate) refusals: bool,
    pub(crate) revocations: bool,
    pub(crate) moves: bool,
    pub(crate) clock: bool,
    pub(crate) store: bool,
    /// Hours pass between acts.
    pub(crate) idles: bool,
}

impl Plan {
    pub(crate) fn new(random: &mut Random) -> Self {
        let hazards = Hazards {
            freezes: random.chance(40),
            kills: random.chance(40),
            duplicates: random.chance(40),
            network: random.chance(40),
            outages: random.chance(30),
            wrong_responses: random.chance(25),
            refusals: random.chance(30),
            revocations: random.chance(15),
            moves: random.chance(15),
            clock: random.chance(20),
            store: random.chance(20),
            idles: random.chance(60),
        };
        Self {
            storage: random.weighted(&[
                (5, Storage::Shared),
                (4, Storage::Tab),
                (1, Storage::Document),
            ]),
            is_async: random.chance(40),
            clients: random.weighted(&[(3, 1), (1, 2)]),
            has_other_client: random.chance(10),
            calls_twice: random.chance(30),
            has_storage_events: random.chance(50),
            keeps_pages: random.chance(40),
            policy: policy(random),
            hazards,
            acts: random.between(8, 30) as usize,
            is_over: false,
        }
    }
}

fn policy(random: &mut Random) -> Policy {
    Policy {
        rotation: random.weighted(&[
            (5, Rotation::Strict),
            (3, Rotation::Lenient),
            (1, Rotation::Grace(30)),
            (1, Rotation::Never),
        ]),
        access_life: random.weighted(&[(1, 20), (2, 60), (3, 300), (3, 3600)]),
        tells_access_life: random.chance(85),
        refresh_life: random.weighted(&[(3, None), (1, Some(1800)), (2, Some(86_400))]),
        tells_refresh_life: random.chance(50),
        refreshes_id_token: random.chance(50),
        refresh_in: random.weighted(&[(4, None), (1, Some(30))]),
        logout_revokes: random.chance(50),
    }
}
