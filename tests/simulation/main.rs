//! A simulation of pages: many schedules of tabs, clients, users and faults run the page's core on
//! a virtual clock, and the [`invariants`] are checked at each step. Everything in a schedule
//! follows from its seed.
//!
//! ```sh
//! cargo test --profile simulation --test simulation
//! COUNTERSIGN_SEED=42 cargo test --profile simulation --test simulation
//! COUNTERSIGN_MINUTES=30 cargo test --profile simulation --test simulation
//! ```
//!
//! The first command runs the schedules of 100,000 seeds, the second replays one and shows what
//! happens in it, and the third runs fresh seeds for 30 minutes. A violation prints its seed and its
//! log. A seed gives the same schedule only in the same version of the simulation, so each violation
//! becomes a native test.
//!
//! [`schedule`] plays one schedule in a [`world`]. The [`user`] acts in a [`tab`], whose [`page`] has
//! clients with flows that [`run`] over a [`store`], [`locks`] and the [`network`], behind which is
//! the [`provider`]; [`fate`] is what befalls them all. [`plan`] decides what may happen in a
//! schedule, and the [`ending`] looks at what is left.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    reason = "a panic in a test is its verdict"
)]

mod ending;
mod fate;
mod invariants;
mod locks;
mod log;
mod network;
mod page;
mod plan;
mod popup;
mod provider;
mod random;
mod record;
mod response;
mod run;
mod schedule;
mod store;
mod tab;
mod user;
mod world;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How many schedules run. A build without optimisation, as of plain `cargo test`, runs fewer.
const SCHEDULES: u64 = if cfg!(debug_assertions) { 200 } else { 100_000 };

fn main() -> ExitCode {
    if let Some(seed) = number("COUNTERSIGN_SEED") {
        return replay(seed);
    }
    let ran = match number("COUNTERSIGN_MINUTES") {
        Some(minutes) => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            // Fresh seeds, far from those that always run.
            let first = since.map_or(0, |since| since.as_secs()) << 24;
            run(first..u64::MAX, Some(Duration::from_secs(60 * minutes)))
        }
        None => run(0..SCHEDULES, None),
    };
    match ran {
        Ok(schedules) => {
            println!("1 passed, 0 failed\nno violation in {schedules} schedules");
            ExitCode::SUCCESS
        }
        Err(seed) => {
            replay(seed);
            println!("COUNTERSIGN_SEED={seed} replays this");
            ExitCode::FAILURE
        }
    }
}

/// Runs the schedules of these seeds, for so long. Returns how many ran, or the seed of a violation.
fn run(seeds: std::ops::Range<u64>, duration: Option<Duration>) -> Result<u64, u64> {
    let started = Instant::now();
    let next = AtomicU64::new(seeds.start);
    let steps = AtomicU64::new(0);
    let is_over = AtomicBool::new(false);
    let found = Mutex::new(None);
    let work = || {
        while !is_over.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || duration.is_some_and(|limit| started.elapsed() >= limit) {
                break;
            }
            let report = schedule::run(seed, false);
            steps.fetch_add(report.steps as u64, Ordering::Relaxed);
            if report.violation.is_some() {
                is_over.store(true, Ordering::Relaxed);
                *found.lock().expect("no thread panics here") = Some(seed);
            }
            let done = seed - seeds.start + 1;
            if done.is_multiple_of(50_000) {
                println!("{done} schedules in {} s", started.elapsed().as_secs());
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    if let Some(seed) = *found.lock().expect("no thread panics here") {
        return Err(seed);
    }
    let schedules = next.load(Ordering::Relaxed) - seeds.start - threads as u64;
    let steps = steps.load(Ordering::Relaxed) / schedules.max(1);
    let seconds = started.elapsed().as_secs_f64();
    println!("{schedules} schedules of {steps} steps in {seconds:.1} s, no violation");
    Ok(schedules)
}

/// Shows what happens in a schedule.
fn replay(seed: u64) -> ExitCode {
    let report = schedule::run(seed, true);
    for line in &report.log {
        println!("{line}");
    }
    match &report.violation {
        Some(violation) => {
            println!("seed {seed} after {} steps: {violation}", report.steps);
            ExitCode::FAILURE
        }
        None => {
            println!("seed {seed}: {} steps, no violation", report.steps);
            println!("1 passed, 0 failed");
            ExitCode::SUCCESS
        }
    }
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} must be a number")),
    )
}
