//! What a user downloads, per build, and the limits to it.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::layout;
use crate::process::Invocation;

/// The sizes that the last deliberate change left behind: `cargo xtask build --record` writes them.
const RECORD: &str = "xtask/sizes.json";

/// The most that a build may weigh, gzip -9, wasm and JavaScript together.
struct Gate {
    build: &'static str,
    limit: u64,
    aim: Option<u64>,
}

const GATES: &[Gate] = &[
    Gate {
        build: "browser",
        limit: 45_000,
        aim: Some(32_000),
    },
    Gate {
        build: "edge",
        limit: 150_000,
        aim: None,
    },
];

/// A build, measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub build: String,
    wasm: Sizes,
    javascript: Sizes,
    /// The names of custom sections that should not be shipped.
    pub sections: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Measures pkg/.
pub fn measure() -> Result<Vec<Measured>> {
    let answer = Invocation::node()
        .args(["xtask/measure.js"])
        .stdout()
        .context("cannot measure pkg/")?;
    parse(&answer)
        .with_context(|| format!("xtask/measure.js printed what it should not:\n{answer}"))
}

/// The table of sizes, with the change since the recorded ones.
pub fn table(builds: &[Measured]) -> String {
    let recorded = recorded();
    let mut table = String::from(
        "build    part            raw       gzip     brotli   gzip since the record\n",
    );
    for build in builds {
        let before = |part: &str| {
            recorded
                .pointer(&format!("/{}/{part}", build.build))
                .and_then(Value::as_u64)
        };
        let total_before = before("wasm")
            .zip(before("javascript"))
            .map(|(wasm, javascript)| wasm + javascript);
        let rows = [
            (build.build.as_str(), "wasm", build.wasm, before("wasm")),
            ("", "JavaScript", build.javascript, before("javascript")),
            ("", "total", build.total(), total_before),
        ];
        for (name, part, sizes, before) in rows {
            let change = before
                .map(|before| change(before, sizes.gzip))
                .unwrap_or_default();
            let [raw, gzip, brotli] = [sizes.raw, sizes.gzip, sizes.brotli].map(kilobytes);
            let line = format!("{name:<8} {part:<10} {raw:>8} {gzip:>10} {brotli:>10}   {change}");
            let _ = writeln!(table, "{}", line.trim_end());
        }
    }
    for gate in GATES {
        let aim = gate
            .aim
            .map(|aim| format!(", aim {}", kilobytes(aim)))
            .unwrap_or_default();
        let _ = writeln!(
            table,
            "gate, gzip: {} {}{aim}",
            gate.build,
            kilobytes(gate.limit)
        );
    }
    table.push_str(
        "KB of 1000 bytes; gzip -9, brotli -q 11; JavaScript bundled and minified by esbuild\n",
    );
    table
}

/// Holds every build against its gate; the error says which part grew.
pub fn check(builds: &[Measured]) -> Result<()> {
    let recorded = recorded();
    let failures: Vec<_> = GATES
        .iter()
        .filter_map(
            |gate| match builds.iter().find(|build| build.build == gate.build) {
                Some(build) => gate.past(build, &recorded),
                None => Some(format!("{} was not measured.", gate.build)),
            },
        )
        .collect();
    if failures.is_empty() {
        Ok(())
    } else {
        bail!(failures.join("\n"))
    }
}

/// Makes these sizes the ones that later builds are compared with.
pub fn record(builds: &[Measured]) -> Result<()> {
    let entry = |build: &Measured| {
        (
            build.build.clone(),
            json!({"wasm": build.wasm.gzip, "javascript": build.javascript.gzip}),
        )
    };
    let record = Value::Object(builds.iter().map(entry).collect());
    fs::write(layout::at(RECORD), format!("{record:#}\n"))
        .with_context(|| format!("cannot write {RECORD}"))
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

impl Gate {
    /// What is wrong with a build that is past the gate.
    fn past(&self, build: &Measured, recorded: &Value) -> Option<String> {
        let total = build.total().gzip;
        if total <= self.limit {
            return None;
        }
        let grown: Vec<_> = [
            ("wasm", build.wasm.gzip),
            ("javascript", build.javascript.gzip),
        ]
        .into_iter()
        .filter_map(|(part, now)| {
            let before = recorded
                .pointer(&format!("/{}/{part}", self.build))?
                .as_u64()?;
            let grew = now > before;
            grew.then(|| {
                format!(
                    "{part} grew from {} to {}",
                    kilobytes(before),
                    kilobytes(now)
                )
            })
        })
        .collect();
        let grown = match (recorded.get(self.build), grown.is_empty()) {
            (None, _) => "nothing is recorded".to_owned(),
            (Some(_), true) => "no part grew".to_owned(),
            (Some(_), false) => grown.join(", "),
        };
        Some(format!(
            "{build}: {} gzip is {} past the gate of {}; against {RECORD}, {grown}. What the wasm is made \
             of: `twiggy top target/wasm/{build}.source.wasm` (cargo install twiggy).",
            kilobytes(total),
            kilobytes(total - self.limit),
            kilobytes(self.limit),
            build = self.build,
        ))
    }
}

fn recorded() -> Value {
    let read = fs::read_to_string(layout::at(RECORD)).ok();
    read.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or(Value::Null)
}

fn parse(answer: &str) -> Option<Vec<Measured>> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let sizes = |value: &Value| {
        let bytes = |key: &str| value.get(key)?.as_u64();
        Some(Sizes {
            raw: bytes("raw")?,
            gzip: bytes("gzip")?,
            brotli: bytes("brotli")?,
        })
    };
    let measured = |build: &Value| {
        let sections = build.get("sections")?.as_array()?;
        Some(Measured {
            build: build.get("name")?.as_str()?.to_owned(),
            wasm: sizes(build.get("wasm")?)?,
            javascript: sizes(build.get("javascript")?)?,
            sections: sections
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
        })
    };
    answer.as_array()?.iter().map(measured).collect()
}

fn kilobytes(bytes: u64) -> String {
    format!("{}.{:02} KB", bytes / 1000, bytes % 1000 / 10)
}

fn change(before: u64, now: u64) -> String {
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => "same".to_owned(),
        std::cmp::Ordering::Less => format!("−{}", kilobytes(before - now)),
        std::cmp::Ordering::Greater => format!("+{}", kilobytes(now - before)),
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
            build: name.to_owned(),
            wasm: sizes(wasm),
            javascript: sizes(javascript),
            sections: vec![],
        }
    }

    #[test]
    fn wasm_and_javascript_count_together() {
        assert!(
            GATES[0]
                .past(&build("browser", 40_000, 5_000), &Value::Null)
                .is_none()
        );
        assert!(
            GATES[0]
                .past(&build("browser", 40_000, 5_001), &Value::Null)
                .is_some()
        );
    }

    #[test]
    fn the_part_that_grew_is_named() {
        let recorded = json!({"browser": {"wasm": 30_000, "javascript": 5_000}});
        let said = GATES[0]
            .past(&build("browser", 41_000, 5_000), &recorded)
            .unwrap();
        assert!(said.contains("1.00 KB past the gate of 45.00 KB"), "{said}");
        assert!(
            said.contains("wasm grew from 30.00 KB to 41.00 KB"),
            "{said}"
        );
        assert!(!said.contains("javascript grew"), "{said}");
    }

    #[test]
    fn a_build_that_was_not_measured_fails() {
        let error = check(&[build("browser", 1_000, 1_000)]).unwrap_err();
        assert!(error.to_string().contains("edge was not measured"));
    }

    #[test]
    fn the_report_is_read() {
        let report = r#"[{"name":"edge","wasm":{"raw":3,"gzip":2,"brotli":1},
            "javascript":{"raw":6,"gzip":5,"brotli":4},"sections":["name"]}]"#;
        let measured = parse(report).unwrap();
        assert_eq!(
            measured[0].total(),
            Sizes {
                raw: 9,
                gzip: 7,
                brotli: 5
            }
        );
        assert_eq!(measured[0].sections, ["name"]);
        assert!(parse("[{}]").is_none());
    }

    #[test]
    fn kilobytes_are_of_a_thousand_bytes() {
        assert_eq!(kilobytes(45_000), "45.00 KB");
        assert_eq!(kilobytes(999), "0.99 KB");
    }
}
