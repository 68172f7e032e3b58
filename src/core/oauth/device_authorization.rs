//! Sign-in on another device: RFC 8628.

use super::server_error;
use super::target::Target;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::DeviceCode;
use crate::core::http::HttpResponse;
use crate::core::provider::entra::Protocol;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::form::Form;
use crate::core::wire::json::{JsonObject, ParseJson};

/// Seconds between two polls if the response does not say (section 3.2), and by how many a
/// `slow_down` lengthens them (section 3.5).
const INTERVAL: f64 = 5.0;
/// The longest life of a device code that is believed, in seconds.
const LONGEST_LIFE: f64 = 3600.0;
/// The longest time between two polls that a server may ask for, or that failures lead to.
const LONGEST_INTERVAL: f64 = 60.0;

/// The device authorization request (section 3.1). `client_id` goes along as the client's identity.
pub(crate) fn device_authorization_request(target: &Target) -> Form {
    let mut form = Form::default();
    form.set_some("scope", target.scope.as_deref())
        .set_some("resource", target.resource.as_deref());
    form
}

/// The device authorization response (section 3.2).
pub(crate) struct DeviceAuthorization {
    device_code: Secret,
    pub(crate) code: Shared<DeviceCode>,
    pub(crate) interval: Interval,
}

/// Seconds between two polls.
#[derive(Clone, Copy)]
pub(crate) struct Interval(pub(crate) f64);

/// What the token endpoint says to a poll (section 3.5).
pub(crate) enum Poll {
    /// The user is not done yet.
    Pending,
    /// The same, and the polls come too fast.
    SlowDown,
    /// It cannot respond now; perhaps it says for how many seconds.
    Passing(Option<f64>),
    /// The user is done: the response has the tokens, or it is refused.
    Done,
}

impl DeviceAuthorization {
    pub(crate) fn process(
        response: &HttpResponse,
        parse_json: ParseJson,
        requested_at: UnixTime,
    ) -> Result<Self, AuthError> {
        if response.status != 200 {
            return Err(server_error::refusal(response, parse_json));
        }
        let invalid = |name| AuthError::about(ErrorCode::UnexpectedResponse, name);
        let body = parse_json(&response.body).map_err(|_| invalid("device authorization"))?;
        let body = &*body;
        let text = |name| body.text(name).filter(|text| !text.is_empty());
        let required = |name| text(name).ok_or_else(|| invalid(name));
        // Entra's v1.0 has another name for it.
        let verification_uri = text("verification_uri").or_else(|| text("verification_url"));
        let life = positive(body, "expires_in").ok_or_else(|| invalid("expires_in"))?;
        let interval = positive(body, "interval").unwrap_or(INTERVAL);
        Ok(Self {
            device_code: Secret::new(required("device_code")?),
            code: Shared::new(DeviceCode {
                user_code: required("user_code")?,
                verification_uri: verification_uri.ok_or_else(|| invalid("verification_uri"))?,
                verification_uri_complete: text("verification_uri_complete"),
                message: text("message"),
                expires_at: requested_at.plus(life.min(LONGEST_LIFE)),
            }),
            interval: Interval(interval.min(LONGEST_INTERVAL)),
        })
    }

    /// The token request (section 3.4). Entra's v1.0 has names of its own.
    pub(crate) fn token_request(&self, protocol: Option<Protocol>, target: &Target) -> Form {
        let mut form = Form::default();
        match protocol {
            Some(Protocol::V1) => form
                .set("grant_type", "device_code")
                .set("code", self.device_code.expose()),
            _ => form
                .set("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
                .set("device_code", self.device_code.expose()),
        };
        form.set_some("resource", target.resource.as_deref());
        form
    }
}

impl Interval {
    /// After `slow_down`, for this poll and all later ones.
    pub(crate) fn slowed_down(self) -> Self {
        Self((self.0 + INTERVAL).min(LONGEST_INTERVAL))
    }

    /// After a request without a response: section 3.5 asks for exponential back-off.
    pub(crate) fn backed_off(self) -> Self {
        Self((self.0 * 2.0).min(LONGEST_INTERVAL))
    }
}

impl Poll {
    pub(crate) fn of(response: &HttpResponse, parse_json: ParseJson) -> Self {
        if response.status == 200 {
            return Self::Done;
        }
        let body = parse_json(&response.body).ok();
        let error = body.and_then(|body| body.text("error"));
        match (error.as_deref(), response.status) {
            (Some("authorization_pending"), _) => Self::Pending,
            (Some("slow_down"), _) => Self::SlowDown,
            (_, 408 | 429 | 500..) => Self::Passing(response.headers.retry_after),
            _ => Self::Done,
        }
    }
}

/// The error for a poll that was refused: the user declined, the code has expired, or anything else.
/// Entra has names of its own for the first two.
pub(crate) fn device_refusal(error: AuthError) -> AuthError {
    let code = match error.server().map(|server| server.error.as_str()) {
        Some("access_denied" | "authorization_declined") => ErrorCode::SignInDeclined,
        Some("expired_token" | "code_expired") => ErrorCode::DeviceCodeExpired,
        _ => return error,
    };
    AuthError::with(code, None, error.server().cloned())
}

fn positive(body: &dyn JsonObject, name: &str) -> Option<f64> {
    let seconds = body.number_or_digits(name).ok()??;
    (seconds > 0.0 && seconds.is_finite()).then_some(seconds)
}
