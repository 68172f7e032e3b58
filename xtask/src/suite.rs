//! How the parts of the suite run side by side, and what a person sees of it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::part::{Outcome, Part, Settings, Work};
use crate::parts::BUILD;
use crate::prepare;
use crate::progress;
use crate::tally::Tally;

/// Runs the parts, as many side by side as there are cores for, and prints the summary. Returns whether all passed.
pub fn run(parts: &[&'static Part], settings: Settings) -> Result<bool> {
    prepare::prepare(parts.iter().flat_map(|part| part.needs).copied())?;

    let started = Instant::now();
    let suite = Suite {
        state: Mutex::new(State::new(parts)),
        changed: Condvar::new(),
        settings,
    };
    let workers = thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| suite.work());
        }
    });

    let state = suite.lock();
    if !state.failed.is_empty() {
        progress::note(&format!("failed: {}", state.failed.join(", ")));
    }
    progress::note(&format!("in {}", progress::seconds(started.elapsed())));
    println!("{}", state.tally);
    Ok(state.tally.failed == 0)
}

struct Suite {
    state: Mutex<State>,
    changed: Condvar,
    settings: Settings,
}

struct State {
    pending: Vec<&'static Part>,
    is_compiling: bool,
    /// Whether pkg/ was built, once that is known.
    package: Option<bool>,
    tally: Tally,
    failed: Vec<&'static str>,
}

impl State {
    fn new(parts: &[&'static Part]) -> Self {
        Self {
            pending: parts.to_vec(),
            is_compiling: false,
            package: None,
            tally: Tally::default(),
            failed: vec![],
        }
    }

    /// The first part that may start now.
    fn next(&mut self) -> Option<&'static Part> {
        let may_start = |part: &&'static Part| {
            (!part.compiles || !self.is_compiling)
                && (!part.takes_package || self.package.is_some())
        };
        let index = self.pending.iter().position(may_start)?;
        let part = self.pending.remove(index);
        self.is_compiling |= part.compiles;
        Some(part)
    }

    fn ended(&mut self, part: &'static Part, outcome: &Outcome) {
        if part.compiles {
            self.is_compiling = false;
        }
        if part.name == BUILD {
            self.package = Some(outcome.tally.failed == 0);
        }
        if outcome.tally.failed > 0 {
            self.failed.push(part.name);
        }
        self.tally += outcome.tally;
    }
}

impl Suite {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one part after the other until none is left.
    fn work(&self) {
        while let Some((part, package)) = self.take() {
            let started = Instant::now();
            let outcome = if part.takes_package && package == Some(false) {
                Outcome::failed("not run: pkg/ could not be built\n".to_owned())
            } else {
                part.run(self.settings)
            };
            report(part, &outcome, started.elapsed());
            self.lock().ended(part, &outcome);
            self.changed.notify_all();
        }
    }

    /// Waits for a part that may start; there is none when all have started.
    fn take(&self) -> Option<(&'static Part, Option<bool>)> {
        let mut state = self.lock();
        while !state.pending.is_empty() {
            if let Some(part) = state.next() {
                return Some((part, state.package));
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        None
    }
}

/// A line for a part that passed; for one that failed, all that it printed and how to repeat it.
fn report(part: &Part, outcome: &Outcome, elapsed: Duration) {
    let (name, tally) = (part.name, outcome.tally);
    let (output, elapsed) = (outcome.output.trim_end(), progress::seconds(elapsed));
    if tally.failed == 0 {
        // What a check returns, and how many cases or schedules there were.
        let is_check = matches!(part.work, Work::Check(_));
        let says: String = output
            .lines()
            .filter(|line| {
                is_check
                    || [" cases", " schedules"]
                        .iter()
                        .any(|end| line.ends_with(end))
            })
            .map(|line| format!("\n{line}"))
            .collect();
        progress::note(&format!(
            "✓ {name}: {} passed ({elapsed}){says}",
            tally.passed
        ));
        return;
    }
    let command = outcome.command.as_ref();
    let command = command
        .map(|command| format!("\nthe command: {command}"))
        .unwrap_or_default();
    progress::note(&format!(
        "✗ {name}: {tally} ({elapsed})\n{output}\n{name} alone: cargo xtask test {name}{command}\n"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::chosen;

    fn name(part: Option<&'static Part>) -> Option<&'static str> {
        part.map(|part| part.name)
    }

    #[test]
    fn one_part_compiles_at_a_time_and_the_package_is_waited_for() {
        let parts = chosen(&["clippy".into(), "edge".into(), "authority".into()]).unwrap();
        let mut state = State::new(&parts);
        assert_eq!(name(state.next()), Some(BUILD));
        assert_eq!(name(state.next()), Some("authority"));
        assert!(state.next().is_none());

        let built = Outcome {
            tally: Tally::PASSED,
            output: String::new(),
            command: None,
        };
        let build = parts.iter().find(|part| part.name == BUILD).unwrap();
        state.ended(build, &built);
        assert_eq!(name(state.next()), Some("clippy"));
        assert_eq!(name(state.next()), Some("edge"));
    }

    #[test]
    fn failures_are_remembered() {
        let parts = chosen(&["native".into()]).unwrap();
        let mut state = State::new(&parts);
        let part = state.next().unwrap();
        state.ended(part, &Outcome::failed(String::new()));
        assert_eq!(state.failed, ["native"]);
        assert_eq!(state.tally.to_string(), "0 passed, 1 failed");
    }
}
