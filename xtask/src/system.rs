//! What comes with the system and not with a package registry, browsers and their drivers foremost: found on the PATH,
//! or, on Debian as root, installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::layout;
use crate::process::Invocation;

/// A program of the system.
pub struct SystemProgram {
    /// What people call it.
    pub name: &'static str,
    /// The names it goes by on the PATH.
    programs: &'static [&'static str],
    debian_package: &'static str,
    /// Arguments that it takes without complaint only when it is complete.
    probe: Option<&'static [&'static str]>,
}

pub const CHROMIUM: SystemProgram = SystemProgram {
    name: "Chromium",
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ],
    debian_package: "chromium",
    probe: None,
};

pub const CHROMEDRIVER: SystemProgram = SystemProgram {
    name: "chromedriver",
    programs: &["chromedriver"],
    debian_package: "chromium-driver",
    probe: None,
};

pub const FIREFOX: SystemProgram = SystemProgram {
    name: "Firefox",
    programs: &["firefox", "firefox-esr"],
    debian_package: "firefox-esr",
    probe: None,
};

/// Debian keeps the module that makes virtual environments in a package of its own.
pub const PYTHON: SystemProgram = SystemProgram {
    name: "Python 3 with venv",
    programs: &["python3"],
    debian_package: "python3-venv",
    probe: Some(&["-c", "import ensurepip, venv"]),
};

impl SystemProgram {
    /// Where it is.
    pub fn find(&self) -> Option<PathBuf> {
        let found = self.programs.iter().find_map(|program| on_path(program))?;
        let is_complete = self.probe.is_none_or(|arguments| {
            Invocation::new(&found)
                .args(arguments.iter().copied())
                .stdout()
                .is_ok()
        });
        is_complete.then_some(found)
    }
}

/// Fails, with the names of what is missing and the command that installs it, where `install` cannot.
pub fn require_installable(missing: &[&SystemProgram]) -> Result<()> {
    match advice(missing, is_debian(), rustix::process::geteuid().is_root()) {
        Some(advice) => bail!(advice),
        None => Ok(()),
    }
}

/// Installs what is missing with apt-get.
pub fn install(missing: &[&SystemProgram]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let packages = packages(missing);
    let apt_get = || Invocation::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
    apt_get().args(["update"]).step("apt-get update")?;
    apt_get()
        .args(["install", "--yes", "--no-install-recommends"])
        .words(&packages)
        .step(&format!("apt-get install {packages} (once)"))?;
    match missing.iter().find(|program| program.find().is_none()) {
        None => Ok(()),
        Some(program) => bail!(
            "apt-get installed {}, yet none of {} is on the PATH.",
            program.debian_package,
            program.programs.join(", ")
        ),
    }
}

/// geckodriver, from the PATH or from `target/tools`.
pub fn geckodriver() -> Option<PathBuf> {
    let own = layout::tool("geckodriver");
    own.is_file()
        .then_some(own)
        .or_else(|| on_path("geckodriver"))
}

/// A program on the PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// What a person has to do, if anything.
fn advice(missing: &[&SystemProgram], is_debian: bool, is_root: bool) -> Option<String> {
    if missing.is_empty() || is_debian && is_root {
        return None;
    }
    let (names, packages) = (
        list(missing, ", ", |program| program.name),
        packages(missing),
    );
    Some(if is_debian {
        format!(
            "{names} not found on the PATH. Run `sudo apt-get install {packages}`, then try again."
        )
    } else {
        format!(
            "{names} not found on the PATH. Install it with this system's package manager, then try again; on Debian \
             that is `apt-get install {packages}`."
        )
    })
}

fn packages(programs: &[&SystemProgram]) -> String {
    list(programs, " ", |program| program.debian_package)
}

fn list(
    programs: &[&SystemProgram],
    separator: &str,
    of: fn(&SystemProgram) -> &'static str,
) -> String {
    programs
        .iter()
        .map(|program| of(program))
        .collect::<Vec<_>>()
        .join(separator)
}

fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    names_debian(&release) && Path::new("/usr/bin/apt-get").is_file()
}

/// Not its derivatives: on Ubuntu the package `chromium` is a stub that asks for snap.
fn names_debian(release: &str) -> bool {
    release
        .lines()
        .any(|line| line.trim_matches('"') == "ID=debian" || line == "ID=\"debian\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_on_debian_needs_no_advice() {
        let missing = [&CHROMIUM, &CHROMEDRIVER];
        assert_eq!(advice(&missing, true, true), None);
        assert_eq!(advice(&[], false, false), None);
        let said = advice(&missing, true, false).unwrap();
        assert!(said.contains("Chromium, chromedriver not found"), "{said}");
        assert!(
            said.contains("sudo apt-get install chromium chromium-driver"),
            "{said}"
        );
        assert!(
            advice(&[&FIREFOX], false, true)
                .unwrap()
                .contains("Firefox not found")
        );
    }

    #[test]
    fn debian_is_told_from_its_derivatives() {
        assert!(names_debian(
            "PRETTY_NAME=\"Debian GNU/Linux 13\"\nID=debian\n"
        ));
        assert!(!names_debian(
            "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"
        ));
    }
}
