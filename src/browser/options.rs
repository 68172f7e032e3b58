//! The options of a page's client and of its calls.

use crate::core::error::AuthError;
use crate::core::oauth::claims_policy::ClaimsPolicy;
use crate::core::page::{Api, ClientConfig, SignOutOptions, Target};
use crate::core::time::UnixTime;
use crate::javascript::options::Options;
use alloc::string::String;
use alloc::vec::Vec;

impl Options {
    /// `createClient`'s options.
    pub(super) fn client_config(&self) -> Result<ClientConfig, AuthError> {
        self.only(
            "authority issuer client_id redirect_uri popup_redirect_uri post_logout_redirect_uri \
             scope resource metadata trusted_audiences clock_tolerance pushed_authorization_requests \
             apis",
        )?;
        let clock_tolerance = self.seconds("clock_tolerance");
        Ok(ClientConfig {
            apis: self.apis(),
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

    /// `apis`, a form with a form of `scope` and `resource` for each URL.
    fn apis(&self) -> Vec<Api> {
        let mut apis = Vec::new();
        for (url, target) in Self::read(self.get("apis").unwrap_or_default()).all() {
            let target = Self::read(target);
            apis.push(Api {
                url: url.clone(),
                target: Target::new(target.get("scope"), target.get("resource")),
            });
        }
        apis
    }

    /// `importSession`'s: the token response, and when it was obtained.
    pub(super) fn import_session(&self, now: UnixTime) -> Result<(String, UnixTime), AuthError> {
        self.only("token_response obtained_at")?;
        let obtained_at = self.seconds("obtained_at");
        let obtained_at = obtained_at.map_or(now, |seconds| UnixTime::EPOCH.plus(seconds));
        Ok((self.text("token_response"), obtained_at))
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
