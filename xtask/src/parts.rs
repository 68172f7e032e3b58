//! The parts of the test suite, and what each of them runs.

use anyhow::{Context, Result, bail};

use crate::dependencies;
use crate::error_codes;
use crate::package;
use crate::part::{Part, Work};
use crate::prepare::{self, Need};
use crate::process::Invocation;
use crate::programs;
use crate::rooms;
use crate::system::{self, CHROMEDRIVER, CHROMIUM, FIREFOX, REDIS, WEBKIT, XVFB};
use crate::tools::{CARGO_DENY, GECKODRIVER, WASM_BINDGEN};

/// The part that makes pkg/.
pub const BUILD: &str = "build";

/// In the order in which they start, as far as cores and dependencies allow.
pub const PARTS: &[Part] = &[
    Part::new("format", "rustfmt", Work::Cargo("fmt --all --check"))
        .check()
        .needs(&[Need::RustComponents]),
    Part::new(
        "core",
        "src/core, compiled without std: it has no clock, no randomness and no I/O",
        Work::Cargo("rustc -p countersign --lib --crate-type rlib --target wasm32-unknown-unknown"),
    )
    .check()
    .needs(&[Need::WasmTarget])
    .compiles(),
    Part::new(
        "rooms",
        "each room of src/core imports only rooms below it",
        Work::Check(rooms::check),
    )
    .check(),
    Part::new(
        "codes",
        "the package's error codes are those of src/core/error.rs",
        Work::Check(error_codes::check),
    )
    .check(),
    Part::new(
        "dependencies",
        "the browser build has nothing that the browser has",
        Work::Check(dependencies::check),
    )
    .check(),
    Part::new(
        "links",
        "what the Markdown files name exists, the table of features is true, and the migration guides are complete",
        Work::Node("--test tests/links.test.js tests/features.test.js tests/migration.test.js"),
    )
    .check()
    .needs(&[Need::TestPackages]),
    Part::new(
        BUILD,
        "all builds, compiled and put together in pkg/",
        Work::Check(|| package::build().map(|()| String::new())),
    )
    .needs(prepare::BUILD)
    .compiles(),
    Part::new(
        "authority",
        "the local authority, driven by the libraries of its users",
        Work::Node("--test tests/authority/test/*.test.js"),
    )
    .needs(&[
        Need::TestPackages,
        Need::PythonPackages,
        Need::Program(&CHROMIUM),
    ]),
    Part::new(
        "clippy",
        "clippy, warnings denied, for every target and feature",
        Work::Commands(|| Ok(clippy())),
    )
    .check()
    .needs(&[Need::RustComponents, Need::WasmTarget])
    .compiles(),
    Part::new(
        "native",
        "the core's tests, natively",
        // The package depends on itself for tests, with the feature `edge`.
        Work::Cargo("test --package countersign --lib --test native"),
    )
    .compiles(),
    Part::new(
        "simulation",
        "the page's core, in schedules of several tabs, failures and clocks; the tokens of a service, in sequences of callers and failures",
        Work::Commands(|| Ok(simulations())),
    )
    .compiles(),
    Part::new(
        "doctests",
        "the examples in the crate's documentation",
        Work::Cargo("test --package countersign --doc --all-features"),
    )
    .compiles(),
    Part::new(
        "examples",
        "the examples in Rust with their tests, and those of pages, built and driven in Chromium; Angular and Next in a long run",
        Work::Commands(|| Ok(examples())),
    )
    .needs(&[Need::Program(&CHROMIUM)])
    .takes_package()
    .compiles(),
    Part::new(
        "types",
        "the type declarations, and the examples that readers copy, by tsc",
        Work::Node("--test tests/types/types.test.js"),
    )
    .takes_package(),
    Part::new(
        "package",
        "pkg/: its version, files, wasm sections and the size gates",
        Work::Check(package::check),
    )
    .takes_package(),
    Part::new(
        "edge",
        "the edge build in workerd and Node",
        Work::Node("tests/edge/run.js"),
    )
    .takes_package(),
    Part::new(
        "frameworks",
        "the examples of protected APIs with their frameworks, and an MCP server with its client",
        Work::Node("--test tests/frameworks/*.test.js"),
    )
    .needs(&[Need::Program(&CHROMIUM)])
    .takes_package(),
    Part::new(
        "wycheproof",
        "the vectors of Project Wycheproof, in Rust and by the crypto of Node and workerd",
        Work::Commands(|| Ok(wycheproof())),
    )
    .needs(&[Need::WasmTarget, Need::Tool(&WASM_BINDGEN)])
    .takes_package()
    .compiles(),
    Part::new(
        "services",
        "services in workerd, Node, Deno and Bun, against the local authority",
        Work::Node("tests/services/run.js"),
    )
    .needs(&[Need::Program(&REDIS)])
    .takes_package(),
    Part::new(
        "native-apps",
        "native apps in Node, Deno, Bun and Rust, with Chromium as the system's browser",
        Work::Node("tests/native-apps/run.js"),
    )
    .needs(&[Need::Program(&CHROMIUM)])
    .takes_package(),
    Part::new(
        "consumer",
        "the packed package, imported by a Vite build",
        Work::Node("tests/consumer/run.js"),
    )
    .takes_package(),
    Part::new(
        "page",
        "the packed package in Chromium, against a provider that fails as told",
        // Each file has a browser of its own: more than two at once only wait for each other.
        Work::Node(
            "--test --test-concurrency=2 --test-timeout=60000 \
             --test-global-setup=tests/page/setup.js tests/page/*.test.js",
        ),
    )
    .needs(&[Need::Program(&CHROMIUM)])
    .takes_package(),
    Part::new(
        "react",
        "countersign/react in Chromium and on a server, with each React that it supports",
        Work::Node(
            "--test --test-concurrency=2 --test-timeout=60000 \
             --test-global-setup=tests/react/setup.js tests/react/*.test.js",
        ),
    )
    .needs(&[Need::Program(&CHROMIUM)])
    .takes_package(),
    Part::new(
        "tools",
        "the packed package in bundlers, frameworks and runtimes; all of them in a long run",
        Work::Node("tests/tools/run.js"),
    )
    .needs(&[Need::Program(&CHROMIUM)])
    .takes_package(),
    Part::new(
        "smoke",
        "the demo with each of its providers, driven in headless Chromium",
        Work::Commands(smoke),
    )
    .needs(&[Need::Program(&CHROMIUM)])
    .takes_package(),
    Part::new(
        "chromium",
        "wasm-bindgen tests in headless Chromium",
        Work::Commands(in_chromium),
    )
    .needs(&[
        Need::WasmTarget,
        Need::Tool(&WASM_BINDGEN),
        Need::Program(&CHROMIUM),
        Need::Program(&CHROMEDRIVER),
    ])
    .compiles(),
    Part::new(
        "firefox",
        "wasm-bindgen tests in headless Firefox",
        Work::Commands(in_firefox),
    )
    .needs(&[
        Need::WasmTarget,
        Need::Tool(&WASM_BINDGEN),
        Need::Program(&FIREFOX),
        Need::Geckodriver(&GECKODRIVER),
    ])
    .compiles(),
    Part::new(
        "firefox-page",
        "the packed package in Firefox: sign-in, popup, several tabs, sign-out",
        Work::Commands(page_in_firefox),
    )
    .needs(&[Need::Program(&FIREFOX), Need::Geckodriver(&GECKODRIVER)])
    .takes_package(),
    Part::new(
        "webkit",
        "the same in WebKit",
        Work::Commands(|| Ok(vec![page_in("webkit")])),
    )
    .needs(&[Need::Program(&WEBKIT), Need::Program(&XVFB)])
    .takes_package(),
    Part::new(
        "bench",
        "the benchmark's own arithmetic and programs; nothing is timed",
        Work::Node("--test tests/bench/test/*.test.js"),
    )
    .needs(&[Need::TestPackages]),
    Part::new(
        "docs",
        "rustdoc, warnings denied",
        Work::Commands(|| {
            let doc = "doc --no-deps --all-features --package countersign";
            Ok(vec![
                Invocation::cargo()
                    .words(doc)
                    .env("RUSTDOCFLAGS", "-D warnings"),
            ])
        }),
    )
    .check()
    .compiles(),
    Part::new(
        "site",
        "the documentation site, built, with its links",
        Work::Node("--test tests/site/*.test.js"),
    )
    .needs(&[Need::TestPackages]),
    Part::new(
        "licenses",
        "cargo-deny: licences, sources and bans",
        Work::Commands(|| {
            let deny = "--all-features check bans licenses sources";
            Ok(vec![Invocation::new(CARGO_DENY.path()).words(deny)])
        }),
    )
    .check()
    .needs(&[Need::Tool(&CARGO_DENY)]),
    Part::new(
        "xtask",
        "xtask's own tests",
        Work::Cargo("test --package xtask"),
    )
    .compiles(),
];

/// The parts that `cargo xtask check` runs.
pub fn checks() -> Vec<&'static Part> {
    PARTS.iter().filter(|part| part.is_check).collect()
}

/// The parts with these names, and the build if one of them needs it; all parts if there are no names.
pub fn chosen(names: &[String]) -> Result<Vec<&'static Part>> {
    let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!(
            "There is no part `{unknown}`. The parts are {}.",
            known.join(", ")
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

/// The crate as each of its users compiles it, the examples and xtask.
fn clippy() -> Vec<Invocation> {
    [
        "--package countersign --lib",
        "--package countersign --all-targets --all-features",
        "--package countersign --lib --target wasm32-unknown-unknown --features edge",
        "--package countersign --lib --target wasm32-unknown-unknown --features native",
        "--package countersign --lib --target wasm32-unknown-unknown --features service",
        "--package countersign --lib --test browser --target wasm32-unknown-unknown --features browser",
        "--package examples --package xtask --all-targets --no-deps",
    ]
    .map(|what| Invocation::cargo().words("clippy").words(what).words("-- --deny warnings"))
    .to_vec()
}

/// In Rust natively and in WebAssembly, and by the hosts.
fn wycheproof() -> Vec<Invocation> {
    let test = "test --package countersign --test wycheproof";
    vec![
        Invocation::cargo().words(test),
        Invocation::cargo()
            .words(test)
            .words("--target wasm32-unknown-unknown --features edge")
            .env("WASM_BINDGEN_TEST_TIMEOUT", "600"),
        Invocation::node().words("tests/wycheproof/run.js"),
    ]
}

fn examples() -> Vec<Invocation> {
    vec![
        Invocation::cargo().words("test --package examples"),
        Invocation::node().words("--test tests/examples/*.test.js"),
    ]
}

/// 100,000 cases of each, compiled with optimisation.
fn simulations() -> Vec<Invocation> {
    ["--test simulation", "--lib properties::service_cache"]
        .map(|what| {
            Invocation::cargo()
                .words("test --profile simulation")
                .words(what)
        })
        .to_vec()
}

fn smoke() -> Result<Vec<Invocation>> {
    programs::prepare_page()?;
    let smoke = || programs::demo_command().words("--smoke --provider");
    Ok(vec![smoke().words("authority"), smoke().words("oidc")])
}

fn in_chromium() -> Result<Vec<Invocation>> {
    let driver = CHROMEDRIVER
        .find()
        .context("chromedriver is not on the PATH")?;
    Ok(vec![
        browser_tests()
            .env("CHROMEDRIVER", driver)
            .env_remove("GECKODRIVER"),
    ])
}

fn in_firefox() -> Result<Vec<Invocation>> {
    let driver = system::geckodriver().context("geckodriver is not in target/tools/bin")?;
    let firefox = FIREFOX.find().context("Firefox is not on the PATH")?;
    let arguments = format!("--binary '{}'", firefox.display());
    Ok(vec![
        browser_tests()
            .env("GECKODRIVER", driver)
            .env("GECKODRIVER_ARGS", arguments),
    ])
}

fn page_in_firefox() -> Result<Vec<Invocation>> {
    let driver = system::geckodriver().context("geckodriver is not in target/tools/bin")?;
    Ok(vec![page_in("firefox").env("GECKODRIVER", driver)])
}

/// The tests of `tests/browsers` in one of them.
fn page_in(browser: &str) -> Invocation {
    Invocation::node()
        .words(
            "--test --test-timeout=120000 --test-global-setup=tests/page/setup.js tests/browsers/*.test.js",
        )
        .env("COUNTERSIGN_BROWSER", browser)
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
    use std::collections::BTreeSet;

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
