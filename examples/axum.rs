//! An API on axum that accepts a request by its access token.
//!
//! ```sh
//! ISSUER=https://login.microsoftonline.com/<tenant>/v2.0 AUDIENCE=api://notes \
//!   cargo run --package examples --bin axum
//! ```

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use countersign::edge::Host as _;
use countersign::verifier::{
    AccessTokenClaims, Permissions, Requirement, Scheme, Verifier, VerifierConfig, credentials,
};
use countersign::{
    AuthError, Command, ErrorCode, Flow, HttpRequest, HttpResponse, Input, Method, ResponseHeaders,
    Shared, edge,
};
use serde_json::{Value, json};

/// The longest response of an issuer that is read, in bytes.
const LONGEST_RESPONSE: usize = 1024 * 1024;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = VerifierConfig::new(&env::var("ISSUER")?, &env::var("AUDIENCE")?)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("http://{}/notes", listener.local_addr()?);
    axum::serve(listener, app(config)?).await?;
    Ok(())
}

/// The API: everything below `protect` needs a token with the scope `notes.read`.
fn app(config: VerifierConfig) -> Result<Router, Box<dyn Error>> {
    let guard = Guard {
        verifier: edge::verifier(config)?,
        issuer: Issuer::new()?,
        requirement: Permissions::default().scope("notes.read")?.into(),
    };
    let protect = middleware::from_fn_with_state(Arc::new(guard), protect);
    Ok(Router::new()
        .route("/notes", get(notes))
        .route_layer(protect))
}

async fn notes(Extension(caller): Extension<Arc<AccessTokenClaims>>) -> Json<Value> {
    Json(json!({ "notes": [], "scopes": caller.scopes }))
}

/// One for the whole server: it holds the issuer's keys for all requests.
struct Guard {
    verifier: Shared<Verifier>,
    issuer: Issuer,
    requirement: Requirement,
}

async fn protect(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    match guard.authenticate(request.headers()).await {
        Ok(claims) => {
            request.extensions_mut().insert(Arc::new(claims));
            next.run(request).await
        }
        Err(error) => guard.refusal(&error),
    }
}

impl Guard {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<AccessTokenClaims, AuthError> {
        let header = headers.get(header::AUTHORIZATION);
        let (_, token) = credentials(header.and_then(|value| value.to_str().ok()))?;
        edge::verify(&self.verifier, token, &self.requirement, &self.issuer).await
    }

    /// The response of RFC 6750 section 3.
    fn refusal(&self, error: &AuthError) -> Response {
        let now = self.issuer.now();
        let challenge = self
            .verifier
            .challenge(error, &self.requirement, Scheme::Bearer, now);
        let status = StatusCode::from_u16(challenge.status);
        let body = Json(json!({ "code": error.code().as_str() }));
        let mut response = (
            status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            [(header::WWW_AUTHENTICATE, challenge.www_authenticate)],
            body,
        )
            .into_response();
        if let Some(seconds) = challenge.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// What sends the requests for metadata and keys.
#[derive(Clone)]
struct Issuer(reqwest::Client);

impl Issuer {
    fn new() -> reqwest::Result<Self> {
        let builder = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            // The metadata names the final URL.
            .redirect(reqwest::redirect::Policy::none());
        builder.build().map(Self)
    }

    async fn send(&self, request: HttpRequest) -> reqwest::Result<Input> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut sent = self.0.request(method, &request.url);
        for (name, value) in &request.headers {
            sent = sent.header(*name, value);
        }
        let mut response = sent.body(request.body.unwrap_or_default()).send().await?;
        let status = response.status().as_u16();
        let mut headers = ResponseHeaders::default();
        let text = |name| Some(String::from(response.headers().get(name)?.to_str().ok()?));
        headers.etag = text(header::ETAG);
        headers.cache_control = text(header::CACHE_CONTROL);
        headers.retry_after = text(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_RESPONSE {
                return Ok(Input::Failed(ErrorCode::UnexpectedResponse.into()));
            }
        }
        let body = String::from_utf8_lossy(&body);
        let mut response = HttpResponse::new(status, body);
        response.headers = headers;
        Ok(Input::response(response))
    }
}

impl edge::Host for Issuer {
    async fn carry_out(&self, command: Command) -> Input {
        let request = match command {
            Command::Send(request) => request,
            Command::Wait(until) => {
                let seconds = until.since(self.now()).max(0.0);
                tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
                return Input::Done;
            }
            _ => return Input::Failed(ErrorCode::Internal.into()),
        };
        let url = request.url.clone();
        self.send(request).await.unwrap_or_else(|error| {
            let detail = format!("{url}: {error}");
            Input::Failed(AuthError::about(ErrorCode::NetworkError, &detail))
        })
    }

    fn spawn(&self, flow: Flow<()>) {
        let issuer = self.clone();
        tokio::spawn(async move { edge::drive(flow, &issuer).await });
    }
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use p256::ecdsa::signature::Signer;
    use p256::ecdsa::{Signature, SigningKey};

    use super::*;

    /// An issuer on loopback that publishes one key, and the API that trusts it.
    struct World {
        issuer: String,
        api: String,
        key: SigningKey,
    }

    impl World {
        async fn new() -> Self {
            let key = SigningKey::from_slice(&[7; 32]).unwrap();
            let point = key.verifying_key().to_encoded_point(false);
            let coordinate = |bytes: Option<_>| URL_SAFE_NO_PAD.encode(bytes.unwrap());
            let jwks = json!({ "keys": [{
                "kty": "EC", "crv": "P-256", "kid": "1",
                "x": coordinate(point.x()), "y": coordinate(point.y()),
            }]});
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let issuer = format!("http://{}", listener.local_addr().unwrap());
            let metadata = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") });
            let router = Router::new()
                .route(
                    "/.well-known/openid-configuration",
                    get(move || async { Json(metadata) }),
                )
                .route("/jwks", get(move || async { Json(jwks) }));
            tokio::spawn(async { axum::serve(listener, router).await });

            let config = VerifierConfig::new(&issuer, "api://notes").unwrap();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let api = format!("http://{}/notes", listener.local_addr().unwrap());
            let router = app(config).unwrap();
            tokio::spawn(async { axum::serve(listener, router).await });
            Self { issuer, api, key }
        }

        fn token(&self, scope: &str) -> String {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            let claims = json!({
                "iss": self.issuer, "aud": "api://notes", "sub": "alice", "scope": scope,
                "exp": now.as_secs() + 600,
            });
            let header = json!({ "alg": "ES256", "kid": "1" });
            let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
            let signing_input = format!("{}.{}", part(&header), part(&claims));
            let signature: Signature = self.key.sign(signing_input.as_bytes());
            format!(
                "{signing_input}.{}",
                URL_SAFE_NO_PAD.encode(signature.to_bytes())
            )
        }

        async fn get(&self, token: Option<&str>) -> (u16, String) {
            let mut request = reqwest::Client::new().get(&self.api);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let response = request.send().await.unwrap();
            let challenge = response.headers().get("www-authenticate");
            let challenge = challenge.map_or("", |value| value.to_str().unwrap());
            (response.status().as_u16(), challenge.into())
        }
    }

    #[tokio::test]
    async fn the_api_fetches_the_keys_and_decides() {
        let world = World::new().await;
        let good = world.token("notes.read");
        assert_eq!(world.get(Some(&good)).await.0, 200);
        let unauthorized = (401, "Bearer scope=\"notes.read\"".into());
        assert_eq!(world.get(None).await, unauthorized);
        let (status, challenge) = world.get(Some(&world.token("other"))).await;
        assert_eq!(status, 403);
        assert!(challenge.ends_with("scope=\"notes.read\""), "{challenge}");
        let forged = format!("{}AA", &good[..good.len() - 2]);
        assert_eq!(world.get(Some(&forged)).await.0, 401);
    }
}
