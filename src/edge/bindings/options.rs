//! Options, by serde-wasm-bindgen.

use serde::Deserialize;
use wasm_bindgen::JsValue;

use crate::core::access_token::{AccessTokenPolicy, Requirement};
use crate::core::algorithm::Algorithm;
use crate::core::claims_policy::ClaimsPolicy;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::issuer::TrustedIssuer;
use crate::core::verifier::VerifierConfig;

/// The clock tolerance where none is given, in seconds.
const CLOCK_TOLERANCE: f64 = 60.0;

/// What `createVerifier` takes, apart from what concerns JavaScript only.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerifierOptions {
    issuer: String,
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
            clock_tolerance: options.clock_tolerance.unwrap_or(CLOCK_TOLERANCE),
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

fn read<T: serde::de::DeserializeOwned>(options: JsValue) -> Result<T, AuthError> {
    serde_wasm_bindgen::from_value(options)
        .map_err(|error| AuthError::about(ErrorCode::InvalidOption, &error.to_string()))
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
