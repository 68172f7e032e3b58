//! Programs of the system, mostly browsers and their drivers: found on the PATH, or installed on Debian as root.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::layout;
use crate::process::Invocation;

/// A program of the system.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct SystemProgram {
    /// What people call it.
    name: &'static str,
    /// The names it goes by on the PATH.
    programs: &'static [&'static str],
    debian_package: &'static str,
    /// Arguments with which it succeeds only if it is complete.
    probe: &'static [&'static str],
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
    probe: &[],
};

pub const CHROMEDRIVER: SystemProgram = SystemProgram {
    name: "chromedriver",
    programs: &["chromedriver"],
    debian_package: "chromium-driver",
    probe: &[],
};

pub const FIREFOX: SystemProgram = SystemProgram {
    name: "Firefox",
    programs: &["firefox", "firefox-esr"],
    debian_package: "firefox-esr",
    probe: &[],
};

/// The driver of WebKitGTK's MiniBrowser, which comes with it.
pub const WEBKIT: SystemProgram = SystemProgram {
    name: "WebKitWebDriver",
    programs: &["WebKitWebDriver"],
    debian_package: "webkit2gtk-driver",
    probe: &[],
};

/// WebKitGTK has no mode without a display.
pub const XVFB: SystemProgram = SystemProgram {
    name: "xvfb-run",
    programs: &["xvfb-run"],
    debian_package: "xvfb",
    probe: &[],
};

pub const REDIS: SystemProgram = SystemProgram {
    name: "Redis",
    programs: &["redis-server"],
    debian_package: "redis-server",
    probe: &[],
};

/// Debian has the module that makes virtual environments in a separate package.
pub const PYTHON: SystemProgram = SystemProgram {
    name: "Python 3 with venv",
    programs: &["python3"],
    debian_package: "python3-venv",
    probe: &["-c", "import ensurepip, venv"],
};

impl SystemProgram {
    /// Where it is.
    pub fn find(&self) -> Option<PathBuf> {
        let found = self.programs.iter().find_map(|program| on_path(program))?;
        let probe = || {
            Invocation::new(&found)
                .args(self.probe.iter().copied())
                .stdout()
        };
        (self.probe.is_empty() || probe().is_ok()).then_some(found)
    }
}

/// Fails, with the command that installs what is missing, if `install` cannot.
pub fn require_installable(missing: &[&SystemProgram]) -> Result<()> {
    if missing.is_empty() || is_debian() && rustix::process::geteuid().is_root() {
        return Ok(());
    }
    bail!(advice(missing))
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
        .words("install --yes --no-install-recommends")
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
    let own = Some(layout::tool("geckodriver")).filter(|own| own.is_file());
    own.or_else(|| on_path("geckodriver"))
}

/// A program on the PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn advice(missing: &[&SystemProgram]) -> String {
    let names: Vec<_> = missing.iter().map(|program| program.name).collect();
    format!(
        "{} not found on the PATH. Install it with this system's package manager, then try again; on Debian that is \
         `sudo apt-get install {}`.",
        names.join(", "),
        packages(missing)
    )
}

fn packages(programs: &[&SystemProgram]) -> String {
    let packages: Vec<_> = programs
        .iter()
        .map(|program| program.debian_package)
        .collect();
    packages.join(" ")
}

/// Not its derivatives: on Ubuntu the package `chromium` is a stub that asks for snap.
fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_the_command_that_installs_it() {
        let said = advice(&[&CHROMIUM, &CHROMEDRIVER]);
        assert!(said.contains("Chromium, chromedriver not found"), "{said}");
        assert!(
            said.contains("sudo apt-get install chromium chromium-driver"),
            "{said}"
        );
    }
}
