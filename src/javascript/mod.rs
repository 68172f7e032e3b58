//! What the builds hand to JavaScript in the same form, and the flows that it drives.
//!
//! Structures cross as one text, `application/x-www-form-urlencoded`, which the platform reads by
//! itself (`URLSearchParams`): a setter for each member of each object costs a page four times as
//! much. Times and durations cross in milliseconds.

#[cfg(any(feature = "browser", feature = "native", feature = "service"))]
pub(crate) mod json;
#[cfg(any(feature = "browser", feature = "native", feature = "service"))]
pub(crate) mod options;
#[cfg(any(feature = "browser", feature = "native", feature = "service"))]
pub(crate) mod results;
#[cfg(any(feature = "browser", feature = "native"))]
pub(crate) mod session;
#[cfg(any(feature = "browser", feature = "native", feature = "service"))]
mod sign_in;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use js_sys::Date;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::Event;
#[cfg(feature = "native")]
use crate::core::flow::DeviceCode;
#[cfg(feature = "service")]
use crate::core::flow::DigestAlgorithm;
use crate::core::flow::{Command, Flow, Input, Notice, RecordKey, Step};
use crate::core::http::{HttpResponse, ResponseHeaders};
#[cfg(feature = "service")]
use crate::core::jose::algorithm::Algorithm;
use crate::core::secret::Secret;
use crate::core::time::UnixTime;
#[cfg(feature = "service")]
use crate::core::wire::base64url;
use crate::core::wire::form::Form;
use crate::core::wire::record::{Field, Reader, Record};
#[cfg(feature = "service")]
use crate::core::wire::text::decimal;

/// The error of a host that cannot keep records.
#[cfg(not(feature = "native"))]
const STORE_FAILED: ErrorCode = ErrorCode::StorageUnavailable;
#[cfg(feature = "native")]
const STORE_FAILED: ErrorCode = ErrorCode::CacheUnavailable;

/// A flow that `pkg-template/driver.js` drives.
#[wasm_bindgen]
pub struct RunningFlow {
    flow: Flow<Form>,
    asked: Asked,
}

/// What the flow waits for.
#[derive(Clone, Copy)]
enum Asked {
    Start,
    Response,
    Record,
    #[cfg(feature = "service")]
    Bytes,
    Text,
    Act,
}

#[wasm_bindgen]
impl RunningFlow {
    /// Starts the flow, or goes on with the result of its last command. Of a request that is
    /// `status`, `body` and the headers that matter, or `failed` with the reason; of reading a record
    /// it is `body`, if there is one; of a signature, a hash (both in base64url) or an assertion it is
    /// `body`; of anything else it is nothing, `conflict` or `failed`.
    ///
    /// Returns every `notice` and then the next command, or `result` or `error` at the end.
    pub fn resume(&mut self, result: &str) -> String {
        let mut input = self.input(result);
        let mut next = Form::default();
        loop {
            let step = self.flow.resume(now(), input);
            write_notices(&self.flow.notices(), &mut next);
            match step {
                Step::Command(Command::Random(length)) => {
                    input = random(length).map_or_else(Input::Failed, Input::Bytes);
                    continue;
                }
                Step::Command(command) => self.asked = write_command(&command, &mut next),
                Step::Ended(Ok(result)) => {
                    next.set("result", result.as_str());
                }
                Step::Ended(Err(error)) => {
                    next.set("error", &error.to_text());
                }
            }
            return next.into_string();
        }
    }

    pub(crate) fn new(flow: Flow<Form>) -> Self {
        Self {
            flow,
            asked: Asked::Start,
        }
    }

    fn input(&self, result: &str) -> Input {
        let result = Reader::new(result);
        let body = result.get("body").map(String::from);
        match (self.asked, result.get("failed")) {
            (Asked::Start, _) => Input::Start,
            (Asked::Response, Some(reason)) => {
                Input::Failed(AuthError::about(ErrorCode::NetworkError, reason))
            }
            (_, Some(_)) => Input::Failed(STORE_FAILED.into()),
            (Asked::Response, None) => Input::response(HttpResponse {
                status: u64::take("status", &result) as u16,
                headers: ResponseHeaders::read(&result),
                body: body.unwrap_or_default(),
            }),
            (Asked::Record, None) => Input::record(body),
            #[cfg(feature = "service")]
            (Asked::Bytes, None) => {
                let bytes = base64url::decode(body.unwrap_or_default().as_bytes());
                bytes.map_or(Input::Failed(ErrorCode::Internal.into()), Input::Bytes)
            }
            (Asked::Text, None) => Input::Text(Secret::new(body.unwrap_or_default())),
            (Asked::Act, None) if result.get("conflict").is_some() => Input::Conflict,
            (Asked::Act, None) => Input::Done,
        }
    }
}

impl Record for ResponseHeaders {
    fn write(&self, _: &mut Form) {}

    fn read(from: &Reader) -> Self {
        Self {
            retry_after: Field::take("retry_after", from),
            date: Field::take("date", from),
            // A page has no use for these.
            #[cfg(not(feature = "edge"))]
            etag: None,
            #[cfg(not(feature = "edge"))]
            cache_control: None,
            #[cfg(not(feature = "edge"))]
            age: None,
            #[cfg(feature = "edge")]
            age: Field::take("age", from),
            #[cfg(not(feature = "edge"))]
            is_stored: false,
            #[cfg(feature = "edge")]
            is_stored: from.get("stored").is_some(),
            #[cfg(feature = "edge")]
            etag: Field::take("etag", from),
            #[cfg(feature = "edge")]
            cache_control: Field::take("cache_control", from),
            dpop_nonce: Field::take("dpop_nonce", from),
        }
    }
}

fn write_command(command: &Command, form: &mut Form) -> Asked {
    match command {
        Command::Send(request) => {
            let mut headers = Form::default();
            for (name, value) in &request.headers {
                headers.set(name, value);
            }
            form.set("send", &request.url)
                .set("method", request.method.as_str())
                .set("headers", headers.as_str())
                .set_some("body", request.body.as_deref());
            return Asked::Response;
        }
        Command::Read(key) => {
            form.set("read", name(*key));
            return Asked::Record;
        }
        Command::Write { key, record, over } => {
            form.set("write", name(*key))
                .set("record", record)
                .set("over", over);
        }
        Command::Lock(name) => {
            form.set("lock", name);
        }
        Command::ClaimTab => {
            form.set("claimTab", "");
        }
        Command::Navigate(url) => {
            form.set("navigate", url);
        }
        Command::Popup { url, state } => {
            form.set("popup", url).set("state", state);
            return Asked::Text;
        }
        #[cfg(feature = "service")]
        Command::Sign {
            credential,
            algorithm,
            text,
        } => {
            let known = Algorithm::read(algorithm).ok();
            let parameters = known.map(Algorithm::web_crypto).unwrap_or_default();
            form.set("sign", text)
                .set("parameters", parameters)
                .set("credential", &decimal(*credential as u64));
            return Asked::Bytes;
        }
        #[cfg(feature = "service")]
        Command::Digest(DigestAlgorithm::Sha1, bytes) => {
            form.set("digest", &base64url::encode(bytes));
            return Asked::Bytes;
        }
        #[cfg(feature = "service")]
        Command::ClientAssertion(credential) => {
            form.set("clientAssertion", &decimal(*credential as u64));
            return Asked::Text;
        }
        #[cfg(any(feature = "native", feature = "service"))]
        Command::Wait(until) => until.put("wait", form),
        #[cfg(feature = "native")]
        Command::AwaitRedirect => {
            form.set("awaitRedirect", "");
            return Asked::Text;
        }
        #[cfg(feature = "service")]
        Command::Load(name) => {
            form.set("load", name);
            return Asked::Record;
        }
        #[cfg(feature = "service")]
        Command::Save {
            name,
            record,
            expires_at,
        } => {
            form.set("save", name).set("record", record);
            expires_at.put("expiresAt", form);
        }
        // What this build's flows never ask for.
        #[cfg(not(feature = "service"))]
        Command::Sign { .. }
        | Command::Digest(..)
        | Command::ClientAssertion(_)
        | Command::Load(_)
        | Command::Save { .. } => {}
        #[cfg(not(any(feature = "native", feature = "service")))]
        Command::Wait(_) => {}
        #[cfg(not(feature = "native"))]
        Command::AwaitRedirect => {}
        Command::Random(_) => {}
    }
    Asked::Act
}

fn name(key: RecordKey) -> &'static str {
    match key {
        RecordKey::Transactions => "transactions",
        RecordKey::Session => "session",
    }
}

/// Each notice is a form of its own: `unlock`, `replaceUrl` with the URL `from` which, `wakeAt`
/// (empty: never), `emit` with a `detail`, or `log` with one.
pub(crate) fn write_notices(notices: &[Notice], to: &mut Form) {
    for notice in notices {
        let mut form = Form::default();
        match notice {
            Notice::Unlock(name) => form.set("unlock", name),
            Notice::ReplaceUrl { from, to } => form.set("replaceUrl", to).set("from", from),
            Notice::Emit(event) => write_event(event, &mut form),
            Notice::WakeAt(None) => form.set("wakeAt", ""),
            Notice::WakeAt(Some(time)) => {
                time.put("wakeAt", &mut form);
                &mut form
            }
            Notice::Log(entry) => form.set("log", entry.step).set("detail", &entry.detail),
            #[cfg(feature = "service")]
            Notice::RenewalDue => form.set("renewalDue", "1"),
            #[cfg(not(feature = "service"))]
            Notice::RenewalDue => &mut form,
            #[cfg(feature = "native")]
            Notice::DeviceCode(code) => form.set("deviceCode", device_code(code).as_str()),
            #[cfg(not(any(feature = "native", feature = "browser")))]
            Notice::DeviceCode(_) => &mut form,
        };
        to.set("notice", form.as_str());
    }
}

/// The members of the device authorization response that a user needs.
#[cfg(feature = "native")]
fn device_code(code: &DeviceCode) -> Form {
    let mut form = Form::default();
    form.set("userCode", &code.user_code)
        .set("verificationUri", &code.verification_uri)
        .set_some(
            "verificationUriComplete",
            code.verification_uri_complete.as_deref(),
        )
        .set_some("message", code.message.as_deref());
    code.expires_at.put("expiresAt", &mut form);
    form
}

fn write_event<'a>(event: &Event, form: &'a mut Form) -> &'a mut Form {
    match event {
        Event::SignedIn => form.set("emit", "signedin"),
        Event::SignedOut => form.set("emit", "signedout"),
        Event::AccountsChanged => form.set("emit", "accountschanged"),
        Event::TokenRefreshed => form.set("emit", "tokenrefreshed"),
        Event::ReauthDue(time) => {
            time.put("detail", form.set("emit", "reauthdue"));
            form
        }
        Event::Error(error) => form.set("emit", "error").set("detail", &error.to_text()),
    }
}

/// An error, to be thrown: the number of its code and its members. The package's `auth-error.js`
/// makes the `AuthError` of it.
pub(crate) fn error_to_js(error: AuthError) -> JsValue {
    JsValue::from_str(&error.to_text())
}

/// The platform's clock.
pub(crate) fn now() -> UnixTime {
    UnixTime::from_seconds(Date::now() / 1000.0).unwrap_or(UnixTime::EPOCH)
}

/// Random bytes of the platform's generator.
fn random(length: usize) -> Result<Vec<u8>, AuthError> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|_| ErrorCode::InsecureContext)?;
    Ok(bytes)
}
