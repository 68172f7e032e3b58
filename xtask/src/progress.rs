//! What a person sees while something takes long. All of it goes to standard error: standard output belongs to
//! results. On a terminal each running step is one line that is rewritten; elsewhere a line is written when a step
//! ends, and now and then while it runs.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Without a terminal, how often a step that runs says so.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Steps shorter than this leave no line behind.
const WORTH_TELLING: Duration = Duration::from_millis(700);

/// Something that takes a while.
pub struct Step {
    id: u64,
    label: String,
    started: Instant,
    bar: Option<ProgressBar>,
}

/// Begins a step.
pub fn start(label: &str) -> Step {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let started = Instant::now();
    let bar = TERMINAL.then(|| {
        let style = ProgressStyle::with_template("  {spinner} {prefix} {elapsed} {wide_msg:.dim}");
        let bar = BARS.add(ProgressBar::new_spinner());
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(label.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    });
    let running = Running {
        label: label.to_owned(),
        started,
        last_line: String::new(),
    };
    steps().insert(id, running);
    if bar.is_none() {
        HEART.call_once(|| drop(thread::spawn(beat)));
    }
    Step {
        id,
        label: label.to_owned(),
        started,
        bar,
    }
}

/// A line of its own.
pub fn note(line: &str) {
    if *TERMINAL {
        BARS.suspend(|| eprintln!("{line}"));
    } else {
        eprintln!("{line}");
    }
}

impl Step {
    /// The latest line of the step's output.
    pub fn say(&self, line: &str) {
        let line = without_escapes(line.trim());
        if line.is_empty() {
            return;
        }
        if let Some(bar) = &self.bar {
            bar.set_message(line.clone());
        }
        if let Some(running) = steps().get_mut(&self.id) {
            running.last_line = line;
        }
    }

    pub fn done(self) {
        let elapsed = self.started.elapsed();
        if elapsed >= WORTH_TELLING {
            self.end(&format!("  ✓ {} ({})", self.label, seconds(elapsed)));
        }
    }

    pub fn failed(self) {
        self.end(&format!(
            "  ✗ {} ({})",
            self.label,
            seconds(self.started.elapsed())
        ));
    }

    fn end(&self, line: &str) {
        note(line);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        steps().remove(&self.id);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A span of time for people.
pub fn seconds(elapsed: Duration) -> String {
    let whole = elapsed.as_secs();
    match whole {
        0..10 => format!("{:.1} s", elapsed.as_secs_f64()),
        10..120 => format!("{whole} s"),
        _ => format!("{} min {} s", whole / 60, whole % 60),
    }
}

struct Running {
    label: String,
    started: Instant,
    last_line: String,
}

static TERMINAL: LazyLock<bool> = LazyLock::new(|| std::io::stderr().is_terminal());
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);
static STEPS: Mutex<BTreeMap<u64, Running>> = Mutex::new(BTreeMap::new());
static HEART: Once = Once::new();

fn steps() -> MutexGuard<'static, BTreeMap<u64, Running>> {
    STEPS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn beat() {
    loop {
        thread::sleep(HEARTBEAT);
        for running in steps().values() {
            let elapsed = running.started.elapsed();
            if elapsed >= HEARTBEAT / 2 {
                eprintln!(
                    "  … {} ({}) {}",
                    running.label,
                    seconds(elapsed),
                    running.last_line
                );
            }
        }
    }
}

/// The text without terminal colours and cursor movements.
pub fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => {
                // A control sequence ends with a letter.
                let _ = characters.by_ref().find(char::is_ascii_alphabetic);
            }
            '\r' => plain.clear(),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_sensible_units() {
        assert_eq!(seconds(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(61)), "61 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }

    #[test]
    fn colours_and_rewritten_lines_vanish() {
        assert_eq!(without_escapes("\u{1b}[32mok\u{1b}[0m 12"), "ok 12");
        assert_eq!(without_escapes("10%\r20%\rdone"), "done");
    }
}
