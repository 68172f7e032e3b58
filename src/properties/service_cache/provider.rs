//! The token endpoint. Each token says for whom it is, and when it expires.

use proptest::prelude::*;

use super::TENANTS;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::wire::base64url;
use crate::core::wire::form::Parameters;

pub(super) const METADATA: &str = r#"{"issuer":"https://login.example/{tenantid}/v2.0",
    "token_endpoint":"https://login.example/common/oauth2/v2.0/token"}"#;

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Unavailable,
    Garbage,
    Silent,
    Refusing,
}

#[derive(Default)]
pub(super) struct Provider {
    pub(super) requests: usize,
    pub(super) fault: Option<Fault>,
    pub(super) latency: f64,
    /// The lives of the tokens that it issued, the newest last.
    pub(super) issued: Vec<Life>,
}

#[derive(Clone, Copy)]
pub(super) struct Life {
    pub(super) from: f64,
    pub(super) seconds: f64,
}

/// What a token says.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) tenant: usize,
    pub(super) owner: String,
    pub(super) scope: String,
    pub(super) secret: String,
    pub(super) claims: String,
    /// From when nobody is handed it.
    pub(super) ends_at: f64,
}

impl Fault {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            Just(Self::Unavailable),
            Just(Self::Garbage),
            Just(Self::Silent),
            Just(Self::Refusing)
        ]
    }
}

impl Life {
    /// A fifth of its life before it expires, but at most five minutes.
    pub(super) fn renewal(self) -> f64 {
        self.from + (self.seconds - (self.seconds * 0.2).min(300.0))
    }

    /// It would expire on its way.
    pub(super) fn last_seconds(self) -> f64 {
        self.expiry() - (self.seconds * 0.1).min(5.0)
    }

    pub(super) fn expiry(self) -> f64 {
        self.from + self.seconds
    }
}

impl Provider {
    /// The response to a request that arrives now.
    pub(super) fn respond(
        &mut self,
        request: &HttpRequest,
        now: f64,
    ) -> Result<HttpResponse, AuthError> {
        self.requests += 1;
        if let Some(fault) = self.fault.take() {
            return match fault {
                Fault::Silent => Err(ErrorCode::NetworkError.into()),
                Fault::Unavailable => Ok(HttpResponse::new(503, "")),
                Fault::Garbage => Ok(HttpResponse::new(200, "<html>")),
                Fault::Refusing => {
                    let refusal = r#"{"error":"invalid_grant","suberror":"basic_action"}"#;
                    Ok(HttpResponse::new(400, refusal))
                }
            };
        }
        let form = Parameters::read(request.body.as_deref().unwrap_or_default());
        let get = |name| form.get(name).unwrap_or_default();
        let owner = match get("refresh_token") {
            "" => owner_of(get("assertion")),
            refresh_token => refresh_token.to_owned(),
        };
        let life = Life {
            from: now,
            seconds: 60.0 + 977.0 * (self.issued.len() % 4) as f64,
        };
        self.issued.push(life);
        let token = [
            &self.issued.len().to_string(),
            request.url.split('/').nth(3).unwrap(),
            &owner,
            // A token has no spaces (RFC 6749 appendix A.12).
            &get("scope").replace(' ', "+"),
            get("client_secret"),
            get("claims"),
            &life.last_seconds().to_string(),
        ]
        .join("|");
        let body = serde_json::json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": life.seconds,
            "refresh_token": owner,
        });
        Ok(HttpResponse::new(200, body.to_string()))
    }
}

/// A user's access token for the service.
pub(super) fn assertion(owner: &str, tenant: usize, audience: &str) -> String {
    let claims = serde_json::json!({
        "aud": audience, "scp": "x", "tid": TENANTS[tenant], "sub": owner
    });
    let claims = base64url::encode(claims.to_string().as_bytes());
    format!("e30.{claims}.c2ln")
}

fn owner_of(assertion: &str) -> String {
    let Some(claims) = assertion.split('.').nth(1) else {
        return "service".into();
    };
    let claims = base64url::decode(claims.as_bytes()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["sub"].as_str().unwrap().to_owned()
}

impl Issued {
    pub(super) fn read(token: &str) -> Self {
        let parts: Vec<_> = token.split('|').collect();
        let tenant = TENANTS.iter().position(|tenant| *tenant == parts[1]);
        Self {
            tenant: tenant.expect("one of the tenants"),
            owner: parts[2].into(),
            scope: parts[3].replace("+offline_access", ""),
            secret: parts[4].into(),
            claims: parts[5].into(),
            ends_at: parts[6].parse().unwrap(),
        }
    }
}
