//! One part of the test suite: what it needs, what it runs, and how it ended.

use anyhow::Result;

use crate::prepare::Need;
use crate::process::Invocation;
use crate::progress::{self, Step};
use crate::tally::Tally;

/// A part has a name that `cargo xtask test NAME` runs alone.
pub struct Part {
    pub name: &'static str,
    pub about: &'static str,
    /// Whether `cargo xtask check` runs it too.
    pub is_check: bool,
    pub needs: &'static [Need],
    /// Whether it takes pkg/, and so waits for the part that builds it.
    pub takes_package: bool,
    /// Whether it compiles: two cargos at once only wait for each other.
    pub compiles: bool,
    pub work: Work,
}

pub enum Work {
    /// cargo, with these arguments.
    Cargo(&'static str),
    /// The Node of `tests/node_modules`, with these arguments.
    Node(&'static str),
    /// Programs, one after the other; one that fails does not keep the others from running.
    Commands(fn() -> Result<Vec<Invocation>>),
    /// A check of xtask itself; the text that it returns is shown.
    Check(fn() -> Result<String>),
}

/// What a person chose on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// For how many minutes tests with random cases run; each has a default of its own.
    pub minutes: Option<u32>,
}

/// How a part ended.
pub struct Outcome {
    pub tally: Tally,
    pub output: String,
    /// The first command that failed.
    pub command: Option<String>,
}

impl Part {
    pub const fn new(name: &'static str, about: &'static str, work: Work) -> Self {
        Self {
            name,
            about,
            is_check: false,
            needs: &[],
            takes_package: false,
            compiles: false,
            work,
        }
    }

    pub const fn check(mut self) -> Self {
        self.is_check = true;
        self
    }

    pub const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }

    pub const fn takes_package(mut self) -> Self {
        self.takes_package = true;
        self
    }

    pub const fn compiles(mut self) -> Self {
        self.compiles = true;
        self
    }

    pub fn run(&self, settings: Settings) -> Outcome {
        let step = progress::start(self.name);
        let run = |commands: Vec<Invocation>| run_all(commands, settings, &step);
        let ended = match self.work {
            Work::Cargo(arguments) => run(vec![Invocation::cargo().words(arguments)]),
            Work::Node(arguments) => run(vec![Invocation::node().words(arguments)]),
            Work::Commands(commands) => commands().and_then(run),
            Work::Check(check) => check().map(|output| Outcome {
                tally: Tally::PASSED,
                output,
                command: None,
            }),
        };
        ended.unwrap_or_else(|error| Outcome::failed(format!("{error:#}\n")))
    }
}

impl Outcome {
    pub fn failed(output: String) -> Self {
        Self {
            tally: Tally::FAILED,
            output,
            command: None,
        }
    }
}

fn run_all(commands: Vec<Invocation>, settings: Settings, step: &Step) -> Result<Outcome> {
    let mut outcome = Outcome {
        tally: Tally::default(),
        output: String::new(),
        command: None,
    };
    for mut command in commands {
        if let Some(minutes) = settings.minutes {
            command = command
                .env("COUNTERSIGN_MINUTES", minutes.to_string())
                .with_more_time(minutes);
        }
        let ended = command.run(step)?;
        outcome.output.push_str(&ended.output);
        let tally = Tally::of(&ended.output, ended.status.success());
        outcome.tally += tally;
        if tally.failed > 0 {
            outcome.command.get_or_insert(command.to_string());
            if ended.status.success() {
                outcome.output.push_str("It succeeded, but ran no test.\n");
            }
        }
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_is_told_for_how_many_minutes() {
        let commands = || {
            let script = r#"test "$COUNTERSIGN_MINUTES" = 5"#;
            Ok(vec![Invocation::new("sh").args(["-c", script])])
        };
        let part = Part::new("long", "", Work::Commands(commands));
        assert_eq!(part.run(Settings { minutes: Some(5) }).tally, Tally::PASSED);
        assert_eq!(part.run(Settings { minutes: None }).tally, Tally::FAILED);
    }
}
