//! What a user downloads, per build, and its limits.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::layout;
use crate::process::Invocation;

/// The recorded sizes: `cargo xtask build --record` writes them.
const RECORD: &str = "xtask/sizes.json";

/// The largest size of a build, gzip -9, wasm and JavaScript together.
struct Gate {
    build: &'static str,
    limit: u64,
    aim: u64,
}

const GATES: &[Gate] = &[
    Gate {
        build: "browser",
        limit: 58_000,
        aim: 45_000,
    },
    Gate {
        build: "verifier",
        limit: 210_000,
        aim: 170_000,
    },
    Gate {
        build: "native",
        limit: 60_000,
        aim: 50_000,
    },
    // A module of its own, which a Worker loads only if it is a client itself.
    Gate {
        build: "service",
        limit: 60_000,
        aim: 40_000,
    },
];

/// A build, as xtask/measure.js reports it.
#[derive(Clone, Deserialize)]
pub struct Measured {
    pub name: String,
    wasm: Sizes,
    javascript: Sizes,
    /// The names of custom sections that should not be shipped.
    pub sections: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// gzip sizes of a build.
#[derive(Clone, Copy, Deserialize, Serialize)]
struct Recorded {
    javascript: u64,
    wasm: u64,
}

type Record = BTreeMap<String, Recorded>;

/// Measures pkg/.
pub fn measure() -> Result<Vec<Measured>> {
    let report = Invocation::node()
        .words("xtask/measure.js")
        .stdout()
        .context("cannot measure pkg/")?;
    serde_json::from_str(&report)
        .with_context(|| format!("xtask/measure.js printed what it should not:\n{report}"))
}

/// Makes the sizes of pkg/ the ones that later builds are compared with.
pub fn record() -> Result<()> {
    let record: Record = measure()?
        .into_iter()
        .map(
            |Measured {
                 name,
                 wasm,
                 javascript,
                 ..
             }| {
                let [wasm, javascript] = [wasm.gzip, javascript.gzip];
                (name, Recorded { javascript, wasm })
            },
        )
        .collect();
    let text = serde_json::to_string_pretty(&record)?;
    fs::write(layout::at(RECORD), text + "\n").with_context(|| format!("cannot write {RECORD}"))
}

/// The table of sizes, with the change since the recorded ones.
pub fn table(builds: &[Measured]) -> String {
    let recorded = recorded();
    let mut table = String::from(
        "build    part            raw       gzip     brotli   gzip since the record\n",
    );
    for build in builds {
        let before = recorded.get(&build.name);
        let rows = [
            (
                build.name.as_str(),
                "wasm",
                build.wasm,
                before.map(|before| before.wasm),
            ),
            (
                "",
                "JavaScript",
                build.javascript,
                before.map(|before| before.javascript),
            ),
            ("", "total", build.total(), before.map(Recorded::total)),
        ];
        // A build without a module is one line.
        let rows = match build.wasm.raw {
            0 => vec![(build.name.as_str(), rows[1].1, rows[1].2, rows[1].3)],
            _ => rows.to_vec(),
        };
        for (name, part, Sizes { raw, gzip, brotli }, before) in rows {
            let change = before
                .map(|before| change(before, gzip))
                .unwrap_or_default();
            let [raw, gzip, brotli] = [raw, gzip, brotli].map(kilobytes);
            let line = format!("{name:<8} {part:<10} {raw:>8} {gzip:>10} {brotli:>10}   {change}");
            let _ = writeln!(table, "{}", line.trim_end());
        }
    }
    for Gate { build, limit, aim } in GATES {
        let [limit, aim] = [*limit, *aim].map(kilobytes);
        let _ = writeln!(table, "gate, gzip: {build} {limit}, aim {aim}");
    }
    table.push_str(
        "KB of 1000 bytes; gzip -9, brotli -q 11; JavaScript bundled and minified by esbuild\n",
    );
    table
}

/// Compares every build with its gate.
pub fn check(builds: &[Measured]) -> Result<()> {
    let mut failures = Vec::new();
    for gate in GATES {
        match builds.iter().find(|build| build.name == gate.build) {
            Some(build) => failures.extend(gate.past(build.total().gzip)),
            None => failures.push(format!("{} was not measured.", gate.build)),
        }
    }
    ensure!(failures.is_empty(), failures.join("\n"));
    Ok(())
}

impl Measured {
    fn total(&self) -> Sizes {
        Sizes {
            raw: self.wasm.raw + self.javascript.raw,
            gzip: self.wasm.gzip + self.javascript.gzip,
            brotli: self.wasm.brotli + self.javascript.brotli,
        }
    }
}

impl Recorded {
    fn total(&self) -> u64 {
        self.javascript + self.wasm
    }
}

impl Gate {
    /// What is wrong with a build of this size, if it is above the gate.
    fn past(&self, gzip: u64) -> Option<String> {
        let past = gzip.checked_sub(self.limit).filter(|past| *past > 0)?;
        Some(format!(
            "{build}: {} gzip is {} past the gate of {}. What the wasm is made of: `twiggy top \
             target/wasm/{build}.source.wasm` (cargo install twiggy).",
            kilobytes(gzip),
            kilobytes(past),
            kilobytes(self.limit),
            build = self.build,
        ))
    }
}

fn recorded() -> Record {
    let read = fs::read_to_string(layout::at(RECORD)).ok();
    read.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

fn kilobytes(bytes: u64) -> String {
    format!("{}.{:02} KB", bytes / 1000, bytes % 1000 / 10)
}

fn change(before: u64, now: u64) -> String {
    match now.checked_sub(before) {
        Some(0) => "same".to_owned(),
        Some(grown) => format!("+{}", kilobytes(grown)),
        None => format!("−{}", kilobytes(before - now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(name: &str, wasm: u64, javascript: u64) -> Measured {
        let sizes = |gzip| Sizes {
            raw: gzip * 2,
            gzip,
            brotli: gzip - 1,
        };
        Measured {
            name: name.to_owned(),
            wasm: sizes(wasm),
            javascript: sizes(javascript),
            sections: vec![],
        }
    }

    #[test]
    fn wasm_and_javascript_count_together() {
        let measured = |javascript| {
            let page = build("browser", 52_000, javascript);
            [
                page,
                build("verifier", 1_000, 1_000),
                build("service", 1_000, 1_000),
                build("native", 1_000, 1_000),
            ]
        };
        assert!(check(&measured(6_000)).is_ok());
        let error = check(&measured(7_500)).unwrap_err();
        let said = "browser: 59.50 KB gzip is 1.50 KB past the gate of 58.00 KB.";
        assert!(error.to_string().starts_with(said), "{error}");
    }

    #[test]
    fn a_build_that_was_not_measured_fails() {
        let error = check(&[build("browser", 1_000, 1_000)]).unwrap_err();
        assert!(error.to_string().contains("verifier was not measured"));
    }

    #[test]
    fn sizes_are_told_in_kilobytes_of_a_thousand_bytes() {
        assert_eq!(kilobytes(45_000), "45.00 KB");
        assert_eq!(kilobytes(999), "0.99 KB");
        assert_eq!(change(45_000, 44_000), "−1.00 KB");
    }
}
