//! The check that the builds for pages and services carry nothing that the platform already has.

use anyhow::{Result, ensure};

use crate::process::Invocation;

/// URL parsing, JSON and signatures are the platform's.
const THE_PLATFORMS: &[&str] = &[
    "rsa",
    "p256",
    "p384",
    "ed25519-dalek",
    "jsonwebtoken",
    "serde_json",
    "url",
];

pub fn check() -> Result<String> {
    // A tree that lacks what it must have was not read right.
    for (feature, crate_name) in [("browser", "wasm-bindgen"), ("edge", "jsonwebtoken")] {
        ensure!(
            has(&tree(feature)?, crate_name),
            "`cargo tree` for the feature {feature} does not list {crate_name}."
        );
    }
    for feature in ["browser", "native", "service"] {
        let tree = tree(feature)?;
        for crate_name in THE_PLATFORMS {
            ensure!(
                !has(&tree, crate_name),
                "The feature {feature} pulls in {crate_name}. `{} --invert {crate_name}` shows through what.",
                command(feature),
            );
        }
    }
    Ok(String::new())
}

/// The crates of a build for wasm32, build scripts' and macros' among them, in lines like `serde v1.0.0 (proc-macro)`.
fn tree(feature: &str) -> Result<String> {
    command(feature).words("--prefix none").stdout()
}

fn command(feature: &str) -> Invocation {
    Invocation::cargo()
        .words("tree --package countersign --target wasm32-unknown-unknown --edges normal,build")
        .args(["--features", feature])
}

fn has(tree: &str, crate_name: &str) -> bool {
    tree.lines()
        .any(|line| line.split_whitespace().next() == Some(crate_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_found_by_their_whole_name() {
        let tree = "countersign v0.1.0 (/somewhere)\nserde_json_core v0.6.0\nrsa v0.9.8 (*)\n";
        assert!(has(tree, "rsa"));
        assert!(!has(tree, "serde_json"));
    }
}
