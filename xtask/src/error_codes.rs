//! Writes the error codes of src/core/error.rs into the package's JavaScript and its types.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};
use countersign::ErrorCode;

use crate::layout;

const DECLARATIONS: &str = "pkg-template/auth-error.d.ts";

/// The first line of the generated text.
const BEGIN: &str = "// Written by `cargo xtask build` from the table in src/core/error.rs, in the order of the numbers.\n";

/// The last line of the generated text in the declarations, which go on after it.
const END: &str = "// The end of what `cargo xtask build` writes.\n";

/// Writes the files that differ from the table.
pub fn write() -> Result<()> {
    for (file, wanted) in differing()? {
        fs::write(layout::at(file), wanted).with_context(|| format!("cannot write {file}"))?;
    }
    Ok(())
}

pub fn check() -> Result<String> {
    let files: Vec<_> = differing()?.into_iter().map(|(file, _)| file).collect();
    ensure!(
        files.is_empty(),
        "differs from the table in src/core/error.rs: {}. `cargo xtask build` writes it again.",
        files.join(", ")
    );
    Ok(String::new())
}

/// The files that differ from the table, with the text that they should have.
fn differing() -> Result<Vec<(&'static str, String)>> {
    let read = |file: &str| fs::read_to_string(layout::at(file)).unwrap_or_default();
    let names = |name, codes| script(name, codes, ErrorCode::as_str);
    let texts = |name, codes| script(name, codes, ErrorCode::message);
    let (page, service, verifier) = (ErrorCode::PAGE, ErrorCode::SERVICE, ErrorCode::VERIFIER);
    let wanted = [
        ("pkg-template/error-codes.js", names("CODES", page)),
        ("pkg-template/error-texts.js", texts("TEXTS", page)),
        (
            "pkg-template/edge/error-codes.js",
            names("SERVICE_CODES", service),
        ),
        (
            "pkg-template/edge/error-texts.js",
            texts("SERVICE_TEXTS", service),
        ),
        (
            "pkg-template/edge/verifier-error-codes.js",
            names("VERIFIER_CODES", verifier),
        ),
        (
            "pkg-template/edge/verifier-error-texts.js",
            texts("VERIFIER_TEXTS", verifier),
        ),
        (DECLARATIONS, declarations(&read(DECLARATIONS))?),
    ];
    let differs = |(file, wanted): &(&str, String)| read(file) != *wanted;
    Ok(wanted.into_iter().filter(differs).collect())
}

/// A module with the names or the messages of codes, in the order of their numbers.
fn script(name: &str, codes: &[ErrorCode], text: fn(ErrorCode) -> &'static str) -> String {
    let mut script = format!("{BEGIN}\nexport const {name} = [\n");
    for code in codes {
        // As quoted by Rust it is JavaScript: names and messages are plain.
        let _ = writeln!(script, "  {:?},", text(*code));
    }
    script + "];\n"
}

/// The declarations with the union of all codes between the marks.
fn declarations(text: &str) -> Result<String> {
    let marks = text.split_once(BEGIN);
    let marks = marks.and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = marks
        .with_context(|| format!("{DECLARATIONS} lacks the marks of xtask/src/error_codes.rs"))?;
    let mut union = String::from(
        "/** One code for each thing that a caller can do something about. */\nexport type AuthErrorCode =",
    );
    for code in ErrorCode::ALL {
        let _ = write!(
            union,
            "\n  /** {} */\n  | {:?}",
            code.message(),
            code.as_str()
        );
    }
    Ok(format!("{before}{BEGIN}{union};\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_has_one_text_for_each_code() {
        let script = script("TEXTS", &[ErrorCode::Aborted], ErrorCode::message);
        let message = ErrorCode::Aborted.message();
        assert_eq!(
            script,
            format!("{BEGIN}\nexport const TEXTS = [\n  \"{message}\",\n];\n")
        );
    }

    #[test]
    fn the_union_stands_between_the_marks() {
        let text = declarations(&format!("before\n{BEGIN}old\n{END}after\n")).unwrap();
        assert!(text.starts_with(&format!("before\n{BEGIN}/** One code")));
        let message = ErrorCode::Aborted.message();
        assert!(text.contains(&format!("\n  /** {message} */\n  | \"aborted\"\n")));
        assert!(text.ends_with(&format!(";\n{END}after\n")));
        assert_eq!(declarations(&text).unwrap(), text);
        assert!(declarations("no marks").is_err());
    }

    #[test]
    fn every_text_is_plain_in_rust_in_javascript_and_in_a_comment() {
        for code in ErrorCode::ALL {
            let plain = |c: char| c == ' ' || c.is_ascii_graphic() && c != '"' && c != '\\';
            let text = code.message();
            assert!(text.chars().all(plain) && !text.contains("*/"), "{text}");
        }
    }
}
