//! `cargo xtask build`: compiles both builds with wasm-pack, puts the npm package together in pkg/, and checks it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use toml::Table;

use crate::files;
use crate::layout;
use crate::lock;
use crate::npm;
use crate::process::Invocation;
use crate::sizes::{self, Measured};
use crate::tools::{WASM_BINDGEN, WASM_PACK, WASM_TARGET};

/// Each of these is a feature of the crate and a wasm module of the package.
const BUILDS: &[&str] = &["browser", "edge"];

/// The last step of the page's build.
const SHRINK: &str = "xtask/shrink.js";

/// The files that the package consists of, one a line.
const EXPECTED_FILES: &str = "xtask/package-files.txt";

/// Compiles what has changed, and leaves the package in pkg/.
pub fn build() -> Result<()> {
    let _lock = lock::hold()?;
    ensure!(
        WASM_BINDGEN.is_installed()?,
        "wasm-bindgen in Cargo.lock and in target/tools differ. Delete target/tools/bin/wasm-bindgen and try again."
    );
    let inputs = inputs()?;
    for build in BUILDS {
        compile(build, &inputs)?;
    }
    assemble()
}

/// What there is to say about pkg/.
pub struct Report {
    /// The table of sizes.
    pub sizes: String,
    /// Empty when all is well.
    pub faults: String,
}

/// Measures pkg/ and checks its version, its files, its wasm modules and the size gates.
pub fn inspect(record: bool) -> Result<Report> {
    let builds = sizes::measure()?;
    if record {
        sizes::record(&builds)?;
    }
    let sections = builds.iter().map(check_sections);
    let checks = sections.chain([
        check_profile(),
        check_version(),
        check_files(),
        sizes::check(&builds),
    ]);
    let faults: Vec<_> = checks
        .filter_map(Result::err)
        .map(|fault| format!("{fault:#}"))
        .collect();
    Ok(Report {
        sizes: sizes::table(&builds),
        faults: faults.join("\n"),
    })
}

/// Runs wasm-pack for one build, as far as what it starts from has changed: cargo compiles anew whenever the feature
/// is another, and wasm-opt takes its time.
fn compile(build: &str, inputs: &str) -> Result<()> {
    let output = compiled(build);
    let is_built = output.join(format!("{build}_bg.wasm")).is_file();
    let [kept_inputs, kept_settings, kept_module] =
        ["inputs", "settings", "source.wasm"].map(|name| output.with_extension(name));
    if is_built && holds(&kept_inputs, inputs) {
        return Ok(());
    }
    let (module, settings) = (source_module(build)?, settings()?);
    if !(is_built && holds(&kept_module, &module) && holds(&kept_settings, &settings)) {
        files::remove(&output)?;
        Invocation::new(WASM_PACK.path())
            .with_tools_on_path()
            .env("RUSTFLAGS", without_local_paths()?)
            .words("build --mode no-install --target web")
            .words(match profile(build) {
                "release" => "--release",
                _ => "--profile edge",
            })
            .words("--no-pack --no-typescript --no-gitignore")
            .arg_path("--out-dir", &output)
            .args(["--out-name", build, "--", "--features", build])
            .step(&format!("wasm-pack build, {build}"))?;
        if build == "browser" {
            shrink(build, &output)?;
        }
        fs::write(kept_module, module)?;
        fs::write(kept_settings, settings)?;
    }
    Ok(fs::write(kept_inputs, inputs)?)
}

/// Takes out of the module what only a panic or a closure would need; a page pays for each byte.
fn shrink(build: &str, output: &Path) -> Result<()> {
    Invocation::node()
        .args([SHRINK.into(), output.as_os_str().to_owned(), build.into()])
        .step("node xtask/shrink.js")?;
    Ok(())
}

/// All that decides what becomes of the sources.
fn inputs() -> Result<String> {
    let mut inputs = settings()?;
    inputs.push_str(
        &Invocation::new("rustc")
            .args(["--version", "--verbose"])
            .stdout()?,
    );
    let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"].map(std::env::var_os);
    let _ = writeln!(inputs, "{flags:?}");
    for file in ["Cargo.lock", ".cargo/config.toml"] {
        inputs.push_str(&fs::read_to_string(layout::at(file))?);
    }
    for file in files::below(&layout::at("src"))? {
        let _ = writeln!(inputs, "{}", file.display());
        inputs.push_str(&fs::read_to_string(file)?);
    }
    Ok(inputs)
}

fn holds(file: &Path, contents: impl AsRef<[u8]>) -> bool {
    fs::read(file).is_ok_and(|kept| kept == contents.as_ref())
}

/// The Cargo profile of a build: the page's is compiled for size, the edge's has one of its own.
fn profile(build: &str) -> &str {
    if build == "edge" { "edge" } else { "release" }
}

/// Where wasm-pack leaves a build.
fn compiled(build: &str) -> PathBuf {
    layout::at("target/wasm").join(build)
}

/// The module as rustc leaves it; the same command as wasm-pack's own.
fn source_module(build: &str) -> Result<Vec<u8>> {
    Invocation::cargo()
        .env("RUSTFLAGS", without_local_paths()?)
        .args([
            "build",
            "--lib",
            "--profile",
            profile(build),
            "--target",
            WASM_TARGET,
            "--features",
            build,
        ])
        .step(&format!("cargo build --features {build}"))?;
    let module = layout::at("target")
        .join(WASM_TARGET)
        .join(profile(build))
        .join("countersign.wasm");
    fs::read(&module).with_context(|| format!("cargo left no {}", layout::shown(&module)))
}

/// Compiler flags that keep this machine's paths out of the module: panic messages name source files, and those of
/// dependencies lie in a home directory.
fn without_local_paths() -> Result<String> {
    let sysroot = Invocation::new("rustc").words("--print sysroot").stdout()?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    let cargo_home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir()
            .context("there is no home directory; set CARGO_HOME")?
            .join(".cargo"),
    };
    let mut prefixes = vec![library];
    // One folder for each registry; absent until the first download.
    if let Ok(registries) = fs::read_dir(cargo_home.join("registry/src")) {
        for registry in registries {
            prefixes.push(registry?.path());
        }
    }
    let flags = prefixes
        .iter()
        .map(|prefix| format!("--remap-path-prefix={}/=", prefix.display()));
    Ok(flags.collect::<Vec<_>>().join(" "))
}

/// All that decides what becomes of the module after rustc.
fn settings() -> Result<String> {
    let binaryen = fs::read_to_string(layout::at("tests/node_modules/binaryen/package.json"));
    Ok(format!(
        "{}\n{}\n{:?}\n{:?}\n{}",
        fs::read_to_string(layout::at("Cargo.toml"))?,
        fs::read_to_string(layout::at(SHRINK))?,
        WASM_BINDGEN.installed_version(),
        WASM_PACK.installed_version(),
        binaryen.context("binaryen is missing in tests/node_modules: run `npm ci` in tests/")?,
    ))
}

/// Puts pkg-template/ and the builds together, aside, and then into pkg/'s place: who reads pkg/ meanwhile finds the
/// old package or the new one.
fn assemble() -> Result<()> {
    let (package, staged, old) = (
        layout::at("pkg"),
        layout::at("target/package"),
        layout::at("target/package-old"),
    );
    files::remove(&staged)?;
    files::copy(&layout::at("pkg-template"), &staged)?;
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(layout::at(license), staged.join(license))
            .with_context(|| format!("{license} is missing at the top level"))?;
    }
    let wasm = staged.join("wasm");
    fs::create_dir_all(&wasm)?;
    for build in BUILDS {
        for file in [format!("{build}.js"), format!("{build}_bg.wasm")] {
            let from = compiled(build).join(&file);
            fs::copy(&from, wasm.join(&file))
                .with_context(|| format!("wasm-pack left no {}", layout::shown(&from)))?;
        }
    }
    files::remove(&old)?;
    if package.exists() {
        fs::rename(&package, &old).context("cannot move the old pkg/ away")?;
    }
    fs::rename(&staged, &package).context("cannot put the new pkg/ in its place")?;
    files::remove(&old)
}

/// What only a debugger reads is not shipped.
fn check_sections(build: &Measured) -> Result<()> {
    ensure!(
        build.sections.is_empty(),
        "{}: the wasm holds the custom section {}. wasm-opt takes it out with --strip-debug and --strip-producers in \
         [package.metadata.wasm-pack.profile.release] of Cargo.toml.",
        build.build,
        build.sections.join(" and "),
    );
    Ok(())
}

/// rustc may not strip: wasm-bindgen decides by the section `target_features` what code it writes. wasm-opt strips
/// afterwards.
fn check_profile() -> Result<()> {
    let manifest = manifest()?;
    let strips = |name: &str| Some(manifest.get("profile")?.get(name)?.get("strip").is_some());
    let strips_one = BUILDS
        .iter()
        .any(|build| strips(profile(build)) == Some(true));
    ensure!(
        !strips_one,
        "Cargo.toml sets `strip` in a build's profile, which removes what wasm-bindgen reads. Take it out: wasm-opt strips."
    );
    Ok(())
}

/// The crate and the package are one product with one version.
fn check_version() -> Result<()> {
    let manifest = manifest()?;
    let crate_version = manifest
        .get("package")
        .and_then(|package| package.get("version")?.as_str());
    let package: Value = serde_json::from_str(&fs::read_to_string(layout::at("pkg/package.json"))?)
        .context("pkg-template/package.json is not JSON")?;
    let package_version = package.get("version").and_then(Value::as_str);
    ensure!(
        crate_version.is_some() && crate_version == package_version,
        "Cargo.toml says version {}, pkg-template/package.json {}: they must be the same.",
        crate_version.unwrap_or("none"),
        package_version.unwrap_or("none"),
    );
    Ok(())
}

fn manifest() -> Result<Table> {
    fs::read_to_string(layout::at("Cargo.toml"))?
        .parse()
        .context("Cargo.toml is not TOML")
}

/// `npm pack` takes what it should, and nothing else.
fn check_files() -> Result<()> {
    let expected = fs::read_to_string(layout::at(EXPECTED_FILES))
        .with_context(|| format!("{EXPECTED_FILES} is missing; it is part of the repository"))?;
    let packed = npm::packed_files(&layout::at("pkg"))?;
    if let Some(difference) = difference(&expected, &packed) {
        bail!(
            "The package's files are not those of {EXPECTED_FILES}. If that is meant, change the list:\n{difference}"
        );
    }
    Ok(())
}

/// The lines that one list has and the other lacks.
fn difference(expected: &str, packed: &[String]) -> Option<String> {
    let expected: Vec<_> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let missing = expected
        .iter()
        .filter(|file| !packed.iter().any(|packed| packed == *file));
    let surplus = packed
        .iter()
        .filter(|file| !expected.contains(&file.as_str()));
    let lines: Vec<_> = missing
        .map(|file| format!("  - {file} (expected, not packed)"))
        .chain(surplus.map(|file| format!("  + {file} (packed, not expected)")))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lists_have_no_difference() {
        assert_eq!(
            difference("a.js\nb.js\n", &["a.js".into(), "b.js".into()]),
            None
        );
    }

    #[test]
    fn files_too_few_and_too_many_are_named() {
        let said = difference("a.js\nb.js\n", &["a.js".into(), "c.js".into()]).unwrap();
        assert!(
            said.contains("- b.js") && said.contains("+ c.js") && !said.contains("a.js"),
            "{said}"
        );
    }
}
