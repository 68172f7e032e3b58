//! Who may have issued a token or a metadata document.

use super::error::{AuthError, ErrorCode};
use super::text::{concat, split_once};
use super::url;
use alloc::string::String;

/// An issuer that is trusted: an exact identifier, or Entra's template with `{tenantid}` in it.
#[derive(Clone, Debug)]
pub struct TrustedIssuer(String);

impl TrustedIssuer {
    /// Trusts this issuer identifier. It must be an address under which tokens may travel, without
    /// query or fragment (RFC 8414 section 2).
    pub fn new(identifier: &str) -> Result<Self, AuthError> {
        let plain = with_tenant(identifier, "t");
        if url::is_secure(&plain) && url::without_query(&plain) == plain {
            Ok(Self(identifier.into()))
        } else {
            Err(AuthError::about(ErrorCode::InvalidOption, "issuer"))
        }
    }

    /// The identifier or the template.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The authority whose metadata speaks of this issuer: itself, or `common` for the template.
    pub fn authority(&self) -> String {
        with_tenant(&self.0, "common")
    }

    /// Whether `iss` is this issuer, character by character (RFC 8414 section 3.3). For the
    /// template the token's `tid` takes the placeholder's place, and must be a GUID.
    pub fn is(&self, iss: &str, tid: Option<&str>) -> bool {
        match template(&self.0) {
            None => self.0 == iss,
            Some((before, after)) => tid.is_some_and(|tid| {
                is_guid(tid)
                    && iss
                        .strip_prefix(before)
                        .and_then(|rest| rest.strip_prefix(tid))
                        == Some(after)
            }),
        }
    }
}

/// What stands before and after the tenant's placeholder. Its case varies between Entra's
/// documents.
fn template(issuer: &str) -> Option<(&str, &str)> {
    let (before, rest) = split_once(issuer, b'{')?;
    let (name, after) = split_once(rest, b'}')?;
    name.eq_ignore_ascii_case("tenantid")
        .then_some((before, after))
}

fn with_tenant(issuer: &str, tenant: &str) -> String {
    match template(issuer) {
        Some((before, after)) => concat(&[before, tenant, after]),
        None => issuer.into(),
    }
}

/// Whether metadata fetched for `authority` may name `issuer`: it must be the same (RFC 8414
/// section 3.3). The exception is Entra, where one authority stands for many issuers: it names a
/// tenant by domain or by `common`, `organizations` and `consumers`, and the metadata answers
/// with the tenant's GUID or with the template.
pub(crate) fn metadata_may_name(authority: &str, issuer: &str) -> bool {
    let same =
        |a: &str, b: &str| a.strip_suffix('/').unwrap_or(a) == b.strip_suffix('/').unwrap_or(b);
    same(authority, issuer) || entra_may_name(authority, issuer)
}

fn entra_may_name(authority: &str, issuer: &str) -> bool {
    let Some((asked, asked_version)) = entra_tenant(authority) else {
        return false;
    };
    let Some((named, named_version)) = entra_tenant(issuer) else {
        return false;
    };
    let same_tenant = if is_guid(asked) {
        asked.eq_ignore_ascii_case(named)
    } else {
        template(named) == Some(("", "")) || is_guid(named)
    };
    let (from, by) = (url::origin(authority), url::origin(issuer));
    let same_issuer = from == by
        || asked_version.is_empty()
            && from.is_some_and(is_public_cloud)
            && by == Some("https://sts.windows.net");
    same_tenant && same_issuer && asked_version == named_version
}

/// The tenant and the version (`v2.0`, or nothing for v1.0) in an Entra authority or issuer.
fn entra_tenant(address: &str) -> Option<(&str, &str)> {
    let path = url::path(address)?.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let (tenant, version) = split_once(path, b'/').unwrap_or((path, ""));
    (!tenant.is_empty() && (version.is_empty() || version == "v2.0")).then_some((tenant, version))
}

fn is_public_cloud(origin: &str) -> bool {
    [
        "https://login.microsoftonline.com",
        "https://login.windows.net",
        "https://login.microsoft.com",
        "https://sts.windows.net",
    ]
    .contains(&origin)
}

/// Whether this is a GUID: 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "11111111-2222-3333-4444-555555555555";

    #[test]
    fn rfc_8414_3_3_the_metadata_names_the_issuer_asked_for() {
        assert!(metadata_may_name(
            "https://as.example",
            "https://as.example/"
        ));
        assert!(metadata_may_name(
            "https://as.example/a",
            "https://as.example/a"
        ));
        assert!(!metadata_may_name(
            "https://as.example",
            "https://evil.example"
        ));
        assert!(!metadata_may_name(
            "https://as.example/a",
            "https://as.example/b/c"
        ));
        assert!(!metadata_may_name(
            "https://as.example/a",
            "https://as.example/b"
        ));
    }

    #[test]
    fn entra_metadata_answers_with_the_template_or_the_tenant() {
        let host = "https://login.microsoftonline.com";
        let template = format!("{host}/{{tenantid}}/v2.0");
        let tenant = format!("{host}/{TENANT}/v2.0");
        let v1 = format!("https://sts.windows.net/{TENANT}/");
        assert!(metadata_may_name(&format!("{host}/common/v2.0"), &template));
        assert!(metadata_may_name(
            &format!("{host}/contoso.com/v2.0"),
            &tenant
        ));
        assert!(metadata_may_name(&format!("{host}/{TENANT}"), &v1));
        assert!(metadata_may_name(
            &format!("{host}/common"),
            "https://sts.windows.net/{tenantid}/"
        ));
        let other = "99999999-2222-3333-4444-555555555555";
        assert!(!metadata_may_name(&format!("{host}/{other}/v2.0"), &tenant));
        assert!(!metadata_may_name(&format!("{host}/common/v2.0"), &v1));
        assert!(!metadata_may_name("https://evil.example/common", &v1));
        assert!(!metadata_may_name(
            "https://evil.example/common/v2.0",
            &template
        ));
    }

    #[test]
    fn entra_template_takes_the_tid_and_nothing_else() -> Result<(), AuthError> {
        let issuer = TrustedIssuer::new("https://login.example/{tenantid}/v2.0")?;
        let iss = format!("https://login.example/{TENANT}/v2.0");
        assert!(issuer.is(&iss, Some(TENANT)));
        assert!(!issuer.is(&iss, None));
        assert!(!issuer.is(&iss, Some("99999999-2222-3333-4444-555555555555")));
        assert!(!issuer.is("https://login.example/x/v2.0", Some("x")));
        assert!(!issuer.is(&format!("{iss}/"), Some(TENANT)));
        Ok(())
    }

    #[test]
    fn rfc_8414_2_an_issuer_has_no_query_and_travels_over_tls() {
        for identifier in [
            "http://as.example",
            "https://as.example?a=b",
            "https://as.example#f",
            "as.example",
        ] {
            assert!(TrustedIssuer::new(identifier).is_err(), "{identifier}");
        }
    }
}
