//! The options of a page's client and of its calls.

use crate::core::error::AuthError;
use crate::core::oauth::claims_policy::ClaimsPolicy;
use crate::core::page::{ApiResponse, ClientConfig, GetTokenOptions, SignInOptions, Target};
use crate::core::time::UnixTime;
use crate::core::wire::form::Parameters;
use crate::core::wire::text::{concat, has_word};
use crate::javascript::options::Options;
use alloc::string::String;

impl Options {
    /// `createClient`'s options.
    pub(super) fn client_config(&self) -> Result<ClientConfig, AuthError> {
        self.only(
            "authority issuer client_id redirect_uri post_logout_redirect_uri scope resource \
             metadata trusted_audiences clock_tolerance",
        )?;
        let clock_tolerance = self.seconds("clock_tolerance");
        Ok(ClientConfig {
            authority: self.text("authority"),
            issuer: self.some("issuer"),
            client_id: self.text("client_id"),
            redirect_uri: self.text("redirect_uri"),
            post_logout_redirect_uri: self.some("post_logout_redirect_uri"),
            target: Target::new(self.get("scope"), self.get("resource")),
            metadata: self.some("metadata"),
            trusted_audiences: self.text("trusted_audiences"),
            clock_tolerance: clock_tolerance.unwrap_or(ClaimsPolicy::CLOCK_TOLERANCE),
        })
    }

    /// `signIn`'s options; `parameters` is a form of its own. The options that the client has no use
    /// for are parameters too, of OpenID Connect Core section 3.1.2.1 and of Entra.
    pub(super) fn sign_in(&self) -> Result<SignInOptions, AuthError> {
        const PARAMETERS: &str =
            "prompt login_hint domain_hint acr_values ui_locales claims response_mode";
        self.only(&concat(&[
            "scope resource max_age app_state parameters ",
            PARAMETERS,
        ]))?;
        let mut parameters = Parameters::read(self.get("parameters").unwrap_or_default()).0;
        for (name, value) in self.all() {
            if has_word(PARAMETERS, name) {
                parameters.push((name.clone(), value.clone()));
            }
        }
        let max_age = self.seconds("max_age");
        Ok(SignInOptions {
            scope: self.some("scope"),
            resource: self.some("resource"),
            parameters,
            max_age: max_age.map(|seconds| seconds as u64),
            app_state: self.some("app_state"),
        })
    }

    /// `getToken`'s options, and the `url` of the request if the token is for one.
    pub(super) fn get_token(&self) -> Result<(Option<&str>, GetTokenOptions), AuthError> {
        self.only("scope resource claims force_refresh url")?;
        Ok((self.get("url"), self.for_token()))
    }

    /// An API's response with the options of the token that was sent.
    pub(super) fn api_response(&self) -> Result<(ApiResponse, GetTokenOptions), AuthError> {
        let obtained_at = self.seconds("obtained_at").unwrap_or_default();
        let response = ApiResponse {
            status: self.seconds("status").unwrap_or_default() as u16,
            www_authenticate: self.text("www_authenticate"),
            token_obtained_at: UnixTime::EPOCH.plus(obtained_at),
        };
        Ok((response, self.for_token()))
    }

    /// `handleRedirect`'s URL.
    pub(super) fn handle_redirect(&self) -> Result<String, AuthError> {
        self.only("url")?;
        Ok(self.text("url"))
    }

    /// The flag of a call that has nothing else.
    pub(super) fn only_flag(&self, name: &'static str) -> Result<bool, AuthError> {
        self.only(name)?;
        Ok(self.flag(name))
    }

    fn for_token(&self) -> GetTokenOptions {
        GetTokenOptions {
            scope: self.some("scope"),
            resource: self.some("resource"),
            claims: self.some("claims"),
            force_refresh: self.flag("force_refresh"),
        }
    }
}
