//! The world of one schedule: true time, the machine's clock, and what happens when.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;

use countersign::{Input, UnixTime};

use crate::invariants::Judge;
use crate::locks::Locks;
use crate::log::Log;
use crate::network::{Exchange, ExchangeId, Network, Outcome};
use crate::page::{Page, PageId};
use crate::plan::Plan;
use crate::provider::Provider;
use crate::random::Random;
use crate::run::{Call, Run, RunId};
use crate::store::{Area, AreaId};
use crate::tab::{Tab, TabId};

/// Milliseconds since 1970.
pub(crate) type Time = u64;
/// When every schedule begins.
pub(crate) const START: Time = 1_800_000_000_000;
/// Who holds a lock for longer is taken to be frozen.
pub(crate) const PATIENCE: Time = 60_000;

/// Something that will happen.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The next act of the user, or of fate.
    Act,
    /// Something befalls a page in the middle of what it does.
    Trouble {
        page: PageId,
    },
    /// The user, or code of the page, calls a client.
    Call {
        page: PageId,
        client: usize,
        call: Call,
    },
    /// The result of a command is there.
    Resume {
        run: RunId,
        input: Input,
    },
    /// The host drops a flow.
    GiveUp {
        run: RunId,
    },
    /// An asynchronous store carries out what a flow waits for.
    Store {
        run: RunId,
    },
    /// A flow is given a lock.
    Granted {
        run: RunId,
        name: String,
    },
    /// Somebody may have held a lock for too long.
    Patience {
        name: String,
    },
    /// It turns out whether a tab's storage is a copy.
    TabClaimed {
        page: PageId,
    },
    /// A request reaches the provider.
    Arrive {
        exchange: ExchangeId,
    },
    /// What came of a request reaches the page.
    Settle {
        exchange: ExchangeId,
        outcome: Outcome,
    },
    /// A client's timer.
    Timer {
        page: PageId,
        client: usize,
        generation: u64,
    },
    /// A page is told that a record in the shared store has changed.
    Observe {
        page: PageId,
        client: usize,
    },
    /// A page is left for another URL.
    Leave {
        page: PageId,
        url: String,
    },
    /// The provider sends the user back, who has seen so many other pages in this tab before.
    Return {
        tab: TabId,
        visit: u64,
        url: String,
    },
    Thaw {
        page: PageId,
    },
}

struct Due {
    at: Time,
    /// Of what happens at the same time, chance decides what is first.
    rank: u64,
    event: Event,
}

/// The machine's clock: the true time, and by how much it is wrong.
#[derive(Default)]
pub(crate) struct Clock {
    pub(crate) offset: i64,
    /// When it was set last: the moment and the true time.
    pub(crate) changed: Option<(u64, Time)>,
}

pub(crate) struct World {
    pub(crate) now: Time,
    /// Counts everything that happens, so that of two things one is earlier.
    pub(crate) moment: u64,
    pub(crate) steps: usize,
    pub(crate) plan: Plan,
    pub(crate) random: Random,
    pub(crate) clock: Clock,
    pub(crate) areas: Vec<Area>,
    pub(crate) locks: Locks,
    /// How often a lock was taken over.
    pub(crate) takeovers: u64,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) pages: Vec<Page>,
    pub(crate) runs: BTreeMap<RunId, Run>,
    pub(crate) next_run: u64,
    pub(crate) network: Network,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) provider: Provider,
    pub(crate) judge: Judge,
    pub(crate) log: Log,
    /// Acts that are still to come.
    pub(crate) acts: usize,
    queue: BinaryHeap<Reverse<Due>>,
}

impl Clock {
    /// What the machine takes the time to be.
    pub(crate) fn wall(&self, now: Time) -> Time {
        now.saturating_add_signed(self.offset)
    }

    pub(crate) fn unix(&self, now: Time) -> UnixTime {
        let seconds = self.wall(now) as f64 / 1000.0;
        UnixTime::from_seconds(seconds).expect("a time is a number")
    }
}

impl World {
    pub(crate) fn new(mut random: Random, log: Log) -> Self {
        let plan = Plan::new(&mut random);
        Self {
            now: START,
            moment: 0,
            steps: 0,
            acts: plan.acts,
            provider: Provider::new(plan.policy.clone()),
            plan,
            random,
            clock: Clock::default(),
            areas: vec![Area::default()],
            locks: Locks::default(),
            takeovers: 0,
            tabs: Vec::new(),
            pages: Vec::new(),
            runs: BTreeMap::new(),
            next_run: 0,
            network: Network::default(),
            exchanges: Vec::new(),
            judge: Judge::default(),
            log,
            queue: BinaryHeap::new(),
        }
    }

    pub(crate) fn note(&mut self, text: fmt::Arguments<'_>) {
        self.log.note(self.now, text);
    }

    pub(crate) fn at(&mut self, at: Time, event: Event) {
        let rank = self.random.between(0, u64::MAX);
        self.queue.push(Reverse(Due { at, rank, event }));
    }

    pub(crate) fn after(&mut self, delay: Time, event: Event) {
        self.at(self.now + delay, event);
    }

    pub(crate) fn add_area(&mut self, area: Area) -> AreaId {
        self.areas.push(area);
        self.areas.len() - 1
    }

    /// Lets happen what is next, unless that is after `end`. Returns whether something did.
    pub(crate) fn step(&mut self, end: Time) -> bool {
        if self.judge.violation().is_some() {
            return false;
        }
        let Some(Reverse(due)) = self.queue.pop() else {
            return false;
        };
        if due.at > end {
            self.queue.push(Reverse(due));
            return false;
        }
        self.now = self.now.max(due.at);
        self.steps += 1;
        match self.page_of(&due.event) {
            Concerned::Nobody => {}
            Concerned::Page(page) if !self.pages[page].is_alive() => {}
            Concerned::Page(page) if !self.pages[page].is_awake() => {
                self.pages[page].waiting.push(due.event);
            }
            Concerned::Page(_) | Concerned::World => self.happen(due.event),
        }
        true
    }

    /// Whether nothing more will happen but timers.
    pub(crate) fn is_quiet(&self) -> bool {
        let is_idle = |event: &Event| matches!(event, Event::Timer { .. } | Event::Patience { .. });
        self.queue.iter().all(|Reverse(due)| is_idle(&due.event))
    }

    fn page_of(&self, event: &Event) -> Concerned {
        let of_run = |run| match self.runs.get(run) {
            Some(run) => Concerned::Page(run.page),
            None => Concerned::Nobody,
        };
        match event {
            Event::Call { page, .. }
            | Event::TabClaimed { page }
            | Event::Timer { page, .. }
            | Event::Observe { page, .. }
            | Event::Leave { page, .. } => Concerned::Page(*page),
            Event::Resume { run, .. } | Event::Granted { run, .. } | Event::GiveUp { run } => {
                of_run(run)
            }
            Event::Settle { exchange, .. } => of_run(&self.exchanges[*exchange].run),
            Event::Act
            | Event::Trouble { .. }
            | Event::Store { .. }
            | Event::Patience { .. }
            | Event::Arrive { .. }
            | Event::Return { .. }
            | Event::Thaw { .. } => Concerned::World,
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Act => self.act(),
            Event::Trouble { page } => self.trouble(page),
            Event::Call { page, client, call } => self.call(page, client, call),
            Event::GiveUp { run } => self.give_up(run),
            Event::Resume { run, input } => self.resume(run, input),
            Event::Store { run } => self.carry_out_in_store(run),
            Event::Granted { run, name } => self.granted(run, name),
            Event::Patience { name } => self.take_lock_over(&name),
            Event::TabClaimed { page } => self.tab_claimed(page),
            Event::Arrive { exchange } => self.arrive(exchange),
            Event::Settle { exchange, outcome } => self.settle(exchange, outcome),
            Event::Timer {
                page,
                client,
                generation,
            } => self.timer(page, client, generation),
            Event::Observe { page, client } => self.observe(page, client),
            Event::Leave { page, url } => self.leave(page, &url),
            Event::Return { tab, visit, url } => self.come_back(tab, visit, &url),
            Event::Thaw { page } => self.thaw(page),
        }
    }
}

/// Whom an event concerns: what a page would notice waits while the page sleeps.
enum Concerned {
    World,
    Page(PageId),
    /// The flow has ended.
    Nobody,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.rank) == (other.at, other.rank)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.rank).cmp(&(other.at, other.rank))
    }
}
