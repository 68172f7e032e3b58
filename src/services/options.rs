//! The options of a service's client and of its calls.

use alloc::string::String;
use alloc::vec::Vec;

use crate::core::error::{AuthError, ErrorCode};
use crate::core::oauth::token_exchange::ACCESS_TOKEN;
use crate::core::secret::Secret;
use crate::core::service::{
    AssertionAudience, ClientAuthentication, ConfidentialClientConfig, IdentityName, KeyName,
    ManagedIdentity, OnBehalfOfOptions, PrivateKey, Renewal, Target, TokenExchange, TokenOptions,
};
use crate::core::verifier::Algorithm;
use crate::core::wire::base64url;
use crate::core::wire::text::split_once;
use crate::javascript::options::Options;

/// `createConfidentialClient`'s options. Each `credential` is a form of its own.
pub(super) fn config(options: &Options) -> Result<ConfidentialClientConfig, AuthError> {
    options.only("authority client_id credential metadata audience app_assertions has_store")?;
    let credentials = options.all().iter();
    let credentials = credentials
        .filter(|(name, _)| name == "credential")
        .map(|(_, text)| credential(&Options::read(text)))
        .collect::<Result<_, _>>()?;
    let mut config = ConfidentialClientConfig::new(
        options.text("authority"),
        options.text("client_id"),
        ClientAuthentication::Assertion,
    );
    config.credentials = credentials;
    config.metadata = options.some("metadata");
    config.has_store = options.flag("has_store");
    config.takes_app_assertions = options.flag("app_assertions");
    config.audiences = words(&options.text("audience"));
    Ok(config)
}

fn credential(options: &Options) -> Result<ClientAuthentication, AuthError> {
    let secret = || Secret::new(options.text("secret"));
    Ok(match options.text("kind").as_str() {
        "post" => ClientAuthentication::SecretPost(secret()),
        "basic" => ClientAuthentication::SecretBasic(secret()),
        "assertion" => ClientAuthentication::Assertion,
        "managed_identity" => ClientAuthentication::ManagedIdentity(managed_identity(options)?),
        "mutual_tls" => ClientAuthentication::MutualTls,
        _ => ClientAuthentication::PrivateKey(private_key(options)?),
    })
}

/// The host's variables cross by their own names.
fn managed_identity(options: &Options) -> Result<ManagedIdentity, AuthError> {
    let named = |name| options.some(name);
    let named = named("client_id")
        .map(IdentityName::ClientId)
        .or_else(|| named("object_id").map(IdentityName::ObjectId))
        .or_else(|| named("resource_id").map(IdentityName::ResourceId));
    ManagedIdentity::of_host(|variable| options.some(variable), named)
}

fn private_key(options: &Options) -> Result<PrivateKey, AuthError> {
    let chain = options.all().iter();
    let mut chain: Vec<_> = chain
        .filter(|(name, _)| name == "certificate")
        .filter_map(|(_, der)| base64url::decode(der.as_bytes()))
        .collect();
    let first = chain.first().cloned().unwrap_or_default();
    let name = match options.text("name").as_str() {
        "x5t#S256" => KeyName::Certificate(first),
        "x5t" => KeyName::CertificateSha1(first),
        "x5c" => KeyName::Chain(core::mem::take(&mut chain)),
        _ => KeyName::KeyId(options.text("key_id")),
    };
    Ok(PrivateKey {
        algorithm: Algorithm::read_asymmetric(&options.text("algorithm"))
            .map_err(|_| AuthError::about(ErrorCode::CredentialInvalid, "algorithm"))?,
        name,
        audience: match options.text("audience").as_str() {
            "issuer" => AssertionAudience::Issuer,
            _ => AssertionAudience::TokenEndpoint,
        },
        public_key: options.some("public_key"),
    })
}

/// `clientCredentials`' options.
pub(super) fn client_credentials(options: &Options) -> Result<TokenOptions, AuthError> {
    options.only("scope resource tenant claims force_refresh renewal fmi_path")?;
    let mut token = token(options);
    token.fmi_path = options.some("fmi_path");
    Ok(token)
}

/// `onBehalfOf`'s options.
pub(super) fn on_behalf_of(options: &Options) -> Result<OnBehalfOfOptions, AuthError> {
    options.only("assertion session scope resource tenant claims force_refresh renewal")?;
    let assertion = Secret::new(options.text("assertion"));
    let mut on_behalf_of = OnBehalfOfOptions::new(assertion, token(options));
    if options.text("assertion").is_empty() {
        on_behalf_of.assertion = None;
    }
    on_behalf_of.session = options.some("session");
    Ok(on_behalf_of)
}

/// `exchange`'s options.
pub(super) fn exchange(options: &Options) -> Result<(TokenExchange, TokenOptions), AuthError> {
    options.only(
        "subject_token subject_token_type actor_token actor_token_type requested_token_type audience \
         scope resource force_refresh renewal",
    )?;
    let subject_token = Secret::new(options.text("subject_token"));
    let type_of = |name| options.get(name).unwrap_or(ACCESS_TOKEN);
    let mut exchange = TokenExchange::new(subject_token, type_of("subject_token_type"));
    let actor_token = options.some("actor_token").map(Secret::new);
    exchange.actor_token = actor_token.map(|token| (token, type_of("actor_token_type").into()));
    exchange.requested_token_type = options.some("requested_token_type");
    exchange.audience = options.some("audience");
    Ok((exchange, token(options)))
}

/// `endSession`'s options.
pub(super) fn session(options: &Options) -> Result<String, AuthError> {
    options.only("session")?;
    Ok(options.text("session"))
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some((word, after)) = split_once(rest, b' ') {
        words.push(word.into());
        rest = after;
    }
    if !rest.is_empty() {
        words.push(rest.into());
    }
    words
}

/// `scope`, `resource`, `tenant` and `assertion`, each on a line, of a call that gives no others. A
/// value that has a line break makes an assertion of several lines, which is nobody's.
pub(super) fn of_lines(lines: &str) -> Option<(TokenOptions, &str)> {
    let (scope, rest) = split_once(lines, b'\n')?;
    let (resource, rest) = split_once(rest, b'\n')?;
    let (tenant, assertion) = split_once(rest, b'\n')?;
    let mut token = TokenOptions::from(Target::new(given(scope), given(resource)));
    token.tenant = given(tenant).map(Into::into);
    Some((token, assertion))
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn token(options: &Options) -> TokenOptions {
    let target = Target::new(options.get("scope"), options.get("resource"));
    let mut token = TokenOptions::from(target);
    token.tenant = options.some("tenant");
    token.claims = options.some("claims");
    token.force_refresh = options.flag("force_refresh");
    token.renewal = match options.text("renewal").as_str() {
        "byHost" => Renewal::ByHost,
        "now" => Renewal::Now,
        _ => Renewal::ByCaller,
    };
    token
}
