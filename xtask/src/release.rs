//! `cargo xtask release --dry-run`: makes the archives of a release twice, in this checkout and in a clone at another
//! path, and says whether they are the same, byte for byte. Publishing is the workflow's: .github/workflows/release.yml.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::files;
use crate::layout;
use crate::package;
use crate::process::Invocation;
use crate::progress;

/// Where the archives are left: `first` has what the workflow publishes.
const ARCHIVES: &str = "target/archives";

/// The crates in the order in which they are published: the second needs the first.
const CRATES: [&str; 2] = ["countersign-signatures", "countersign"];

/// What a clone takes from this checkout: nothing of it gets into an archive.
const SHARED: [&str; 2] = ["target/tools", "tests/node_modules"];

pub fn dry_run() -> Result<u8> {
    check_commit()?;
    let version = check_versions()?;
    check_changelog(&fs::read_to_string(layout::at("CHANGELOG.md"))?, &version)?;
    package::prepare_and_build(false)?;
    package::check()?;

    let folder = layout::at(ARCHIVES);
    files::remove(&folder)?;
    let [first, second] = ["first", "second"].map(|name| folder.join(name));
    make(layout::root(), &first)?;
    let clone = clone_of_this(&folder)?;
    Invocation::new("cargo")
        .words("xtask build")
        .current_dir(&clone)
        .env_remove("CARGO_TARGET_DIR")
        .step("cargo xtask build, in a clone")?;
    make(&clone, &second)?;
    files::remove(&clone)?;

    let mut faults = Vec::new();
    for archive in files::below(&first)? {
        let name = archive.file_name().context("an archive has a name")?;
        let other = second.join(name);
        let differing = differences(&archive, &other, &folder)?;
        let verdict = match &differing[..] {
            [] => "the same twice".to_owned(),
            names => format!("not the same: {}", names.join(", ")),
        };
        let size = fs::metadata(&archive)?.len().div_ceil(1000);
        progress::note(&format!("{}: {size} KB, {verdict}", name.display()));
        faults.extend(differing);
        faults.extend(local_paths(&archive, &folder)?);
    }
    ensure!(
        faults.is_empty(),
        "The archives are not fit to be published:\n{}",
        faults.join("\n")
    );
    progress::note(&format!(
        "Version {version} is fit to be published. The archives are in {ARCHIVES}/first."
    ));
    Ok(0)
}

/// The archives are those of a commit.
fn check_commit() -> Result<()> {
    let changed = Invocation::new("git")
        .words("status --porcelain")
        .stdout()?;
    ensure!(
        changed.trim().is_empty(),
        "A release is made of a commit, and these files are not committed:\n{changed}"
    );
    Ok(())
}

/// The package and both crates have one version.
fn check_versions() -> Result<String> {
    let manifest = fs::read_to_string(layout::at("pkg-template/package.json"))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let version = manifest
        .get("version")
        .and_then(Value::as_str)
        .context("pkg-template/package.json has no version")?;
    for name in CRATES {
        let id = Invocation::cargo()
            .words("pkgid --package")
            .args([name])
            .stdout()?;
        let of_crate = id.trim().rsplit(['#', '@']).next();
        ensure!(
            of_crate == Some(version),
            "The crate {name} has the version {}, the package {version}: they must be the same.",
            of_crate.unwrap_or("none")
        );
    }
    Ok(version.to_owned())
}

/// The changelog says what is new in this version.
fn check_changelog(text: &str, version: &str) -> Result<()> {
    let newest = text.lines().find_map(|line| line.strip_prefix("## "));
    let is_about =
        newest.is_some_and(|heading| heading.split([' ', ':']).any(|word| word == version));
    ensure!(
        is_about,
        "The first heading of CHANGELOG.md is not about {version}: {}",
        newest.unwrap_or("there is none")
    );
    Ok(())
}

/// Packs the package and the crates of a checkout.
fn make(root: &Path, into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    Invocation::new("npm")
        .words("pack --ignore-scripts --no-update-notifier --pack-destination")
        .args([into.as_os_str()])
        .current_dir(root.join("pkg"))
        .step("npm pack")?;
    let target = into.with_extension("target");
    let mut packing = Invocation::new("cargo").words("package --no-verify --quiet");
    for name in CRATES {
        packing = packing.args(["--package", name]);
    }
    packing
        .arg_path("--target-dir", &target)
        .current_dir(root)
        .step("cargo package")?;
    for archive in files::below(&target.join("package"))? {
        if let (Some("crate"), Some(name)) = (
            archive.extension().and_then(|extension| extension.to_str()),
            archive.file_name(),
        ) && archive.parent() == Some(&target.join("package"))
        {
            fs::copy(&archive, into.join(name))?;
        }
    }
    files::remove(&target)
}

/// The commit, at a path that is longer than this one.
fn clone_of_this(folder: &Path) -> Result<PathBuf> {
    let clone = folder.join("a-clone-of-the-sources");
    Invocation::new("git")
        .words("clone --quiet --no-hardlinks")
        .args([layout::root().as_os_str(), clone.as_os_str()])
        .step("git clone")?;
    for shared in SHARED {
        let link = clone.join(shared);
        if let Some(parent) = link.parent() {
            fs::create_dir_all(parent)?;
        }
        symlink(layout::at(shared), link)?;
    }
    Ok(clone)
}

/// The names of the files that differ between two archives, or of the archive itself.
fn differences(one: &Path, other: &Path, scratch: &Path) -> Result<Vec<String>> {
    if files::are_same(one, other) {
        return Ok(vec![]);
    }
    if !other.is_file() {
        return Ok(vec![format!("{} is missing", layout::shown(other))]);
    }
    let [first, second] = [
        unpacked(one, &scratch.join("one"))?,
        unpacked(other, &scratch.join("other"))?,
    ];
    let names = first.iter().chain(&second).map(|(name, _)| name.clone());
    let of = |files: &[(String, Vec<u8>)], name: &str| {
        let found = files.iter().find(|(known, _)| known == name);
        found.map(|(_, contents)| contents.clone())
    };
    let mut differing: Vec<_> = BTreeSet::from_iter(names)
        .into_iter()
        .filter(|name| of(&first, name) != of(&second, name))
        .collect();
    if differing.is_empty() {
        differing.push("the archive around the files".to_owned());
    }
    Ok(differing)
}

/// The files of an archive that name a folder of this machine.
fn local_paths(archive: &Path, scratch: &Path) -> Result<Vec<String>> {
    let home = std::env::home_dir().context("there is no home directory")?;
    let needles = [layout::root().to_path_buf(), home].map(|path| format!("{}/", path.display()));
    let files = unpacked(archive, &scratch.join("one"))?;
    Ok(files
        .into_iter()
        .filter_map(|(name, contents)| {
            let needle = needles
                .iter()
                .find(|needle| holds(&contents, needle.as_bytes()))?;
            Some(format!("{name} names {needle}"))
        })
        .collect())
}

fn holds(contents: &[u8], needle: &[u8]) -> bool {
    contents
        .windows(needle.len())
        .any(|window| window == needle)
}

/// The files of an archive, by their names in it.
fn unpacked(archive: &Path, folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    files::remove(folder)?;
    fs::create_dir_all(folder)?;
    Invocation::new("tar")
        .words("--extract --gzip --file")
        .args([archive.as_os_str()])
        .arg_path("--directory", folder)
        .stdout()?;
    let mut all = Vec::new();
    for file in files::below(folder)? {
        let Ok(name) = file.strip_prefix(folder) else {
            bail!("{} is not below its folder", layout::shown(&file));
        };
        all.push((name.display().to_string(), fs::read(&file)?));
    }
    files::remove(folder)?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_heading_of_the_changelog_names_the_version() {
        for (text, is_good) in [
            ("# Changelog\n\n## Unreleased: 0.1.0\n", true),
            ("## 0.1.0 (2026-11-22)\n## 0.0.9\n", true),
            ("## 0.0.9\n## 0.1.0\n", false),
            ("## 10.1.0\n", false),
            ("# Changelog\n", false),
        ] {
            assert_eq!(check_changelog(text, "0.1.0").is_ok(), is_good, "{text}");
        }
    }

    #[test]
    fn the_versions_of_the_package_and_the_crates_are_one() {
        assert!(check_versions().is_ok());
    }

    #[test]
    fn archives_that_differ_name_the_file() -> Result<()> {
        let folder = layout::at("target/tmp/release-test");
        files::remove(&folder)?;
        let made = |name: &str, text: &str| -> Result<PathBuf> {
            let from = folder.join(name);
            fs::create_dir_all(&from)?;
            fs::write(from.join("same.txt"), "same")?;
            fs::write(from.join("text.txt"), text)?;
            let archive = folder.join(format!("{name}.tgz"));
            Invocation::new("tar")
                .words("--create --gzip --file")
                .args([archive.as_os_str()])
                .arg_path("--directory", &from)
                .args(["."])
                .stdout()?;
            Ok(archive)
        };
        let path = format!("it was built in {}/src", layout::root().display());
        let [one, other] = [made("one-archive", "one")?, made("other-archive", &path)?];
        assert_eq!(differences(&one, &other, &folder)?, ["text.txt"]);
        assert!(differences(&one, &one, &folder)?.is_empty());
        assert!(local_paths(&one, &folder)?.is_empty());
        assert_eq!(local_paths(&other, &folder)?.len(), 1);
        files::remove(&folder)
    }
}
