//! A provider whose responses a test can spoil.

use std::collections::VecDeque;

use countersign::{HttpRequest, ResponseHeaders};
use serde_json::{Value, json};

use crate::host::parameters;

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const CLIENT: &str = "spa";
pub(crate) const REDIRECT: &str = "https://app.example/callback";
/// When the tests begin.
pub(crate) const START: f64 = 1_800_000_000.0;

/// A response.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Json(u16, Value),
    Text(u16, String),
    /// No response arrives.
    Nothing,
}

pub(crate) struct Provider {
    /// The metadata document.
    pub(crate) metadata: Value,
    /// A response instead of the metadata.
    pub(crate) discovery: Option<Reply>,
    /// Responses to the next token requests, instead of the good ones.
    pub(crate) replies: VecDeque<Reply>,
    /// Members of a good token response to replace, or with `null` to remove.
    pub(crate) response: Value,
    /// The same for the ID token's claims and its header.
    pub(crate) claims: Value,
    pub(crate) header: Value,
    /// What becomes of an ID token on its way.
    pub(crate) rewrite_id_token: fn(String) -> String,
    /// Whether a refresh response has an ID token too.
    pub(crate) refreshes_id_token: bool,
    /// The headers of all responses.
    pub(crate) headers: ResponseHeaders,
    /// Seconds that each response takes.
    pub(crate) latency: f64,
    nonce: String,
    serial: u32,
}

impl Provider {
    pub(crate) fn new() -> Self {
        Self {
            metadata: metadata(),
            discovery: None,
            replies: VecDeque::new(),
            response: json!({}),
            claims: json!({}),
            header: json!({}),
            rewrite_id_token: |token| token,
            refreshes_id_token: false,
            headers: ResponseHeaders::default(),
            latency: 0.0,
            nonce: String::new(),
            serial: 0,
        }
    }

    /// Takes all faults back.
    pub(crate) fn heal(&mut self) {
        let serial = self.serial;
        *self = Self::new();
        self.serial = serial;
    }

    /// What the provider sends the user back with, for an authorization request.
    pub(crate) fn authorize(&mut self, request: &str) -> String {
        let asked = parameters(request);
        self.nonce = asked["nonce"].clone();
        self.serial += 1;
        format!("code=code-{}&state={}", self.serial, asked["state"])
    }

    pub(crate) fn respond(&mut self, request: &HttpRequest, now: f64) -> Reply {
        if request.url.ends_with("/.well-known/openid-configuration") {
            let known = Reply::Json(200, self.metadata.clone());
            return self.discovery.clone().unwrap_or(known);
        }
        if let Some(reply) = self.replies.pop_front() {
            return reply;
        }
        let form = request.body.as_deref().expect("a token request is a POST");
        let grant = parameters(form).remove("grant_type").unwrap_or_default();
        let is_sign_in = grant == "authorization_code" || grant.ends_with("device_code");
        self.serial += 1;
        let mut response = json!({
            "access_token": format!("access-{}", self.serial),
            "refresh_token": format!("refresh-{}", self.serial),
            "token_type": "Bearer",
            "expires_in": 3600,
        });
        if is_sign_in || self.refreshes_id_token {
            response["id_token"] = self.id_token(is_sign_in, now).into();
        }
        patch(&mut response, &self.response);
        Reply::Json(200, response)
    }

    fn id_token(&self, is_sign_in: bool, now: f64) -> String {
        let mut header = json!({ "alg": "RS256", "kid": "1" });
        let mut claims = json!({
            "iss": ISSUER,
            "sub": "alice",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 600.0,
        });
        if is_sign_in && !self.nonce.is_empty() {
            claims["nonce"] = self.nonce.clone().into();
        }
        patch(&mut header, &self.header);
        patch(&mut claims, &self.claims);
        (self.rewrite_id_token)(jws(&header.to_string(), &claims.to_string()))
    }
}

pub(crate) fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://as.example/authorize",
        "token_endpoint": "https://as.example/token",
        "end_session_endpoint": "https://as.example/logout",
        "jwks_uri": "https://as.example/jwks",
    })
}

/// A compact serialization of these parts, with a signature that nobody looks at.
pub(crate) fn jws(header: &str, payload: &str) -> String {
    format!("{}.{}.c2ln", base64url(header), base64url(payload))
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = bytes
        .as_ref()
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1))
        .collect();
    bits.chunks(6)
        .map(|six| (0..6).fold(0, |value, place| value << 1 | six.get(place).unwrap_or(&0)))
        .map(|value: u8| char::from(ALPHABET[usize::from(value)]))
        .collect()
}

/// Replaces members; removes those that are `null` in the patch.
pub(crate) fn patch(object: &mut Value, patch: &Value) {
    for (name, value) in patch.as_object().expect("a patch is an object") {
        if value.is_null() {
            object.as_object_mut().expect("an object").remove(name);
        } else {
            object[name] = value.clone();
        }
    }
}
