//! Prepares a fresh machine: looks for what a command needs, and fetches only what is missing.

use std::collections::BTreeSet;
use std::thread;

use anyhow::{Result, anyhow};

use crate::lock;
use crate::npm;
use crate::python;
use crate::system::{self, PYTHON, SystemProgram};
use crate::tools::{self, CargoTool, WASM_BINDGEN, WASM_PACK};

/// Something that a command needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    WasmTarget,
    RustComponents,
    Tool(&'static CargoTool),
    /// geckodriver from the PATH, or this one.
    Geckodriver(&'static CargoTool),
    /// The packages of `tests/`, Node and wasm-opt among them.
    TestPackages,
    /// Python's `msal` and `azure-identity`, which the local authority is tested with.
    PythonPackages,
    Program(&'static SystemProgram),
}

/// What `cargo xtask build` needs.
pub const BUILD: &[Need] = &[
    Need::WasmTarget,
    Need::Tool(&WASM_BINDGEN),
    Need::Tool(&WASM_PACK),
    Need::TestPackages,
];

/// Makes sure of all `needs`. What cargo builds, what npm fetches and what apt-get installs go side by side.
pub fn prepare(needs: impl IntoIterator<Item = Need>) -> Result<()> {
    let needs: BTreeSet<Need> = needs.into_iter().collect();
    let _lock = lock::hold()?;
    // What only a person can provide is asked for at once, not after minutes of compiling.
    if needs.contains(&Need::TestPackages) {
        npm::require_npm()?;
    }
    let missing: Vec<_> = needs.iter().filter_map(missing_program).collect();
    system::require_installable(&missing)?;

    thread::scope(|scope| {
        let rust = scope.spawn(|| needs.iter().try_for_each(prepare_rust));
        let packages = scope.spawn(|| prepare_packages(&needs));
        let programs = scope.spawn(|| system::install(&missing));
        [rust, packages, programs].into_iter().try_for_each(|lane| {
            lane.join()
                .unwrap_or_else(|_| Err(anyhow!("a preparation step ended abnormally")))
        })
    })?;
    tools::clean()?;
    // It takes Node from the packages and Python from the system.
    if needs.contains(&Need::PythonPackages) {
        python::install()?;
    }
    Ok(())
}

fn prepare_rust(need: &Need) -> Result<()> {
    match need {
        Need::WasmTarget => tools::add_wasm_target(),
        Need::RustComponents => tools::add_components(),
        Need::Tool(tool) => tool.install(),
        Need::Geckodriver(tool) if system::geckodriver().is_none() => tool.install(),
        _ => Ok(()),
    }
}

fn prepare_packages(needs: &BTreeSet<Need>) -> Result<()> {
    if needs.contains(&Need::TestPackages) {
        npm::install("tests")?;
        npm::require_node()?;
    }
    Ok(())
}

fn missing_program(need: &Need) -> Option<&'static SystemProgram> {
    let program = match need {
        Need::Program(program) => program,
        Need::PythonPackages if !python::is_installed() => &PYTHON,
        _ => return None,
    };
    program.find().is_none().then_some(program)
}
