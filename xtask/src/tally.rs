//! How many tests passed and failed, as the test runners themselves say.

use std::fmt;
use std::ops::AddAssign;

use console::strip_ansi_codes;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
}

impl Tally {
    pub const PASSED: Self = Self::new(1, 0);
    pub const FAILED: Self = Self::new(0, 1);

    const fn new(passed: usize, failed: usize) -> Self {
        Self { passed, failed }
    }

    /// What a command's output reports, and what its exit says: a command that reports nothing counts as one, one that
    /// fails counts as failed at least once, and so does a test runner that found no test.
    pub fn of(output: &str, succeeded: bool) -> Self {
        match reported(output) {
            None if succeeded => Self::PASSED,
            Some(tally) if succeeded && tally != Self::default() => tally,
            tally => {
                let Self { passed, failed } = tally.unwrap_or_default();
                Self::new(passed, failed.max(1))
            }
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The sum of the lines that runners end with: libtest and wasm-bindgen-test, tests/edge, node:test.
fn reported(output: &str) -> Option<Tally> {
    let mut sum = None;
    for line in output.lines() {
        let line = strip_ansi_codes(line);
        let words: Vec<_> = line
            .split([' ', ',', ';'])
            .filter(|word| !word.is_empty())
            .collect();
        let (passed, failed) = match words[..] {
            ["test", "result:", _, passed, "passed", failed, "failed", ..] => (passed, failed),
            [passed, "passed", failed, "failed"] => (passed, failed),
            ["ℹ", "pass", passed] => (passed, "0"),
            ["ℹ", "fail", failed] => ("0", failed),
            ["no", "tests", "to", "run!"] => ("0", "0"),
            _ => continue,
        };
        if let (Ok(passed), Ok(failed)) = (passed.parse(), failed.parse()) {
            *sum.get_or_insert_with(Tally::default) += Tally::new(passed, failed);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runner_s_report_counts() {
        let libtest = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured\n\
                       test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 filtered out; finished in 0.1s\n";
        assert_eq!(Tally::of(libtest, false), Tally::new(5, 1));
        let node = "ℹ tests 5\n\u{1b}[34mℹ pass 4\u{1b}[39m\r\nℹ fail 1\n";
        assert_eq!(Tally::of(node, false), Tally::new(4, 1));
        assert_eq!(
            Tally::of("Node: 7 of 7 passed\n7 passed, 0 failed\n", true),
            Tally::new(7, 0)
        );
    }

    #[test]
    fn a_command_that_reports_nothing_is_one_test() {
        assert_eq!(Tally::of("smoke: ok\n", true), Tally::PASSED);
        assert_eq!(Tally::of("", false), Tally::FAILED);
    }

    #[test]
    fn a_runner_that_finds_no_test_has_failed() {
        assert_eq!(Tally::of("no tests to run!\n", true), Tally::FAILED);
        let empty = "test result: ok. 0 passed; 0 failed; 0 ignored\n";
        assert_eq!(Tally::of(empty, true), Tally::FAILED);
        let one_is_empty = format!("{empty}test result: ok. 3 passed; 0 failed; 0 ignored\n");
        assert_eq!(Tally::of(&one_is_empty, true), Tally::new(3, 0));
    }

    #[test]
    fn a_failure_after_passing_tests_still_counts() {
        assert_eq!(Tally::of("ℹ pass 4\nℹ fail 0\n", false), Tally::new(4, 1));
    }
}
