//! Assertions by which a client proves who it is: RFC 7523 section 3, and Entra's certificate
//! credentials.

use crate::core::flow::{DigestAlgorithm, Io, Run};
use crate::core::jose::algorithm::Algorithm;
use crate::core::jose::sha256;
use crate::core::secret::Secret;
use crate::core::wire::base64url::{encode, encode_standard};
use crate::core::wire::json::JsonWriter;
use crate::core::wire::text::concat;
use alloc::string::String;
use alloc::vec::Vec;

/// An assertion is good for this many seconds (Entra asks for five to ten minutes).
pub(crate) const LIFETIME: f64 = 300.0;

/// A private key that the host signs with.
#[derive(Clone, Debug)]
pub struct PrivateKey {
    /// The algorithm of the signature.
    pub algorithm: Algorithm,
    /// How the header names the key.
    pub name: KeyName,
    /// Whom the assertion is for.
    pub audience: AssertionAudience,
    /// The public key in any form, if it is known: tokens that were got with another key of the same
    /// name are not this client's.
    pub public_key: Option<String>,
}

/// How the header of an assertion names the key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeyName {
    /// `kid`.
    KeyId(String),
    /// The key's certificate in DER, by its SHA-256 thumbprint: `x5t#S256`.
    Certificate(Vec<u8>),
    /// The same by its SHA-1 thumbprint, for older servers: `x5t`.
    CertificateSha1(Vec<u8>),
    /// The certificate itself and the chain behind it, in DER: `x5c`, beside `x5t#S256`.
    Chain(Vec<Vec<u8>>),
}

/// `aud` of an assertion. A single text, because some servers refuse a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssertionAudience {
    /// The token endpoint (RFC 7523 section 3), as Entra wants it.
    #[default]
    TokenEndpoint,
    /// The issuer, which no other server can pass on (draft-ietf-oauth-rfc7523bis).
    Issuer,
}

impl PrivateKey {
    /// A fresh assertion. `credential` is the place of this key among the client's credentials.
    pub(crate) fn assertion(
        &self,
        io: &mut Io,
        credential: usize,
        client_id: &str,
        audience: &str,
    ) -> Run<Secret> {
        let jti = encode(&io.random(16)?);
        let header = self.header(io)?;
        let now = io.now();
        let mut claims = JsonWriter::default();
        claims
            .text("iss", client_id)
            .text("sub", client_id)
            .text("aud", audience)
            .text("jti", &jti)
            .time("iat", now)
            .time("nbf", now)
            .time("exp", now.plus(LIFETIME));
        let claims = claims.into_string();
        let signing_input = concat(&[&encode(header.as_bytes()), ".", &encode(claims.as_bytes())]);
        let signature = io.sign(credential, self.algorithm.as_str(), signing_input.clone())?;
        Ok(Secret::new(concat(&[
            &signing_input,
            ".",
            &encode(&signature),
        ])))
    }

    fn header(&self, io: &mut Io) -> Run<String> {
        let mut header = JsonWriter::default();
        header
            .text("alg", self.algorithm.as_str())
            .text("typ", "JWT");
        match &self.name {
            KeyName::KeyId(id) => header.text("kid", id),
            KeyName::Certificate(der) => header.text("x5t#S256", &encode(&sha256::digest(der))),
            KeyName::CertificateSha1(der) => {
                header.text("x5t", &encode(&io.digest(DigestAlgorithm::Sha1, der)?))
            }
            KeyName::Chain(chain) => {
                if let [der, ..] = chain.as_slice() {
                    header.text("x5t#S256", &encode(&sha256::digest(der)));
                }
                let chain: Vec<String> = chain.iter().map(|der| encode_standard(der)).collect();
                header.texts("x5c", &chain)
            }
        };
        Ok(header.into_string())
    }
}
