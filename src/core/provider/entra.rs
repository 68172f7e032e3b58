//! Everything that is specific to Entra ID: its clouds, its issuers and its error responses.

use crate::core::error::{ErrorCode, ServerError};
use crate::core::wire::text::{concat, split_once, split_while};
use crate::core::wire::url;
use alloc::string::String;

/// The hosts of the public cloud, which know the same tenants.
const PUBLIC_CLOUD: [&str; 4] = [
    "https://login.microsoftonline.com",
    "https://login.windows.net",
    "https://login.microsoft.com",
    "https://sts.windows.net",
];
/// The host in the issuer of the public cloud's v1.0 tokens.
const V1_ISSUER: &str = "https://sts.windows.net";

/// What the hosts of External ID's tenants end in. The authority may name the tenant by name,
/// `contoso.ciamlogin.com`; the issuer names it by GUID.
const EXTERNAL_ID: &str = ".ciamlogin.com";
/// What the hosts of Azure AD B2C's tenants end in. Each host is one tenant's, and the paths of
/// authority and issuer differ: the issuer may or may not name the user flow.
const B2C: &str = ".b2clogin.com";

/// The text before and after the tenant's placeholder in an issuer template. Its case varies
/// between Entra's documents.
pub(crate) fn template(issuer: &str) -> Option<(&str, &str)> {
    let (before, rest) = split_once(issuer, b'{')?;
    let (name, after) = split_once(rest, b'}')?;
    name.eq_ignore_ascii_case("tenantid")
        .then_some((before, after))
}

/// The issuer of a tenant, if this is a template; the issuer itself if not.
pub(crate) fn with_tenant(issuer: &str, tenant: &str) -> String {
    match template(issuer) {
        Some((before, after)) => concat(&[before, tenant, after]),
        None => issuer.into(),
    }
}

/// Whether `iss` is the template's issuer for this tenant, which must be a GUID.
pub(crate) fn is_of_tenant((before, after): (&str, &str), iss: &str, tid: &str) -> bool {
    let rest = iss
        .strip_prefix(before)
        .and_then(|rest| rest.strip_prefix(tid));
    is_guid(tid) && rest == Some(after)
}

/// The hosts of the other clouds, and the domains of tenants for customers.
const OTHER_HOSTS: [&str; 4] = [
    "https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
    "https://login.chinacloudapi.cn",
    "https://sts.chinacloudapi.cn",
];
const CUSTOMER_DOMAINS: [&str; 2] = [".ciamlogin.com", ".b2clogin.com"];

/// Whether this is the identifier of an issuer of Entra's, or its template. Under a domain of the
/// customer's own it is known by its path.
pub(crate) fn is_issuer(issuer: &str) -> bool {
    let origin = url::origin(issuer).unwrap_or_default();
    let tenant = tenant_and_version(issuer);
    PUBLIC_CLOUD.contains(&origin)
        || OTHER_HOSTS.contains(&origin)
        || CUSTOMER_DOMAINS
            .iter()
            .any(|domain| origin.ends_with(domain))
        || template(issuer).is_some()
        || tenant.is_some_and(|(tenant, version)| is_guid(tenant) && version == "v2.0")
}

/// The tenant in an issuer: the first segment of its path.
pub(crate) fn tenant_in(issuer: &str) -> Option<&str> {
    let path = url::path(issuer)?.strip_prefix('/')?;
    Some(split_while(path, |byte| byte != b'/').0)
}

/// Whether the metadata of one of Entra's authorities may name this issuer. An authority that names
/// a tenant by domain, or `common`, `organizations` or `consumers`, stands for issuers that name it
/// by GUID or by the template.
pub(crate) fn metadata_may_name(authority: &str, issuer: &str) -> bool {
    let (Some(from), Some(by)) = (url::origin(authority), url::origin(issuer)) else {
        return false;
    };
    if from == by && from.ends_with(B2C) {
        return true;
    }
    let (Some((asked, asked_version)), Some((named, named_version))) =
        (tenant_and_version(authority), tenant_and_version(issuer))
    else {
        return false;
    };
    let same_tenant = if is_guid(asked) {
        asked.eq_ignore_ascii_case(named)
    } else {
        template(named) == Some(("", "")) || is_guid(named)
    };
    let same_host = from == by
        || asked_version.is_empty() && PUBLIC_CLOUD.contains(&from) && by == V1_ISSUER
        || from.ends_with(EXTERNAL_ID) && by == concat(&["https://", named, EXTERNAL_ID]);
    same_tenant && same_host && asked_version == named_version
}

/// The tenant and the version, `v2.0` or nothing for v1.0, in an authority or issuer.
fn tenant_and_version(url: &str) -> Option<(&str, &str)> {
    let path = url::path(url)?.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let (tenant, version) = split_once(path, b'/').unwrap_or((path, ""));
    (!tenant.is_empty() && (version.is_empty() || version == "v2.0")).then_some((tenant, version))
}

/// Whether this is a GUID: 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Entra's two protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// v1.0: a token is for a `resource`.
    V1,
    /// v2.0: a token is for the resource that its `scope` names.
    V2,
}

impl Protocol {
    /// The protocol of a provider's token endpoint; `None` of a provider that is not Entra. Its
    /// issuers name a tenant by GUID or by the template.
    pub(crate) fn of(issuer: &str, token_endpoint: &str) -> Option<Self> {
        let path = url::path(token_endpoint)?.strip_prefix('/')?;
        let (_, rest) = split_once(path, b'/')?;
        let protocol = if rest == "oauth2/token" {
            Self::V1
        } else if rest.ends_with("oauth2/v2.0/token") {
            Self::V2
        } else {
            return None;
        };
        let (tenant, version) = tenant_and_version(issuer)?;
        let is_tenant = is_guid(tenant) || template(tenant) == Some(("", ""));
        (is_tenant && version.is_empty() == (protocol == Self::V1)).then_some(protocol)
    }
}

/// The same endpoint of another tenant: the tenant is the first segment of the path.
pub(crate) fn of_tenant(endpoint: &str, tenant: &str) -> Option<String> {
    let origin = url::origin(endpoint)?;
    let (_, rest) = split_once(url::path(endpoint)?.strip_prefix('/')?, b'/')?;
    Some(concat(&[origin, "/", tenant, "/", rest]))
}

/// Whether these words in the place of a tenant stand for many.
pub(crate) fn is_shared(tenant: &str) -> bool {
    matches!(tenant, "common" | "organizations" | "consumers") || template(tenant).is_some()
}

/// Whether a tenant can be named so: by its GUID or by one of its domains.
pub(crate) fn is_tenant_name(tenant: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    !tenant.is_empty()
        && tenant.bytes().all(is_plain)
        && tenant.bytes().any(|byte| byte != b'.')
        && !is_shared(tenant)
}

/// What an error response means for the session. Only `error` and `suberror` decide, as the vendor
/// asks: the numbers of `error_codes` name an error for a person to look up and may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The server cannot respond now.
    Passing,
    /// Only the user can help. The refresh token stays good for what was granted before.
    NeedsUser,
    /// The refresh token is good for nothing more.
    GrantIsDead,
    /// The request will be refused as long as nothing changes.
    Permanent,
}

/// The `error` values after which a silent request cannot succeed: OpenID Connect Core section
/// 3.1.2.6 and Entra's own.
const NEEDS_USER: [&str; 6] = [
    "interaction_required",
    "login_required",
    "consent_required",
    "account_selection_required",
    "ui_not_allowed",
    "interrupted_user",
];
/// The `suberror` values that say the same.
const SUBERROR_NEEDS_USER: [&str; 7] = [
    "message_only",
    "additional_action",
    "basic_action",
    "user_password_expired",
    "consent_required",
    "ui_not_allowed",
    "interrupted_user",
];
/// As `error` or `suberror`: the refresh token was revoked or has expired.
const BAD_TOKEN: &str = "bad_token";

impl Refusal {
    /// Reads an error response of the token endpoint or the authorization endpoint.
    pub(crate) fn of(server: &ServerError) -> Self {
        let error = server.error.as_str();
        let suberror = server.suberror.as_deref().unwrap_or_default();
        let status = server.status.unwrap_or_default();
        if status >= 500
            || matches!(status, 408 | 429)
            || matches!(error, "temporarily_unavailable" | "server_error")
        {
            Self::Passing
        } else if error == BAD_TOKEN || suberror == BAD_TOKEN {
            Self::GrantIsDead
        } else if NEEDS_USER.contains(&error) || SUBERROR_NEEDS_USER.contains(&suberror) {
            Self::NeedsUser
        } else if error == "invalid_grant" {
            // RFC 6749 section 5.2. A `suberror` that is not known says more than that, but not
            // what.
            if suberror.is_empty() {
                Self::GrantIsDead
            } else {
                Self::NeedsUser
            }
        } else {
            Self::Permanent
        }
    }

    /// The code of the error that the caller gets, `refused` if nothing more is known.
    pub(crate) fn code(self, refused: ErrorCode) -> ErrorCode {
        match self {
            Self::Passing => ErrorCode::ProviderUnavailable,
            Self::NeedsUser | Self::GrantIsDead => ErrorCode::InteractionRequired,
            Self::Permanent => refused,
        }
    }
}
