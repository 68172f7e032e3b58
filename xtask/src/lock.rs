//! Two runs of xtask in one checkout do not prepare or build at the same time: the second waits for the first.

use std::fs::{self, File};

use anyhow::{Context, Result};

use crate::layout;
use crate::progress;

/// Waits until no other run holds the lock. It is held until the file is dropped or the process ends.
pub fn hold() -> Result<File> {
    fs::create_dir_all(layout::at("target"))?;
    let file =
        File::create(layout::at("target/xtask.lock")).context("cannot write target/xtask.lock")?;
    if file.try_lock().is_err() {
        let _step = progress::start("waiting for another cargo xtask in this checkout");
        file.lock().context("cannot lock target/xtask.lock")?;
    }
    Ok(file)
}
