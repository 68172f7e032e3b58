//! The Rust side of a fresh machine: the wasm32 target, clippy and rustfmt from rustup, and the tools that
//! `cargo install` builds into `target/tools`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use toml::Table;

use crate::files;
use crate::layout;
use crate::process::Invocation;

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program from crates.io that lives in `target/tools/bin`.
pub struct CargoTool {
    /// The crate's name.
    pub package: &'static str,
    /// The name of its program, which answers `--version`.
    program: &'static str,
    version: Version,
    arguments: &'static [&'static str],
}

enum Version {
    /// The very version of this crate in Cargo.lock.
    Locked(&'static str),
    /// Any with this beginning.
    Series(&'static str),
    /// Any.
    Any,
}

/// Its version must be that of the crate to the last digit: the two speak a private format to each other.
/// It does not install with `--locked`.
pub const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    version: Version::Locked("wasm-bindgen"),
    arguments: &[],
};

pub const WASM_PACK: CargoTool = CargoTool {
    package: "wasm-pack",
    program: "wasm-pack",
    version: Version::Series("0.15"),
    arguments: &["--locked"],
};

pub const GECKODRIVER: CargoTool = CargoTool {
    package: "geckodriver",
    program: "geckodriver",
    version: Version::Any,
    arguments: &["--locked"],
};

pub const CARGO_DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    program: "cargo-deny",
    version: Version::Any,
    arguments: &["--locked"],
};

/// These tools work for less than a second: compiling them less well halves the wait on a fresh machine.
const COMPILED_FAST: &[(&str, &str)] = &[
    ("OPT_LEVEL", "0"),
    ("LTO", "off"),
    ("CODEGEN_UNITS", "16"),
    ("STRIP", "true"),
];

impl CargoTool {
    pub fn path(&self) -> PathBuf {
        layout::tool(self.program)
    }

    /// Whether it is there in the version asked for.
    pub fn is_installed(&self) -> Result<bool> {
        let Some(found) = self.installed_version() else {
            return Ok(false);
        };
        Ok(match self.version {
            Version::Locked(package) => found == locked_version(package)?,
            Version::Series(series) => found == series || found.starts_with(&format!("{series}.")),
            Version::Any => true,
        })
    }

    /// Builds it into `target/tools`. The build's folder is shared by all of them, and kept when interrupted, until
    /// `clean` deletes it.
    pub fn install(&self) -> Result<()> {
        let requirement = match self.version {
            Version::Locked(package) => format!("={}", locked_version(package)?),
            Version::Series(series) => format!("~{series}"),
            Version::Any => "*".to_owned(),
        };
        let fast = COMPILED_FAST
            .iter()
            .fold(Invocation::cargo(), |install, (setting, value)| {
                install.env(&format!("CARGO_PROFILE_RELEASE_{setting}"), *value)
            });
        fast.args([
            "install",
            self.package,
            "--version",
            &requirement,
            "--force",
        ])
        .args(self.arguments)
        .arg_path("--root", layout::tools())
        .arg_path("--target-dir", layout::tools().join("build"))
        .step(&format!(
            "cargo install {} {requirement} (a few minutes, once)",
            self.package
        ))?;
        if !self.is_installed()? {
            bail!(
                "{} was installed, but {} does not answer with the expected version. Delete target/tools and try again.",
                self.package,
                layout::shown(&self.path())
            );
        }
        Ok(())
    }

    /// The version that the program itself names.
    pub fn installed_version(&self) -> Option<String> {
        if !self.path().is_file() {
            return None;
        }
        let answer = Invocation::new(self.path())
            .args(["--version"])
            .stdout()
            .ok()?;
        version_in(&answer).map(str::to_owned)
    }
}

/// Deletes what the builds of tools left behind.
pub fn clean() -> Result<()> {
    files::remove(&layout::tools().join("build"))
}

/// The version of a package in Cargo.lock.
pub fn locked_version(package: &str) -> Result<String> {
    let path = layout::at("Cargo.lock");
    if !path.is_file() {
        // cargo writes it; it is part of the repository, so this is rare.
        Invocation::cargo()
            .args(["generate-lockfile"])
            .step("cargo generate-lockfile")?;
    }
    let lock =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    version_in_lock(&lock, package)
}

/// Adds the target that both builds compile to.
pub fn add_wasm_target() -> Result<()> {
    let sysroot = Invocation::new("rustc")
        .args(["--print", "sysroot"])
        .stdout()?;
    if PathBuf::from(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM_TARGET)
        .is_dir()
    {
        return Ok(());
    }
    rustup(&["target", "add", WASM_TARGET])
}

/// Adds rustfmt and clippy, which a minimal toolchain lacks.
pub fn add_components() -> Result<()> {
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if Invocation::cargo()
            .args([command, "--version"])
            .stdout()
            .is_err()
        {
            rustup(&["component", "add", component])?;
        }
    }
    Ok(())
}

fn rustup(arguments: &[&str]) -> Result<()> {
    let command = format!("rustup {}", arguments.join(" "));
    Invocation::new("rustup")
        .args(arguments)
        .step(&command)
        .map(drop)
        .with_context(|| format!("This machine's Rust lacks what `{command}` adds. Run it where rustup is, then try again."))
}

fn version_in_lock(lock: &str, package: &str) -> Result<String> {
    let lock: Table = lock.parse().context("Cargo.lock is not TOML")?;
    let packages = lock.get("package").and_then(|packages| packages.as_array());
    let mut versions = packages
        .into_iter()
        .flatten()
        .filter(|entry| entry.get("name").and_then(|name| name.as_str()) == Some(package))
        .filter_map(|entry| entry.get("version")?.as_str());
    match (versions.next(), versions.next()) {
        (Some(version), None) => Ok(version.to_owned()),
        (None, _) => Err(anyhow!(
            "Cargo.lock has no {package}: is it a dependency in Cargo.toml?"
        )),
        (Some(one), Some(other)) => Err(anyhow!(
            "Cargo.lock has {package} in the versions {one} and {other}; it may have one"
        )),
    }
}

/// The version in what a program says of itself: `wasm-bindgen 0.2.130`, `geckodriver 0.36.0 (…)`.
fn version_in(answer: &str) -> Option<&str> {
    answer
        .lines()
        .next()?
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 4

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
dependencies = ["cfg-if"]

[[package]]
name = "getrandom"
version = "0.2.16"

[[package]]
name = "getrandom"
version = "0.3.4"
"#;

    #[test]
    fn the_locked_version_is_found() {
        assert_eq!(version_in_lock(LOCK, "wasm-bindgen").unwrap(), "0.2.130");
    }

    #[test]
    fn a_missing_or_doubled_package_is_an_error() {
        let missing = version_in_lock(LOCK, "wasm-bindgen-futures").unwrap_err();
        assert!(missing.to_string().contains("has no wasm-bindgen-futures"));
        let doubled = version_in_lock(LOCK, "getrandom").unwrap_err();
        assert!(doubled.to_string().contains("0.2.16 and 0.3.4"));
        assert!(version_in_lock("<html>", "wasm-bindgen").is_err());
    }

    #[test]
    fn programs_name_their_versions() {
        assert_eq!(version_in("wasm-bindgen 0.2.130\n"), Some("0.2.130"));
        assert_eq!(
            version_in("geckodriver 0.36.0 (a3d508507022 2025-02-24)\n\nThe source…"),
            Some("0.36.0")
        );
        assert_eq!(version_in(""), None);
    }
}
