//! The options of a sign-in, the same in every build that has one.

use super::options::Options;
use crate::core::error::AuthError;
use crate::core::oauth::authorization_request::SignInOptions;
use crate::core::wire::form::Parameters;
use crate::core::wire::text::{concat, has_word};

impl Options {
    /// `signIn`'s options; `parameters` is a form of its own. The options that the client has no use
    /// for are parameters too, of OpenID Connect Core section 3.1.2.1 and of Entra.
    pub(crate) fn sign_in(&self) -> Result<SignInOptions, AuthError> {
        const PARAMETERS: &str = "prompt login_hint domain_hint acr_values ui_locales claims response_mode authorization_details";
        self.only(&concat(&[
            "scope resource max_age app_state return_to parameters ",
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
            return_to: self.some("return_to"),
        })
    }
}
