//! A service's own tokens, and how it proves who it is.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::service::{
    AccessToken, AssertionAudience, ClientAuthentication, ConfidentialClient,
    ConfidentialClientConfig, KeyName, PrivateKey, Target,
};
use countersign::verifier::Algorithm;
use countersign::{AuthError, ErrorCode, Secret, Shared, edge};
use p256::ecdsa::Signature;
use p256::ecdsa::signature::Verifier;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::host::{Host, Progress};
use crate::provider::{ISSUER, Reply};

fn client(authentication: ClientAuthentication) -> Shared<ConfidentialClient> {
    let config = ConfidentialClientConfig::new(ISSUER, "daemon", authentication);
    edge::confidential_client(config).unwrap()
}

fn with_secret() -> Shared<ConfidentialClient> {
    client(ClientAuthentication::SecretPost(Secret::new("s3cr3t")))
}

fn target(scope: &str) -> Target {
    Target::new(Some(scope), None)
}

fn token(
    host: &mut Host,
    client: &Shared<ConfidentialClient>,
) -> Result<Shared<AccessToken>, AuthError> {
    host.run(client.client_credentials(target("api")))
}

fn code<T>(result: Result<T, AuthError>) -> ErrorCode {
    result.err().unwrap().code()
}

#[test]
fn rfc_6749_4_4_2_the_request_has_the_grant_and_the_target() {
    let mut host = Host::new();
    token(&mut host, &with_secret()).unwrap();
    let form = host.last_form();
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["scope"], "api");
    assert_eq!(form["client_id"], "daemon");
    assert_eq!(form["client_secret"], "s3cr3t");

    // Entra v1.0 has `resource` instead.
    let resource = Target::new(None, Some("https://graph"));
    host.run(with_secret().client_credentials(resource))
        .unwrap();
    let form = host.last_form();
    assert_eq!(form["resource"], "https://graph");
    assert!(!form.contains_key("scope"));
}

#[test]
fn a_target_without_scope_and_resource_is_refused_before_anything_is_sent() {
    let mut host = Host::new();
    let refused = host.run(with_secret().client_credentials(Target::new(None, None)));
    assert_eq!(code(refused), ErrorCode::InvalidOption);
    assert!(host.requests.is_empty());
}

#[test]
fn rfc_6749_2_3_1_a_secret_may_go_in_a_header() {
    let mut host = Host::new();
    let basic = client(ClientAuthentication::SecretBasic(Secret::new("a b:c")));
    token(&mut host, &basic).unwrap();
    let request = host.requests.last().unwrap();
    let header = request
        .headers
        .iter()
        .find(|(name, _)| *name == "authorization");
    let encoded = header.unwrap().1.strip_prefix("Basic ").unwrap();
    assert_eq!(STANDARD.decode(encoded).unwrap(), b"daemon:a+b%3Ac");
    assert!(!host.last_form().contains_key("client_secret"));
}

fn private_key(name: KeyName, audience: AssertionAudience) -> Shared<ConfidentialClient> {
    client(ClientAuthentication::PrivateKey(PrivateKey {
        algorithm: Algorithm::Es256,
        name,
        audience,
        public_key: None,
    }))
}

/// The header and the claims of the assertion that was sent, its signature checked.
fn assertion(host: &Host) -> (Value, Value) {
    let form = host.last_form();
    assert_eq!(
        form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    let sent = &form["client_assertion"];
    let (signing_input, signature) = sent.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let signature = Signature::from_slice(&signature).unwrap();
    let key = host.signing_key.verifying_key();
    key.verify(signing_input.as_bytes(), &signature).unwrap();
    let part = |part: &str| {
        serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (header, claims) = signing_input.split_once('.').unwrap();
    (part(header), part(claims))
}

#[test]
fn rfc_7523_3_an_assertion_is_the_client_s_for_this_server_and_for_five_minutes() {
    let mut host = Host::new();
    let named = private_key(
        KeyName::KeyId("k\"1".into()),
        AssertionAudience::TokenEndpoint,
    );
    token(&mut host, &named).unwrap();
    let (header, claims) = assertion(&host);
    assert_eq!(
        header,
        json!({ "alg": "ES256", "typ": "JWT", "kid": "k\"1" })
    );
    assert_eq!(claims["iss"], "daemon");
    assert_eq!(claims["sub"], "daemon");
    assert_eq!(claims["aud"], "https://as.example/token");
    assert_eq!(claims["exp"].as_u64().unwrap(), host.now as u64 + 300);
    assert_eq!(claims["iat"], claims["nbf"]);
    let first = claims["jti"].clone();

    host.now += 4000.0;
    token(&mut host, &named).unwrap();
    assert_ne!(
        assertion(&host).1["jti"],
        first,
        "an assertion is used once"
    );

    let for_issuer = private_key(KeyName::KeyId("k".into()), AssertionAudience::Issuer);
    token(&mut host, &for_issuer).unwrap();
    assert_eq!(assertion(&host).1["aud"], ISSUER);
}

#[test]
fn rfc_7515_4_1_a_certificate_is_named_by_its_thumbprint() {
    let der = b"a certificate".to_vec();
    let mut host = Host::new();
    let mut header = |name| {
        token(&mut host, &private_key(name, AssertionAudience::default())).unwrap();
        assertion(&host).0
    };
    let by_sha256 = header(KeyName::Certificate(der.clone()));
    let sha256 = URL_SAFE_NO_PAD.encode(Sha256::digest(&der));
    assert_eq!(by_sha256["x5t#S256"], sha256.as_str());
    let by_sha1 = header(KeyName::CertificateSha1(der.clone()));
    let sha1 = URL_SAFE_NO_PAD.encode(Sha1::digest(&der));
    assert_eq!(by_sha1["x5t"], sha1.as_str());
    let chain = header(KeyName::Chain(vec![der.clone(), b"its issuer".to_vec()]));
    assert_eq!(chain["x5t#S256"], by_sha256["x5t#S256"]);
    let expected = [STANDARD.encode(&der), STANDARD.encode("its issuer")];
    assert_eq!(chain["x5c"], json!(expected));
}

#[test]
fn rfc_7523_2_2_an_assertion_may_be_somebody_else_s() {
    let mut host = Host::new();
    token(&mut host, &client(ClientAuthentication::Assertion)).unwrap();
    assert_eq!(host.last_form()["client_assertion"], "as5ertion");
}

#[test]
fn a_token_is_kept_for_its_target_until_it_is_due() {
    let mut host = Host::new();
    let client = with_secret();
    let first = token(&mut host, &client).unwrap();
    let requests = host.requests.len();
    assert_eq!(
        token(&mut host, &client).unwrap().token().expose(),
        first.token().expose()
    );
    assert_eq!(host.requests.len(), requests);

    let other = host
        .run(client.client_credentials(target("other")))
        .unwrap();
    assert_ne!(other.token().expose(), first.token().expose());

    host.now += 3400.0;
    let renewed = token(&mut host, &client).unwrap();
    assert_ne!(renewed.token().expose(), first.token().expose());
}

#[test]
fn a_token_that_is_due_is_handed_out_while_the_provider_is_down() {
    let mut host = Host::new();
    let client = with_secret();
    let first = token(&mut host, &client).unwrap();
    host.now += 3400.0;
    host.provider
        .replies
        .push_back(Reply::Text(503, String::new()));
    let kept = token(&mut host, &client).unwrap();
    assert_eq!(kept.token().expose(), first.token().expose());
    assert!(host.waits.is_empty(), "nobody waits who has a token");
    // The failure stands for the next callers.
    let requests = host.requests.len();
    token(&mut host, &client).unwrap();
    assert_eq!(host.requests.len(), requests);
    host.now += 300.0;
    assert!(token(&mut host, &client).is_ok());
}

#[test]
fn a_token_that_expires_during_a_failed_renewal_is_not_handed_out() {
    let mut host = Host::new();
    let client = with_secret();
    token(&mut host, &client).unwrap();
    host.now += 3590.0;
    host.provider.latency = 9.0;
    let unavailable = Reply::Text(503, String::new());
    host.provider.replies.push_back(unavailable);
    assert_eq!(
        code(token(&mut host, &client)),
        ErrorCode::ProviderUnavailable
    );
}

#[test]
fn rfc_9110_10_2_3_a_caller_without_a_token_waits_once_for_a_short_retry_after() {
    let mut host = Host::new();
    host.provider
        .replies
        .push_back(Reply::Text(503, String::new()));
    host.provider.headers.retry_after = Some(3.0);
    assert!(token(&mut host, &with_secret()).is_ok());
    assert_eq!(host.waits, [3.0]);

    let mut host = Host::new();
    host.provider.replies = [Reply::Text(503, String::new()), Reply::Nothing].into();
    assert_eq!(
        code(token(&mut host, &with_secret())),
        ErrorCode::NetworkError
    );
    assert_eq!(host.waits, [1.0]);

    let mut host = Host::new();
    host.provider
        .replies
        .push_back(Reply::Text(429, String::new()));
    host.provider.headers.retry_after = Some(60.0);
    let client = with_secret();
    assert_eq!(
        code(token(&mut host, &client)),
        ErrorCode::ProviderUnavailable
    );
    assert!(host.waits.is_empty());
    let requests = host.requests.len();
    host.now += 59.0;
    assert_eq!(
        code(token(&mut host, &client)),
        ErrorCode::ProviderUnavailable
    );
    assert_eq!(
        host.requests.len(),
        requests,
        "the server asked not to be asked"
    );
    host.now += 1.0;
    host.provider.heal();
    assert!(token(&mut host, &client).is_ok());
}

#[test]
fn rfc_6749_5_2_a_refusal_is_shared_by_everybody_who_asks_for_the_same() {
    let mut host = Host::new();
    let client = with_secret();
    let refused = Reply::Json(401, json!({ "error": "invalid_client" }));
    host.provider.replies.push_back(refused);
    assert_eq!(code(token(&mut host, &client)), ErrorCode::ClientRefused);
    let requests = host.requests.len();
    assert_eq!(code(token(&mut host, &client)), ErrorCode::ClientRefused);
    assert_eq!(host.requests.len(), requests);
    assert!(host.run(client.client_credentials(target("other"))).is_ok());
    host.now += 10.0;
    assert!(token(&mut host, &client).is_ok());
}

#[test]
fn callers_at_the_same_time_share_one_request() {
    let mut host = Host::new();
    let client = with_secret();
    let mut first = host.begin(client.client_credentials(target("api")));
    let mut second = host.begin(client.client_credentials(target("api")));
    assert!(matches!(host.go_on(&mut first), Progress::Sent));
    assert!(matches!(host.go_on(&mut second), Progress::Locked));
    let first = host.finish(&mut first).unwrap();
    let second = host.finish(&mut second).unwrap();
    assert_eq!(first.token().expose(), second.token().expose());
    assert_eq!(host.requests.len(), 2, "the metadata and one token");
}

#[test]
fn a_wrong_configuration_is_refused_by_the_option_s_name() {
    let refused = |authority: &str, client_id: &str| {
        let secret = ClientAuthentication::SecretPost(Secret::new("x"));
        let config = ConfidentialClientConfig::new(authority, client_id, secret);
        let error = edge::confidential_client(config).err().unwrap();
        assert_eq!(error.code(), ErrorCode::InvalidOption);
        error
            .detail()
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(refused("http://as.example", "daemon"), "authority");
    assert_eq!(refused(ISSUER, ""), "client_id");
}
