//! The Rust tools: the wasm32 target, clippy and rustfmt from rustup, and the programs that `cargo install` builds into
//! `target/tools`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files;
use crate::layout;
use crate::process::Invocation;

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A crate with a program of the same name, except `wasm-bindgen-cli`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct CargoTool {
    package: &'static str,
    /// `None`: the version of the crate `wasm-bindgen` in Cargo.lock.
    version: Option<&'static str>,
}

/// Its version must be that of the crate to the last digit: the two speak a private format to each other.
pub const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    version: None,
};

pub const WASM_PACK: CargoTool = CargoTool {
    package: "wasm-pack",
    version: Some("0.15.1"),
};

pub const GECKODRIVER: CargoTool = CargoTool {
    package: "geckodriver",
    version: Some("0.37.1"),
};

pub const CARGO_DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    version: Some("0.20.2"),
};

/// These tools run for less than a second; compiling them with fewer optimisations halves the wait on a fresh machine.
const COMPILED_FAST: &[(&str, &str)] = &[
    ("OPT_LEVEL", "0"),
    ("LTO", "off"),
    ("CODEGEN_UNITS", "16"),
    ("STRIP", "true"),
];

impl CargoTool {
    pub fn path(&self) -> PathBuf {
        layout::tool(self.package)
    }

    pub fn version(&self) -> Result<String> {
        match self.version {
            Some(version) => Ok(version.to_owned()),
            None => locked_version("wasm-bindgen"),
        }
    }

    /// Builds it into `target/tools`; cargo checks whether it is there. The build's folder is shared by all
    /// tools, and kept if interrupted, until `clean` deletes it.
    pub fn install(&self) -> Result<()> {
        let (package, version) = (self.package, self.version()?);
        let mut install = Invocation::cargo()
            .args(["install", package, "--version", &format!("={version}")])
            .arg_path("--root", layout::tools())
            .arg_path("--target-dir", layout::tools().join("build"));
        for (setting, value) in COMPILED_FAST {
            install = install.env(&format!("CARGO_PROFILE_RELEASE_{setting}"), *value);
        }
        if self.version.is_some() {
            // wasm-bindgen-cli does not install with it.
            install = install.words("--locked");
        }
        install.step(&format!(
            "cargo install {package} {version} (a few minutes, once)"
        ))
    }
}

/// Deletes the intermediate files of the tools' builds.
pub fn clean() -> Result<()> {
    files::remove(&layout::tools().join("build"))
}

/// Adds the target that all builds compile to.
pub fn add_wasm_target() -> Result<()> {
    let sysroot = Invocation::new("rustc").words("--print sysroot").stdout()?;
    let targets = Path::new(sysroot.trim()).join("lib/rustlib");
    if targets.join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    rustup(&format!("target add {WASM_TARGET}"))
}

/// Adds rustfmt and clippy, which a minimal toolchain lacks.
pub fn add_components() -> Result<()> {
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        let version = Invocation::cargo().args([command, "--version"]).stdout();
        if version.is_err() {
            rustup(&format!("component add {component}"))?;
        }
    }
    Ok(())
}

fn rustup(arguments: &str) -> Result<()> {
    let command = format!("rustup {arguments}");
    Invocation::new("rustup").words(arguments).step(&command).with_context(|| {
        format!("This machine's Rust lacks what `{command}` adds. Run it where rustup is, then try again.")
    })
}

/// The version of a package in Cargo.lock. cargo prints it as `registry+https://…#wasm-bindgen@0.2.130`.
fn locked_version(package: &str) -> Result<String> {
    let id = Invocation::cargo().args(["pkgid", package]).stdout()?;
    let (_, version) = id
        .trim()
        .rsplit_once('@')
        .with_context(|| format!("`cargo pkgid` printed {id}"))?;
    Ok(version.to_owned())
}
