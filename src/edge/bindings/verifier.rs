//! The verifier, over one piece of memory that JavaScript sees too.

use std::collections::BTreeMap;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::keys::jwk;
use super::options::{requirement, spelled_for_javascript, verifier_config};
use super::time;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::Flow;
use crate::core::jose::jwk::JwkSet;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::verifier::{
    AccessTokenClaims, AwaitingSignature, Challenge, Decision, Examination, Presented, Requirement,
    Scheme, Terms, Verifier,
};
use crate::core::wire::form::Form;
use crate::core::wire::text::decimal;
use crate::edge::{signature_is_right, verifier};
use crate::javascript::{RunningFlow, error_to_js};

/// Done; the report says where things are: after `examine` what the signature is to be checked with,
/// otherwise the verdict.
pub(super) const DONE: u32 = 0;
/// The keys are to be fetched, and the token examined again.
const KEYS: u32 = 1;
/// The token is refused; take the error.
const REFUSED: u32 = 2;
/// The keys were replaced meanwhile; examine the token again.
pub(super) const AGAIN: u32 = 3;
/// The token is good but for its user's groups, which are to be looked up; the verdict says whose.
const GROUPS: u32 = 4;

/// What `createVerifier` drives.
#[wasm_bindgen]
pub struct EdgeVerifier {
    pub(super) verifier: Shared<Verifier>,
    requirements: Vec<Requirement>,
    pub(super) token: Vec<u8>,
    signature: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) verdict: Vec<u8>,
    error: Option<AuthError>,
    /// What the request of the next conclusion proves.
    proved: Proved,
    /// The serial of each issuer's key set, and the set of each serial. Tokens of several issuers may
    /// wait for the host's crypto at once.
    serials: BTreeMap<usize, u32>,
    pub(super) key_sets: BTreeMap<u32, Shared<JwkSet>>,
    last_serial: u32,
    /// The set of the token examined last.
    keys: Option<Shared<JwkSet>>,
    /// Where JavaScript finds things, in this order: serial of the key set, key's place in it,
    /// algorithm, length of the signing input, signature, its length, whether a renewal of the keys
    /// is due, verdict, its length, place of the issuer, seconds for which the keys are fresh.
    pub(super) report: Box<[u32; 11]>,
}

/// What a request proves beside its token.
#[derive(Default)]
struct Proved {
    dpop_key: Option<String>,
    certificate: Option<String>,
}

#[wasm_bindgen]
impl EdgeVerifier {
    /// A verifier of these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsValue> {
        let config = verifier_config(options).map_err(error_to_js)?;
        Ok(Self {
            verifier: verifier(config)
                .map_err(|error| error_to_js(spelled_for_javascript(&error)))?,
            requirements: vec![Requirement::default()],
            token: Vec::new(),
            signature: Vec::new(),
            payload: Vec::new(),
            verdict: Vec::new(),
            error: None,
            proved: Proved::default(),
            keys: None,
            serials: BTreeMap::new(),
            key_sets: BTreeMap::new(),
            last_serial: 0,
            report: Box::default(),
        })
    }

    /// Remembers a requirement and returns its number. Number 0 requires nothing.
    pub fn require(&mut self, options: JsValue) -> Result<usize, JsValue> {
        self.requirements
            .push(requirement(options).map_err(error_to_js)?);
        Ok(self.requirements.len() - 1)
    }

    /// Forgets the requirements.
    #[wasm_bindgen(js_name = forgetRequirements)]
    pub fn forget_requirements(&mut self) {
        self.requirements.truncate(1);
        self.requirements.shrink_to_fit();
    }

    /// Where to write a token of this length.
    #[wasm_bindgen(js_name = tokenPlace)]
    pub fn token_place(&mut self, length: usize) -> u32 {
        if self.token.len() < length {
            self.token.resize(length, 0);
        }
        self.token.as_ptr() as u32
    }

    /// Where the report is; it stays there.
    #[wasm_bindgen(js_name = reportPlace)]
    pub fn report_place(&self) -> u32 {
        self.report.as_ptr() as u32
    }

    /// Examines the token that was written, at last with the keys at hand.
    pub fn examine(&mut self, length: usize, now: f64, is_last: bool) -> u32 {
        let examined = self.try_examine(length, now, is_last);
        self.status(examined)
    }

    /// Says what the request proves beside its token, for the next conclusion only: the thumbprint of
    /// the key of its DPoP proof, and that of its client certificate.
    pub fn present(&mut self, dpop_key: Option<String>, certificate: Option<String>) {
        self.proved = Proved {
            dpop_key,
            certificate,
        };
    }

    /// Decides about the token that was written and whose signature the host found right, with the
    /// key set of this serial.
    /// `groups` are the user's, if they were looked up.
    pub fn conclude(
        &mut self,
        length: usize,
        requirement: usize,
        groups: Option<Vec<String>>,
        now: f64,
        serial: u32,
    ) -> u32 {
        let Some(keys) = self.key_sets.get(&serial).map(Shared::clone) else {
            self.proved = Proved::default();
            return AGAIN;
        };
        let terms = (requirement, groups.as_deref(), time(now));
        let concluded = self.try_conclude(length, terms, |verifier, token| {
            Ok((verifier.examine_again(token, keys)?, true))
        });
        self.status(concluded)
    }

    /// Examines the token that was written, checks its signature in pure Rust and decides, with the
    /// keys at hand.
    #[wasm_bindgen(js_name = verifyInRust)]
    pub fn verify_in_rust(
        &mut self,
        length: usize,
        requirement: usize,
        groups: Option<Vec<String>>,
        now: f64,
    ) -> u32 {
        let (groups, now) = (groups.as_deref(), time(now));
        let terms = (requirement, groups, now);
        let concluded = self.try_conclude(length, terms, |verifier, token| {
            let awaiting = verifier.examine_now(token, now)?;
            let is_right = signature_is_right(&awaiting)?;
            Ok((awaiting, is_right))
        });
        self.status(concluded)
    }

    /// The error of the last call.
    #[wasm_bindgen(js_name = takeError)]
    pub fn take_error(&mut self) -> JsValue {
        self.error.take().map_or(JsValue::UNDEFINED, error_to_js)
    }

    /// The key at this place of the set examined last, as a JWK object.
    pub fn jwk(&self, index: usize) -> Result<JsValue, JsValue> {
        self.keys
            .as_ref()
            .and_then(|keys| keys.get(index)?.key())
            .ok_or_else(|| AuthError::new(ErrorCode::Internal))
            .and_then(jwk)
            .map_err(error_to_js)
    }

    /// How an API responds to an error of this number under this requirement, as
    /// [`challenge_for`] says it; `is_dpop` if the token came under that scheme.
    pub fn challenge(&self, code: u32, requirement: usize, is_dpop: bool, now: f64) -> String {
        let default = Requirement::default();
        let requirement = self.requirements.get(requirement).unwrap_or(&default);
        let error = AuthError::new(code_of(code));
        let scheme = if is_dpop {
            Scheme::Dpop
        } else {
            Scheme::Bearer
        };
        written(
            &self
                .verifier
                .challenge(&error, requirement, scheme, time(now)),
        )
    }

    /// Starts a fetch of the keys of the issuer at this place.
    #[wasm_bindgen(js_name = fetchKeys)]
    pub fn fetch_keys(&self, issuer: usize) -> RunningFlow {
        let verifier = Shared::clone(&self.verifier);
        RunningFlow::new(Flow::new(move |io| {
            verifier.renew_keys(issuer, io)?;
            Ok(Form::default())
        }))
    }
}

impl EdgeVerifier {
    /// What JavaScript is told; an error is kept until it is taken.
    pub(super) fn status(&mut self, examined: Result<u32, AuthError>) -> u32 {
        examined.unwrap_or_else(|error| {
            self.error = Some(error);
            REFUSED
        })
    }

    fn try_examine(&mut self, length: usize, now: f64, is_last: bool) -> Result<u32, AuthError> {
        let token = self.token.get(..length).ok_or(ErrorCode::Internal)?;
        let now = time(now);
        let mut awaiting = if is_last {
            self.verifier.examine_now(token, now)?
        } else {
            match self.verifier.examine(token, now)? {
                Examination::Keys(place) => {
                    let [.., issuer, _] = &mut *self.report;
                    *issuer = place as u32;
                    return Ok(KEYS);
                }
                Examination::Signature(awaiting) => awaiting,
            }
        };
        self.signature = core::mem::take(&mut awaiting.signature);
        let keys = Shared::clone(&awaiting.keys);
        let known = self.serials.get(&awaiting.issuer()).copied();
        let known = known.filter(|serial| {
            let set = self.key_sets.get(serial);
            set.is_some_and(|set| Shared::ptr_eq(set, &keys))
        });
        let keys_serial = known.unwrap_or_else(|| {
            self.last_serial = self.last_serial.wrapping_add(1);
            let replaced = self.serials.insert(awaiting.issuer(), self.last_serial);
            replaced.and_then(|serial| self.key_sets.remove(&serial));
            self.key_sets.insert(self.last_serial, Shared::clone(&keys));
            self.last_serial
        });
        self.keys = Some(keys);
        let [
            serial,
            index,
            algorithm,
            signing_input,
            signature,
            signature_length,
            renewal_is_due,
            _,
            _,
            issuer,
            fresh_for,
        ] = &mut *self.report;
        *serial = keys_serial;
        *index = awaiting.key_index as u32;
        *algorithm = awaiting.algorithm() as u32;
        *signing_input = awaiting.signing_input().len() as u32;
        *signature = self.signature.as_ptr() as u32;
        *signature_length = self.signature.len() as u32;
        *renewal_is_due = awaiting.renewal_is_due().into();
        *issuer = awaiting.issuer() as u32;
        *fresh_for = awaiting.keys_fresh_for() as u32;
        Ok(DONE)
    }

    fn try_conclude(
        &mut self,
        length: usize,
        (requirement, groups, now): (usize, Option<&[String]>, UnixTime),
        check: impl for<'t> FnOnce(
            &'t Verifier,
            &'t [u8],
        ) -> Result<(AwaitingSignature<'t>, bool), AuthError>,
    ) -> Result<u32, AuthError> {
        let proved = core::mem::take(&mut self.proved);
        let token = self.token.get(..length).ok_or(ErrorCode::Internal)?;
        let requirement = self.requirements.get(requirement);
        let requirement = requirement.ok_or(ErrorCode::Internal)?;
        let (awaiting, is_right) = check(&self.verifier, token)?;
        let terms = Terms {
            requirement,
            presented: Presented {
                dpop_key: proved.dpop_key.as_deref(),
                certificate: proved.certificate.as_deref(),
            },
            groups,
        };
        let decision = awaiting.conclude(is_right, &terms, now, &mut self.payload)?;
        let (status, claims) = match decision {
            Decision::Accepted(claims) => (DONE, claims),
            Decision::GroupsNeeded(claims) => (GROUPS, claims),
        };
        write_verdict(
            &mut self.verdict,
            awaiting.header_json(),
            &self.payload,
            &claims,
        );
        let [.., verdict, verdict_length, issuer, _] = &mut *self.report;
        *verdict = self.verdict.as_ptr() as u32;
        *verdict_length = self.verdict.len() as u32;
        *issuer = awaiting.issuer() as u32;
        Ok(status)
    }
}

/// The verdict as one JSON text around the header and the payload as they were signed, so that one
/// `JSON.parse` makes the whole result.
fn write_verdict(text: &mut Vec<u8>, header: &[u8], payload: &[u8], token: &AccessTokenClaims) {
    text.clear();
    text.extend_from_slice(b"{\"claims\":");
    text.extend_from_slice(payload);
    text.extend_from_slice(b",\"header\":");
    text.extend_from_slice(header);
    text.extend_from_slice(b",\"kind\":\"");
    text.extend_from_slice(token.kind.as_str().as_bytes());
    text.extend_from_slice(b"\",\"issuer\":");
    write_json(text, &token.registered.issuer);
    if let Some(tenant) = &token.registered.tenant {
        text.extend_from_slice(b",\"tenant\":");
        write_json(text, tenant);
    }
    if let Some(client) = &token.client {
        text.extend_from_slice(b",\"client\":");
        write_json(text, client);
    }
    text.extend_from_slice(b",\"scopes\":");
    write_json(text, &token.scopes);
    text.extend_from_slice(b",\"roles\":");
    write_json(text, &token.roles);
    text.push(b'}');
}

pub(super) fn write_json(text: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    // Writing strings to memory cannot fail.
    let _ = serde_json::to_writer(text, value);
}

/// How an API responds to an error of this number: `status`, `wwwAuthenticate`, `retryAfter` and
/// `dpopNonce`.
#[wasm_bindgen(js_name = challengeFor)]
pub fn challenge_for(code: u32) -> String {
    written(&Challenge::of(code_of(code)))
}

fn code_of(number: u32) -> ErrorCode {
    ErrorCode::from_number(number.into()).unwrap_or(ErrorCode::Internal)
}

fn written(challenge: &Challenge) -> String {
    let mut form = Form::default();
    form.set("status", &decimal(challenge.status.into()))
        .set("wwwAuthenticate", &challenge.www_authenticate);
    if let Some(seconds) = challenge.retry_after {
        form.set("retryAfter", &decimal(seconds.into()));
    }
    form.set_some("dpopNonce", challenge.dpop_nonce.as_deref());
    form.into_string()
}
