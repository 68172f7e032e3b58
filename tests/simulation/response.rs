//! The provider's responses, and what can be wrong in them.

use serde_json::{Value, json};

use crate::provider::{
    AccessId, GrantId, ISSUER, Policy, Provider, RefreshId, SECRET, Unavailable,
};
use crate::world::Time;

/// A response, and what it means to those who know the provider.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: String,
    pub(crate) meaning: Meaning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Metadata,
    Tokens {
        grant: GrantId,
        /// The new refresh token, if there is one.
        refresh: Option<RefreshId>,
        access: AccessId,
        /// Whether the access token may be used.
        is_usable: bool,
        /// Whether the ID token names another user.
        is_other: bool,
    },
    /// The grant or the refresh token is good for nothing more.
    Dead,
    /// Only the user can help.
    NeedsUser,
    /// Permanently.
    Refused,
    /// The provider cannot respond now.
    Outage,
    /// The provider did it, and the response cannot be read.
    Cut,
}

/// What is wrong in a response with tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    ExpiresInZero,
    ExpiresInText,
    ScopeList,
    TokenTypeMac,
    TokenTypeMissing,
    AccessTokenMissing,
    AccessTokenEmpty,
    RefreshExpiresInZero,
    RefreshTokenEmpty,
    AnotherSubject,
    IdTokenOfYesterday,
    IdTokenMalformed,
    SubjectEmpty,
}

impl Wrong {
    pub(crate) const ALL: [Self; 13] = [
        Self::ExpiresInZero,
        Self::ExpiresInText,
        Self::ScopeList,
        Self::TokenTypeMac,
        Self::TokenTypeMissing,
        Self::AccessTokenMissing,
        Self::AccessTokenEmpty,
        Self::RefreshExpiresInZero,
        Self::RefreshTokenEmpty,
        Self::AnotherSubject,
        Self::IdTokenOfYesterday,
        Self::IdTokenMalformed,
        Self::SubjectEmpty,
    ];

    /// Whether the access token may be used all the same.
    pub(crate) fn leaves_usable(self, has_id_token: bool) -> bool {
        match self {
            Self::ScopeList | Self::RefreshExpiresInZero | Self::RefreshTokenEmpty => true,
            Self::AnotherSubject | Self::IdTokenMalformed | Self::SubjectEmpty => !has_id_token,
            // Entra v1.0 writes numbers as strings.
            Self::ExpiresInText | Self::IdTokenOfYesterday => true,
            Self::ExpiresInZero
            | Self::TokenTypeMac
            | Self::TokenTypeMissing
            | Self::AccessTokenMissing
            | Self::AccessTokenEmpty => false,
        }
    }
}

/// A successful token response.
pub(crate) struct Body<'a> {
    pub(crate) access: AccessId,
    pub(crate) refresh: Option<RefreshId>,
    /// The nonce of the sign-in; `None` in the response to a refresh request.
    pub(crate) nonce: Option<&'a str>,
    pub(crate) now: Time,
    pub(crate) client: &'a str,
    pub(crate) user: &'a str,
    pub(crate) grant: GrantId,
    pub(crate) policy: &'a Policy,
    pub(crate) wrong: Option<Wrong>,
}

impl Body<'_> {
    pub(crate) fn has_id_token(&self) -> bool {
        self.nonce.is_some() || self.policy.refreshes_id_token
    }

    pub(crate) fn text(&self) -> String {
        let Policy { access_life, .. } = *self.policy;
        let mut body = json!({
            "access_token": format!("at.{}{SECRET}", self.access),
            "token_type": "Bearer",
        });
        if self.policy.tells_access_life {
            body["expires_in"] = access_life.into();
        }
        if let Some(refresh_in) = self.policy.refresh_in {
            body["refresh_in"] = refresh_in.into();
        }
        if let Some(refresh) = self.refresh {
            body["refresh_token"] = refresh.to_string().into();
        }
        if let (Some(life), true) = (self.policy.refresh_life, self.policy.tells_refresh_life) {
            body["refresh_token_expires_in"] = life.into();
        }
        if self.has_id_token() {
            body["id_token"] = self.id_token().into();
        }
        if let Some(wrong) = self.wrong {
            spoil(&mut body, wrong, access_life);
        }
        body.to_string()
    }

    fn id_token(&self) -> String {
        let mut claims = json!({
            "iss": ISSUER,
            "sub": self.user,
            "aud": self.client,
            "iat": self.now / 1000,
            "exp": self.now / 1000 + 600,
            "sid": format!("grant.{}", self.grant),
        });
        if let Some(nonce) = self.nonce {
            claims["nonce"] = nonce.into();
        }
        match self.wrong {
            // The response to a sign-in says who the user is, and there is nobody else to be.
            Some(Wrong::AnotherSubject) if self.nonce.is_none() => claims["sub"] = "mallory".into(),
            Some(Wrong::AnotherSubject) => claims["aud"] = "another".into(),
            Some(Wrong::SubjectEmpty) => claims["sub"] = "".into(),
            Some(Wrong::IdTokenOfYesterday) => {
                claims["iat"] = (self.now / 1000 - 90_000).into();
                claims["exp"] = (self.now / 1000 - 86_400).into();
            }
            _ => {}
        }
        let header = base64url(br#"{"alg":"RS256","kid":"1"}"#);
        let payload = base64url(claims.to_string().as_bytes());
        format!("{header}.{payload}{SECRET}")
    }
}

fn spoil(body: &mut Value, wrong: Wrong, access_life: u64) {
    match wrong {
        Wrong::ExpiresInZero => body["expires_in"] = 0.into(),
        Wrong::ExpiresInText => {
            if body["expires_in"].is_number() {
                body["expires_in"] = access_life.to_string().into();
            }
        }
        Wrong::ScopeList => body["scope"] = json!(["openid"]),
        Wrong::TokenTypeMac => body["token_type"] = "mac".into(),
        Wrong::TokenTypeMissing => body["token_type"] = Value::Null,
        Wrong::AccessTokenMissing => body["access_token"] = Value::Null,
        Wrong::AccessTokenEmpty => body["access_token"] = "".into(),
        Wrong::RefreshExpiresInZero => body["refresh_token_expires_in"] = 0.into(),
        Wrong::RefreshTokenEmpty => {
            if body["refresh_token"].is_null() {
                body["refresh_token"] = "".into();
            }
        }
        Wrong::IdTokenMalformed => {
            if !body["id_token"].is_null() {
                body["id_token"] = "e30.e30".into();
            }
        }
        Wrong::AnotherSubject | Wrong::IdTokenOfYesterday | Wrong::SubjectEmpty => {}
    }
}

impl Reply {
    pub(crate) fn new(status: u16, body: String, meaning: Meaning) -> Self {
        Self {
            status,
            retry_after: None,
            body,
            meaning,
        }
    }

    pub(crate) fn refusal(
        status: u16,
        error: &str,
        suberror: Option<&str>,
        meaning: Meaning,
    ) -> Self {
        let mut body = json!({ "error": error });
        if let Some(suberror) = suberror {
            body["suberror"] = suberror.into();
        }
        Self::new(status, body.to_string(), meaning)
    }

    pub(crate) fn unavailable(outage: Unavailable) -> Self {
        Self {
            retry_after: outage.retry_after,
            ..Self::new(outage.status, "<html>".into(), Meaning::Outage)
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "not found".into(), Meaning::Refused)
    }

    /// A page that something between here and the provider serves in its place.
    pub(crate) fn foreign_page() -> Self {
        Self::new(
            200,
            "<html>Sign in to the café's network".into(),
            Meaning::Outage,
        )
    }

    pub(crate) fn metadata(provider: &Provider) -> Self {
        let metadata = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/authorize"),
            "token_endpoint": provider.token_endpoint(),
            "end_session_endpoint": format!("{ISSUER}/logout"),
        });
        Self::new(200, metadata.to_string(), Meaning::Metadata)
    }
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            let six = bits >> (18 - 6 * place) & 63;
            text.push(char::from(ALPHABET[six as usize]));
        }
    }
    text
}
