//! A fresh machine, made ready: what a command needs is looked for first, and only what is missing is fetched.

use std::thread;

use anyhow::{Result, anyhow};

use crate::browsers::{self, CHROMEDRIVER, CHROMIUM, FIREFOX, SystemProgram};
use crate::npm;
use crate::tools::{self, CARGO_DENY, CargoTool, GECKODRIVER, WASM_BINDGEN, WASM_PACK};

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
    let needed = |need: Need| needs.contains(&need);
    thread::scope(|scope| {
        let rust = scope.spawn(|| {
            if needed(Need::WasmTarget) {
                tools::add_wasm_target()?;
            }
            if needed(Need::RustComponents) {
                tools::add_components()?;
            }
            // One after the other: each of them keeps every core busy.
            let cargo_tools = [
                (Need::WasmBindgen, &WASM_BINDGEN),
                (Need::WasmPack, &WASM_PACK),
                (Need::Geckodriver, &GECKODRIVER),
                (Need::CargoDeny, &CARGO_DENY),
            ];
            cargo_tools
                .into_iter()
                .filter(|(need, _)| needed(*need))
                .try_for_each(|(_, tool)| install_missing(tool))?;
            CargoTool::clean()
        });
        let packages = scope.spawn(|| {
            if needed(Need::TestPackages) {
                npm::install("tests")?;
                npm::require_node()?;
            }
            Ok(())
        });
        let system = scope.spawn(|| {
            let programs = [
                (Need::Chromium, &CHROMIUM),
                (Need::Chromedriver, &CHROMEDRIVER),
                (Need::Firefox, &FIREFOX),
            ];
            let missing: Vec<&SystemProgram> = programs
                .into_iter()
                .filter(|(need, program)| needed(*need) && program.find().is_none())
                .map(|(_, program)| program)
                .collect();
            if missing.is_empty() {
                Ok(())
            } else {
                browsers::install(&missing)
            }
        });
        [rust, packages, system]
            .into_iter()
            .map(|lane| {
                lane.join()
                    .unwrap_or_else(|_| Err(anyhow!("a preparation step ended abnormally")))
            })
            .fold(Ok(()), Result::and)
    })
}

fn install_missing(tool: &CargoTool) -> Result<()> {
    let elsewhere = tool.package == GECKODRIVER.package && browsers::geckodriver().is_some();
    if elsewhere || tool.is_installed()? {
        Ok(())
    } else {
        tool.install()
    }
}
