//! The commands that hand over to a Node program: the demo, the local authority and the benchmark.

use std::ffi::OsString;

use anyhow::{Result, ensure};

use crate::layout;
use crate::npm;
use crate::package;
use crate::prepare::{self, Need};
use crate::process::Invocation;

const NEEDS: &[Need] = prepare::BUILD;

/// What drives a browser by itself needs, besides the package.
pub const NEEDS_BROWSER: &[Need] = &[
    Need::WasmTarget,
    Need::WasmBindgen,
    Need::WasmPack,
    Need::TestPackages,
    Need::Chromium,
];

/// Prepares everything and runs the demo until it ends or is stopped.
pub fn demo(smoke: bool, arguments: Vec<String>) -> Result<u8> {
    require("www/demo.js")?;
    prepare::prepare(if smoke { NEEDS_BROWSER } else { NEEDS })?;
    package::build()?;
    prepare_page()?;
    demo_command().args(arguments).foreground()
}

/// The packages of the page's own project, `countersign` of pkg/ among them.
pub fn prepare_page() -> Result<()> {
    npm::install("www")
}

pub fn demo_command() -> Invocation {
    Invocation::node().args(["www/demo.js"])
}

/// Runs the local authority alone.
pub fn authority(arguments: Vec<OsString>) -> Result<u8> {
    require("tests/authority/main.js")?;
    prepare::prepare(&[Need::TestPackages])?;
    Invocation::node()
        .args(["tests/authority/main.js"])
        .args(arguments)
        .foreground()
}

/// Runs the benchmark on a fresh build.
pub fn bench(arguments: Vec<OsString>) -> Result<u8> {
    require("tests/bench/bench.js")?;
    prepare::prepare(needs_of_bench(&arguments))?;
    package::build()?;
    Invocation::node()
        .args(["tests/bench/bench.js"])
        .args(arguments)
        .foreground()
}

/// The verification alone opens no browser.
fn needs_of_bench(arguments: &[OsString]) -> &'static [Need] {
    let names = |part| arguments.iter().any(|argument| argument == part);
    if names("verify") && !names("page") {
        NEEDS
    } else {
        NEEDS_BROWSER
    }
}

fn require(file: &str) -> Result<()> {
    ensure!(
        layout::at(file).is_file(),
        "{file} is missing; it is part of the repository."
    );
    Ok(())
}
