//! The end of a schedule: everything works again, and what is left must work.

use countersign::RecordKey;

use crate::network::Network;
use crate::page::PageId;
use crate::record::View;
use crate::run::{Call, Run, TokenCall};
use crate::tab::{HOME, Place, TabId};
use crate::world::{Time, World};

/// Every call settles within this time of a healthy world.
const SETTLES: Time = 600_000;

impl World {
    pub(crate) fn end(&mut self) {
        self.note(format_args!("=== everything works again"));
        self.heal();
        self.run_until_quiet();
        // Tokens expire, pauses pass, timers go off.
        let later = self.now + 4_000_000;
        while self.step(later) {}
        self.now = self.now.max(later);
        self.run_until_quiet();
        for tab in self.open_tabs() {
            let is_reloaded = self.random.chance(30);
            match self.tabs[tab].place {
                Place::App(page) if is_reloaded => {
                    let url = self.pages[page].url.clone();
                    self.load(tab, &url);
                }
                Place::App(_) => {}
                _ => self.load(tab, HOME),
            }
            self.run_until_quiet();
            if let Place::App(page) = self.tabs[tab].place {
                for client in 0..self.pages[page].clients.len() {
                    self.try_session(page, client);
                }
            }
        }
        if self.open_tabs().is_empty() {
            self.open_tab();
            self.run_until_quiet();
        }
        let tab = self.open_tabs()[0];
        self.try_sign_in(tab);
    }

    fn heal(&mut self) {
        self.plan.is_over = true;
        self.acts = 0;
        self.provider.heal();
        self.network = Network::default();
        for area in &mut self.areas {
            area.fault = None;
        }
        for page in 0..self.pages.len() {
            self.thaw(page);
        }
    }

    fn run_until_quiet(&mut self) {
        let end = self.now + SETTLES;
        while !(self.runs.is_empty() && self.is_quiet()) {
            if !self.step(end) {
                break;
            }
        }
        // Something new may have begun meanwhile.
        let is_late =
            |run: &&Run| self.pages[run.page].is_awake() && run.started_at + SETTLES <= self.now;
        let late = self.runs.values().find(is_late);
        let late = late.map(|run| format!("{} of {:?}", run.id, run.call));
        self.judge.demand(
            late.is_none(),
            format_args!("a call never settles: {late:?}"),
        );
    }

    /// Who is signed in with a refresh token that the provider accepts gets a token.
    fn try_session(&mut self, page: PageId, client: usize) {
        if self.judge.violation().is_some() {
            return;
        }
        let (area, slot) = self.place_of(page, client, RecordKey::Session);
        let record = self.areas[area].record(slot).cloned();
        self.judge_look(page, client, record.as_ref());
        // What the store has refused is in the client's memory.
        let kept = self.judge.in_memory(page, client);
        let token = kept.or(View::of(record.as_ref()).refresh);
        let is_good = token.is_some_and(|token| self.provider.accepts(token, self.now));
        self.note(format_args!(
            "page {page}, client {client} has {token:?}, good: {is_good}"
        ));
        self.judge.expected = is_good && self.judge.is_intact(area, slot.client);
        self.call(page, client, Call::Token(TokenCall::default()));
        self.run_until_quiet();
        self.judge.expected = false;
    }

    /// Whatever has happened, a new sign-in works; if the token endpoint has moved, the second one.
    fn try_sign_in(&mut self, tab: TabId) {
        for _ in 0..2 {
            if !matches!(self.tabs[tab].place, Place::App(_)) {
                self.load(tab, HOME);
                self.run_until_quiet();
            }
            if self.is_signed_in_anew(tab) || self.judge.violation().is_some() {
                return;
            }
        }
        self.judge
            .demand(false, format_args!("a new sign-in does not work"));
    }

    fn is_signed_in_anew(&mut self, tab: TabId) -> bool {
        let Place::App(page) = self.tabs[tab].place else {
            return false;
        };
        self.note(format_args!("=== a new sign-in"));
        let name = self.pages[page].clients[0].name;
        let grants = self.provider.grants.len();
        self.call(page, 0, Call::SignIn { app_state: 7 });
        self.run_until_quiet();
        let Place::App(page) = self.tabs[tab].place else {
            return false;
        };
        let clients = &self.pages[page].clients;
        let Some(client) = clients.iter().position(|client| client.name == name) else {
            return false;
        };
        let (area, slot) = self.place_of(page, client, RecordKey::Session);
        let grant = View::of(self.areas[area].record(slot)).grant;
        if grant.is_none_or(|grant| grant < grants) {
            return false;
        }
        self.judge.expected = true;
        self.call(page, client, Call::Token(TokenCall::default()));
        self.run_until_quiet();
        true
    }
}
