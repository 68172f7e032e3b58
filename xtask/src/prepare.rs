//! A fresh machine, made ready: what a command needs is looked for first, and only what is missing is fetched.

use std::thread;

use anyhow::{Result, anyhow};

use crate::lock;
use crate::npm;
use crate::python;
use crate::system::{self, CHROMEDRIVER, CHROMIUM, FIREFOX, PYTHON, SystemProgram};
use crate::tools::{self, CARGO_DENY, GECKODRIVER, WASM_BINDGEN, WASM_PACK};

/// Something that a command cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    WasmTarget,
    RustComponents,
    WasmBindgen,
    WasmPack,
    CargoDeny,
    /// The packages of `tests/`, Node and wasm-opt among them.
    TestPackages,
    /// Python's `msal`, which the local authority is tested with.
    PythonPackages,
    Chromium,
    Chromedriver,
    Firefox,
    Geckodriver,
}

/// What `cargo xtask build` stands on.
pub const BUILD: &[Need] = &[
    Need::WasmTarget,
    Need::WasmBindgen,
    Need::WasmPack,
    Need::TestPackages,
];

/// Makes sure of all `needs`. What cargo builds, what npm fetches and what apt-get installs go side by side.
pub fn prepare(needs: &[Need]) -> Result<()> {
    let _lock = lock::hold()?;
    // What nobody but a person can provide is asked for at once, not after minutes of compiling.
    if needs.contains(&Need::TestPackages) {
        npm::require_npm()?;
    }
    let missing = missing_programs(needs);
    system::require_installable(&missing)?;

    thread::scope(|scope| {
        let lanes = [
            scope.spawn(|| prepare_rust(needs)),
            scope.spawn(|| prepare_packages(needs)),
            scope.spawn(|| system::install(&missing)),
        ];
        lanes
            .into_iter()
            .map(|lane| {
                lane.join()
                    .unwrap_or_else(|_| Err(anyhow!("a preparation step ended abnormally")))
            })
            .fold(Ok(()), Result::and)
    })?;
    // It takes Node from the packages and Python from the system.
    if needs.contains(&Need::PythonPackages) {
        python::install()
    } else {
        Ok(())
    }
}

fn prepare_rust(needs: &[Need]) -> Result<()> {
    if needs.contains(&Need::WasmTarget) {
        tools::add_wasm_target()?;
    }
    if needs.contains(&Need::RustComponents) {
        tools::add_components()?;
    }
    // One after the other: each of them keeps every core busy.
    let cargo_tools = [
        (Need::WasmBindgen, &WASM_BINDGEN),
        (Need::WasmPack, &WASM_PACK),
        (Need::Geckodriver, &GECKODRIVER),
        (Need::CargoDeny, &CARGO_DENY),
    ];
    for (need, tool) in cargo_tools {
        let is_elsewhere = need == Need::Geckodriver && system::geckodriver().is_some();
        if needs.contains(&need) && !is_elsewhere && !tool.is_installed()? {
            tool.install()?;
        }
    }
    tools::clean()
}

fn prepare_packages(needs: &[Need]) -> Result<()> {
    if needs.contains(&Need::TestPackages) {
        npm::install("tests")?;
        npm::require_node()?;
    }
    Ok(())
}

fn missing_programs(needs: &[Need]) -> Vec<&'static SystemProgram> {
    let programs = [
        (Need::Chromium, &CHROMIUM),
        (Need::Chromedriver, &CHROMEDRIVER),
        (Need::Firefox, &FIREFOX),
        (Need::PythonPackages, &PYTHON),
    ];
    programs
        .into_iter()
        .filter(|(need, _)| needs.contains(need))
        .filter(|(need, _)| *need != Need::PythonPackages || !python::is_installed())
        .filter(|(_, program)| program.find().is_none())
        .map(|(_, program)| program)
        .collect()
}
