//! Documents: their clients, timers and claims, and how they freeze, wake up and die.

use countersign::page::{Client, ClientConfig, Target};
use countersign::{Input, RecordKey, Shared, edge};

use crate::plan::Storage;
use crate::provider::{ISSUER, SCOPE};

use crate::run::{Call, Run, RunId};
use crate::store::{Area, AreaId, Slot};
use crate::tab::TabId;
use crate::world::{Event, Time, World};

pub(crate) type PageId = usize;

pub(crate) const REDIRECT: &str = "https://app.example/callback";

/// The clients of the origin; both use one redirect URI.
pub(crate) const CLIENTS: [&str; 2] = ["spa", "other"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Awake,
    Frozen,
    /// In the back/forward cache.
    Cached,
    Dead,
}

/// A document.
pub(crate) struct Page {
    pub(crate) tab: TabId,
    pub(crate) url: String,
    pub(crate) clients: Vec<PageClient>,
    /// What it will notice when it wakes up.
    pub(crate) waiting: Vec<Event>,
    /// A store that lives as long as the document.
    memory: AreaId,
    state: State,
    claim: Claim,
}

pub(crate) struct PageClient {
    pub(crate) core: Shared<Client>,
    /// The place of its client ID in [`CLIENTS`].
    pub(crate) name: usize,
    /// It has taken up the stored session.
    pub(crate) is_ready: bool,
    /// When it is to be woken, by the machine's clock.
    due: Option<Time>,
    generation: u64,
}

/// Whether the tab's storage is a copy: a document asks once.
enum Claim {
    Open,
    Asked(Vec<RunId>),
    Known { is_original: bool },
}

impl Page {
    pub(crate) fn is_alive(&self) -> bool {
        self.state != State::Dead
    }

    pub(crate) fn is_awake(&self) -> bool {
        self.state == State::Awake
    }
}

impl World {
    /// A document with its clients, which begin to take up their sessions.
    pub(crate) fn add_page(&mut self, tab: TabId, url: &str) -> PageId {
        let page = self.pages.len();
        let memory = self.add_area(Area::default());
        let mut clients = vec![0; self.plan.clients];
        if self.plan.has_other_client {
            let place = self.random.place_in(clients.len() + 1);
            clients.insert(place, 1);
        }
        for client in 0..clients.len() {
            let delay = self.random.between(0, 20);
            let call = Call::Restore;
            self.after(delay, Event::Call { page, client, call });
        }
        self.pages.push(Page {
            tab,
            url: url.into(),
            clients: clients.into_iter().map(|name| self.client(name)).collect(),
            waiting: Vec::new(),
            memory,
            state: State::Awake,
            claim: Claim::Open,
        });
        page
    }

    fn client(&self, name: usize) -> PageClient {
        let config = ClientConfig {
            authority: ISSUER.into(),
            issuer: None,
            client_id: CLIENTS[name].into(),
            redirect_uri: REDIRECT.into(),
            popup_redirect_uri: None,
            pushes_requests: false,
            post_logout_redirect_uri: Some(crate::tab::BYE.into()),
            target: Target::new(Some(SCOPE), None),
            metadata: None,
            clock_tolerance: 60.0,
            apis: Vec::new(),
            trusted_audiences: String::new(),
        };
        PageClient {
            core: Client::new(config, edge::platform()).expect("the configuration is good"),
            name,
            is_ready: false,
            due: None,
            generation: 0,
        }
    }

    /// A client has taken up its session; now the page completes a sign-in, if it is at one.
    pub(crate) fn is_restored(&mut self, page: PageId, client: usize, is_ready: bool) {
        self.pages[page].clients[client].is_ready = is_ready;
        // Only now, when all clients have given up what belongs to the original: a page that is
        // loaded again before that must learn again that it is in a copy.
        if self.is_copy(page) && self.pages[page].clients.iter().all(|known| known.is_ready) {
            let area = self.tabs[self.pages[page].tab].area;
            self.areas[area].copy_of.clear();
            self.mark(area);
        }
        let url = self.pages[page].url.clone();
        for _ in 0..if self.plan.calls_twice { 2 } else { 1 } {
            let delay = self.random.between(0, 10);
            let call = Call::Redirect { url: url.clone() };
            self.after(delay, Event::Call { page, client, call });
        }
    }

    /// The place of a record: which store, and under which name.
    pub(crate) fn place_of(&self, page: PageId, client: usize, key: RecordKey) -> (AreaId, Slot) {
        let page = &self.pages[page];
        let client = page.clients[client].name;
        let area = match (key, self.plan.storage) {
            (RecordKey::Session, Storage::Shared) => 0,
            (RecordKey::Session, Storage::Document) => page.memory,
            _ => self.tabs[page.tab].area,
        };
        (area, Slot { client, key })
    }

    /// Carries out `ClaimTab`, which matters only to a session in the tab's own storage.
    pub(crate) fn claim_tab(&mut self, run: &Run) -> Option<Input> {
        if self.plan.storage != Storage::Tab {
            return Some(Input::Done);
        }
        let claim = &mut self.pages[run.page].claim;
        match claim {
            Claim::Known { is_original } => Some(claimed(*is_original)),
            Claim::Asked(waiting) => {
                waiting.push(run.id);
                None
            }
            Claim::Open => {
                *claim = Claim::Asked(vec![run.id]);
                let delay = self.random.between(0, 500);
                self.after(delay, Event::TabClaimed { page: run.page });
                None
            }
        }
    }

    /// A tab's id is in its storage. If a page of another tab has the same, this one is a copy.
    pub(crate) fn tab_claimed(&mut self, page: PageId) {
        let tab = self.pages[page].tab;
        let area = self.tabs[tab].area;
        let mark = self.areas[area].tab_mark;
        let is_taken = mark.is_some()
            && (0..self.pages.len()).any(|other| {
                let other = &self.pages[other];
                let holds = matches!(other.claim, Claim::Known { .. });
                let is_here = matches!(other.state, State::Awake | State::Frozen);
                other.tab != tab
                    && holds
                    && is_here
                    && self.areas[self.tabs[other.tab].area].tab_mark == mark
            });
        if mark.is_none() {
            self.mark(area);
        }
        self.note(format_args!("page {page} is in a copied tab: {is_taken}"));
        if !is_taken {
            self.judge_copy(area);
        }
        let is_original = !is_taken;
        let claim = Claim::Known { is_original };
        if let Claim::Asked(waiting) = std::mem::replace(&mut self.pages[page].claim, claim) {
            for run in waiting {
                self.resume(run, claimed(is_original));
            }
        }
    }

    fn mark(&mut self, area: AreaId) {
        self.areas[area].tab_mark = Some(self.random.between(1, u64::MAX));
    }

    pub(crate) fn is_copy(&self, page: PageId) -> bool {
        matches!(self.pages[page].claim, Claim::Known { is_original: false })
    }

    pub(crate) fn set_timer(&mut self, page: PageId, client: usize, due: Option<Time>) {
        let known = &mut self.pages[page].clients[client];
        known.due = due;
        known.generation += 1;
        let generation = known.generation;
        if let Some(due) = due {
            let delay = due.saturating_sub(self.clock.wall(self.now));
            self.after(
                delay,
                Event::Timer {
                    page,
                    client,
                    generation,
                },
            );
        }
    }

    /// A timer may have slept with the machine: the clock decides.
    pub(crate) fn timer(&mut self, page: PageId, client: usize, generation: u64) {
        let known = &mut self.pages[page].clients[client];
        let Some(due) = known.due.filter(|_| known.generation == generation) else {
            return;
        };
        if self.clock.wall(self.now) < due {
            return self.set_timer(page, client, Some(due));
        }
        if !known.is_ready {
            return self.after(
                100,
                Event::Timer {
                    page,
                    client,
                    generation,
                },
            );
        }
        known.due = None;
        self.call(page, client, Call::Wake { is_online: false });
    }

    pub(crate) fn observe(&mut self, page: PageId, client: usize) {
        let (area, slot) = self.place_of(page, client, RecordKey::Session);
        let Ok(record) = self.areas[area].read(slot) else {
            return;
        };
        let record = record.cloned();
        self.judge_look(page, client, record.as_ref());
        let now = self.clock.unix(self.now);
        let core = &self.pages[page].clients[client].core;
        let notices = core.observe(record.as_deref(), now);
        for notice in notices {
            self.take_notice(None, page, client, notice);
        }
        self.judge_account(page, client);
    }

    /// A page that does nothing may be kept for the way back; any other one is gone.
    pub(crate) fn unload(&mut self, page: PageId) {
        let tab = self.pages[page].tab;
        let is_idle = self.runs.values().all(|run| run.page != page);
        if !(is_idle && self.plan.keeps_pages && self.pages[page].is_awake()) {
            return self.kill(page);
        }
        if let Some(former) = self.tabs[tab].cached.replace(page) {
            self.kill(former);
        }
        self.note(format_args!("page {page} is kept for the way back"));
        self.pages[page].state = State::Cached;
    }

    /// The user is back at a page that was kept.
    pub(crate) fn revive(&mut self, page: PageId) {
        self.pages[page].claim = Claim::Open;
        self.pages[page].state = State::Awake;
        // The tab may have been duplicated while the page did not hold its id.
        for client in 0..self.pages[page].clients.len() {
            self.pages[page].clients[client].is_ready = false;
            self.call(page, client, Call::Restore);
        }
        self.release_waiting(page);
    }

    pub(crate) fn freeze(&mut self, page: PageId) {
        if self.pages[page].state == State::Awake {
            self.note(format_args!("page {page} freezes"));
            self.pages[page].state = State::Frozen;
            for run in self.runs.values_mut() {
                run.has_slept |= run.page == page;
            }
        }
    }

    pub(crate) fn thaw(&mut self, page: PageId) {
        if self.pages[page].state == State::Frozen {
            self.note(format_args!("page {page} wakes up"));
            self.pages[page].state = State::Awake;
            self.release_waiting(page);
        }
    }

    fn release_waiting(&mut self, page: PageId) {
        for event in std::mem::take(&mut self.pages[page].waiting) {
            self.after(0, event);
        }
    }

    pub(crate) fn kill(&mut self, page: PageId) {
        if self.pages[page].state == State::Dead {
            return;
        }
        self.note(format_args!("page {page} is gone"));
        self.pages[page].state = State::Dead;
        self.pages[page].waiting.clear();
        let of_page = self.runs.values().filter(|run| run.page == page);
        let runs: Vec<RunId> = of_page.map(|run| run.id).collect();
        self.judge.page_died(page, &runs);
        for run in runs {
            self.runs.remove(&run);
            self.release_locks_of(run);
        }
    }
}

fn claimed(is_original: bool) -> Input {
    if is_original {
        Input::Done
    } else {
        Input::Conflict
    }
}
