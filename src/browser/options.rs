//! The options of a page's client and of its calls.

use crate::core::error::AuthError;
use crate::core::oauth::claims_policy::ClaimsPolicy;
use crate::core::page::{ClientConfig, SignOutOptions, Target};
use crate::javascript::options::Options;
use alloc::string::String;

impl Options {
    /// `createClient`'s options.
    pub(super) fn client_config(&self) -> Result<ClientConfig, AuthError> {
        self.only(
            "authority issuer client_id redirect_uri popup_redirect_uri post_logout_redirect_uri \
             scope resource metadata trusted_audiences clock_tolerance pushed_authorization_requests",
        )?;
        let clock_tolerance = self.seconds("clock_tolerance");
        Ok(ClientConfig {
            authority: self.text("authority"),
            issuer: self.some("issuer"),
            client_id: self.text("client_id"),
            redirect_uri: self.text("redirect_uri"),
            popup_redirect_uri: self.some("popup_redirect_uri"),
            post_logout_redirect_uri: self.some("post_logout_redirect_uri"),
            target: Target::new(self.get("scope"), self.get("resource")),
            metadata: self.some("metadata"),
            pushes_requests: self.flag("pushed_authorization_requests"),
            trusted_audiences: self.text("trusted_audiences"),
            clock_tolerance: clock_tolerance.unwrap_or(ClaimsPolicy::CLOCK_TOLERANCE),
        })
    }

    /// The URL of a call that has nothing else.
    pub(super) fn only_url(&self) -> Result<String, AuthError> {
        self.only("url")?;
        Ok(self.text("url"))
    }

    /// `signOut`'s options.
    pub(super) fn sign_out(&self) -> Result<SignOutOptions, AuthError> {
        self.only("account local revoke popup")?;
        Ok(SignOutOptions {
            account: self.account(),
            local: self.flag("local"),
            revoke: self.get("revoke").map(|revoke| revoke == "true"),
            in_popup: self.flag("popup"),
        })
    }

    /// The flag of a call that has nothing else.
    pub(super) fn only_flag(&self, name: &'static str) -> Result<bool, AuthError> {
        self.only(name)?;
        Ok(self.flag(name))
    }
}
