//! The long run: the time that `COUNTERSIGN_MINUTES` gives, shared among the properties, with new
//! cases every time.

use std::io::Write;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use super::CASES;

/// The minutes of a long run, if one is asked for.
pub(super) fn minutes() -> Option<f64> {
    let minutes = env::var("COUNTERSIGN_MINUTES").ok()?;
    let minutes = minutes.parse().ok().filter(|minutes| *minutes > 0.0);
    Some(minutes.expect("COUNTERSIGN_MINUTES is a number of minutes"))
}

/// Runs a property, from another seed each time, until its share of the time is used up, and says
/// how many cases there were.
pub(super) fn repeat(name: &str, minutes: f64, run: impl Fn(u64)) {
    static ALL: AtomicU64 = AtomicU64::new(0);
    static DONE: AtomicUsize = AtomicUsize::new(0);

    let start = Instant::now();
    let share = Duration::from_secs_f64(minutes * 60.0) / rounds();
    let mut cases = 0;
    while start.elapsed() < share {
        run(rand::random());
        cases += u64::from(CASES);
    }
    say(&format!("{name}: {cases} cases"));
    let all = ALL.fetch_add(cases, Ordering::SeqCst) + cases;
    if DONE.fetch_add(1, Ordering::SeqCst) + 1 == *PROPERTIES {
        let properties = *PROPERTIES;
        say(&format!("{properties} properties: {all} cases"));
    }
}

/// How many properties each thread runs, one after the other.
fn rounds() -> u32 {
    let threads = env::var("RUST_TEST_THREADS").ok();
    let threads = threads.and_then(|threads| threads.parse().ok());
    let threads = threads.or_else(|| thread::available_parallelism().ok());
    let rounds = PROPERTIES.div_ceil(threads.map_or(1, usize::from));
    u32::try_from(rounds).expect("there are not that many properties")
}

/// The number of properties in this run: the test runner's own list, with the filters that it was
/// started with.
static PROPERTIES: LazyLock<usize> = LazyLock::new(|| {
    let program = env::current_exe().expect("the test runner is a file");
    let mut list = Command::new(program);
    list.args(env::args_os().skip(1)).arg("--list");
    let list = list.output().expect("the test runner lists its tests");
    let list = String::from_utf8(list.stdout).expect("names are text");
    let properties = list.lines().filter(|line| line.starts_with("properties::"));
    properties.count().max(1)
});

/// Prints past the test runner, which keeps what a test prints to itself.
fn say(line: &str) {
    writeln!(io::stderr(), "{line}").expect("there is a standard error");
}
