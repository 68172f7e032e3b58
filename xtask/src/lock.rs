//! Two runs of xtask in one checkout do not prepare or build at the same time: the second waits for the first.

use std::fs::{self, File, TryLockError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::group::{self, Stopped};
use crate::layout;
use crate::progress;

/// Held until it is dropped, or the process ends.
pub struct Lock(#[expect(dead_code, reason = "the file is the lock")] File);

/// Waits until no other run holds the lock.
pub fn hold() -> Result<Lock> {
    let path = layout::at("target/xtask.lock");
    fs::create_dir_all(layout::at("target"))?;
    let file =
        File::create(&path).with_context(|| format!("cannot write {}", layout::shown(&path)))?;
    let mut step = None;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(error).context("cannot lock target/xtask.lock");
            }
        }
        if group::stopping() {
            bail!(Stopped);
        }
        let _ = step.get_or_insert_with(|| {
            progress::start("waiting for another cargo xtask in this checkout")
        });
        thread::sleep(Duration::from_millis(200));
    }
}
