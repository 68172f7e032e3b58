//! What the builds with a session have in common, those of pages and of native apps: options and
//! results of calls.

use alloc::string::String;

use super::json::parse_json;
use super::options::Options;
use crate::core::error::AuthError;
use crate::core::page::{Account, AccountId, ApiResponse, GetTokenOptions, Platform};
use crate::core::time::UnixTime;
use crate::core::wire::form::Form;

/// The platform's parsers.
pub(crate) const PLATFORM: Platform = Platform {
    parse_json,
    normalize_url,
};

fn normalize_url(url: &str) -> Option<String> {
    Some(web_sys::Url::new(url).ok()?.href())
}

impl Options {
    /// `getToken`'s options, and the `url` of the request if the token is for one.
    pub(crate) fn get_token(&self) -> Result<(Option<&str>, GetTokenOptions), AuthError> {
        self.only("account scope resource tenant claims force_refresh url")?;
        Ok((self.get("url"), self.for_token()))
    }

    /// An API's response with the options of the token that was sent.
    pub(crate) fn api_response(&self) -> Result<(ApiResponse, GetTokenOptions), AuthError> {
        let obtained_at = self.seconds("obtained_at").unwrap_or_default();
        let response = ApiResponse {
            status: self.seconds("status").unwrap_or_default() as u16,
            www_authenticate: self.text("www_authenticate"),
            token_obtained_at: UnixTime::EPOCH.plus(obtained_at),
        };
        Ok((response, self.for_token()))
    }

    /// `account`, a form with the `issuer` and the `subject`.
    pub(crate) fn account(&self) -> Option<AccountId> {
        let account = Self::read(self.get("account")?);
        Some(AccountId {
            issuer: account.text("issuer"),
            subject: account.text("subject"),
        })
    }

    fn for_token(&self) -> GetTokenOptions {
        GetTokenOptions {
            account: self.account(),
            scope: self.some("scope"),
            resource: self.some("resource"),
            tenant: self.some("tenant"),
            claims: self.some("claims"),
            force_refresh: self.flag("force_refresh"),
        }
    }
}

/// The options of the token to repeat a request with.
pub(crate) fn retry(options: &GetTokenOptions, form: &mut Form) {
    if let Some(account) = &options.account {
        form.set("account", account_id(account).as_str());
    }
    form.set_some("scope", options.scope.as_deref())
        .set_some("resource", options.resource.as_deref())
        .set_some("tenant", options.tenant.as_deref())
        .set_some("claims", options.claims.as_deref())
        .set("forceRefresh", "true");
}

/// `issuer`, `subject`, and `claims` as JSON.
pub(crate) fn account(account: &Account) -> Form {
    let mut form = account_id(&account.id());
    form.set("claims", &account.claims);
    form
}

fn account_id(account: &AccountId) -> Form {
    let mut form = Form::default();
    form.set("issuer", &account.issuer)
        .set("subject", &account.subject);
    form
}
