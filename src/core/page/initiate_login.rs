//! A sign-in that somebody else begins, as a portal or the provider itself: OpenID Connect Core
//! section 4.

use super::{Client, SignInOptions};
use crate::core::flow::{Flow, Io, Run};
use crate::core::provider::entra;
use crate::core::provider::issuer::metadata_may_name;
use crate::core::shared::Shared;
use crate::core::wire::form::Parameters;
use crate::core::wire::url;
use alloc::string::String;

impl Client {
    /// Begins the sign-in that the page's URL asks for. Returns `false` if it asks for none, or for
    /// one with another provider.
    pub fn initiate_login(self: &Shared<Self>, page_url: String) -> Flow<bool> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.leave_as_asked(io, &page_url))
    }

    pub(crate) fn leave_as_asked(&self, io: &mut Io, page_url: &str) -> Run<bool> {
        let parameters = Parameters::read(url::query(page_url));
        // An authorization response may have `iss` too.
        let (Some(iss), None) = (parameters.get("iss"), parameters.get("state")) else {
            return Ok(false);
        };
        if !self.is_issuer(io, iss)? {
            return Ok(false);
        }
        let mut options = SignInOptions::default();
        if let Some(hint) = parameters.get("login_hint") {
            options.parameters.push(("login_hint".into(), hint.into()));
        }
        if let Some(target) = parameters.get("target_link_uri") {
            // The client must not be an open redirector.
            match self.is_own(target) {
                true => options.return_to = Some(target.into()),
                false => io.log("target_link_refused", url::without_query(target)),
            }
        }
        self.leave(io, &options)?;
        Ok(true)
    }

    /// Whether this is the configured provider.
    fn is_issuer(&self, io: &mut Io, iss: &str) -> Run<bool> {
        if metadata_may_name(self.config.issuer(), iss) {
            return Ok(true);
        }
        // The URL may come from anybody: it must not choose what is fetched.
        let issuer = &self.metadata.get(io)?.metadata.issuer;
        Ok(issuer.is(iss, entra::tenant_in(iss)))
    }
}
