//! The check that a room of `src/core` imports only rooms below it, and nothing from outside `src/core`.

use std::fs;

use anyhow::{Result, bail};

use crate::files;
use crate::layout;

/// From the ground up. Rooms of one level do not import each other; the files of the ground do.
const LEVELS: &[&[&str]] = &[
    &["error", "event", "flow", "http", "secret", "shared", "time"],
    &["wire"],
    &["jose"],
    &["provider"],
    &["oauth"],
    &["tokens"],
    &["verifier", "page", "service"],
    // A native app's session is a page's, kept in a file.
    &["native"],
];

pub fn check() -> Result<String> {
    let core = layout::at("src/core");
    let mut faults = Vec::new();
    for path in files::below(&core)? {
        let file = path.strip_prefix(&core)?.display().to_string();
        // The list of the rooms is in no room.
        if file != "mod.rs" {
            faults.extend(faults_in(&file, &fs::read_to_string(path)?));
        }
    }
    if faults.is_empty() {
        return Ok(String::new());
    }
    bail!(faults.join("\n"))
}

/// What a file imports but must not; `file` is its own path below `src/core`.
fn faults_in(file: &str, source: &str) -> Vec<String> {
    // `super` is the core in the files that are directly below it and in the rooms' mod.rs.
    let (room, super_is_core) = match file.split_once('/') {
        Some((room, rest)) => (room, rest == "mod.rs"),
        None => (file.trim_end_matches(".rs"), true),
    };
    let mut faults = Vec::new();
    for (number, line) in (1..).zip(source.lines()) {
        let code = line.split("//").next().unwrap_or_default().trim();
        let starts = ["crate::", "super::", "extern crate"].into_iter();
        for (start, _) in starts.flat_map(|start| code.match_indices(start)) {
            let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let path = code[start..]
                .split(|c| !is_path(c))
                .next()
                .unwrap_or_default();
            let names: Vec<_> = path.split("::").collect();
            let verdict = match names[..] {
                ["crate", "core", imported, ..] => import(imported, room),
                ["super", imported, ..] if super_is_core && level(imported).is_some() => {
                    import(imported, room)
                }
                ["super", "super", ..] => Err("write crate::core and the room instead"),
                ["super", ..] => Ok(()),
                _ => Err("that is not in src/core; return a command of crate::core::flow instead"),
            };
            if let Err(fault) = verdict {
                faults.push(format!("src/core/{file}:{number}: `{code}`: {fault}."));
            }
        }
    }
    faults
}

fn import(imported: &str, room: &str) -> Result<(), &'static str> {
    const NOT_BELOW: &str = "that is not below this room; move what both need to a room below them, or take it as an \
                             argument";
    match (level(imported), level(room)) {
        (Some(0), Some(0)) => Ok(()),
        (Some(theirs), Some(ours)) if theirs < ours || imported == room => Ok(()),
        (Some(_), Some(_)) => Err(NOT_BELOW),
        _ => Err("name one room in each import, and list a new room in xtask/src/rooms.rs"),
    }
}

fn level(room: &str) -> Option<usize> {
    LEVELS.iter().position(|level| level.contains(&room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_imports_itself_and_what_is_below_it() {
        for (file, line) in [
            (
                "oauth/target.rs",
                "use crate::core::wire::form::{Form, Parameters};",
            ),
            (
                "oauth/target.rs",
                "use crate::core::oauth::pkce; // not crate::core::page",
            ),
            ("oauth/target.rs", "use super::pkce::CodeVerifier;"),
            ("page/mod.rs", "pub use super::tokens::cache::Cache;"),
            ("page/mod.rs", "    use super::*;"),
            ("flow.rs", "use super::error::AuthError;"),
        ] {
            assert_eq!(faults_in(file, line), [] as [&str; 0]);
        }
    }

    #[test]
    fn whatever_else_is_imported_is_a_fault() {
        for (file, line, fault) in [
            ("wire/json.rs", "use crate::core::oauth::pkce;", "not below"),
            (
                "wire/json.rs",
                "let key = crate::core::jose::jwk::parse();",
                "not below",
            ),
            ("flow.rs", "use super::wire::form::Form;", "not below"),
            (
                "jose/mod.rs",
                "pub(crate) use super::page::Client;",
                "not below",
            ),
            (
                "page/mod.rs",
                "use crate::core::verifier::Verdict;",
                "not below",
            ),
            (
                "service/mod.rs",
                "use crate::core::native::Client;",
                "not below",
            ),
            (
                "page/wake.rs",
                "use crate::browser::call;",
                "not in src/core",
            ),
            (
                "page/wake.rs",
                "use crate::page::Client;",
                "not in src/core",
            ),
            ("time.rs", "extern crate std;", "not in src/core"),
            (
                "page/wake.rs",
                "use super::super::verifier::Verdict;",
                "crate::core",
            ),
            ("page/wake.rs", "use crate::core::{wire, jose};", "one room"),
            ("page/wake.rs", "use crate::core::cellar::Wine;", "new room"),
            ("cellar/wine.rs", "use crate::core::wire::form;", "new room"),
        ] {
            let faults = faults_in(file, line);
            assert!(
                faults.len() == 1 && faults[0].contains(fault),
                "{line} {faults:?}"
            );
        }
    }
}
