//! The log of one schedule. It is written only when a schedule is replayed: its secrets are fake,
//! so it shows them.

use std::fmt;

use crate::world::{START, Time};

#[derive(Default)]
pub(crate) struct Log {
    lines: Option<Vec<String>>,
}

impl Log {
    pub(crate) fn new(is_kept: bool) -> Self {
        Self {
            lines: is_kept.then(Vec::new),
        }
    }

    pub(crate) fn note(&mut self, now: Time, text: fmt::Arguments<'_>) {
        if let Some(lines) = &mut self.lines {
            let seconds = (now - START) as f64 / 1000.0;
            lines.push(format!("{seconds:>12.3}  {text}"));
        }
    }

    pub(crate) fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}
