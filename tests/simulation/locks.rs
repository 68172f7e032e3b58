//! The lock space of an origin: exclusive locks that its pages wait for in a queue.

use std::collections::{BTreeMap, VecDeque};

use crate::run::RunId;
use crate::world::{Event, PATIENCE, Time, World};

/// The locks that are held or waited for, by name.
#[derive(Default)]
pub(crate) struct Locks(BTreeMap<String, Lock>);

struct Lock {
    holder: RunId,
    held_since: Time,
    queue: VecDeque<RunId>,
}

impl Locks {
    pub(crate) fn is_held_by(&self, name: &str, run: RunId) -> bool {
        self.0.get(name).is_some_and(|lock| lock.holder == run)
    }

    /// Returns whether the lock was free.
    fn request(&mut self, name: &str, run: RunId, now: Time) -> bool {
        if let Some(lock) = self.0.get_mut(name) {
            lock.queue.push_back(run);
            return false;
        }
        let lock = Lock {
            holder: run,
            held_since: now,
            queue: VecDeque::new(),
        };
        self.0.insert(name.into(), lock);
        true
    }

    /// Returns who has the lock next. What is not held is not released.
    fn release(&mut self, name: &str, run: RunId, now: Time) -> Option<RunId> {
        let lock = self.0.get_mut(name)?;
        lock.queue.retain(|waiting| *waiting != run);
        if lock.holder != run {
            return None;
        }
        let Some(next) = lock.queue.pop_front() else {
            self.0.remove(name);
            return None;
        };
        lock.holder = next;
        lock.held_since = now;
        Some(next)
    }

    fn names_of(&self, run: RunId) -> Vec<String> {
        let concerned =
            |(_, lock): &(&String, &Lock)| lock.holder == run || lock.queue.contains(&run);
        let names = self.0.iter().filter(concerned);
        names.map(|(name, _)| name.clone()).collect()
    }
}

impl World {
    pub(crate) fn request_lock(&mut self, name: String, run: RunId) {
        if self.locks.request(&name, run, self.now) {
            self.grant_lock(name, run);
        } else if let Some(lock) = self.locks.0.get(&name) {
            let at = (lock.held_since + PATIENCE).max(self.now);
            self.at(at, Event::Patience { name });
        }
    }

    pub(crate) fn release_lock(&mut self, name: &str, run: RunId) {
        if let Some(next) = self.locks.release(name, run, self.now) {
            self.grant_lock(name.into(), next);
        }
    }

    pub(crate) fn release_locks_of(&mut self, run: RunId) {
        for name in self.locks.names_of(run) {
            self.release_lock(&name, run);
        }
    }

    fn grant_lock(&mut self, name: String, run: RunId) {
        let delay = self.random.between(0, 3);
        let patience = Event::Patience { name: name.clone() };
        self.after(delay, Event::Granted { run, name });
        self.after(PATIENCE, patience);
    }

    /// What [`countersign::Command::Lock`] allows: a lock that was not released for a minute goes to
    /// one who waits for it. A page that sleeps takes nothing, but it is given what is free.
    pub(crate) fn take_lock_over(&mut self, name: &str) {
        let Some(lock) = self.locks.0.get(name) else {
            return;
        };
        let due = lock.held_since + PATIENCE;
        if lock.queue.is_empty() || self.now < due {
            return;
        }
        let is_awake = |run: &RunId| {
            let run = self.runs.get(run);
            run.is_some_and(|run| self.pages[run.page].is_awake())
        };
        let Some(place) = lock.queue.iter().position(is_awake) else {
            let name = name.into();
            return self.after(PATIENCE, Event::Patience { name });
        };
        let Some(lock) = self.locks.0.get_mut(name) else {
            return;
        };
        let former = lock.holder;
        let Some(next) = lock.queue.remove(place) else {
            return;
        };
        lock.holder = next;
        lock.held_since = self.now;
        self.takeovers += 1;
        self.note(format_args!("{next} takes the lock from {former}: {name}"));
        if let Some(former) = self.runs.get_mut(&former) {
            former.has_lost_lock = true;
            if former.has_slept {
                self.judge.overtaken(former.id);
            }
        }
        self.grant_lock(name.into(), next);
    }
}
