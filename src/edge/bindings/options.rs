//! Options, by serde-wasm-bindgen.

use std::cell::RefCell;

use js_sys::{Array, Object};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use wasm_bindgen::{JsCast, JsValue};

use crate::core::error::{AuthError, ErrorCode};
use crate::core::secret::Secret;
use crate::core::verifier::{
    AccessTokenPolicy, Algorithm, ClaimsPolicy, Permissions, Profile, Requirement, TrustedIssuer,
    VerifierConfig,
};
use crate::core::wire::text::concat;

/// Members that restrict what is accepted. One without a value is refused: the caller meant it to
/// restrict, and a verifier without it would accept more.
const NARROWING: [&str; 9] = [
    "audience",
    "algorithms",
    "secret",
    "tenants",
    "scope",
    "roles",
    "user",
    "app",
    "typ",
];

/// The options of `createVerifier`, except the requirement and those that concern only JavaScript.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerifierOptions {
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    audience: OneOrMore,
    algorithms: Option<Vec<String>>,
    jwks: Option<String>,
    secret: Option<String>,
    tenants: Option<Vec<String>>,
    profile: Option<String>,
    typ: Option<String>,
    clock_tolerance: Option<f64>,
}

/// What may be required of a token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionOptions {
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
    let mut members = Members::of(options)?;
    let requirement = members.take_requirement()?;
    let options: VerifierOptions = members.read()?;
    let algorithms = algorithms(options.algorithms, options.secret.is_some())?;
    let profile = match options.profile {
        None => None,
        Some(name) => Some(Profile::read(&name).ok_or_else(|| broken("profile"))?),
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
            profile,
            typ: options.typ,
            tenants: options.tenants,
            requirement,
        },
        jwks: options.jwks,
        secret: options.secret.map(Secret::new),
    })
}

/// The algorithms of these names; if there are none, those of public keys, or the one that every
/// implementation has for a secret (RFC 7518 section 3.1).
fn algorithms(names: Option<Vec<String>>, is_by_secret: bool) -> Result<Vec<Algorithm>, AuthError> {
    let read = |name: &String| {
        if is_by_secret {
            Algorithm::read_symmetric(name)
        } else {
            Algorithm::read(name)
        }
    };
    match names {
        None if is_by_secret => Ok(vec![Algorithm::Hs256]),
        None => Ok(Algorithm::asymmetric().collect()),
        Some(names) => {
            let algorithms: Result<_, _> = names.iter().map(read).collect();
            algorithms.map_err(|_| {
                broken(if is_by_secret {
                    "algorithms of a secret"
                } else {
                    "algorithms"
                })
            })
        }
    }
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
    let mut members = Members::of(options)?;
    let requirement = members.take_requirement()?;
    match members.0.first() {
        None => Ok(requirement),
        Some((unknown, _)) => Err(about(&concat(&[unknown, " is not part of a requirement"]))),
    }
}

/// The members of an object. If asked for a struct, serde-wasm-bindgen reads only the members of that
/// struct and ignores a misspelt one, which must not count as a requirement that is met.
///
/// The package's JavaScript passes plain data only (`plain.js`): no code of the caller runs here.
struct Members(Vec<(String, JsValue)>);

impl Members {
    fn of(options: JsValue) -> Result<Self, AuthError> {
        let object: Object = options
            .dyn_into()
            .map_err(|_| about("options must be an object"))?;
        let mut members = Vec::new();
        for entry in Object::entries(&object) {
            let entry: Array = entry.unchecked_into();
            let (name, value) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
            if value.is_null() || value.is_undefined() && NARROWING.contains(&name.as_str()) {
                return Err(about(&concat(&[&name, " has no value"])));
            }
            members.push((name, value));
        }
        Ok(Self(members))
    }

    fn take_requirement(&mut self) -> Result<Requirement, AuthError> {
        let mut requirement = Requirement {
            every: self.take(&["scope", "roles"]).permissions()?,
            ..Requirement::default()
        };
        for (name, value) in self.take(&["user", "app"]).0 {
            let permissions = Some(Self::of(value)?.permissions()?);
            if name == "user" {
                requirement.user = permissions;
            } else {
                requirement.app = permissions;
            }
        }
        Ok(requirement)
    }

    fn take(&mut self, names: &[&str]) -> Self {
        let all = core::mem::take(&mut self.0).into_iter();
        let (taken, rest) = all.partition(|(name, _)| names.contains(&name.as_str()));
        self.0 = rest;
        Self(taken)
    }

    fn permissions(self) -> Result<Permissions, AuthError> {
        let PermissionOptions { scope, roles } = self.read()?;
        let mut permissions = Permissions::default();
        if let Some(scopes) = scope.map(OneOrMore::values) {
            if scopes.is_empty() {
                return permissions.scope("");
            }
            for scope in scopes {
                permissions = permissions.scope(&scope)?;
            }
        }
        match roles {
            None => Ok(permissions),
            Some(roles) => permissions.roles(&roles.values()),
        }
    }

    fn read<T: DeserializeOwned>(self) -> Result<T, AuthError> {
        let reading = RefCell::new(String::new());
        let entries = self.0.into_iter().map(|(name, value)| {
            reading.replace(name.clone());
            (name, serde_wasm_bindgen::Deserializer::from(value))
        });
        T::deserialize(MapDeserializer::<_, serde_wasm_bindgen::Error>::new(
            entries,
        ))
        .map_err(|_| broken(&reading.borrow()))
    }
}

fn about(detail: &str) -> AuthError {
    AuthError::about(ErrorCode::InvalidOption, detail)
}

/// An error about an option whose value cannot be read, with the rule that it broke.
fn broken(name: &str) -> AuthError {
    let rule = match name {
        "issuer" | "typ" => "must be a string",
        "audience" | "scope" | "roles" => "must be a string or a list of strings",
        "algorithms" => "must be a list of algorithms with a public key, as RS256 or EdDSA",
        "algorithms of a secret" => "must be one of HS256, HS384 and HS512",
        "profile" => "must be entra, rfc9068, auth0, okta, keycloak, cognito or generic",
        "tenants" => "must be a list of strings",
        "jwks" => "must be a JWK Set",
        "secret" => "must be bytes",
        "clockTolerance" => "must be a number of seconds",
        _ => "is not an option",
    };
    about(&concat(&[name, " ", rule]))
}

impl OneOrMore {
    fn values(self) -> Vec<String> {
        match self {
            Self::One(value) => vec![value],
            Self::More(values) => values,
        }
    }
}
