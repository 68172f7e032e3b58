//! Process groups: every program that xtask starts leads one of its own, and so ends together with everything that it
//! started, on Ctrl-C as at its own end.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use crate::progress;

/// How long a program may take to end by itself after Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);

/// Ctrl-C was pressed, or the process was asked to end.
#[derive(Debug)]
pub struct Stopped;

/// A program that runs, leader of its process group.
pub struct Group {
    pub child: Child,
    id: Pid,
    is_reaped: bool,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped; what was started has ended")
    }
}

impl std::error::Error for Stopped {}

/// Hands SIGINT, SIGTERM and SIGHUP on to every program that runs; a second one ends them at once.
pub fn forward_signals() -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        for number in signals.forever() {
            let again = STOPPING.swap(true, Ordering::SeqCst);
            let signal = match number {
                SIGINT => Signal::INT,
                SIGHUP => Signal::HUP,
                _ => Signal::TERM,
            };
            signal_all(if again { Signal::KILL } else { signal });
            if !again {
                progress::note("Stopping …");
                thread::spawn(|| {
                    thread::sleep(GRACE);
                    signal_all(Signal::KILL);
                });
            }
        }
    });
    Ok(())
}

/// Whether Ctrl-C was pressed.
pub fn stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

impl Group {
    /// Starts a program, unless Ctrl-C was pressed.
    pub fn spawn(mut command: Command, program: &OsStr) -> Result<Self> {
        // The lock is held over the check and the start: a signal finds the group listed, or the start refused.
        let mut groups = running();
        if stopping() {
            bail!(Stopped);
        }
        let child = command.process_group(0).spawn().with_context(|| {
            format!(
                "cannot start `{}`: is it installed and on the PATH?",
                program.to_string_lossy()
            )
        })?;
        let id = Pid::from_child(&child);
        groups.insert(id.as_raw_nonzero().get());
        Ok(Self {
            child,
            id,
            is_reaped: false,
        })
    }

    /// The exit status, if the leader has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.status(WaitIdOptions::NOHANG)
    }

    /// Waits for the leader's end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.status(WaitIdOptions::empty())? {
                return Ok(status);
            }
        }
    }

    pub fn kill(&self) {
        // A group that has just ended is no error.
        let _ = rustix::process::kill_process_group(self.id, Signal::KILL);
    }

    /// The rest of the group is killed before the leader is reaped: until then nobody else can have its number.
    fn status(&mut self, options: WaitIdOptions) -> Result<Option<ExitStatus>> {
        let options = options | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        match rustix::process::waitid(WaitId::Pid(self.id), options) {
            Ok(Some(_)) => self.reap().map(Some),
            Ok(None) | Err(Errno::INTR) => Ok(None),
            Err(error) => Err(error).context("cannot wait for a program"),
        }
    }

    fn reap(&mut self) -> Result<ExitStatus> {
        self.kill();
        running().remove(&self.id.as_raw_nonzero().get());
        self.is_reaped = true;
        self.child.wait().context("cannot wait for a program")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.is_reaped {
            // Whoever gave up waiting has an error to tell already.
            let _ = self.reap();
        }
    }
}

static STOPPING: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

fn running() -> MutexGuard<'static, BTreeSet<i32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn signal_all(signal: Signal) {
    for group in running().iter().filter_map(|&id| Pid::from_raw(id)) {
        // A group that has just ended is no error.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}
