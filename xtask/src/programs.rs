//! The commands that hand over to a Node program: the demo, the documentation, the local authority and the benchmark.

use std::ffi::OsString;

use anyhow::Result;

use crate::npm;
use crate::package;
use crate::prepare::{self, Need};
use crate::process::Invocation;

/// Prepares everything and runs the demo until it ends or is stopped.
pub fn demo(smoke: bool, arguments: Vec<String>) -> Result<u8> {
    package::prepare_and_build(smoke)?;
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

/// Builds the documentation site from docs/ and the declarations of pkg-template/.
pub fn docs() -> Result<u8> {
    prepare::prepare([Need::TestPackages])?;
    Invocation::node().args(["docs/site/build.js"]).foreground()
}

/// Runs the local authority alone.
pub fn authority(arguments: Vec<OsString>) -> Result<u8> {
    prepare::prepare([Need::TestPackages])?;
    Invocation::node()
        .args(["tests/authority/main.js"])
        .args(arguments)
        .foreground()
}

/// Runs the benchmark on a fresh build. It measures the page's client in Chromium.
pub fn bench(arguments: Vec<OsString>) -> Result<u8> {
    package::prepare_and_build(true)?;
    Invocation::node()
        .args(["tests/bench/bench.js"])
        .args(arguments)
        .foreground()
}
