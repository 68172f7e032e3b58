//! The Python packages that the local authority's tests use, in a virtual environment under `target/`. The tests have
//! the program that makes it.

use anyhow::Result;

use crate::files;
use crate::layout;
use crate::process::Invocation;

/// Makes the environment, unless it exists with the same requirements.
pub fn install() -> Result<()> {
    if is_installed() {
        return Ok(());
    }
    Invocation::node()
        .words("tests/authority/test/python/environment.js")
        .step("pip install, for the authority's tests")
}

pub fn is_installed() -> bool {
    files::are_same(
        &layout::at("tests/authority/test/python/requirements.txt"),
        &layout::at("target/python/requirements.txt"),
    )
}
