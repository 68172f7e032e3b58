//! Where things are in the repository.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The repository: cargo names the crate's folder to what it runs, and `xtask/` is directly below the root.
static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest_dir
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
});

pub fn root() -> &'static Path {
    &ROOT
}

/// A path below the repository's root.
pub fn at(relative: &str) -> PathBuf {
    ROOT.join(relative)
}

/// Where `cargo install` puts the tools that the project needs in its own versions.
pub fn tools() -> PathBuf {
    at("target/tools")
}

/// A tool that `cargo install` put there.
pub fn tool(name: &str) -> PathBuf {
    tools().join("bin").join(name)
}

/// The Node that `tests/package.json` pins; the machine's own may be too old for miniflare.
pub fn node() -> PathBuf {
    at("tests/node_modules/node/bin/node")
}

/// The path as a person in the repository would type it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}
