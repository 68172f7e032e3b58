//! A logout at the provider that it tells by loading a page of the application in a frame: OpenID
//! Connect Front-Channel Logout 1.0.

use super::Client;
use super::session::Session;
use crate::core::flow::{Flow, Io, Run};
use crate::core::shared::Shared;
use crate::core::wire::form::Parameters;
use crate::core::wire::url;
use alloc::string::String;

impl Client {
    /// Ends the session here if the URL names it, and returns whether it did.
    pub fn front_channel_logout(self: &Shared<Self>, page_url: String) -> Flow<bool> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.end_from_front_channel(io, &page_url))
    }

    pub(crate) fn end_from_front_channel(&self, io: &mut Io, page_url: &str) -> Run<bool> {
        let stored = self.load(io)?;
        let parameters = Parameters::read(url::query(page_url));
        let is_meant = |session: &Session| self.names(&parameters, session);
        if !stored.accounts.sessions.iter().any(|known| is_meant(known)) {
            return Ok(false);
        }
        io.log("front_channel_logout", "");
        self.apply(io, stored, None, true, &|current| {
            Ok(current.accounts.without(&is_meant))
        })?;
        Ok(true)
    }

    /// Section 3: `iss` and `sid` are those of the ID token. Any site can load this page in a frame,
    /// so a request without `sid`, which nobody else knows, ends nothing. Entra leaves `iss` out.
    fn names(&self, parameters: &Parameters, session: &Session) -> bool {
        let claims = (self.platform.parse_json)(&session.id_token.claims).ok();
        let sid = claims.and_then(|claims| claims.text("sid"));
        let iss = parameters.get("iss");
        sid.is_some()
            && parameters.get("sid") == sid.as_deref()
            && iss.is_none_or(|iss| iss == session.id_token.issuer)
    }
}
