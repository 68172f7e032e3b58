//! Which issuer a token, a key or a metadata document may have.

use super::entra;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::wire::form::Form;
use crate::core::wire::record::{Field, Reader};
use crate::core::wire::url;
use alloc::string::String;

/// A trusted issuer: an exact identifier, or Entra's template with `{tenantid}` in it.
#[derive(Clone, Debug)]
pub struct TrustedIssuer(String);

impl TrustedIssuer {
    /// Trusts this issuer identifier. It must be an https URL without query or fragment (RFC 8414
    /// section 2); http is allowed on loopback.
    pub fn new(identifier: &str) -> Result<Self, AuthError> {
        let plain = entra::with_tenant(identifier, "t");
        if url::is_identifier(&plain) {
            Ok(Self(identifier.into()))
        } else {
            Err(AuthError::about(
                ErrorCode::InvalidOption,
                "issuer must be an https URL without query and fragment",
            ))
        }
    }

    /// The identifier or the template.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this stands for the issuers of many tenants.
    pub(crate) fn is_template(&self) -> bool {
        entra::template(&self.0).is_some()
    }

    /// The authority whose metadata describes this issuer: itself, or `common` for the template.
    pub(crate) fn authority(&self) -> String {
        entra::with_tenant(&self.0, "common")
    }

    /// Whether `iss` is this issuer, character by character (RFC 8414 section 3.3). In a template
    /// the token's `tid`, which must be a GUID, replaces the placeholder.
    pub(crate) fn is(&self, iss: &str, tid: Option<&str>) -> bool {
        match entra::template(&self.0) {
            None => self.0 == iss,
            Some(template) => tid.is_some_and(|tid| entra::is_of_tenant(template, iss, tid)),
        }
    }
}

/// Whether a key may speak for this issuer: its `issuer` names it, or it has none. A malformed
/// `issuer` names nobody.
pub(crate) fn may_speak_for(key_issuer: Option<&str>, iss: &str, tid: Option<&str>) -> bool {
    key_issuer.is_none_or(|named| TrustedIssuer::new(named).is_ok_and(|named| named.is(iss, tid)))
}

/// Whether metadata fetched for `authority` may name `issuer`: it must be the same (RFC 8414
/// section 3.3), except that some of Entra's authorities stand for many issuers.
pub(crate) fn metadata_may_name(authority: &str, issuer: &str) -> bool {
    bare(authority) == bare(issuer) || entra::metadata_may_name(authority, issuer)
}

fn bare(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}

impl Field for TrustedIssuer {
    fn put(&self, name: &'static str, form: &mut Form) {
        form.set(name, &self.0);
    }

    fn take(name: &'static str, from: &Reader) -> Self {
        let issuer = String::take(name, from);
        if Self::new(&issuer).is_err() {
            from.fail();
        }
        Self(issuer)
    }
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
    fn entra_metadata_names_the_template_or_the_tenant() {
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
    fn entra_external_id_names_its_tenant_by_guid() {
        let issuer = format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0");
        let other = "99999999-2222-3333-4444-555555555555";
        for tenant in ["contoso.onmicrosoft.com", TENANT] {
            let authority = format!("https://contoso.ciamlogin.com/{tenant}/v2.0");
            assert!(metadata_may_name(&authority, &issuer), "{tenant}");
            for evil in [
                format!("https://{TENANT}.ciamlogin.com.evil.example/{TENANT}/v2.0"),
                format!("https://evilciamlogin.com/{TENANT}/v2.0"),
                format!("https://{other}.ciamlogin.com/{TENANT}/v2.0"),
                "https://fabrikam.ciamlogin.com/fabrikam/v2.0".into(),
            ] {
                assert!(!metadata_may_name(&authority, &evil), "{evil}");
            }
        }
        let authority = format!("https://contoso.ciamlogin.com/{other}/v2.0");
        assert!(!metadata_may_name(&authority, &issuer));
        assert!(!metadata_may_name(
            "https://evil.example/contoso/v2.0",
            &issuer
        ));
    }

    #[test]
    fn azure_ad_b2c_names_its_tenant_by_guid() {
        let host = "https://contoso.b2clogin.com";
        let authority = format!("{host}/contoso.onmicrosoft.com/B2C_1_in/v2.0");
        for path in ["", "tfp/"] {
            let issuer = format!("{host}/{path}{TENANT}/v2.0/");
            assert!(metadata_may_name(&authority, &issuer), "{issuer}");
        }
        let fabrikam = format!("https://fabrikam.b2clogin.com/{TENANT}/v2.0/");
        assert!(!metadata_may_name(&authority, &fabrikam));
        assert!(!metadata_may_name("https://evil.example/a/v2.0", &fabrikam));
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
