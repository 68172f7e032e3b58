//! `cargo xtask build`: compiles the builds with wasm-pack, puts the npm package together in pkg/, and checks it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

use crate::error_codes;
use crate::files;
use crate::layout;
use crate::lock;
use crate::npm;
use crate::prepare::{self, Need};
use crate::process::Invocation;
use crate::sizes::{self, Measured};
use crate::system::CHROMIUM;
use crate::tools::{WASM_BINDGEN, WASM_PACK, WASM_TARGET};

/// Each of these is a feature of the crate and a wasm module of the package.
const BUILDS: &[&str] = &["browser", "edge", "native", "service"];

/// The last step of a build for size.
const SHRINK: &str = "xtask/shrink.js";

/// The JavaScript of src/javascript, which the builds for size share.
const SNIPPET: &str = "json.js";

/// Writes a module as a text in JavaScript.
const INLINE: &str = "xtask/inline.js";

/// The files of the package, one a line.
const EXPECTED_FILES: &str = "xtask/package-files.txt";

/// Prepares what a build needs, and Chromium for a program that drives it, writes what is generated into pkg-template/,
/// and builds.
pub fn prepare_and_build(drives_browser: bool) -> Result<()> {
    let browser = drives_browser.then_some(Need::Program(&CHROMIUM));
    prepare::prepare(prepare::BUILD.iter().copied().chain(browser))?;
    error_codes::write()?;
    build()
}

/// Names the builds to compile while somebody works on them, as `browser service`; the others stay as they are.
const CHOSEN: &str = "COUNTERSIGN_BUILDS";

/// Compiles what has changed, and leaves the package in pkg/.
pub fn build() -> Result<()> {
    let _lock = lock::hold()?;
    let chosen = std::env::var(CHOSEN).ok();
    for build in BUILDS {
        let is_chosen = chosen
            .as_deref()
            .is_none_or(|chosen| chosen.split_whitespace().any(|name| name == *build));
        if is_chosen || !compiled(build).is_dir() {
            compile(build)?;
        }
    }
    assemble()
}

/// Measures pkg/ and checks its version, its files, its wasm modules and the size gates. Returns the table of sizes,
/// and what is wrong.
pub fn inspect() -> Result<(String, Result<()>)> {
    let builds = sizes::measure()?;
    let checks = [
        check_sections(&builds),
        check_profile(),
        check_version(),
        check_files(),
        sizes::check(&builds),
    ];
    let faults: Vec<_> = checks
        .into_iter()
        .filter_map(Result::err)
        .map(|fault| format!("{fault:#}"))
        .collect();
    let verdict = match faults[..] {
        [] => Ok(()),
        _ => Err(anyhow!(faults.join("\n"))),
    };
    Ok((sizes::table(&builds), verdict))
}

/// The same as a part of the suite.
pub fn check() -> Result<String> {
    let (sizes, verdict) = inspect()?;
    match verdict {
        Ok(()) => Ok(sizes),
        Err(faults) => bail!("{sizes}{faults}"),
    }
}

/// Runs wasm-pack for one build, unless it would start from the same module as before: wasm-opt takes its time.
fn compile(build: &str) -> Result<()> {
    let output = compiled(build);
    let [kept_module, kept_settings] =
        ["source.wasm", "settings"].map(|name| output.with_extension(name));
    let (module, settings) = (source_module(build)?, settings()?);
    let holds = |file: &Path, contents: &[u8]| fs::read(file).is_ok_and(|kept| kept == contents);
    if output.join(format!("{build}_bg.wasm")).is_file()
        && holds(&kept_module, &module)
        && holds(&kept_settings, settings.as_bytes())
    {
        return Ok(());
    }
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
    shrink(build, &output)?;
    fs::write(kept_module, module)?;
    Ok(fs::write(kept_settings, settings)?)
}

/// Removes from a module what only a panic, a closure or the text of an error would need.
fn shrink(build: &str, output: &Path) -> Result<()> {
    Invocation::node()
        .args([SHRINK.as_ref(), output.as_os_str(), build.as_ref()])
        .step("node xtask/shrink.js")
}

/// The Cargo profile of a build: the page's and the services' are compiled for size, the edge's has one of its own.
fn profile(build: &str) -> &str {
    if build == "edge" { "edge" } else { "release" }
}

/// Where wasm-pack leaves a build.
fn compiled(build: &str) -> PathBuf {
    layout::at("target/wasm").join(build)
}

/// The module as rustc leaves it; the same command as wasm-pack's own.
fn source_module(build: &str) -> Result<Vec<u8>> {
    let profile = profile(build);
    Invocation::cargo()
        .env("RUSTFLAGS", without_local_paths()?)
        .words("build --package countersign --lib --features")
        .args([build, "--profile", profile, "--target", WASM_TARGET])
        .step(&format!("cargo build --features {build}"))?;
    let module = layout::at("target")
        .join(WASM_TARGET)
        .join(profile)
        .join("countersign.wasm");
    fs::read(&module).with_context(|| format!("cargo left no {}", layout::shown(&module)))
}

/// Compiler flags that keep this machine's paths out of the module: panic messages name source files, and those of
/// dependencies are in a home directory.
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

/// Everything that decides what happens to the module after rustc.
fn settings() -> Result<String> {
    let binaryen = fs::read_to_string(layout::at("tests/node_modules/binaryen/package.json"));
    Ok(format!(
        "{}\n{}\n{}\n{}\n{}",
        fs::read_to_string(layout::at("Cargo.toml"))?,
        fs::read_to_string(layout::at(SHRINK))?,
        WASM_BINDGEN.version()?,
        WASM_PACK.version()?,
        binaryen.context("binaryen is missing in tests/node_modules: run `npm ci` in tests/")?,
    ))
}

/// Assembles pkg-template/ and the builds in another folder and moves it to pkg/: a program that reads pkg/ meanwhile
/// finds the old package or the new one.
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
        let mut files = vec![format!("{build}.js"), format!("{build}_bg.wasm")];
        if profile(build) == "release" {
            files.push(SNIPPET.to_owned());
        }
        for file in files {
            let from = compiled(build).join(&file);
            fs::copy(&from, wasm.join(&file))
                .with_context(|| format!("wasm-pack left no {}", layout::shown(&from)))?;
        }
        let [module, inlined] =
            ["_bg.wasm", "-inlined.js"].map(|end| wasm.join(format!("{build}{end}")));
        Invocation::node()
            .args([INLINE.as_ref(), module.as_os_str(), inlined.as_os_str()])
            .step(INLINE)?;
    }
    files::remove(&old)?;
    if package.exists() {
        fs::rename(&package, &old).context("cannot move the old pkg/ away")?;
    }
    fs::rename(&staged, &package).context("cannot put the new pkg/ in its place")?;
    files::remove(&old)
}

/// The package has no sections that only a debugger reads.
fn check_sections(builds: &[Measured]) -> Result<()> {
    for Measured { name, sections, .. } in builds {
        ensure!(
            sections.is_empty(),
            "{name}: the wasm holds the custom section {}. wasm-opt takes it out with --strip-debug and \
             --strip-producers, in [package.metadata.wasm-pack] of Cargo.toml or in {SHRINK}.",
            sections.join(" and "),
        );
    }
    Ok(())
}

/// rustc may not strip: wasm-bindgen decides by the section `target_features` what code it writes. wasm-opt strips
/// afterwards.
fn check_profile() -> Result<()> {
    let manifest = fs::read_to_string(layout::at("Cargo.toml"))?;
    ensure!(
        !manifest.lines().any(|line| line.starts_with("strip")),
        "Cargo.toml sets `strip` in a profile, which removes what wasm-bindgen reads. Take it out: wasm-opt strips."
    );
    Ok(())
}

/// The crate and the package are one product with one version.
fn check_version() -> Result<()> {
    let package_id = Invocation::cargo()
        .words("pkgid --package countersign")
        .stdout()?;
    let crate_version = package_id.trim().rsplit(['#', '@']).next();
    let manifest = fs::read_to_string(layout::at("pkg/package.json"))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let package_version = manifest.get("version").and_then(Value::as_str);
    ensure!(
        crate_version == package_version,
        "Cargo.toml says version {}, pkg-template/package.json {}: they must be the same.",
        crate_version.unwrap_or("none"),
        package_version.unwrap_or("none"),
    );
    Ok(())
}

/// `npm pack` packs exactly the expected files.
fn check_files() -> Result<()> {
    let expected = fs::read_to_string(layout::at(EXPECTED_FILES))
        .with_context(|| format!("{EXPECTED_FILES} is missing; it is part of the repository"))?;
    let expected: BTreeSet<_> = expected.lines().map(str::to_owned).collect();
    let packed = BTreeSet::from_iter(npm::packed_files(&layout::at("pkg"))?);
    ensure!(
        expected == packed,
        "The package's files are not those of {EXPECTED_FILES}. If that is meant, change the list. Expected, but not \
         packed: {:?}; packed, but not expected: {:?}.",
        expected.difference(&packed),
        packed.difference(&expected),
    );
    Ok(())
}
