//! Installs the npm packages of `tests/` and `www/` as their lock files say, unless they are installed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::files;
use crate::layout;
use crate::process::Invocation;
use crate::system;

/// Runs `npm ci` in `folder`, unless the same lock file is installed.
pub fn install(folder: &str) -> Result<()> {
    let lock_file = layout::at(folder).join("package-lock.json");
    ensure!(
        lock_file.is_file(),
        "{folder}/package-lock.json is missing: run `npm install` in {folder}/ and commit the file."
    );
    // npm deletes the folder before it installs.
    let installed = layout::at(folder).join("node_modules/.installed-package-lock.json");
    if files::are_same(&lock_file, &installed) {
        return Ok(());
    }
    Invocation::new("npm")
        .words("ci --no-audit --no-fund --no-update-notifier")
        .current_dir(layout::at(folder))
        .step(&format!("npm ci in {folder}/"))?;
    fs::copy(lock_file, installed)?;
    Ok(())
}

/// Makes sure that node and npm are on the PATH; everything else can be fetched.
pub fn require_npm() -> Result<()> {
    for program in ["node", "npm"] {
        ensure!(
            system::on_path(program).is_some(),
            "{program} is not on the PATH. Install Node 20 or newer with npm: on Debian `apt-get install nodejs npm`, \
             elsewhere from nodejs.org."
        );
    }
    Ok(())
}

/// Makes sure that `tests/node_modules` has its Node: an install script fetches it, and npm may be configured to run
/// none.
pub fn require_node() -> Result<()> {
    if layout::node().is_file() {
        return Ok(());
    }
    bail!(
        "{} is missing: npm was kept from running install scripts. Run `npm rebuild node --foreground-scripts` in \
         tests/, with `ignore-scripts` off.",
        layout::shown(&layout::node())
    );
}

/// The list of files, their names relative to the package, that `npm pack` puts into the archive.
pub fn packed_files(package: &Path) -> Result<Vec<String>> {
    let report = Invocation::new("npm")
        .words("pack --dry-run --json --ignore-scripts --no-update-notifier")
        .current_dir(package)
        .stdout()?;
    files_in(&report).with_context(|| {
        format!("`npm pack --dry-run --json` printed what it never did before:\n{report}")
    })
}

fn files_in(report: &str) -> Option<Vec<String>> {
    let report: Value = serde_json::from_str(report).ok()?;
    // An array with one package, or, since npm 12, an object keyed by name.
    let package = match &report {
        Value::Array(packages) => packages.first()?,
        Value::Object(packages) => packages.values().next()?,
        _ => return None,
    };
    let path = |file: &Value| file.get("path")?.as_str().map(str::to_owned);
    let files = package.get("files")?.as_array()?;
    files.iter().map(path).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_shapes_of_the_pack_report_are_read() {
        let file = json!({"files": [{"path": "a.js"}, {"path": "b.js"}]});
        for report in [json!([file]), json!({"countersign": file})] {
            assert_eq!(files_in(&report.to_string()).unwrap(), ["a.js", "b.js"]);
        }
        assert!(files_in("npm warn").is_none());
    }
}
