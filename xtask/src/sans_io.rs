//! The check that `src/core` performs no I/O and reads no clock: it takes the time, random bytes and answers as input.
//!
//! It reads tokens, so that neither a comment nor a string counts, and a name inside a macro does.

use std::fs;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail, ensure};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::files;
use crate::layout;

/// Names that have no business in the core, wherever they stand.
const FORBIDDEN_NAMES: &[(&str, &str)] = &[
    ("js_sys", "JavaScript"),
    ("web_sys", "JavaScript"),
    ("wasm_bindgen", "JavaScript"),
    ("wasm_bindgen_futures", "JavaScript"),
    ("serde_wasm_bindgen", "JavaScript"),
    ("gloo_timers", "JavaScript"),
    ("SystemTime", "a clock"),
    ("Instant", "a clock"),
    ("UNIX_EPOCH", "a clock"),
    ("web_time", "a clock"),
    ("chrono", "a clock"),
    ("getrandom", "randomness"),
    ("rand", "randomness"),
    ("tokio", "I/O"),
    ("reqwest", "I/O"),
];

/// Modules of std that perform I/O or wait. `core::net::IpAddr` is at hand for addresses.
const FORBIDDEN_MODULES: &[&str] = &["env", "fs", "io", "net", "os", "process", "thread"];

/// Modules of this crate that stand on the core, not under it.
const ADAPTERS: &[&str] = &["browser", "edge"];

/// Checks every file below `src/core`; gives back how many there were.
pub fn check() -> Result<String> {
    // The module's own file may stand beside its folder.
    let beside = Some(layout::at("src/core.rs")).filter(|file| file.is_file());
    let mut files = files::below(&layout::at("src/core"))?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.extend(beside);
    ensure!(
        !files.is_empty(),
        "src/core holds no Rust file: what should be checked is elsewhere."
    );
    let mut violations = Vec::new();
    for file in &files {
        let source = fs::read_to_string(file)?;
        let found = violations_in(&source).with_context(|| layout::shown(file))?;
        violations.extend(
            found
                .into_iter()
                .map(|(line, what)| format!("{}:{line}: {what}", layout::shown(file))),
        );
    }
    if violations.is_empty() {
        return Ok(format!(
            "{} files of src/core name neither JavaScript nor a clock nor I/O\n",
            files.len()
        ));
    }
    bail!(
        "{}\nsrc/core takes the time, random bytes and answers as arguments and gives back commands; what performs \
         them belongs into src/browser or src/edge.",
        violations.join("\n")
    )
}

/// Line and description of everything in a source that the core may not name.
fn violations_in(source: &str) -> Result<Vec<(usize, String)>> {
    let tokens = TokenStream::from_str(source).map_err(|error| anyhow!("not Rust: {error}"))?;
    let mut violations = Vec::new();
    scan(tokens, &mut violations);
    violations.sort();
    violations.dedup();
    Ok(violations)
}

fn scan(tokens: TokenStream, violations: &mut Vec<(usize, String)>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => scan(group.stream(), violations),
            TokenTree::Ident(ident) => {
                let (name, line) = (ident.to_string(), ident.span().start().line);
                if let Some((_, what)) = FORBIDDEN_NAMES
                    .iter()
                    .find(|(forbidden, _)| *forbidden == name)
                {
                    violations.push((line, format!("`{name}` is {what}")));
                }
                let parts = children(&tokens[index + 1..]);
                if name == "std" {
                    let found = parts
                        .iter()
                        .filter(|(part, _)| FORBIDDEN_MODULES.contains(&part.as_str()));
                    violations
                        .extend(found.map(|(part, line)| (*line, format!("`std::{part}` is I/O"))));
                }
                if name == "crate" {
                    let found = parts
                        .iter()
                        .filter(|(part, _)| ADAPTERS.contains(&part.as_str()));
                    violations.extend(
                        found.map(|(part, line)| (*line, format!("`crate::{part}` is an adapter"))),
                    );
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The names that follow directly upon `::`: one in `std::fs`, two in `std::{fs, net::IpAddr}`.
fn children(rest: &[TokenTree]) -> Vec<(String, usize)> {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    if !is_colon(rest.first()) || !is_colon(rest.get(1)) {
        return Vec::new();
    }
    match rest.get(2) {
        Some(TokenTree::Ident(ident)) => vec![(ident.to_string(), ident.span().start().line)],
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let mut names = Vec::new();
            let mut is_first = true;
            for token in group.stream() {
                match token {
                    TokenTree::Ident(ident) if is_first => {
                        names.push((ident.to_string(), ident.span().start().line));
                        is_first = false;
                    }
                    TokenTree::Punct(punct) if punct.as_char() == ',' => is_first = true,
                    _ => {}
                }
            }
            names
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(source: &str) -> Vec<String> {
        violations_in(source)
            .unwrap()
            .into_iter()
            .map(|(line, what)| format!("{line}: {what}"))
            .collect()
    }

    #[test]
    fn a_pure_module_passes() {
        let source = "
            //! No std::time::Instant, no js_sys here.
            use std::time::Duration;
            use std::collections::BTreeMap;
            use crate::core::time::UnixTime;
            /// See `web_sys`.
            fn message() -> &'static str { \"std::fs and SystemTime\" }
        ";
        assert_eq!(violations(source), [] as [&str; 0]);
    }

    #[test]
    fn a_clock_is_found() {
        assert_eq!(
            violations("use std::time::SystemTime;"),
            ["1: `SystemTime` is a clock"]
        );
        assert_eq!(
            violations("use std::{fmt, time::{Duration, Instant}};"),
            ["1: `Instant` is a clock"]
        );
        assert_eq!(
            violations("\nfn f() { let t = std::time::Instant::now(); }"),
            ["2: `Instant` is a clock"]
        );
    }

    #[test]
    fn javascript_is_found() {
        assert_eq!(
            violations("fn now() -> f64 { js_sys::Date::now() }"),
            ["1: `js_sys` is JavaScript"]
        );
        assert_eq!(
            violations("use web_sys as platform;"),
            ["1: `web_sys` is JavaScript"]
        );
        assert_eq!(
            violations("#[wasm_bindgen]\npub fn f() {}"),
            ["1: `wasm_bindgen` is JavaScript"]
        );
    }

    #[test]
    fn a_name_inside_a_macro_is_found() {
        assert_eq!(
            violations("m! { x => js_sys::Date::now() }"),
            ["1: `js_sys` is JavaScript"]
        );
    }

    #[test]
    fn io_is_found_in_groups_too() {
        assert_eq!(
            violations("use std::{fmt, fs::File,\nnet};"),
            ["1: `std::fs` is I/O", "2: `std::net` is I/O"]
        );
        assert_eq!(violations("use std::{fmt::{self, io}};"), [] as [&str; 0]);
    }

    #[test]
    fn an_adapter_is_found() {
        assert_eq!(
            violations("use crate::browser::storage;"),
            ["1: `crate::browser` is an adapter"]
        );
        assert_eq!(violations("use crate::core::edge_case;"), [] as [&str; 0]);
    }

    #[test]
    fn what_is_not_rust_is_an_error() {
        assert!(violations_in("fn f( {").is_err());
    }
}
