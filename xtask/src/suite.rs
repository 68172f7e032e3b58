//! `cargo xtask check` and `cargo xtask test`: the parts of the suite, and how they run side by side.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::browsers::{self, CHROMEDRIVER, FIREFOX};
use crate::dependencies;
use crate::layout;
use crate::package;
use crate::part::{Outcome, Part, Settings, Work};
use crate::prepare::{self, Need};
use crate::process::{self, Invocation, Stopped};
use crate::programs;
use crate::progress;
use crate::sans_io;
use crate::tally::Tally;
use crate::tools::{CARGO_DENY, WASM_TARGET};

/// The part that leaves pkg/ behind.
const BUILD: &str = "build";

/// The part whose output is worth seeing when all is well: the sizes.
const PACKAGE: &str = "package";

/// In the order in which they start, as far as cores and dependencies allow.
pub const PARTS: &[Part] = &[
    Part {
        name: "format",
        about: "rustfmt",
        is_check: true,
        needs: &[Need::RustComponents],
        takes_package: false,
        compiles: false,
        file: None,
        work: Work::Commands(|_| Ok(vec![Invocation::cargo().args(["fmt", "--all", "--check"])])),
    },
    Part {
        name: "core",
        about: "src/core names no clock, no I/O and no JavaScript",
        is_check: true,
        needs: &[],
        takes_package: false,
        compiles: false,
        file: None,
        work: Work::Check(sans_io::check),
    },
    Part {
        name: "dependencies",
        about: "the browser build has nothing that the browser has",
        is_check: true,
        needs: &[],
        takes_package: false,
        compiles: false,
        file: None,
        work: Work::Check(dependencies::check),
    },
    Part {
        name: BUILD,
        about: "both builds, compiled and put together in pkg/",
        is_check: false,
        needs: prepare::BUILD,
        takes_package: false,
        compiles: true,
        file: None,
        work: Work::Check(|| package::build().map(|()| String::new())),
    },
    Part {
        name: "authority",
        about: "the local authority's own tests",
        is_check: false,
        needs: &[Need::TestPackages],
        takes_package: false,
        compiles: false,
        file: Some("tests/authority/test"),
        work: Work::Commands(|_| {
            Ok(vec![
                Invocation::node().args(["--test", "tests/authority/test/*.test.js"]),
            ])
        }),
    },
    Part {
        name: "clippy",
        about: "clippy, warnings denied, for every target and feature",
        is_check: true,
        needs: &[Need::RustComponents, Need::WasmTarget],
        takes_package: false,
        compiles: true,
        file: None,
        work: Work::Commands(|_| Ok(clippy())),
    },
    Part {
        name: "native",
        about: "the core's tests, natively",
        is_check: false,
        needs: &[],
        takes_package: false,
        compiles: true,
        file: None,
        work: Work::Commands(|_| {
            let tests = || {
                Invocation::cargo().args(["test", "--package", "countersign", "--lib", "--tests"])
            };
            Ok(vec![tests(), tests().args(["--features", "edge"])])
        }),
    },
    Part {
        name: "doctests",
        about: "the examples in the crate's documentation",
        is_check: false,
        needs: &[],
        takes_package: false,
        compiles: true,
        file: None,
        work: Work::Commands(|_| {
            Ok(vec![Invocation::cargo().args([
                "test",
                "--package",
                "countersign",
                "--doc",
                "--features",
                "edge",
            ])])
        }),
    },
    Part {
        name: "types",
        about: "the type declarations, by tsc",
        is_check: false,
        needs: prepare::BUILD,
        takes_package: true,
        compiles: false,
        file: Some("tests/types"),
        work: Work::Commands(|_| {
            Ok(vec![Invocation::node().args([
                "tests/node_modules/typescript/bin/tsc",
                "--project",
                "tests/types",
            ])])
        }),
    },
    Part {
        name: PACKAGE,
        about: "pkg/: its version, files, wasm sections and the size gates",
        is_check: false,
        needs: prepare::BUILD,
        takes_package: true,
        compiles: false,
        file: None,
        work: Work::Check(inspect_package),
    },
    Part {
        name: "edge",
        about: "the edge build in workerd and Node",
        is_check: false,
        needs: prepare::BUILD,
        takes_package: true,
        compiles: false,
        file: Some("tests/edge/run.js"),
        work: Work::Commands(|_| Ok(vec![Invocation::node().args(["tests/edge/run.js"])])),
    },
    Part {
        name: "consumer",
        about: "the packed package, imported by a Vite build",
        is_check: false,
        needs: prepare::BUILD,
        takes_package: true,
        compiles: false,
        file: Some("tests/consumer/run.js"),
        work: Work::Commands(|_| Ok(vec![Invocation::node().args(["tests/consumer/run.js"])])),
    },
    Part {
        name: "smoke",
        about: "the demo, driven in headless Chromium",
        is_check: false,
        needs: programs::NEEDS_SMOKE,
        takes_package: true,
        compiles: false,
        file: Some("www/demo.js"),
        work: Work::Commands(|_| {
            programs::prepare_page()?;
            Ok(vec![programs::demo_command().args(["--smoke"])])
        }),
    },
    Part {
        name: "chromium",
        about: "wasm-bindgen tests in headless Chromium",
        is_check: false,
        needs: &[
            Need::WasmTarget,
            Need::WasmBindgen,
            Need::Chromium,
            Need::Chromedriver,
        ],
        takes_package: false,
        compiles: true,
        file: None,
        work: Work::Commands(|_| {
            let driver = CHROMEDRIVER
                .find()
                .context("chromedriver is not on the PATH")?;
            Ok(vec![
                browser_tests()
                    .env("CHROMEDRIVER", driver)
                    .env_remove("GECKODRIVER"),
            ])
        }),
    },
    Part {
        name: "firefox",
        about: "wasm-bindgen tests in headless Firefox",
        is_check: false,
        needs: &[
            Need::WasmTarget,
            Need::WasmBindgen,
            Need::Firefox,
            Need::Geckodriver,
        ],
        takes_package: false,
        compiles: true,
        file: None,
        work: Work::Commands(|_| {
            let driver =
                browsers::geckodriver().context("geckodriver is not in target/tools/bin")?;
            let firefox = FIREFOX.find().context("Firefox is not on the PATH")?;
            let arguments = format!("--binary '{}'", firefox.display());
            Ok(vec![
                browser_tests()
                    .env("GECKODRIVER", driver)
                    .env("GECKODRIVER_ARGS", arguments),
            ])
        }),
    },
    Part {
        name: "docs",
        about: "rustdoc, warnings denied",
        is_check: true,
        needs: &[],
        takes_package: false,
        compiles: true,
        file: None,
        work: Work::Commands(|_| {
            let doc = [
                "doc",
                "--no-deps",
                "--all-features",
                "--package",
                "countersign",
            ];
            Ok(vec![
                Invocation::cargo()
                    .args(doc)
                    .env("RUSTDOCFLAGS", "-D warnings"),
            ])
        }),
    },
    Part {
        name: "licenses",
        about: "cargo-deny: licences, sources and bans",
        is_check: true,
        needs: &[Need::CargoDeny],
        takes_package: false,
        compiles: false,
        file: Some("deny.toml"),
        work: Work::Commands(|_| {
            let deny = Invocation::new(CARGO_DENY.path()).args([
                "--all-features",
                "check",
                "bans",
                "licenses",
                "sources",
            ]);
            Ok(vec![deny])
        }),
    },
    Part {
        name: "xtask",
        about: "xtask's own tests",
        is_check: false,
        needs: &[],
        takes_package: false,
        compiles: true,
        file: None,
        work: Work::Commands(|_| {
            Ok(vec![Invocation::cargo().args([
                "test",
                "--package",
                "xtask",
            ])])
        }),
    },
];

/// The parts that `cargo xtask check` runs.
pub fn checks() -> Vec<&'static Part> {
    PARTS.iter().filter(|part| part.is_check).collect()
}

/// The parts with these names, and the build where they need it; all of them when there are no names.
pub fn chosen(names: &[String]) -> Result<Vec<&'static Part>> {
    let known: BTreeSet<_> = PARTS.iter().map(|part| part.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name.as_str())) {
        bail!(
            "There is no part `{unknown}`. The parts are {}.",
            Vec::from_iter(known).join(", ")
        );
    }
    let is_named = |part: &Part| names.is_empty() || names.iter().any(|name| name == part.name);
    let takes_package = PARTS
        .iter()
        .any(|part| is_named(part) && part.takes_package);
    Ok(PARTS
        .iter()
        .filter(|part| is_named(part) || takes_package && part.name == BUILD)
        .collect())
}

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
    if process::stopping() {
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
                if process::stopping() {
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

fn inspect_package() -> Result<String> {
    let report = package::inspect(false)?;
    if report.faults.is_empty() {
        Ok(report.sizes)
    } else {
        bail!("{}{}", report.sizes, report.faults)
    }
}

/// The crate as each of its users compiles it, and xtask.
fn clippy() -> Vec<Invocation> {
    let clippy = |arguments: &[&str]| {
        Invocation::cargo()
            .args(["clippy"])
            .args(arguments.iter().copied())
            .args(["--", "--deny", "warnings"])
    };
    vec![
        clippy(&["--package", "countersign", "--all-targets"]),
        clippy(&[
            "--package",
            "countersign",
            "--all-targets",
            "--features",
            "edge",
        ]),
        clippy(&[
            "--package",
            "countersign",
            "--lib",
            "--target",
            WASM_TARGET,
            "--features",
            "edge",
        ]),
        clippy(&[
            "--package",
            "countersign",
            "--lib",
            "--test",
            "browser",
            "--target",
            WASM_TARGET,
            "--features",
            "browser",
        ]),
        clippy(&["--package", "xtask", "--all-targets"]),
    ]
}

/// The tests of `tests/browser`, run by wasm-bindgen's own runner; .cargo/config.toml names it and webdriver.json.
fn browser_tests() -> Invocation {
    Invocation::cargo()
        .args([
            "test",
            "--package",
            "countersign",
            "--target",
            WASM_TARGET,
            "--features",
            "browser",
            "--test",
            "browser",
        ])
        .env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            layout::at("tests/webdriver.json"),
        )
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(parts: &[&Part]) -> Vec<&'static str> {
        parts.iter().map(|part| part.name).collect()
    }

    #[test]
    fn names_are_unique() {
        let unique: BTreeSet<_> = PARTS.iter().map(|part| part.name).collect();
        assert_eq!(unique.len(), PARTS.len());
    }

    #[test]
    fn a_part_that_takes_the_package_brings_the_build() {
        assert_eq!(names(&chosen(&["edge".into()]).unwrap()), [BUILD, "edge"]);
        assert_eq!(names(&chosen(&["native".into()]).unwrap()), ["native"]);
        assert_eq!(chosen(&[]).unwrap().len(), PARTS.len());
    }

    #[test]
    fn an_unknown_part_is_an_error_that_lists_the_known() {
        let error = chosen(&["edgy".into()]).err().unwrap().to_string();
        assert!(
            error.contains("`edgy`") && error.contains("smoke"),
            "{error}"
        );
    }

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
