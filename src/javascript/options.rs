//! Options, as the package's JavaScript hands them over, their names in snake case. A name that is
//! not known is refused: a misspelt option would be silently without effect.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::wire::form::Parameters;
use crate::core::wire::text::{concat, has_word, parse_decimal};
use alloc::string::String;

/// The options of a call, and its name as `call`.
pub(crate) struct Options(Parameters);

impl Options {
    pub(crate) fn read(text: &str) -> Self {
        Self(Parameters::read(text))
    }

    /// Every option with its value.
    pub(crate) fn all(&self) -> &[(String, String)] {
        &self.0.0
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().into()
    }

    /// Refuses options whose names are not among these words.
    pub(crate) fn only(&self, names: &str) -> Result<(), AuthError> {
        for (name, _) in self.all() {
            if name != "call" && !has_word(names, name) {
                let detail = concat(&[name, " is not an option"]);
                return Err(AuthError::about(ErrorCode::InvalidOption, &detail));
            }
        }
        Ok(())
    }

    /// The options whose names are not among these words.
    #[cfg(any(feature = "native", feature = "service"))]
    pub(crate) fn without(&self, names: &str) -> Self {
        let mut others = self.all().to_vec();
        others.retain(|(name, _)| !has_word(names, name));
        Self(Parameters(others))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    pub(crate) fn some(&self, name: &str) -> Option<String> {
        self.get(name).map(String::from)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    pub(crate) fn seconds(&self, name: &str) -> Option<f64> {
        let milliseconds = parse_decimal(self.get(name)?)?;
        Some(milliseconds as f64 / 1000.0)
    }
}
