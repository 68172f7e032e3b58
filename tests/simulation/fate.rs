//! What befalls the machine, the browser, the network and the provider.

use crate::network::Network;
use crate::provider::Unavailable;
use crate::store::{Alteration, Fault};
use crate::tab::Place;
use crate::world::{Event, World};

impl World {
    /// The machine sleeps, and all pages with it.
    pub(crate) fn sleep(&mut self) {
        let longest = self.random.one_of(&[90_000, 30_000_000]);
        let delay = self.random.between(0, longest);
        for page in 0..self.pages.len() {
            self.freeze(page);
            self.after(delay, Event::Thaw { page });
        }
    }

    pub(crate) fn restart_browser(&mut self) {
        for page in 0..self.pages.len() {
            self.kill(page);
        }
        if self.random.chance(30) {
            self.alter_store(Alteration::LoseWrites);
        }
        for tab in self.open_tabs() {
            self.tabs[tab].cached = None;
            if let Place::App(page) = self.tabs[tab].place {
                let url = self.pages[page].url.clone();
                self.load(tab, &url);
            }
        }
    }

    pub(crate) fn set_clock(&mut self) {
        let seconds = self.random.one_of(&[2, 90, 600, 7200, 70_000]);
        let by = self.random.between(0, seconds * 1000) as i64;
        let by = if self.random.chance(50) { by } else { -by };
        self.clock.offset = if self.random.chance(30) { 0 } else { by };
        self.clock.changed = Some((self.moment, self.now));
        let offset = self.clock.offset;
        self.note(format_args!("the clock is wrong by {offset} ms"));
    }

    pub(crate) fn fault_store(&mut self) {
        let fault = self.random.weighted(&[
            (3, None),
            (1, Some(Fault::Denied)),
            (2, Some(Fault::Full)),
            (1, Some(Fault::Narrow(1800))),
        ]);
        let area = self.random.place_in(self.areas.len());
        self.areas[area].fault = fault;
        self.note(format_args!("store {area}: {fault:?}"));
    }

    pub(crate) fn alter_records(&mut self) {
        use Alteration::{Clear, DropField, EmptyField, Garbage, RenameField, Truncate};
        let how =
            self.random
                .one_of(&[Clear, Garbage, RenameField, EmptyField, DropField, Truncate]);
        self.alter_store(how);
    }

    fn alter_store(&mut self, how: Alteration) {
        let area = self.random.place_in(self.areas.len());
        self.areas[area].alter(how, &mut self.random);
        self.note(format_args!("store {area}: {how:?}"));
        // A copy that loses its writes has its original's refresh token again.
        let is_copy = self.areas[area].was_duplicated;
        let is_understood = match how {
            Alteration::Clear => true,
            Alteration::LoseWrites => !is_copy,
            _ => false,
        };
        self.judge_alteration(area, is_understood);
    }

    pub(crate) fn change_network(&mut self) {
        let some = |world: &mut Self, most: u64| world.random.between(0, most) as u32;
        self.network = if self.random.chance(30) {
            Network::default()
        } else {
            Network {
                is_offline: self.random.chance(20),
                loses_requests: some(self, 20),
                loses_responses: some(self, 20),
                cuts: some(self, 15),
                delays: some(self, 60),
                intercepts: some(self, 10),
            }
        };
        let network = self.network;
        self.note(format_args!("{network:?}"));
    }

    pub(crate) fn change_outage(&mut self) {
        self.provider.has_no_discovery = self.random.chance(20);
        self.provider.unavailable = self.random.chance(60).then(|| Unavailable {
            status: self.random.one_of(&[503, 429, 500, 408]),
            retry_after: self
                .random
                .one_of(&[None, None, Some(5), Some(120), Some(9999)]),
        });
        let outage = self.provider.unavailable;
        self.note(format_args!("{outage:?}"));
    }

    /// What the provider refuses until the user consents, and whether it knows the client.
    pub(crate) fn change_refusals(&mut self) {
        self.provider.refuses_client = self.random.chance(20);
        self.provider.denied = self
            .random
            .one_of(&[
                &[][..],
                &["mail"],
                &["admin"],
                &["admin", "mail"],
                &["openid"],
            ])
            .to_vec();
    }

    pub(crate) fn revoke(&mut self) {
        if !self.provider.grants.is_empty() {
            let grant = self.random.place_in(self.provider.grants.len());
            self.provider.grants[grant].is_revoked = true;
        }
    }
}
