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
    AccessTokenPolicy, Algorithm, ChallengeConfig, ClaimValue, ClaimsPolicy, DpopPolicy,
    IssuerConfig, JwsConfig, KeysFrom, Permissions, Profile, Requirement, TrustedIssuer,
    VerifierConfig,
};
use crate::core::wire::text::concat;

/// Members that restrict what is accepted. One without a value is refused: the caller meant it to
/// restrict, and a verifier without it would accept more.
const NARROWING: [&str; 16] = [
    "audience",
    "algorithms",
    "secret",
    "tenants",
    "typ",
    "scope",
    "anyScope",
    "roles",
    "allRoles",
    "clients",
    "groups",
    "wids",
    "acrs",
    "claims",
    "user",
    "app",
];
const PERMISSIONS: [&str; 9] = [
    "scope", "anyScope", "roles", "allRoles", "clients", "groups", "wids", "acrs", "claims",
];

/// The options of `createVerifier`, except the requirement and those that concern only JavaScript,
/// which also makes a list of the issuers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerifierOptions {
    algorithms: Option<Vec<String>>,
    typ: Option<String>,
    clock_tolerance: Option<f64>,
    realm: Option<String>,
    resource_metadata: Option<String>,
    // Of proofs, except what concerns only JavaScript.
    dpop: Option<bool>,
    #[serde(rename = "dpop.required")]
    dpop_required: Option<bool>,
    #[serde(rename = "dpop.algorithms")]
    dpop_algorithms: Option<Vec<String>>,
    #[serde(rename = "dpop.maxAge")]
    dpop_max_age: Option<f64>,
    #[serde(rename = "dpop.nonceKey")]
    dpop_nonce_key: Option<String>,
}

/// One of the trusted issuers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct IssuerOptions {
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    audience: Vec<String>,
    tenants: Option<Vec<String>>,
    profile: Option<String>,
    authority: Option<String>,
    metadata: Option<String>,
    jwks_uri: Option<String>,
    jwks: Option<String>,
    secret: Option<SecretOptions>,
}

/// The options of `verifyJws`, except those that concern only JavaScript.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct JwsOptions {
    jwks_uri: Option<String>,
    jwks: Option<String>,
    secret: Option<SecretOptions>,
    algorithms: Option<Vec<String>>,
}

/// A secret. JavaScript has made base64url of the bytes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretOptions {
    algorithm: String,
    key: String,
}

/// What may be required of a token. JavaScript has made lists of single values.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PermissionOptions {
    scope: Option<Vec<String>>,
    any_scope: Option<Vec<String>>,
    roles: Option<Vec<String>>,
    all_roles: Option<Vec<String>>,
    clients: Option<Vec<String>>,
    groups: Option<Vec<String>>,
    wids: Option<Vec<String>>,
    acrs: Option<Vec<String>>,
    claims: Option<Vec<ClaimOptions>>,
}

/// A required claim with its values, by their types.
#[derive(Deserialize)]
struct ClaimOptions {
    name: String,
    strings: Vec<String>,
    numbers: Vec<f64>,
    booleans: Vec<bool>,
}

/// Reads the options of `createVerifier`.
pub(super) fn verifier_config(options: JsValue) -> Result<VerifierConfig, AuthError> {
    let mut members = Members::of(options)?;
    let requirement = members.take_requirement()?;
    let mut issuers = Vec::new();
    for (_, list) in members.take(&["issuers"]).0 {
        for issuer in Array::from(&list) {
            issuers.push(issuer_config(issuer)?);
        }
    }
    let mut options: VerifierOptions = members.read()?;
    let dpop = dpop(&mut options)?;
    Ok(VerifierConfig {
        issuers,
        clock_tolerance: options
            .clock_tolerance
            .unwrap_or(ClaimsPolicy::CLOCK_TOLERANCE),
        algorithms: algorithms("algorithms", options.algorithms)?,
        access_token: AccessTokenPolicy {
            typ: options.typ,
            requirement,
        },
        dpop,
        challenge: ChallengeConfig {
            realm: options.realm,
            resource_metadata: options.resource_metadata,
        },
    })
}

fn dpop(options: &mut VerifierOptions) -> Result<DpopPolicy, AuthError> {
    let mut policy = DpopPolicy {
        is_offered: options.dpop.unwrap_or_default(),
        is_required: options.dpop_required.unwrap_or_default(),
        nonce_key: options.dpop_nonce_key.take().map(Secret::new),
        ..DpopPolicy::default()
    };
    policy.max_age = options.dpop_max_age.unwrap_or(policy.max_age);
    if let Some(names) = options.dpop_algorithms.take() {
        policy.algorithms = algorithms("dpop.algorithms", Some(names))?;
    }
    Ok(policy)
}

/// Reads the options of `verifyJws`.
pub(super) fn jws_config(options: JsValue) -> Result<JwsConfig, AuthError> {
    let options: JwsOptions = Members::of(options)?.read()?;
    let sources = [
        options.jwks_uri.map(KeysFrom::JwksUri),
        options.jwks.map(KeysFrom::Jwks),
        options.secret.map(secret).transpose()?,
    ];
    let mut sources = sources.into_iter().flatten();
    match (sources.next(), sources.next()) {
        (Some(keys), None) => Ok(JwsConfig {
            keys,
            algorithms: algorithms("algorithms", options.algorithms)?,
        }),
        _ => Err(about("one of jwks, jwksUri and secret must be given")),
    }
}

fn algorithms(option: &str, names: Option<Vec<String>>) -> Result<Vec<Algorithm>, AuthError> {
    match names {
        None => Ok(Algorithm::asymmetric().collect()),
        Some(names) => names
            .iter()
            .map(|name| Algorithm::read_asymmetric(name))
            .collect::<Result<_, _>>()
            .map_err(|_| broken(option)),
    }
}

fn issuer_config(options: JsValue) -> Result<IssuerConfig, AuthError> {
    let options: IssuerOptions = Members::of(options)?.read()?;
    let profile = match options.profile {
        None => None,
        Some(name) => Some(Profile::read(&name).ok_or_else(|| broken("profile"))?),
    };
    let sources = [
        options.authority.map(KeysFrom::Authority),
        options.metadata.map(KeysFrom::Metadata),
        options.jwks_uri.map(KeysFrom::JwksUri),
        options.jwks.map(KeysFrom::Jwks),
        options.secret.map(secret).transpose()?,
    ];
    let mut sources = sources.into_iter().flatten();
    let keys = sources.next().unwrap_or(KeysFrom::Discovery);
    if sources.next().is_some() {
        return Err(about(
            "authority, metadata, jwksUri, jwks and secret exclude each other",
        ));
    }
    Ok(IssuerConfig {
        issuer: TrustedIssuer::new(&options.issuer)?,
        audiences: options.audience,
        profile,
        tenants: options.tenants,
        keys,
    })
}

fn secret(options: SecretOptions) -> Result<KeysFrom, AuthError> {
    Ok(KeysFrom::Secret {
        algorithm: Algorithm::read(&options.algorithm).map_err(|_| broken("secret"))?,
        secret: Secret::new(options.key),
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
        // Not by `instanceof`: the package's objects have no prototype.
        if !options.is_object() {
            return Err(about("options must be an object"));
        }
        let object: Object = options.unchecked_into();
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
            every: self.take(&PERMISSIONS).permissions()?,
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
        let options: PermissionOptions = self.read()?;
        let mut permissions = Permissions::default();
        if let Some(scopes) = options.scope {
            permissions = permissions.scope(&words(&scopes)?)?;
        }
        if let Some(scopes) = options.any_scope {
            permissions = permissions.any_scope(&words(&scopes)?)?;
        }
        type Rule = fn(Permissions, &[String]) -> Result<Permissions, AuthError>;
        let rules: [(Option<Vec<String>>, Rule); 6] = [
            (options.roles, Permissions::roles),
            (options.all_roles, Permissions::all_roles),
            (options.clients, Permissions::clients),
            (options.groups, Permissions::groups),
            (options.wids, Permissions::directory_roles),
            (options.acrs, Permissions::authentication_contexts),
        ];
        for (values, rule) in rules {
            if let Some(values) = values {
                permissions = rule(permissions, &values)?;
            }
        }
        for claim in options.claims.into_iter().flatten() {
            let mut values: Vec<_> = claim.strings.into_iter().map(ClaimValue::Text).collect();
            values.extend(claim.numbers.into_iter().map(ClaimValue::Number));
            values.extend(claim.booleans.into_iter().map(ClaimValue::Boolean));
            permissions = permissions.claim(&claim.name, &values)?;
        }
        Ok(permissions)
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
        "issuer" | "typ" | "authority" | "jwksUri" | "realm" | "resourceMetadata" => {
            "must be a string"
        }
        "audience" | "scope" | "anyScope" | "roles" | "allRoles" | "clients" | "groups"
        | "wids" | "acrs" => "must be a string or a list of strings",
        "claims" => "must be an object of strings, numbers, booleans and lists of them",
        "algorithms" | "dpop.algorithms" => {
            "must be a list of algorithms with a public key, as RS256 or EdDSA"
        }
        "profile" => "must be entra, rfc9068, auth0, okta, keycloak, cognito or generic",
        "tenants" => "must be a list of strings",
        "jwks" => "must be a JWK Set",
        "secret" => "must have the algorithm HS256, HS384 or HS512 and a key of bytes",
        "metadata" => "must be the issuer's metadata",
        "clockTolerance" | "dpop.maxAge" => "must be a number of seconds",
        _ => "is not an option",
    };
    about(&concat(&[name, " ", rule]))
}

/// Scopes, one string of all. Each element of a list has to have one.
fn words(values: &[String]) -> Result<String, AuthError> {
    if values
        .iter()
        .any(|value| value.bytes().all(|byte| byte == b' '))
    {
        return Err(about(
            "scope must not be empty; leave it out to require none",
        ));
    }
    Ok(values.join(" "))
}
