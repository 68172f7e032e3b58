//! Process groups. Every program that xtask starts leads a group, so that everything that it started ends with it, also
//! on Ctrl-C.

use std::os::unix::process::CommandExt;
use std::process::{self, Child, Command, ExitStatus, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::progress;

/// How long a program may take to end by itself after Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);

/// A program that runs, leader of its process group.
pub struct Group {
    child: Child,
    id: Pid,
}

/// On SIGINT, SIGTERM or SIGHUP every program is asked to end, and killed after a grace period, or at once if the
/// signal is repeated. Then this process ends.
pub fn stop_on_signals() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        signals.forever().next();
        STOPPING.store(true, Ordering::SeqCst);
        progress::note("Stopping …");
        signal_all(Signal::INT);
        let deadline = Instant::now() + GRACE;
        while !running().is_empty()
            && Instant::now() < deadline
            && signals.pending().next().is_none()
        {
            thread::sleep(Duration::from_millis(50));
        }
        signal_all(Signal::KILL);
        progress::close();
        progress::note("Stopped. Nothing that was started is left running.");
        process::exit(130);
    });
    Ok(())
}

impl Group {
    /// Starts a program.
    pub fn start(mut command: Command) -> Result<Self> {
        // The lock is held until the program is listed, so that a signal reaches it or prevents its start.
        let mut running = running();
        if STOPPING.load(Ordering::SeqCst) {
            drop(running);
            await_the_end();
        }
        let child = command.process_group(0).spawn().with_context(|| {
            let program = command.get_program().display();
            format!("cannot start `{program}`: is it installed and on the PATH?")
        })?;
        let id = Pid::from_child(&child);
        running.push(id);
        Ok(Self { child, id })
    }

    pub fn id(&self) -> Pid {
        self.id
    }

    /// Waits until it ends, and ends what it left running.
    pub fn wait(mut self) -> Result<ExitStatus> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let wait = || rustix::process::waitid(WaitId::Pid(self.id), options);
        // If that fails, so does the wait below.
        let _ = rustix::io::retry_on_intr(wait);
        kill(self.id);
        // Until the leader is reaped no other program can have its number.
        running().retain(|&group| group != self.id);
        let status = self.child.wait();
        stay_if_stopping();
        status.context("cannot wait for a program")
    }

    /// Waits until a program ends that starts no other, and collects its output.
    pub fn output(self) -> Result<Output> {
        let output = self.child.wait_with_output();
        running().retain(|&group| group != self.id);
        stay_if_stopping();
        output.context("cannot wait for a program")
    }
}

/// Kills a program that still runs, and everything that it started.
pub fn kill(group: Pid) {
    if running().contains(&group) {
        signal(group, Signal::KILL);
    }
}

static STOPPING: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

fn running() -> MutexGuard<'static, Vec<Pid>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// After a signal no result counts.
fn stay_if_stopping() {
    if STOPPING.load(Ordering::SeqCst) {
        await_the_end();
    }
}

/// The thread that received the signal ends the process.
fn await_the_end() -> ! {
    loop {
        thread::park();
    }
}

fn signal_all(signal: Signal) {
    running()
        .iter()
        .for_each(|&group| self::signal(group, signal));
}

fn signal(group: Pid, signal: Signal) {
    // The group may just have ended; that is no error.
    let _ = rustix::process::kill_process_group(group, signal);
}
