//! A command-line program that signs its user in through the system's browser, or on another device,
//! and keeps them signed in.
//!
//! ```sh
//! AUTHORITY=https://login.microsoftonline.com/organizations/v2.0 CLIENT_ID=<client id> \
//!   CACHE=~/.config/my-app/tokens cargo run --package examples --bin native
//! ```
//!
//! It prints who the user is and what their token is for. With the argument `device` it signs in by a
//! device code, with `sign-out` it signs out.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use countersign::edge::{self, Host};
use countersign::native::{
    GetTokenOptions, NativeClient, NativeClientConfig, RedirectUri, SignInOptions, SignOutOptions,
    Target,
};
use countersign::{
    AuthError, Command, ErrorCode, HttpRequest, HttpResponse, Input, Method, Notice, RecordKey,
    ResponseHeaders, Secret, Shared,
};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The longest response of a provider, and the longest request of a browser, in bytes.
const LONGEST_RESPONSE: usize = 1024 * 1024;
const LONGEST_REQUEST: usize = 64 * 1024;
/// How long the user may take.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut config = NativeClientConfig::new(env::var("AUTHORITY")?, env::var("CLIENT_ID")?);
    config.target = Target::new(env::var("SCOPE").ok().as_deref(), None);
    let client = NativeClient::new(config, edge::platform())?;
    let mut terminal = Terminal::new(Cache::new(env::var("CACHE")?), open_browser)?;
    match env::args().nth(1).as_deref() {
        Some("sign-out") => {
            edge::drive(client.sign_out(SignOutOptions::default()), &terminal).await?;
            println!("signed out");
            return Ok(());
        }
        Some("device") => terminal.sign_in_on_another_device(&client).await?,
        _ => {}
    }
    let token = terminal.token(&client).await?;
    let account = client.account().map(|account| account.subject);
    println!("{} has {token}", account.unwrap_or_default());
    Ok(())
}

/// What the program does for the flows of its client.
struct Terminal {
    http: reqwest::Client,
    cache: Cache,
    /// The locks that are held, by their names.
    locks: Mutex<HashMap<String, File>>,
    /// Where the browser comes back to, during a sign-in.
    listener: Option<TcpListener>,
    open_browser: fn(&str) -> io::Result<()>,
}

impl Terminal {
    fn new(cache: Cache, open_browser: fn(&str) -> io::Result<()>) -> reqwest::Result<Self> {
        let builder = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            // The metadata names the final URL.
            .redirect(reqwest::redirect::Policy::none());
        Ok(Self {
            http: builder.build()?,
            cache,
            locks: Mutex::default(),
            listener: None,
            open_browser,
        })
    }

    /// What the user's token is for. They sign in if nothing else helps.
    async fn token(&mut self, client: &Shared<NativeClient>) -> Result<String, AuthError> {
        let options = GetTokenOptions::default;
        let token = match edge::drive(client.get_token(options()), self).await {
            Err(error) if needs_user(&error) => {
                self.sign_in(client).await?;
                edge::drive(client.get_token(options()), self).await?
            }
            token => token?,
        };
        Ok(token.scope().into())
    }

    async fn sign_in(&mut self, client: &Shared<NativeClient>) -> Result<(), AuthError> {
        let unavailable =
            |error: io::Error| AuthError::about(ErrorCode::RedirectUnavailable, &error.to_string());
        // RFC 8252 section 7.3: a port that is free now, on loopback only.
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .map_err(unavailable)?;
        let port = listener.local_addr().map_err(unavailable)?.port();
        self.listener = Some(listener);
        let flow = client.sign_in(RedirectUri::Loopback(port), SignInOptions::default());
        let signed_in = tokio::time::timeout(PATIENCE, edge::drive(flow, self)).await;
        self.listener = None;
        signed_in.map_err(|_| ErrorCode::SignInTimedOut)??;
        Ok(())
    }

    async fn sign_in_on_another_device(
        &self,
        client: &Shared<NativeClient>,
    ) -> Result<(), AuthError> {
        let flow = client.sign_in_with_device_code(SignInOptions::default());
        edge::drive(flow, self).await?;
        Ok(())
    }

    async fn send(&self, request: HttpRequest) -> reqwest::Result<Input> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut sent = self.http.request(method, &request.url);
        for (name, value) in &request.headers {
            sent = sent.header(*name, value);
        }
        let mut response = sent.body(request.body.unwrap_or_default()).send().await?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after");
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_RESPONSE {
                return Ok(Input::Failed(ErrorCode::UnexpectedResponse.into()));
            }
        }
        let mut response = HttpResponse::new(status, String::from_utf8_lossy(&body));
        response.headers = ResponseHeaders {
            retry_after,
            ..ResponseHeaders::default()
        };
        Ok(Input::response(response))
    }

    /// The URL of the next visit to the redirect URI.
    async fn visit(&self) -> io::Result<String> {
        let listener = self.listener.as_ref().ok_or(ErrorKind::NotConnected)?;
        let port = listener.local_addr()?.port();
        loop {
            let (mut browser, _) = listener.accept().await?;
            // A connection without a request, as browsers open them in advance, holds nobody.
            let request =
                tokio::time::timeout(Duration::from_secs(5), request_of(&mut browser)).await;
            let Ok(Ok(request)) = request else { continue };
            if let Some((host, path)) = target_of(&request, port) {
                respond(&mut browser, "200 OK", DONE).await?;
                return Ok(format!("http://{host}{path}"));
            }
            respond(&mut browser, "404 Not Found", NOTHING).await?;
        }
    }

    /// Waits for the lock of this name, which the operating system releases with the process.
    async fn lock(&self, name: String) -> io::Result<()> {
        let path = self.cache.beside(&name);
        let locked = tokio::task::spawn_blocking(move || {
            let file = create_private(&path)?;
            file.lock()?;
            io::Result::Ok(file)
        });
        let file = locked.await??;
        self.held().insert(name, file);
        Ok(())
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<String, File>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host for Terminal {
    async fn carry_out(&self, command: Command) -> Input {
        let failed = |error: io::Error| {
            let detail = error.to_string();
            Input::Failed(AuthError::about(ErrorCode::CacheUnavailable, &detail))
        };
        match command {
            Command::Send(request) => {
                let url = request.url.clone();
                self.send(request).await.unwrap_or_else(|error| {
                    let detail = format!("{url}: {error}");
                    Input::Failed(AuthError::about(ErrorCode::NetworkError, &detail))
                })
            }
            Command::Read(RecordKey::Session) => match self.cache.read() {
                Ok(record) => Input::record(record),
                Err(error) => failed(error),
            },
            Command::Write {
                key: RecordKey::Session,
                record,
                over,
            } => match self.cache.write(&record, &over) {
                Ok(true) => Input::Done,
                Ok(false) => Input::Conflict,
                Err(error) => failed(error),
            },
            Command::Lock(name) => match self.lock(name).await {
                Ok(()) => Input::Done,
                Err(error) => failed(error),
            },
            Command::Navigate(url) => {
                println!("If no browser opens, go to {url}");
                // Who is shown the URL can open it.
                let _ = (self.open_browser)(&url);
                Input::Done
            }
            Command::AwaitRedirect => match self.visit().await {
                Ok(url) => Input::Text(Secret::new(url)),
                Err(error) => {
                    let detail = error.to_string();
                    Input::Failed(AuthError::about(ErrorCode::RedirectUnavailable, &detail))
                }
            },
            Command::Wait(until) => {
                let seconds = until.since(self.now()).max(0.0);
                tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
                Input::Done
            }
            _ => Input::Failed(ErrorCode::Internal.into()),
        }
    }

    fn take_notice(&self, notice: Notice) {
        match notice {
            Notice::Unlock(name) => drop(self.held().remove(&name)),
            Notice::DeviceCode(code) => {
                println!("Enter {} at {}", code.user_code, code.verification_uri);
            }
            _ => {}
        }
    }
}

/// Whether the user has to sign in.
fn needs_user(error: &AuthError) -> bool {
    matches!(
        error.code(),
        ErrorCode::SignInRequired | ErrorCode::InteractionRequired
    )
}

/// The session in a file that only its owner can read. A record begins with its revision, up to the
/// first `&`.
struct Cache(PathBuf);

impl Cache {
    fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn read(&self) -> io::Result<Option<String>> {
        match fs::read_to_string(&self.0) {
            Ok(record) => Ok(Some(record)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts the record in the place of one that begins with `over`. Returns whether it did.
    fn write(&self, record: &str, over: &str) -> io::Result<bool> {
        let lock = create_private(&self.beside("write"))?;
        lock.lock()?;
        let stored = self.read()?.unwrap_or_default();
        if stored.split('&').next() != Some(over) {
            return Ok(false);
        }
        // A process that reads meanwhile, or after a power failure, finds the old file or the new one.
        let written = self.0.with_added_extension("new");
        let mut file = create_private(&written)?;
        file.set_len(0)?;
        file.write_all(record.as_bytes())?;
        file.sync_all()?;
        fs::rename(&written, &self.0)?;
        Ok(true)
    }

    /// The path of a lock of this name.
    fn beside(&self, name: &str) -> PathBuf {
        let digest = Sha256::digest(name.as_bytes());
        let digits: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.0.with_added_extension(format!("{digits}.lock"))
    }
}

/// Opens or makes a file that only its owner can read, in a folder of the same kind.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        options.mode(0o600);
        folder.mode(0o700);
    }
    folder.create(path.parent().unwrap_or(Path::new(".")))?;
    options.open(path)
}

/// Shows the URL in the system's browser. No shell reads it.
fn open_browser(url: &str) -> io::Result<()> {
    let (program, words): (_, &[&str]) = match env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
        _ => ("xdg-open", &[]),
    };
    let mut command = std::process::Command::new(program);
    command.args(words).arg(url).stdin(Stdio::null());
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(())
}

/// The head of a request.
async fn request_of(browser: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let length = browser.read(&mut chunk).await?;
        request.extend_from_slice(&chunk[..length]);
        if length == 0 || request.len() > LONGEST_REQUEST {
            return Err(ErrorKind::InvalidData.into());
        }
    }
    String::from_utf8(request).map_err(|_| ErrorKind::InvalidData.into())
}

/// Host and target of a GET of the redirect URI. A page elsewhere whose name leads to this machine has
/// another host.
fn target_of(request: &str, port: u16) -> Option<(&str, &str)> {
    let mut lines = request.split("\r\n");
    let target = lines.next()?.strip_prefix("GET ")?.split(' ').next()?;
    let host = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    })?;
    let is_ours = ["localhost", "127.0.0.1"]
        .iter()
        .any(|name| host == format!("{name}:{port}"));
    let is_redirect_uri = target == "/" || target.starts_with("/?");
    (is_ours && is_redirect_uri).then_some((host, target))
}

const DONE: &str = "Go back to the program: it goes on there. You can close this window.";
const NOTHING: &str = "There is nothing here. You can close this window.";

async fn respond(browser: &mut TcpStream, status: &str, text: &str) -> io::Result<()> {
    // The script takes the response, which is used, out of the address bar.
    let page = format!(
        "<!doctype html><title>Sign-in</title><p>{text}</p>\
         <script>history.replaceState(null, \"\", location.pathname)</script>"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncache-control: no-store\r\n\
         referrer-policy: no-referrer\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        page.len()
    );
    browser.write_all(head.as_bytes()).await?;
    browser.write_all(page.as_bytes()).await?;
    browser.shutdown().await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{SystemTime, UNIX_EPOCH};

    use axum::extract::{RawQuery, State};
    use axum::response::Redirect;
    use axum::routing::{get, post};
    use axum::{Json, Router};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use countersign::UnixTime;
    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;

    /// A provider on loopback that signs Ada in without asking.
    #[derive(Default)]
    struct Provider {
        issuer: String,
        nonce: Mutex<String>,
        /// The forms that the token endpoint got.
        forms: Mutex<Vec<HashMap<String, String>>>,
    }

    impl Provider {
        async fn start() -> Arc<Self> {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let provider = Arc::new(Self {
                issuer: format!("http://{}", listener.local_addr().unwrap()),
                ..Self::default()
            });
            let router = Router::new()
                .route("/.well-known/openid-configuration", get(Self::metadata))
                .route("/authorize", get(Self::authorize))
                .route("/device", post(Self::device))
                .route("/token", post(Self::token))
                .with_state(Arc::clone(&provider));
            tokio::spawn(async { axum::serve(listener, router).await });
            provider
        }

        async fn metadata(State(provider): State<Arc<Self>>) -> Json<Value> {
            let at = |path: &str| format!("{}/{path}", provider.issuer);
            Json(json!({
                "issuer": provider.issuer,
                "authorization_endpoint": at("authorize"),
                "token_endpoint": at("token"),
                "device_authorization_endpoint": at("device"),
            }))
        }

        async fn authorize(
            State(provider): State<Arc<Self>>,
            RawQuery(query): RawQuery,
        ) -> Redirect {
            let asked = parameters(&query.unwrap());
            *provider.nonce.lock().unwrap() = asked["nonce"].clone();
            Redirect::to(&format!(
                "{}?code=c0de&state={}",
                asked["redirect_uri"], asked["state"]
            ))
        }

        async fn device() -> Json<Value> {
            Json(json!({
                "device_code": "d3vice", "user_code": "ABCD",
                "verification_uri": "https://login.example", "expires_in": 60, "interval": 1,
            }))
        }

        async fn token(State(provider): State<Arc<Self>>, body: String) -> Json<Value> {
            let form = parameters(&body);
            let mut forms = provider.forms.lock().unwrap();
            forms.push(form.clone());
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            let mut claims = json!({
                "iss": provider.issuer, "aud": "desktop", "sub": "ada",
                "iat": now.as_secs(), "exp": now.as_secs() + 600,
            });
            if form["grant_type"] == "authorization_code" {
                claims["nonce"] = provider.nonce.lock().unwrap().clone().into();
            }
            let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
            let id_token = format!(
                "{}.{}.AAAA",
                part(&json!({ "alg": "RS256" })),
                part(&claims)
            );
            Json(json!({
                "access_token": format!("access-{}", forms.len()),
                "refresh_token": format!("refresh-{}", forms.len()),
                "token_type": "Bearer", "expires_in": 3600, "id_token": id_token,
                "scope": "openid notes.read",
            }))
        }

        fn grants(&self) -> Vec<String> {
            let forms = self.forms.lock().unwrap();
            forms
                .iter()
                .map(|form| form["grant_type"].clone())
                .collect()
        }
    }

    /// The program, when the tokens of a sign-in have expired.
    struct Later(Terminal);

    impl Host for Later {
        async fn carry_out(&self, command: Command) -> Input {
            self.0.carry_out(command).await
        }

        fn take_notice(&self, notice: Notice) {
            self.0.take_notice(notice);
        }

        fn now(&self) -> UnixTime {
            self.0.now().plus(4000.0)
        }
    }

    fn parameters(query: &str) -> HashMap<String, String> {
        let url = reqwest::Url::parse(&format!("http://localhost/?{query}")).unwrap();
        url.query_pairs().into_owned().collect()
    }

    /// A browser that others use, too: what comes first is none of the sign-in's.
    fn browse(url: &str) -> io::Result<()> {
        let url = url.to_owned();
        let redirect_uri = parameters(url.split_once('?').unwrap().1)["redirect_uri"].clone();
        tokio::spawn(async move {
            for path in [
                "favicon.ico",
                "?code=stolen&state=forged",
                "?error=access_denied",
            ] {
                reqwest::get(format!("{redirect_uri}{path}")).await.unwrap();
            }
            let page = reqwest::get(url).await.unwrap().text().await.unwrap();
            assert!(page.contains("Go back") && !page.contains("c0de"), "{page}");
        });
        Ok(())
    }

    fn nobody(_: &str) -> io::Result<()> {
        panic!("no browser is needed");
    }

    /// A start of the program.
    fn start(
        provider: &Provider,
        folder: &TempDir,
        open_browser: fn(&str) -> io::Result<()>,
    ) -> (Shared<NativeClient>, Terminal) {
        let config = NativeClientConfig::new(provider.issuer.as_str(), "desktop");
        let cache = Cache::new(folder.path().join("app/tokens"));
        let client = NativeClient::new(config, edge::platform()).unwrap();
        (client, Terminal::new(cache, open_browser).unwrap())
    }

    #[tokio::test]
    async fn the_user_signs_in_once_and_stays_signed_in() {
        let provider = Provider::start().await;
        let folder = TempDir::new().unwrap();
        let (client, mut terminal) = start(&provider, &folder, browse);
        assert_eq!(terminal.token(&client).await.unwrap(), "openid notes.read");
        assert_eq!(client.account().unwrap().subject, "ada");
        assert_eq!(provider.grants(), ["authorization_code"]);

        let (client, mut terminal) = start(&provider, &folder, nobody);
        terminal.token(&client).await.unwrap();
        assert_eq!(provider.forms.lock().unwrap().len(), 1);
        edge::drive(client.sign_out(SignOutOptions::default()), &terminal)
            .await
            .unwrap();
        let (client, terminal) = start(&provider, &folder, nobody);
        let token = edge::drive(client.get_token(GetTokenOptions::default()), &terminal).await;
        assert_eq!(token.unwrap_err().code(), ErrorCode::SignInRequired);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_can_read_the_cache() {
        use std::os::unix::fs::PermissionsExt;

        let provider = Provider::start().await;
        let folder = TempDir::new().unwrap();
        let (client, mut terminal) = start(&provider, &folder, browse);
        terminal.token(&client).await.unwrap();
        let mode = |path: &str| {
            let metadata = fs::metadata(folder.path().join(path)).unwrap();
            metadata.permissions().mode() & 0o777
        };
        assert_eq!((mode("app"), mode("app/tokens")), (0o700, 0o600));
    }

    #[tokio::test]
    async fn programs_that_share_the_cache_make_one_request_for_a_token() {
        let provider = Provider::start().await;
        let folder = TempDir::new().unwrap();
        let (client, mut terminal) = start(&provider, &folder, browse);
        terminal.sign_in(&client).await.unwrap();
        let mut programs = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (client, terminal) = start(&provider, &folder, nobody);
            programs.spawn(async move {
                let flow = client.get_token(GetTokenOptions::default());
                let token = edge::drive(flow, &Later(terminal)).await.unwrap();
                token.token().expose().to_owned()
            });
        }
        let tokens = programs.join_all().await;
        assert_eq!(tokens, vec!["access-2"; 8]);
        assert_eq!(provider.grants(), ["authorization_code", "refresh_token"]);
    }

    #[tokio::test]
    async fn a_device_code_needs_no_browser_here() {
        let provider = Provider::start().await;
        let folder = TempDir::new().unwrap();
        let (client, mut terminal) = start(&provider, &folder, nobody);
        terminal.sign_in_on_another_device(&client).await.unwrap();
        assert_eq!(terminal.token(&client).await.unwrap(), "openid notes.read");
        assert_eq!(
            provider.grants(),
            ["urn:ietf:params:oauth:grant-type:device_code"]
        );
    }

    #[tokio::test]
    async fn a_cache_that_was_cut_is_nobody_s_session() {
        let provider = Provider::start().await;
        let folder = TempDir::new().unwrap();
        let (client, mut terminal) = start(&provider, &folder, browse);
        terminal.token(&client).await.unwrap();
        let path = folder.path().join("app/tokens");
        let whole = fs::read_to_string(&path).unwrap();
        for length in [0, 10, whole.len() / 2] {
            fs::write(&path, &whole[..length]).unwrap();
            let (client, mut terminal) = start(&provider, &folder, browse);
            terminal.token(&client).await.unwrap();
            assert_eq!(client.account().unwrap().subject, "ada");
        }
    }
}
