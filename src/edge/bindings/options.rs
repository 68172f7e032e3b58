//! Options, by serde-wasm-bindgen.

use std::cell::RefCell;

use js_sys::{Array, Object};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use wasm_bindgen::{JsCast, JsValue};

use crate::core::error::{AuthError, ErrorCode};
use crate::core::verifier::{
    AccessTokenPolicy, Algorithm, ClaimsPolicy, Requirement, TrustedIssuer, VerifierConfig,
};

/// What `createVerifier` takes, apart from what concerns JavaScript only.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerifierOptions {
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    audience: OneOrMore,
    algorithms: Option<Vec<String>>,
    jwks: Option<String>,
    tenants: Option<Vec<String>>,
    scope: Option<OneOrMore>,
    roles: Option<OneOrMore>,
    typ: Option<String>,
    clock_tolerance: Option<f64>,
}

/// What a call to `verify` may require.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequirementOptions {
    scope: Option<OneOrMore>,
    roles: Option<OneOrMore>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

/// Reads the options of `createVerifier`.
pub(super) fn verifier_config(options: JsValue) -> Result<VerifierConfig, AuthError> {
    let options: VerifierOptions = read(options)?;
    let algorithms = match options.algorithms {
        None => Algorithm::ALL.to_vec(),
        Some(names) => names
            .iter()
            .map(|name| Algorithm::read(name))
            .collect::<Result<_, _>>()
            .map_err(|_| AuthError::about(ErrorCode::InvalidOption, "algorithms"))?,
    };
    Ok(VerifierConfig {
        claims: ClaimsPolicy {
            issuer: TrustedIssuer::new(&options.issuer)?,
            audiences: options.audience.values(),
            clock_tolerance: options
                .clock_tolerance
                .unwrap_or(ClaimsPolicy::CLOCK_TOLERANCE),
        },
        algorithms,
        access_token: AccessTokenPolicy {
            typ: options.typ.map(|typ| typ.to_ascii_lowercase()),
            tenants: options.tenants.unwrap_or_default(),
            requirement: requirement_of(options.scope, options.roles),
        },
        jwks: options.jwks,
    })
}

/// An error about an option, with the option's name as JavaScript spells it.
pub(super) fn spelled_for_javascript(error: &AuthError) -> AuthError {
    let mut words = error.detail().unwrap_or_default().split('_');
    let mut detail = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        detail.extend(letters.next().map(|initial| initial.to_ascii_uppercase()));
        detail.push_str(letters.as_str());
    }
    AuthError::about(error.code(), &detail)
}

/// Reads the requirement of a call.
pub(super) fn requirement(options: JsValue) -> Result<Requirement, AuthError> {
    let options: RequirementOptions = read(options)?;
    Ok(requirement_of(options.scope, options.roles))
}

fn requirement_of(scope: Option<OneOrMore>, roles: Option<OneOrMore>) -> Requirement {
    Requirement {
        scopes: scope.map(OneOrMore::words).unwrap_or_default(),
        roles: roles.map(OneOrMore::values).unwrap_or_default(),
    }
}

/// Reads an object as a map: asked for a structure, serde-wasm-bindgen looks for the members that it
/// has and takes no notice of a misspelt one, which must not pass for a requirement that is met.
fn read<T: DeserializeOwned>(options: JsValue) -> Result<T, AuthError> {
    let about = |name: &str| AuthError::about(ErrorCode::InvalidOption, name);
    let object: Object = options.dyn_into().map_err(|_| about("not an object"))?;
    let reading = RefCell::new(String::new());
    let entries = Object::entries(&object).into_iter().map(|entry| {
        let entry: Array = entry.unchecked_into();
        let name = entry.get(0).as_string().unwrap_or_default();
        reading.replace(name.clone());
        (name, serde_wasm_bindgen::Deserializer::from(entry.get(1)))
    });
    T::deserialize(MapDeserializer::<_, serde_wasm_bindgen::Error>::new(
        entries,
    ))
    .map_err(|_| about(&reading.borrow()))
}

impl OneOrMore {
    fn values(self) -> Vec<String> {
        match self {
            Self::One(value) => vec![value],
            Self::More(values) => values,
        }
    }

    /// A `scope` is a list of words (RFC 6749 section 3.3).
    fn words(self) -> Vec<String> {
        self.values()
            .iter()
            .flat_map(|value| value.split_ascii_whitespace())
            .map(String::from)
            .collect()
    }
}
