//! What the users do, and when [`fate`](crate::fate) strikes.

use crate::page::PageId;
use crate::provider::{REFUSED_CLAIMS, SCOPE};
use crate::run::{Call, TokenCall};
use crate::tab::{HOME, Place, TabId};
use crate::world::{Event, Time, World};

/// Who signs in.
pub(crate) const USERS: [&str; 2] = ["alice", "bob"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    OpenTab,
    SignIn,
    GetToken,
    Poll,
    ReadCached,
    SignOut,
    SwitchAccount,
    Reload,
    CloseTab,
    DuplicateTab,
    GoBack,
    GoOnline,
    Observe,
    Freeze,
    Sleep,
    Kill,
    RestartBrowser,
    SetClock,
    FaultStore,
    AlterStore,
    ChangeNetwork,
    ChangeOutage,
    SpoilResponses,
    Refuse,
    Revoke,
    MoveEndpoint,
}

/// The scopes that pages ask for.
const SCOPES: [Option<&str>; 4] = [None, Some("mail"), Some("admin"), Some("files mail")];
const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
const MAX_TABS: usize = 4;

impl World {
    pub(crate) fn act(&mut self) {
        if self.acts == 0 {
            return;
        }
        self.acts -= 1;
        let act = self.choose_act();
        self.note(format_args!("--- {act:?}"));
        self.carry_out_act(act);
        if self.acts > 0 {
            let gap = self.gap();
            self.after(gap, Event::Act);
        }
    }

    /// What is there from the beginning.
    pub(crate) fn prepare(&mut self) {
        let hazards = self.plan.hazards;
        for (is, act) in [
            (hazards.network, Act::ChangeNetwork),
            (hazards.outages, Act::ChangeOutage),
            (hazards.wrong_responses, Act::SpoilResponses),
            (hazards.refusals, Act::Refuse),
            (hazards.store, Act::FaultStore),
        ] {
            if is && self.random.chance(40) {
                self.carry_out_act(act);
            }
        }
    }

    /// Most acts follow each other closely, since that is where races are.
    fn gap(&mut self) -> Time {
        let longest = self.random.weighted(&[
            (20, 30),
            (20, 300),
            (20, 4_000),
            (10, 40_000),
            (5, 400_000),
            (if self.plan.hazards.idles { 10 } else { 1 }, 8_000_000),
        ]);
        self.random.between(0, longest)
    }

    fn choose_act(&mut self) -> Act {
        let hazards = self.plan.hazards;
        let tabs = self.open_tabs().len();
        let has = |is: bool, weight: u32| if is { weight } else { 0 };
        let is_signed_in = !self.judge.has_no_session();
        let choices = [
            (
                has(tabs < MAX_TABS, if tabs == 0 { 40 } else { 3 }),
                Act::OpenTab,
            ),
            (if is_signed_in { 2 } else { 40 }, Act::SignIn),
            (40, Act::GetToken),
            (4, Act::Poll),
            (6, Act::ReadCached),
            (4, Act::SignOut),
            (4, Act::SwitchAccount),
            (5, Act::Reload),
            (2, Act::CloseTab),
            (
                has(hazards.duplicates && tabs < MAX_TABS, 8),
                Act::DuplicateTab,
            ),
            (has(self.plan.keeps_pages, 8), Act::GoBack),
            (4, Act::GoOnline),
            (4, Act::Observe),
            (has(hazards.freezes, 12), Act::Freeze),
            (has(hazards.freezes, 2), Act::Sleep),
            (has(hazards.kills, 6), Act::Kill),
            (has(hazards.kills, 1), Act::RestartBrowser),
            (has(hazards.clock, 5), Act::SetClock),
            (has(hazards.store, 6), Act::FaultStore),
            (has(hazards.store, 3), Act::AlterStore),
            (has(hazards.network, 12), Act::ChangeNetwork),
            (has(hazards.outages, 10), Act::ChangeOutage),
            (has(hazards.wrong_responses, 6), Act::SpoilResponses),
            (has(hazards.refusals, 6), Act::Refuse),
            (has(hazards.revocations, 3), Act::Revoke),
            (has(hazards.moves, 3), Act::MoveEndpoint),
        ];
        self.random.weighted(&choices)
    }

    fn carry_out_act(&mut self, act: Act) {
        match act {
            Act::OpenTab => self.open_tab(),
            Act::SignIn => {
                let app_state = self.random.between(0, 1000);
                let call = match self.random.chance(35) {
                    true => Call::Popup { app_state },
                    false => Call::SignIn { app_state },
                };
                self.call_one(call);
            }
            Act::GetToken => {
                for _ in 0..self.random.weighted(&[(6, 1), (2, 2), (1, 5)]) {
                    let call = self.token_call();
                    self.call_one(Call::Token(call));
                }
            }
            Act::Poll => {
                let Some((page, client)) = self.a_client() else {
                    return;
                };
                let token = self.token_call();
                for _ in 0..self.random.between(4, 15) {
                    let call = Call::Token(token.clone());
                    let delay = self.random.between(0, 25_000);
                    self.after(delay, Event::Call { page, client, call });
                }
            }
            Act::ReadCached => {
                if let Some((page, client)) = self.a_client() {
                    let scope = self.random.one_of(&SCOPES);
                    self.read_cached(page, client, scope);
                }
            }
            Act::SignOut => {
                let account =
                    self.random
                        .weighted(&[(3, None), (1, Some(USERS[0])), (1, Some(USERS[1]))]);
                // What ends at the provider is another account's session.
                let is_local = account.is_some() || self.random.chance(60);
                self.call_one(Call::SignOut { account, is_local });
            }
            Act::SwitchAccount => {
                let account =
                    self.random
                        .weighted(&[(1, None), (3, Some(USERS[0])), (3, Some(USERS[1]))]);
                self.call_one(Call::SetActive { account });
            }
            Act::Reload => {
                if let Some((tab, page)) = self.a_page() {
                    let url = self.pages[page].url.clone();
                    self.kill(page);
                    self.load(tab, &url);
                } else if let Some(tab) = self.a_tab() {
                    self.load(tab, HOME);
                }
            }
            Act::CloseTab => {
                if let Some(tab) = self.a_tab() {
                    self.close(tab);
                }
            }
            Act::DuplicateTab => {
                if let Some(tab) = self.a_tab() {
                    self.duplicate(tab);
                }
            }
            Act::GoBack => {
                let mut tabs = self.open_tabs().into_iter();
                let cached = tabs.find(|tab| self.tabs[*tab].cached.is_some());
                if let Some(tab) = cached {
                    self.go_back(tab);
                } else if let Some((tab, _)) = self.a_page() {
                    self.load(tab, HOME);
                }
            }
            Act::GoOnline => {
                self.network.is_offline = false;
                for _ in 0..self.random.between(1, 5) {
                    self.call_one(Call::Wake { is_online: true });
                }
            }
            Act::Observe => {
                if let Some((page, client)) = self.a_client() {
                    self.observe(page, client);
                }
            }
            Act::Freeze => {
                if let Some((_, page)) = self.a_page() {
                    self.freeze(page);
                    let longest = self.random.one_of(&[1_000, 90_000, 200_000, 8_000_000]);
                    let delay = self.random.between(0, longest);
                    self.after(delay, Event::Thaw { page });
                }
            }
            Act::Sleep => self.sleep(),
            Act::Kill => {
                if let Some((tab, page)) = self.a_page() {
                    self.kill(page);
                    let url = self.pages[page].url.clone();
                    self.load(tab, &url);
                }
            }
            Act::RestartBrowser => self.restart_browser(),
            Act::SetClock => self.set_clock(),
            Act::FaultStore => self.fault_store(),
            Act::AlterStore => self.alter_records(),
            Act::ChangeNetwork => self.change_network(),
            Act::ChangeOutage => self.change_outage(),
            Act::SpoilResponses => self.provider.wrong = self.random.one_of(&[0, 30, 100]),
            Act::Refuse => self.change_refusals(),
            Act::Revoke => self.revoke(),
            Act::MoveEndpoint => self.provider.moves += 1,
        }
    }

    /// In so many of a hundred cases something befalls a page soon.
    pub(crate) fn invite_trouble(&mut self, page: PageId, percent: u32) {
        if !self.plan.is_over && self.random.chance(percent) {
            let delay = self.random.between(0, 300);
            self.after(delay, Event::Trouble { page });
        }
    }

    /// Something befalls a page in the middle of what it does.
    pub(crate) fn trouble(&mut self, page: PageId) {
        let tab = self.pages[page].tab;
        if self.plan.is_over || !self.pages[page].is_awake() {
            return;
        }
        let hazards = self.plan.hazards;
        let has = |is: bool, weight: u32| if is { weight } else { 0 };
        let act = self.random.weighted(&[
            (3, Act::SignOut),
            (2, Act::GetToken),
            (has(hazards.freezes, 10), Act::Freeze),
            (has(hazards.kills, 5), Act::Kill),
            (has(hazards.duplicates, 5), Act::DuplicateTab),
            (has(hazards.clock, 4), Act::SetClock),
            (has(hazards.store, 4), Act::FaultStore),
        ]);
        self.note(format_args!("--- {act:?} in the middle of things"));
        match act {
            Act::Freeze => {
                let delay = self.random.one_of(&[500, 90_000, 150_000]);
                let delay = self.random.between(delay / 2, delay);
                self.freeze(page);
                self.after(delay, Event::Thaw { page });
                // Others want a token meanwhile.
                for (page, client) in self.clients() {
                    let token = TokenCall {
                        force: true,
                        ..self.token_call()
                    };
                    let call = Call::Token(token);
                    let delay = self.random.between(0, 20_000);
                    self.after(delay, Event::Call { page, client, call });
                }
            }
            Act::Kill => {
                let url = self.pages[page].url.clone();
                self.kill(page);
                self.load(tab, &url);
            }
            Act::DuplicateTab if self.open_tabs().len() < MAX_TABS => self.duplicate(tab),
            other => self.carry_out_act(other),
        }
    }

    fn token_call(&mut self) -> TokenCall {
        TokenCall {
            account: self
                .random
                .weighted(&[(6, None), (1, Some(USERS[0])), (1, Some(USERS[1]))]),
            scope: self.random.weighted(&[
                (6, SCOPES[0]),
                (2, SCOPES[1]),
                (1, SCOPES[2]),
                (1, SCOPES[3]),
                (1, Some(SCOPE)),
            ]),
            claims: self.random.weighted(&[
                (20, None),
                (2, Some(CLAIMS)),
                (1, Some(REFUSED_CLAIMS)),
            ]),
            force: self.random.chance(30),
        }
    }

    /// Calls a client, or twice: some pages do.
    fn call_one(&mut self, call: Call) {
        let Some((page, client)) = self.a_client() else {
            return;
        };
        if self.plan.calls_twice {
            let again = Event::Call {
                page,
                client,
                call: call.clone(),
            };
            let delay = self.random.between(0, 30);
            self.after(delay, again);
        }
        self.call(page, client, call);
    }

    pub(crate) fn open_tabs(&self) -> Vec<TabId> {
        let is_open = |tab: &TabId| !matches!(self.tabs[*tab].place, Place::Closed);
        (0..self.tabs.len()).filter(is_open).collect()
    }

    fn a_tab(&mut self) -> Option<TabId> {
        let tabs = self.open_tabs();
        (!tabs.is_empty()).then(|| self.random.one_of(&tabs))
    }

    /// A page that a tab shows and that is not asleep.
    fn a_page(&mut self) -> Option<(TabId, PageId)> {
        let shown = |tab: TabId| match self.tabs[tab].place {
            Place::App(page) if self.pages[page].is_awake() => Some((tab, page)),
            _ => None,
        };
        let tabs = self.open_tabs().into_iter();
        let pages: Vec<(TabId, PageId)> = tabs.filter_map(shown).collect();
        (!pages.is_empty()).then(|| self.random.one_of(&pages))
    }

    fn a_client(&mut self) -> Option<(PageId, usize)> {
        let (_, page) = self.a_page()?;
        let clients = self.pages[page].clients.len();
        Some((page, self.random.place_in(clients)))
    }

    /// The clients of all pages that are shown and not asleep.
    fn clients(&self) -> Vec<(PageId, usize)> {
        let shown = |tab: TabId| match self.tabs[tab].place {
            Place::App(page) if self.pages[page].is_awake() => Some(page),
            _ => None,
        };
        let pages = self.open_tabs().into_iter().filter_map(shown);
        let of_page = |page: PageId| (0..self.pages[page].clients.len()).map(move |at| (page, at));
        pages.flat_map(of_page).collect()
    }
}
