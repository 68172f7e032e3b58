//! One part of the test suite: what it needs, what it runs, and how it ended.

use anyhow::Result;

use crate::group::{self, Stopped};
use crate::layout;
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
    /// What it runs, which other parts of the project own.
    pub file: Option<&'static str>,
    pub work: Work,
}

pub enum Work {
    /// cargo, with these arguments.
    Cargo(&'static str),
    /// The Node of `tests/node_modules`, with these arguments.
    Node(&'static str),
    /// Programs, one after the other; one that fails does not keep the others from running.
    Commands(fn() -> Result<Vec<Invocation>>),
    /// A check of xtask itself; it gives back what it wants to say.
    Check(fn() -> Result<String>),
}

/// What a person chose on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Simulations over more schedules and the like.
    pub long: bool,
}

/// How a part ended.
pub struct Outcome {
    pub tally: Tally,
    pub output: String,
    /// The first command that failed.
    pub command: Option<String>,
}

impl Part {
    /// What most parts are like; each names only its differences.
    pub const PLAIN: Self = Self {
        name: "",
        about: "",
        is_check: false,
        needs: &[],
        takes_package: false,
        compiles: false,
        file: None,
        work: Work::Cargo(""),
    };

    pub fn run(&self, settings: &Settings) -> Result<Outcome> {
        if let Some(missing) = self.file.filter(|file| !layout::at(file).exists()) {
            return Ok(Outcome::failed(format!("missing: {missing}\n")));
        }
        let step = progress::start(self.name);
        let run = |commands: Vec<Invocation>| run_all(&commands, settings, &step);
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
        match ended {
            Err(_) if group::stopping() => Err(Stopped.into()),
            Err(error) => Ok(Outcome::failed(format!("{error:#}\n"))),
            Ok(outcome) => Ok(outcome),
        }
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

fn run_all(commands: &[Invocation], settings: &Settings, step: &Step) -> Result<Outcome> {
    let mut outcome = Outcome {
        tally: Tally::default(),
        output: String::new(),
        command: None,
    };
    for command in commands {
        let command = if settings.long {
            command.clone().env("COUNTERSIGN_LONG", "1")
        } else {
            command.clone()
        };
        let ended = command.run(Some(step))?;
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
