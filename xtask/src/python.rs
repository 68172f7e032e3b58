//! The Python packages that the local authority's tests use, in a virtual environment under `target/`. The tests own
//! the program that makes it.

use std::fs;

use anyhow::Result;

use crate::layout;
use crate::process::Invocation;

const MAKE: &str = "tests/authority/test/python/environment.js";
const REQUIREMENTS: &str = "tests/authority/test/python/requirements.txt";

/// Makes the environment, unless it is there for the same requirements.
pub fn install() -> Result<()> {
    if is_installed() {
        return Ok(());
    }
    Invocation::node()
        .words(MAKE)
        .step("pip install, for the authority's tests")
        .map(drop)
}

pub fn is_installed() -> bool {
    let read = |path: &str| fs::read(layout::at(path)).ok();
    read(REQUIREMENTS) == read("target/python/requirements.txt")
}
