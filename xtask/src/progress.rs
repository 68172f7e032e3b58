//! What a person sees while something takes long. It goes to standard error: standard output is for results. On a
//! terminal each running step is one line that is rewritten; elsewhere a line is written when a step ends, and now and
//! then while it runs.

use std::io::{self, Write};
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use console::strip_ansi_codes;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, WeakProgressBar};

/// Without a terminal, how often a step that runs says so.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Steps shorter than this leave no line behind.
const WORTH_TELLING: Duration = Duration::from_millis(700);

/// Something that takes a while. Without a terminal the bar is not drawn, but knows label, time and message.
pub struct Step(ProgressBar);

/// Begins a step.
pub fn start(label: &str) -> Step {
    static HEART: Once = Once::new();
    let style = ProgressStyle::with_template("  {spinner} {prefix} {elapsed} {wide_msg:.dim}");
    let bar = BARS.add(ProgressBar::new_spinner());
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_prefix(label.to_owned());
    if BARS.is_hidden() {
        steps().push(bar.downgrade());
        HEART.call_once(|| drop(thread::spawn(beat)));
    } else {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    Step(bar)
}

/// A line of its own.
pub fn note(line: &str) {
    // The work goes on if nobody reads it.
    let _ = BARS.suspend(|| writeln!(io::stderr(), "{line}"));
}

/// Removes what is shown of running steps, for good.
pub fn close() {
    // The terminal may be gone.
    let _ = BARS.clear();
    BARS.set_draw_target(ProgressDrawTarget::hidden());
}

impl Step {
    /// The latest line of the step's output.
    pub fn say(&self, line: &str) {
        let line = strip_ansi_codes(line.trim());
        // A program may rewrite its line.
        let latest = line.rsplit('\r').next().unwrap_or_default();
        if !latest.is_empty() {
            self.0.set_message(latest.to_owned());
        }
    }

    pub fn done(self) {
        if self.0.elapsed() >= WORTH_TELLING {
            self.end('✓');
        }
    }

    pub fn failed(self) {
        self.end('✗');
    }

    fn end(&self, mark: char) {
        note(&format!(
            "  {mark} {} ({})",
            self.0.prefix(),
            seconds(self.0.elapsed())
        ));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.0.finish_and_clear();
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

static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);
static STEPS: Mutex<Vec<WeakProgressBar>> = Mutex::new(Vec::new());

fn steps() -> MutexGuard<'static, Vec<WeakProgressBar>> {
    STEPS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn beat() {
    loop {
        thread::sleep(HEARTBEAT);
        steps().retain(|step| step.upgrade().is_some_and(|bar| !bar.is_finished()));
        for bar in steps().iter().filter_map(WeakProgressBar::upgrade) {
            let elapsed = bar.elapsed();
            if elapsed >= HEARTBEAT / 2 {
                let (label, elapsed) = (bar.prefix(), seconds(elapsed));
                note(&format!("  … {label} ({elapsed}) {}", bar.message()));
            }
        }
    }
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
    fn the_latest_line_is_shown_without_colours() {
        let step = start("test");
        step.say("10%\r20%\r\u{1b}[32mdone\u{1b}[0m\n");
        assert_eq!(step.0.message(), "done");
    }
}
