//! How the parts of the suite run side by side, and what a person sees of it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use crate::group::{self, Stopped};
use crate::part::{Outcome, Part, Settings};
use crate::parts::{BUILD, PACKAGE};
use crate::prepare;
use crate::progress;
use crate::tally::Tally;

/// Runs the parts, as many side by side as there are cores for, and prints the summary. Gives back whether all passed.
pub fn run(parts: &[&'static Part], settings: Settings) -> Result<bool> {
    let needs: Vec<_> = parts.iter().flat_map(|part| part.needs).copied().collect();
    prepare::prepare(&needs)?;

    let started = Instant::now();
    let suite = Suite {
        state: Mutex::new(State::new(parts)),
        changed: Condvar::new(),
        settings,
    };
    let workers = thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4));
    let results = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| suite.work())).collect();
        workers
            .into_iter()
            .map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|_| Err(anyhow!("a part of the suite ended abnormally")))
            })
            .collect::<Result<Vec<_>>>()
    });
    if group::stopping() {
        bail!(Stopped);
    }
    results?;

    let state = suite.lock();
    if !state.failed.is_empty() {
        progress::note(&format!("failed: {}", state.failed.join(", ")));
    }
    progress::note(&format!("in {}", progress::seconds(started.elapsed())));
    println!("{}", state.tally.summary());
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

    /// Takes one part after the other until none is left.
    fn work(&self) -> Result<()> {
        loop {
            let mut state = self.lock();
            let (part, package) = loop {
                if group::stopping() {
                    bail!(Stopped);
                }
                if state.pending.is_empty() {
                    return Ok(());
                }
                if let Some(part) = state.next() {
                    break (part, state.package);
                }
                let waited = self.changed.wait_timeout(state, Duration::from_millis(500));
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            };
            drop(state);

            let started = Instant::now();
            let outcome = if part.takes_package && package == Some(false) {
                Ok(Outcome::failed(
                    "not run: pkg/ could not be built\n".to_owned(),
                ))
            } else {
                part.run(&self.settings)
            };
            if let Ok(outcome) = &outcome {
                report(part, outcome, started.elapsed());
                self.lock().ended(part, outcome);
            } else {
                self.lock().pending.clear();
            }
            self.changed.notify_all();
            outcome?;
        }
    }
}

/// A line for a part that passed; for one that failed, all that it printed and how to repeat it.
fn report(part: &Part, outcome: &Outcome, elapsed: Duration) {
    let Tally { passed, failed } = outcome.tally;
    let elapsed = progress::seconds(elapsed);
    if failed == 0 {
        let says = if part.name == PACKAGE {
            format!("\n{}", outcome.output.trim_end())
        } else {
            String::new()
        };
        progress::note(&format!(
            "✓ {}: {passed} passed ({elapsed}){says}",
            part.name
        ));
        return;
    }
    let command = outcome
        .command
        .as_ref()
        .map(|command| format!("\nthe command: {command}"))
        .unwrap_or_default();
    progress::note(&format!(
        "✗ {name}: {passed} passed, {failed} failed ({elapsed})\n{output}\n{name} alone: cargo xtask test {name}{command}\n",
        name = part.name,
        output = outcome.output.trim_end(),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::chosen;

    #[test]
    fn one_part_compiles_at_a_time_and_the_package_is_waited_for() {
        let parts = chosen(&["clippy".into(), "edge".into(), "authority".into()]).unwrap();
        let mut state = State::new(&parts);
        assert_eq!(state.next().map(|part| part.name), Some(BUILD));
        assert_eq!(state.next().map(|part| part.name), Some("authority"));
        assert!(state.next().is_none());

        let built = parts.iter().find(|part| part.name == BUILD).unwrap();
        state.ended(
            built,
            &Outcome {
                tally: Tally::PASSED,
                output: String::new(),
                command: None,
            },
        );
        assert_eq!(state.next().map(|part| part.name), Some("clippy"));
        assert_eq!(state.next().map(|part| part.name), Some("edge"));
    }

    #[test]
    fn failures_are_remembered() {
        let parts = chosen(&["native".into()]).unwrap();
        let mut state = State::new(&parts);
        let part = state.next().unwrap();
        state.ended(part, &Outcome::failed(String::new()));
        assert_eq!(state.failed, ["native"]);
        assert_eq!(state.tally.summary(), "0 passed, 1 failed");
    }
}
