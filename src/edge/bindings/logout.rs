//! Logout tokens, which take the way of access tokens up to their claims.

use wasm_bindgen::prelude::wasm_bindgen;

use super::time;
use super::verifier::{AGAIN, DONE, EdgeVerifier, write_json};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::text::decimal;
use crate::edge::signature_is_right;

#[wasm_bindgen]
impl EdgeVerifier {
    /// Decides about the logout token that was written, whose signature the host found right with the
    /// key set of this serial; without a serial it is checked in pure Rust.
    #[wasm_bindgen(js_name = concludeLogout)]
    pub fn conclude_logout(&mut self, length: usize, now: f64, serial: Option<u32>) -> u32 {
        let concluded = self.try_conclude_logout(length, time(now), serial);
        self.status(concluded)
    }
}

impl EdgeVerifier {
    fn try_conclude_logout(
        &mut self,
        length: usize,
        now: UnixTime,
        serial: Option<u32>,
    ) -> Result<u32, AuthError> {
        let token = self.token.get(..length).ok_or(ErrorCode::Internal)?;
        let (awaiting, is_right) = match serial {
            None => {
                let awaiting = self.verifier.examine_now(token, now)?;
                let is_right = signature_is_right(&awaiting)?;
                (awaiting, is_right)
            }
            Some(serial) => match self.key_sets.get(&serial).map(Shared::clone) {
                None => return Ok(AGAIN),
                Some(keys) => (self.verifier.examine_again(token, keys)?, true),
            },
        };
        let logout = awaiting.conclude_logout(is_right, now, &mut self.payload)?;
        let text = &mut self.verdict;
        text.clear();
        text.extend_from_slice(b"{\"claims\":");
        text.extend_from_slice(&self.payload);
        text.extend_from_slice(b",\"header\":");
        text.extend_from_slice(awaiting.header_json());
        let members = [
            (",\"issuer\":", Some(&logout.registered.issuer)),
            (",\"sub\":", logout.subject.as_ref()),
            (",\"sid\":", logout.session.as_ref()),
            (",\"id\":", Some(&logout.id)),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                text.extend_from_slice(name.as_bytes());
                write_json(text, value);
            }
        }
        let expires_at = decimal(logout.registered.expires_at.seconds() as u64);
        text.extend_from_slice(b",\"expiresAt\":");
        text.extend_from_slice(expires_at.as_bytes());
        text.push(b'}');
        let [.., verdict, verdict_length, issuer, _] = &mut *self.report;
        *verdict = self.verdict.as_ptr() as u32;
        *verdict_length = self.verdict.len() as u32;
        *issuer = awaiting.issuer() as u32;
        Ok(DONE)
    }
}
