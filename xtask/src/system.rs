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
    /// An environment variable that names it, as its users expect it.
    variable: &'static str,
    /// The names it goes by on the PATH.
    programs: &'static [&'static str],
    debian_package: &'static str,
    /// Arguments that it takes without complaint only when it is complete.
    probe: Option<&'static [&'static str]>,
}

pub const CHROMIUM: SystemProgram = SystemProgram {
    name: "Chromium",
    variable: "CHROMIUM",
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
    variable: "CHROMEDRIVER",
    programs: &["chromedriver"],
    debian_package: "chromium-driver",
    probe: None,
};

pub const FIREFOX: SystemProgram = SystemProgram {
    name: "Firefox",
    variable: "FIREFOX",
    programs: &["firefox", "firefox-esr"],
    debian_package: "firefox-esr",
    probe: None,
};

/// Debian keeps the module that makes virtual environments in a package of its own.
pub const PYTHON: SystemProgram = SystemProgram {
    name: "Python 3 with venv",
    variable: "PYTHON",
    programs: &["python3"],
    debian_package: "python3-venv",
    probe: Some(&["-c", "import ensurepip, venv"]),
};

impl SystemProgram {
    /// Where it is.
    pub fn find(&self) -> Option<PathBuf> {
        if let Some(path) = env::var_os(self.variable) {
            return Some(PathBuf::from(path));
        }
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

/// Installs those that are missing with apt-get, or says which they are and what installs them.
pub fn install(missing: &[&SystemProgram]) -> Result<()> {
    let names: Vec<_> = missing.iter().map(|program| program.name).collect();
    let packages: Vec<_> = missing
        .iter()
        .map(|program| program.debian_package)
        .collect();
    let (names, list) = (names.join(", "), packages.join(" "));
    if !is_debian() {
        bail!(
            "{names} not found on the PATH. Install it with this system's package manager (on Debian: \
             `apt-get install {list}`), or name the program in {}.",
            missing
                .iter()
                .map(|program| program.variable)
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    if !rustix::process::geteuid().is_root() {
        bail!("{names} not found on the PATH. Run `sudo apt-get install {list}`, then try again.");
    }
    let apt_get = || Invocation::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
    apt_get().args(["update"]).step("apt-get update")?;
    apt_get()
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages)
        .step(&format!("apt-get install {list} (once)"))?;
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
    let named = env::var_os("GECKODRIVER").map(PathBuf::from);
    named
        .or_else(|| own.is_file().then_some(own))
        .or_else(|| on_path("geckodriver"))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
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
    fn debian_is_told_from_its_derivatives() {
        assert!(names_debian(
            "PRETTY_NAME=\"Debian GNU/Linux 13\"\nID=debian\n"
        ));
        assert!(!names_debian(
            "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"
        ));
    }
}
