//! The check that the browser build carries nothing that the browser already has.

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};

use crate::process::Invocation;
use crate::tools::WASM_TARGET;

/// URL parsing, JSON and signatures are the platform's.
const NOT_IN_BROWSER: &[&str] = &[
    "rsa",
    "p256",
    "p384",
    "ed25519-dalek",
    "jsonwebtoken",
    "serde_json",
    "url",
];

pub fn check() -> Result<String> {
    let (browser, edge) = (tree("browser")?, tree("edge")?);
    // A tree that lacks what it must hold was not read right.
    ensure!(
        browser.contains("wasm-bindgen"),
        "`cargo tree` for the feature browser does not list wasm-bindgen."
    );
    ensure!(
        edge.contains("jsonwebtoken"),
        "`cargo tree` for the feature edge does not list jsonwebtoken."
    );
    let forbidden = forbidden_in(&browser);
    if forbidden.is_empty() {
        return Ok(format!(
            "{} crates in the browser build, none of {}\n",
            browser.len(),
            NOT_IN_BROWSER.join(", ")
        ));
    }
    let first = forbidden.iter().next().copied().unwrap_or_default();
    bail!(
        "The feature browser pulls in {}. `{} --invert {first}` shows through what.",
        forbidden.into_iter().collect::<Vec<_>>().join(", "),
        command("browser"),
    )
}

/// The crates of a build for wasm32, build scripts' and macros' among them.
fn tree(feature: &str) -> Result<BTreeSet<String>> {
    let printed = command(feature)
        .args(["--prefix", "none", "--format", "{p}"])
        .stdout()?;
    Ok(crates_in(&printed))
}

fn command(feature: &str) -> Invocation {
    Invocation::cargo()
        .args([
            "tree",
            "--package",
            "countersign",
            "--target",
            WASM_TARGET,
            "--features",
            feature,
        ])
        .args(["--edges", "normal,build"])
}

/// The names in lines like `serde v1.0.0 (proc-macro) (*)`.
fn crates_in(printed: &str) -> BTreeSet<String> {
    printed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn forbidden_in(crates: &BTreeSet<String>) -> BTreeSet<&'static str> {
    NOT_IN_BROWSER
        .iter()
        .copied()
        .filter(|name| crates.contains(*name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str =
        "countersign v0.1.0 (/somewhere)\nwasm-bindgen v0.2.130\nquote v1.0.47 (*)\n";

    #[test]
    fn a_clean_tree_passes() {
        assert!(forbidden_in(&crates_in(TREE)).is_empty());
    }

    #[test]
    fn forbidden_crates_are_found_by_their_whole_name() {
        let tree = format!("{TREE}url v2.5.4\nserde_json_core v0.6.0\nrsa v0.9.8 (*)\n");
        assert_eq!(
            forbidden_in(&crates_in(&tree))
                .into_iter()
                .collect::<Vec<_>>(),
            ["rsa", "url"]
        );
    }
}
