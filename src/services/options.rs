//! The options of a service's client and of its calls.

use alloc::vec::Vec;

use crate::core::error::{AuthError, ErrorCode};
use crate::core::secret::Secret;
use crate::core::service::{
    AssertionAudience, ClientAuthentication, ConfidentialClientConfig, KeyName, PrivateKey, Target,
    TokenOptions,
};
use crate::core::verifier::Algorithm;
use crate::core::wire::base64url;
use crate::javascript::options::Options;

/// `createConfidentialClient`'s options. Each `credential` is a form of its own.
pub(super) fn config(options: &Options) -> Result<ConfidentialClientConfig, AuthError> {
    options.only("authority client_id credential metadata")?;
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
    Ok(config)
}

fn credential(options: &Options) -> Result<ClientAuthentication, AuthError> {
    let secret = || Secret::new(options.text("secret"));
    Ok(match options.text("kind").as_str() {
        "post" => ClientAuthentication::SecretPost(secret()),
        "basic" => ClientAuthentication::SecretBasic(secret()),
        "assertion" => ClientAuthentication::Assertion,
        _ => ClientAuthentication::PrivateKey(private_key(options)?),
    })
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
        algorithm: Algorithm::read(&options.text("algorithm"))
            .map_err(|_| AuthError::about(ErrorCode::CredentialInvalid, "algorithm"))?,
        name,
        audience: match options.text("audience").as_str() {
            "issuer" => AssertionAudience::Issuer,
            _ => AssertionAudience::TokenEndpoint,
        },
    })
}

/// `clientCredentials`' options.
pub(super) fn client_credentials(options: &Options) -> Result<TokenOptions, AuthError> {
    options.only("scope resource tenant claims force_refresh")?;
    Ok(token(options))
}

fn token(options: &Options) -> TokenOptions {
    let target = Target::new(options.get("scope"), options.get("resource"));
    let mut token = TokenOptions::from(target);
    token.tenant = options.some("tenant");
    token.claims = options.some("claims");
    token.force_refresh = options.flag("force_refresh");
    token
}
