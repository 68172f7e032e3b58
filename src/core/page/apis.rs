//! The APIs that tokens are for, by their URLs: a token goes to no other.

use super::Client;
use super::get_token::GetTokenOptions;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::oauth::api_response;
use crate::core::oauth::target::Target;
use crate::core::wire::text::concat;
use crate::core::wire::url::{self, NormalizeUrl};
use alloc::string::String;
use alloc::vec::Vec;

/// An API that receives tokens.
#[derive(Clone, Debug)]
pub struct Api {
    /// Where it is, without query and fragment: everything at and below this path.
    pub url: String,
    /// What its token is for; what is left out is the sign-in's.
    pub target: Target,
}

impl Client {
    /// The token for a request to this URL, as the URL standard writes it: what the options do not
    /// say follows from the API. Fails if no token may go there.
    pub(crate) fn for_url(
        &self,
        url: &str,
        options: &GetTokenOptions,
    ) -> Result<GetTokenOptions, AuthError> {
        api_response::check_url(url)?;
        let mut options = options.clone();
        if self.config.apis.is_empty() {
            return Ok(options);
        }
        let mut nearest: Option<&Api> = None;
        for api in &self.config.apis {
            let is_nearer = nearest.is_none_or(|known| api.url.len() > known.url.len());
            if is_nearer && is_at_or_below(url, &api.url) {
                nearest = Some(api);
            }
        }
        let Some(api) = nearest else {
            let detail = url::without_query(url);
            return Err(AuthError::about(ErrorCode::ApiNotListed, detail));
        };
        if options.scope.is_none() && options.resource.is_none() {
            options.scope.clone_from(&api.target.scope);
            options.resource.clone_from(&api.target.resource);
        }
        Ok(options)
    }
}

/// The APIs of a configuration with their URLs as the URL standard writes them.
pub(super) fn checked(apis: &[Api], normalize: NormalizeUrl) -> Result<Vec<Api>, AuthError> {
    let mut checked = Vec::new();
    for api in apis {
        let normal = normalize(&api.url).filter(|url| url::is_identifier(url));
        let wrong = || {
            let rule = "apis must be https URLs without query and fragment, not ";
            AuthError::about(ErrorCode::InvalidOption, &concat(&[rule, &api.url]))
        };
        checked.push(Api {
            url: normal.ok_or_else(wrong)?,
            target: api.target.clone(),
        });
    }
    Ok(checked)
}

/// Whether a path begins with all segments of the API's.
fn is_at_or_below(url: &str, api: &str) -> bool {
    let api = api.strip_suffix('/').unwrap_or(api);
    let rest = url.strip_prefix(api);
    rest.is_some_and(|rest| matches!(rest.as_bytes().first(), None | Some(b'/' | b'?' | b'#')))
}

#[cfg(test)]
mod tests {
    use super::is_at_or_below;

    #[test]
    fn a_path_is_below_another_at_the_end_of_a_segment_only() {
        for (url, api, is_below) in [
            ("https://api.example/", "https://api.example/", true),
            (
                "https://api.example/notes?a=/b",
                "https://api.example/",
                true,
            ),
            ("https://api.example/v1", "https://api.example/v1/", true),
            ("https://api.example/v1?a", "https://api.example/v1", true),
            (
                "https://api.example/v1/notes",
                "https://api.example/v1",
                true,
            ),
            ("https://api.example/v10", "https://api.example/v1", false),
            ("https://api.example/", "https://api.example/v1", false),
            ("https://api.example.evil/", "https://api.example/", false),
            ("https://api.example:8443/", "https://api.example/", false),
            ("http://api.example/", "https://api.example/", false),
            ("https://user@api.example/", "https://api.example/", false),
        ] {
            assert_eq!(is_at_or_below(url, api), is_below, "{url} and {api}");
        }
    }
}
