//! How many tests passed and failed, as the test runners themselves say.

use std::ops::AddAssign;

use crate::progress::without_escapes;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
}

impl Tally {
    pub const PASSED: Self = Self {
        passed: 1,
        failed: 0,
    };
    pub const FAILED: Self = Self {
        passed: 0,
        failed: 1,
    };

    /// What a command's output reports, and what its exit says: a command that reports nothing counts as one, one that
    /// fails counts as failed at least once, and so does a test runner that found no test.
    pub fn of(output: &str, succeeded: bool) -> Self {
        let reported = reported(output);
        if succeeded && reported != Some(Self::default()) {
            return reported.unwrap_or(Self::PASSED);
        }
        let reported = reported.unwrap_or_default();
        Self {
            failed: reported.failed.max(1),
            ..reported
        }
    }

    /// The line that ends a run.
    pub fn summary(self) -> String {
        format!("{} passed, {} failed", self.passed, self.failed)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The sum over all reports in an output, unless it ends with a summary of its own.
fn reported(output: &str) -> Option<Tally> {
    let mut own = None;
    let mut sum = None;
    for line in output.lines() {
        let line = without_escapes(line.trim());
        if let Some(summary) = summary_in(&line) {
            own = Some(summary);
        } else if let Some(tally) = libtest_in(&line).or_else(|| node_test_in(&line)) {
            *sum.get_or_insert_with(Tally::default) += tally;
        }
    }
    own.or(sum)
}

/// `12 passed, 0 failed`
fn summary_in(line: &str) -> Option<Tally> {
    let (passed, failed) = line.split_once(", ")?;
    Some(Tally {
        passed: number_before(passed, "passed")?,
        failed: number_before(failed, "failed")?,
    })
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; …`, of cargo test and of wasm-bindgen-test
fn libtest_in(line: &str) -> Option<Tally> {
    if line == "no tests to run!" {
        return Some(Tally::default());
    }
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = counts.split("; ");
    Some(Tally {
        passed: number_before(counts.next()?, "passed")?,
        failed: number_before(counts.next()?, "failed")?,
    })
}

/// `ℹ pass 12` and `ℹ fail 0`, of node:test; `#` with its TAP reporter
fn node_test_in(line: &str) -> Option<Tally> {
    let count = line
        .strip_prefix("ℹ ")
        .or_else(|| line.strip_prefix("# "))?;
    let number = |word: &str| count.strip_prefix(word)?.parse().ok();
    let passed = number("pass ").map(|passed| Tally { passed, failed: 0 });
    passed.or_else(|| number("fail ").map(|failed| Tally { passed: 0, failed }))
}

fn number_before(text: &str, word: &str) -> Option<usize> {
    text.strip_suffix(word)?.trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: usize, failed: usize) -> Tally {
        Tally { passed, failed }
    }

    #[test]
    fn every_report_of_cargo_test_counts() {
        let output = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured\n\
                      test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 filtered out; finished in 0.1s\n";
        assert_eq!(Tally::of(output, false), tally(5, 1));
    }

    #[test]
    fn node_test_is_read_in_both_forms() {
        assert_eq!(
            Tally::of("ℹ tests 5\nℹ pass 4\nℹ fail 1\n", false),
            tally(4, 1)
        );
        assert_eq!(Tally::of("# pass 4\n# fail 0\n", true), tally(4, 0));
        assert_eq!(
            Tally::of("\u{1b}[34mℹ pass 7\u{1b}[39m\r\n", true),
            tally(7, 0)
        );
    }

    #[test]
    fn a_summary_of_its_own_is_not_counted_twice() {
        assert_eq!(
            Tally::of("ℹ pass 4\nℹ fail 0\n4 passed, 0 failed\n", true),
            tally(4, 0)
        );
    }

    #[test]
    fn a_command_that_reports_nothing_is_one_test() {
        assert_eq!(Tally::of("smoke: ok\n", true), tally(1, 0));
        assert_eq!(Tally::of("", false), tally(0, 1));
    }

    #[test]
    fn a_runner_that_finds_no_test_has_failed() {
        assert_eq!(Tally::of("no tests to run!\n", true), tally(0, 1));
        let empty = "test result: ok. 0 passed; 0 failed; 0 ignored\n";
        assert_eq!(Tally::of(empty, true), tally(0, 1));
        let one_is_empty = format!("{empty}test result: ok. 3 passed; 0 failed; 0 ignored\n");
        assert_eq!(Tally::of(&one_is_empty, true), tally(3, 0));
    }

    #[test]
    fn a_failure_after_passing_tests_still_counts() {
        assert_eq!(Tally::of("ℹ pass 4\nℹ fail 0\n", false), tally(4, 1));
    }

    #[test]
    fn the_summary_line_is_as_promised() {
        assert_eq!(tally(12, 0).summary(), "12 passed, 0 failed");
        assert_eq!(summary_in("12 passed, 0 failed"), Some(tally(12, 0)));
    }
}
