//! The parts of the test suite, and what each of them runs.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

use crate::dependencies;
use crate::package;
use crate::part::{Part, Work};
use crate::prepare::{self, Need};
use crate::process::Invocation;
use crate::programs;
use crate::sans_io;
use crate::system::{self, CHROMEDRIVER, FIREFOX};
use crate::tools::CARGO_DENY;

/// The part that leaves pkg/ behind.
pub const BUILD: &str = "build";

/// The part whose output is worth seeing when all is well: the sizes.
pub const PACKAGE: &str = "package";

/// In the order in which they start, as far as cores and dependencies allow.
pub const PARTS: &[Part] = &[
    Part {
        name: "format",
        about: "rustfmt",
        is_check: true,
        needs: &[Need::RustComponents],
        work: Work::Cargo("fmt --all --check"),
        ..Part::PLAIN
    },
    Part {
        name: "core",
        about: "src/core names no clock, no I/O and no JavaScript",
        is_check: true,
        work: Work::Check(sans_io::check),
        ..Part::PLAIN
    },
    Part {
        name: "dependencies",
        about: "the browser build has nothing that the browser has",
        is_check: true,
        work: Work::Check(dependencies::check),
        ..Part::PLAIN
    },
    Part {
        name: BUILD,
        about: "both builds, compiled and put together in pkg/",
        needs: prepare::BUILD,
        compiles: true,
        work: Work::Check(|| package::build().map(|()| String::new())),
        ..Part::PLAIN
    },
    Part {
        name: "authority",
        about: "the local authority, driven by the libraries of its users",
        needs: &[Need::TestPackages, Need::PythonPackages, Need::Chromium],
        file: Some("tests/authority/test"),
        work: Work::Node("--test tests/authority/test/*.test.js"),
        ..Part::PLAIN
    },
    Part {
        name: "clippy",
        about: "clippy, warnings denied, for every target and feature",
        is_check: true,
        needs: &[Need::RustComponents, Need::WasmTarget],
        compiles: true,
        work: Work::Commands(|| Ok(clippy())),
        ..Part::PLAIN
    },
    Part {
        name: "native",
        about: "the core's tests, natively",
        compiles: true,
        // The package depends on itself for tests, with the feature `edge`.
        work: Work::Cargo("test --package countersign --lib --tests"),
        ..Part::PLAIN
    },
    Part {
        name: "doctests",
        about: "the examples in the crate's documentation",
        compiles: true,
        work: Work::Cargo("test --package countersign --doc --features edge"),
        ..Part::PLAIN
    },
    Part {
        name: "types",
        about: "the type declarations, by tsc",
        needs: prepare::BUILD,
        takes_package: true,
        file: Some("tests/types/tsconfig.json"),
        work: Work::Node("tests/node_modules/typescript/bin/tsc --project tests/types"),
        ..Part::PLAIN
    },
    Part {
        name: PACKAGE,
        about: "pkg/: its version, files, wasm sections and the size gates",
        needs: prepare::BUILD,
        takes_package: true,
        work: Work::Check(inspect_package),
        ..Part::PLAIN
    },
    Part {
        name: "edge",
        about: "the edge build in workerd and Node",
        needs: prepare::BUILD,
        takes_package: true,
        file: Some("tests/edge/run.js"),
        work: Work::Node("tests/edge/run.js"),
        ..Part::PLAIN
    },
    Part {
        name: "consumer",
        about: "the packed package, imported by a Vite build",
        needs: prepare::BUILD,
        takes_package: true,
        file: Some("tests/consumer/run.js"),
        work: Work::Node("tests/consumer/run.js"),
        ..Part::PLAIN
    },
    Part {
        name: "smoke",
        about: "the demo with each of its providers, driven in headless Chromium",
        needs: programs::NEEDS_BROWSER,
        takes_package: true,
        file: Some("www/demo.js"),
        work: Work::Commands(|| {
            programs::prepare_page()?;
            let smoke = || programs::demo_command().words("--smoke --provider");
            Ok(vec![smoke().words("authority"), smoke().words("oidc")])
        }),
        ..Part::PLAIN
    },
    Part {
        name: "chromium",
        about: "wasm-bindgen tests in headless Chromium",
        needs: &[
            Need::WasmTarget,
            Need::WasmBindgen,
            Need::Chromium,
            Need::Chromedriver,
        ],
        compiles: true,
        file: Some("tests/browser"),
        work: Work::Commands(|| {
            let driver = CHROMEDRIVER
                .find()
                .context("chromedriver is not on the PATH")?;
            Ok(vec![
                browser_tests()
                    .env("CHROMEDRIVER", driver)
                    .env_remove("GECKODRIVER"),
            ])
        }),
        ..Part::PLAIN
    },
    Part {
        name: "firefox",
        about: "wasm-bindgen tests in headless Firefox",
        needs: &[
            Need::WasmTarget,
            Need::WasmBindgen,
            Need::Firefox,
            Need::Geckodriver,
        ],
        compiles: true,
        file: Some("tests/browser"),
        work: Work::Commands(|| {
            let driver = system::geckodriver().context("geckodriver is not in target/tools/bin")?;
            let firefox = FIREFOX.find().context("Firefox is not on the PATH")?;
            let arguments = format!("--binary '{}'", firefox.display());
            Ok(vec![
                browser_tests()
                    .env("GECKODRIVER", driver)
                    .env("GECKODRIVER_ARGS", arguments),
            ])
        }),
        ..Part::PLAIN
    },
    Part {
        name: "bench",
        about: "the benchmark's arithmetic; nothing is timed",
        needs: &[Need::TestPackages],
        file: Some("tests/bench/test"),
        work: Work::Node("--test tests/bench/test/*.test.js"),
        ..Part::PLAIN
    },
    Part {
        name: "docs",
        about: "rustdoc, warnings denied",
        is_check: true,
        compiles: true,
        work: Work::Commands(|| {
            let doc =
                Invocation::cargo().words("doc --no-deps --all-features --package countersign");
            Ok(vec![doc.env("RUSTDOCFLAGS", "-D warnings")])
        }),
        ..Part::PLAIN
    },
    Part {
        name: "licenses",
        about: "cargo-deny: licences, sources and bans",
        is_check: true,
        needs: &[Need::CargoDeny],
        file: Some("deny.toml"),
        work: Work::Commands(|| {
            let deny = Invocation::new(CARGO_DENY.path())
                .words("--all-features check bans licenses sources");
            Ok(vec![deny])
        }),
        ..Part::PLAIN
    },
    Part {
        name: "xtask",
        about: "xtask's own tests",
        compiles: true,
        work: Work::Cargo("test --package xtask"),
        ..Part::PLAIN
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
    [
        "--package countersign --all-targets",
        "--package countersign --all-targets --features edge",
        "--package countersign --lib --target wasm32-unknown-unknown --features edge",
        "--package countersign --lib --test browser --target wasm32-unknown-unknown --features browser",
        "--package xtask --all-targets",
    ]
    .map(|what| Invocation::cargo().words("clippy").words(what).words("-- --deny warnings"))
    .to_vec()
}

/// The tests of `tests/browser`, run by wasm-bindgen's own runner; .cargo/config.toml names it and webdriver.json.
fn browser_tests() -> Invocation {
    Invocation::cargo()
        .words("test --package countersign --test browser")
        .words("--target wasm32-unknown-unknown --features browser")
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
}
