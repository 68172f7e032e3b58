//! Tabs: what they show, and where the user goes in them.

use crate::page::{PageId, REDIRECT};
use crate::provider::Message;
use crate::store::{Area, AreaId};
use crate::user::USERS;
use crate::world::{Event, World};

pub(crate) type TabId = usize;

pub(crate) const HOME: &str = "https://app.example/";
pub(crate) const BYE: &str = "https://app.example/bye";

pub(crate) struct Tab {
    /// Its own storage.
    pub(crate) area: AreaId,
    pub(crate) place: Place,
    /// The page that the user gets back to, as it was left.
    pub(crate) cached: Option<PageId>,
    /// How many other pages it has shown.
    visits: u64,
}

/// What a tab shows.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    App(PageId),
    /// A page of the provider, at this URL.
    Provider(String),
    Closed,
}

impl World {
    pub(crate) fn open_tab(&mut self) {
        let area = self.add_area(Area::default());
        let tab = self.add_tab(area);
        self.load(tab, HOME);
    }

    fn add_tab(&mut self, area: AreaId) -> TabId {
        self.tabs.push(Tab {
            area,
            place: Place::Closed,
            cached: None,
            visits: 0,
        });
        self.tabs.len() - 1
    }

    /// Loads the application in a tab, which leaves what it showed.
    pub(crate) fn load(&mut self, tab: TabId, url: &str) {
        if let Place::App(former) = self.tabs[tab].place {
            self.unload(former);
        }
        let page = self.add_page(tab, url);
        self.note(format_args!("tab {tab} loads page {page} at {url}"));
        self.tabs[tab].place = Place::App(page);
        self.tabs[tab].visits += 1;
    }

    /// A client has sent the page to another URL.
    pub(crate) fn leave(&mut self, page: PageId, url: &str) {
        let tab = self.pages[page].tab;
        if !matches!(self.tabs[tab].place, Place::App(shown) if shown == page) {
            return;
        }
        self.unload(page);
        self.note(format_args!("tab {tab} leaves for {url}"));
        self.tabs[tab].place = Place::Provider(url.into());
        self.tabs[tab].visits += 1;
        self.visit(tab, url);
    }

    /// What the user does at the provider, if anything.
    fn visit(&mut self, tab: TabId, url: &str) {
        let visit = self.tabs[tab].visits;
        let (endpoint, query) = url.split_once('?').unwrap_or((url, ""));
        let form = form_urlencoded::parse(query.as_bytes());
        let request = Message {
            url: endpoint.into(),
            form: form.into_owned().collect(),
        };
        if !endpoint.ends_with("/authorize") {
            return self.after_visit(tab, visit, BYE.into());
        }
        let state = request.get("state").unwrap_or_default();
        if self.plan.is_over || self.random.chance(85) {
            let user = self.random.weighted(&[(3, USERS[0]), (2, USERS[1])]);
            let response = self.provider.authorize(&request, user);
            self.after_visit(tab, visit, format!("{REDIRECT}?{response}"));
        } else if self.random.chance(50) {
            let url = format!("{REDIRECT}?error=access_denied&state={state}");
            self.after_visit(tab, visit, url);
        }
    }

    fn after_visit(&mut self, tab: TabId, visit: u64, url: String) {
        let longest = if self.plan.is_over {
            2_000
        } else {
            self.random
                .weighted(&[(8, 2_000), (3, 60_000), (1, 3_700_000)])
        };
        let delay = self.random.between(100, longest);
        self.after(delay, Event::Return { tab, visit, url });
    }

    pub(crate) fn come_back(&mut self, tab: TabId, visit: u64, url: &str) {
        let is_there = matches!(self.tabs[tab].place, Place::Provider(_));
        if is_there && self.tabs[tab].visits == visit {
            self.load(tab, url);
        }
    }

    /// The user goes back to the page that was left.
    pub(crate) fn go_back(&mut self, tab: TabId) {
        let Some(page) = self.tabs[tab].cached.take() else {
            return;
        };
        if let Place::App(shown) = self.tabs[tab].place {
            self.kill(shown);
        }
        self.note(format_args!("tab {tab} goes back to page {page}"));
        self.tabs[tab].place = Place::App(page);
        self.tabs[tab].visits += 1;
        self.revive(page);
    }

    pub(crate) fn close(&mut self, tab: TabId) {
        if let Place::App(page) = self.tabs[tab].place {
            self.kill(page);
        }
        if let Some(page) = self.tabs[tab].cached.take() {
            self.kill(page);
        }
        self.tabs[tab].place = Place::Closed;
    }

    /// The copy begins with the storage of the original, and at its URL.
    pub(crate) fn duplicate(&mut self, tab: TabId) {
        let original = self.tabs[tab].area;
        let copy = self.areas[original].duplicate(original);
        let area = self.add_area(copy);
        self.judge.duplicated(original, area);
        let copy = self.add_tab(area);
        self.note(format_args!("tab {tab} is duplicated as tab {copy}"));
        match self.tabs[tab].place.clone() {
            Place::App(page) => {
                let url = self.pages[page].url.clone();
                self.load(copy, &url);
            }
            Place::Provider(url) => {
                self.tabs[copy].place = Place::Provider(url.clone());
                self.visit(copy, &url);
            }
            Place::Closed => {}
        }
    }
}
