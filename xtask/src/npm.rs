//! The npm packages of `tests/` and `www/`: installed as their lock files say, and only when they are not.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::layout;
use crate::process::Invocation;
use crate::system;

/// Runs `npm ci` in `folder`, unless what is there is what the lock file asks for.
pub fn install(folder: &str) -> Result<()> {
    let directory = layout::at(folder);
    if !directory.join("package-lock.json").is_file() {
        bail!(
            "{folder}/package-lock.json is missing: run `npm install` in {folder}/ and commit the file."
        );
    }
    if is_installed(&directory) {
        return Ok(());
    }
    Invocation::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--no-update-notifier"])
        .current_dir(&directory)
        .step(&format!("npm ci in {folder}/"))?;
    Ok(())
}

/// Makes sure that node and npm are on the PATH: all else can be fetched.
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

/// Makes sure that the Node of `tests/node_modules` is there: an install script fetches it, and npm can be told to
/// run none.
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
    let answer = Invocation::new("npm")
        .args([
            "pack",
            "--dry-run",
            "--json",
            "--ignore-scripts",
            "--no-update-notifier",
        ])
        .current_dir(package)
        .stdout()?;
    files_in(&answer).with_context(|| {
        format!("`npm pack --dry-run --json` answered what it never did before:\n{answer}")
    })
}

/// npm leaves a record of what it installed, `node_modules/.package-lock.json`, as its last act.
fn is_installed(directory: &Path) -> bool {
    let read = |path: &str| -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(directory.join(path)).ok()?).ok()
    };
    match (
        read("package-lock.json"),
        read("node_modules/.package-lock.json"),
    ) {
        (Some(lock), Some(installed)) => is_same(&lock, &installed),
        _ => false,
    }
}

/// Whether every package that was installed is one of the lock file, in the same version, and none is lacking but
/// those for other platforms.
fn is_same(lock: &Value, installed: &Value) -> bool {
    let none = Map::new();
    let packages = |record: &Value| record.get("packages").and_then(Value::as_object).cloned();
    let (wanted, found) = (
        packages(lock).unwrap_or(none.clone()),
        packages(installed).unwrap_or(none),
    );
    let identity = |entry: &Value| {
        ["version", "integrity", "link", "resolved"]
            .map(|key| entry.get(key).cloned().unwrap_or_default())
    };
    let foreign = |entry: &Value| {
        entry.get("optional").or(entry.get("devOptional")) == Some(&Value::Bool(true))
    };
    let none_other = found.iter().all(|(path, entry)| {
        wanted
            .get(path)
            .is_some_and(|wanted| identity(wanted) == identity(entry))
    });
    let none_lacking = wanted
        .iter()
        .filter(|(path, entry)| path.starts_with("node_modules/") && !foreign(entry))
        .all(|(path, _)| found.contains_key(path));
    none_other && none_lacking
}

fn files_in(answer: &str) -> Option<Vec<String>> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    // An array with one package, or, since npm 12, an object keyed by name.
    let package = match &answer {
        Value::Array(packages) => packages.first()?,
        Value::Object(packages) => packages.values().next()?,
        _ => return None,
    };
    let mut files = package
        .get("files")?
        .as_array()?
        .iter()
        .map(|file| file.get("path")?.as_str().map(str::to_owned))
        .collect::<Option<Vec<_>>>()?;
    files.sort();
    Some(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lock() -> Value {
        json!({"packages": {
            "": {"name": "tests", "dependencies": {"a": "1.0.0"}},
            "node_modules/a": {"version": "1.0.0", "integrity": "sha512-a"},
            "node_modules/a-darwin": {"version": "1.0.0", "integrity": "sha512-d", "optional": true, "os": ["darwin"]},
        }})
    }

    #[test]
    fn packages_for_other_platforms_may_lack() {
        let installed =
            json!({"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "sha512-a"}}});
        assert!(is_same(&lock(), &installed));
    }

    #[test]
    fn another_version_or_a_missing_package_is_not_the_same() {
        let other =
            json!({"packages": {"node_modules/a": {"version": "1.0.1", "integrity": "sha512-b"}}});
        assert!(!is_same(&lock(), &other));
        assert!(!is_same(&lock(), &json!({"packages": {}})));
    }

    #[test]
    fn a_package_too_many_is_not_the_same() {
        let more = json!({"packages": {
            "node_modules/a": {"version": "1.0.0", "integrity": "sha512-a"},
            "node_modules/b": {"version": "1.0.0", "integrity": "sha512-b"},
        }});
        assert!(!is_same(&lock(), &more));
    }

    #[test]
    fn both_shapes_of_the_pack_report_are_read() {
        let file = json!({"files": [{"path": "b.js"}, {"path": "a.js"}]});
        for report in [json!([file]), json!({"countersign": file})] {
            assert_eq!(files_in(&report.to_string()).unwrap(), ["a.js", "b.js"]);
        }
        assert!(files_in("npm warn").is_none());
    }
}
