//! Signature algorithms of RFC 7518 section 3.1, RFC 8037 and RFC 8812, and the HMAC of RFC 7518
//! section 3.2.

use crate::core::error::{AuthError, ErrorCode};

/// The longest name of an algorithm that an error repeats.
const MAX_NAME_LENGTH: usize = 32;

/// Everything about an algorithm. The rest of the project derives from it: which keys fit, the
/// parameters for WebCrypto and `node:crypto`, and what is linked in Rust.
struct Row {
    /// `alg` in a JOSE header. Of two names, the first is written.
    names: &'static [&'static str],
    /// `kty` and, if it has one, `crv` of its keys (RFC 7518 section 6, RFC 8037 section 2, RFC 8812
    /// section 3.1).
    key_type: (&'static str, Option<&'static str>),
    /// The length of a signature in bytes, unless the key decides (RFC 7518 section 3.4, RFC 8032
    /// section 5.1.6). Some hosts' crypto makes another length an error of the call instead of a
    /// wrong signature.
    signature_length: Option<usize>,
    /// The parameters of WebCrypto, as JSON.
    web_crypto: &'static str,
}

macro_rules! algorithms {
    ($($(#[$meta:meta])* $variant:ident { $($field:ident: $value:expr,)+ })+) => {
        /// A signature algorithm.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Algorithm {
            $($(#[$meta])* $variant,)+
        }

        impl Algorithm {
            /// All supported algorithms.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            const fn row(self) -> &'static Row {
                match self {
                    $(Self::$variant => &Row { $($field: $value,)+ },)+
                }
            }
        }
    };
}

algorithms! {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256 {
        names: &["RS256"],
        key_type: ("RSA", None),
        signature_length: None,
        web_crypto: r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#,
    }
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384 {
        names: &["RS384"],
        key_type: ("RSA", None),
        signature_length: None,
        web_crypto: r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-384"}"#,
    }
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512 {
        names: &["RS512"],
        key_type: ("RSA", None),
        signature_length: None,
        web_crypto: r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-512"}"#,
    }
    /// RSASSA-PSS with SHA-256.
    Ps256 {
        names: &["PS256"],
        key_type: ("RSA", None),
        signature_length: None,
        web_crypto: r#"{"name":"RSA-PSS","hash":"SHA-256","saltLength":32}"#,
    }
    /// RSASSA-PSS with SHA-384.
    Ps384 {
        names: &["PS384"],
        key_type: ("RSA", None),
        signature_length: None,
        web_crypto: r#"{"name":"RSA-PSS","hash":"SHA-384","saltLength":48}"#,
    }
    /// RSASSA-PSS with SHA-512.
    Ps512 {
        names: &["PS512"],
        key_type: ("RSA", None),
        signature_length: None,
        web_crypto: r#"{"name":"RSA-PSS","hash":"SHA-512","saltLength":64}"#,
    }
    /// ECDSA on P-256 with SHA-256.
    Es256 {
        names: &["ES256"],
        key_type: ("EC", Some("P-256")),
        signature_length: Some(64),
        web_crypto: r#"{"name":"ECDSA","hash":"SHA-256","namedCurve":"P-256"}"#,
    }
    /// ECDSA on P-384 with SHA-384.
    Es384 {
        names: &["ES384"],
        key_type: ("EC", Some("P-384")),
        signature_length: Some(96),
        web_crypto: r#"{"name":"ECDSA","hash":"SHA-384","namedCurve":"P-384"}"#,
    }
    /// ECDSA on P-521 with SHA-512.
    Es512 {
        names: &["ES512"],
        key_type: ("EC", Some("P-521")),
        signature_length: Some(132),
        web_crypto: r#"{"name":"ECDSA","hash":"SHA-512","namedCurve":"P-521"}"#,
    }
    /// ECDSA on secp256k1 with SHA-256.
    Es256K {
        names: &["ES256K"],
        key_type: ("EC", Some("secp256k1")),
        signature_length: Some(64),
        web_crypto: r#"{"name":"ECDSA","hash":"SHA-256","namedCurve":"secp256k1"}"#,
    }
    /// Ed25519, under the name of RFC 8037 or that of RFC 9864.
    EdDsa {
        names: &["EdDSA", "Ed25519"],
        key_type: ("OKP", Some("Ed25519")),
        signature_length: Some(64),
        web_crypto: r#"{"name":"Ed25519"}"#,
    }
    /// HMAC with SHA-256.
    Hs256 {
        names: &["HS256"],
        key_type: ("oct", None),
        signature_length: Some(32),
        web_crypto: r#"{"name":"HMAC","hash":"SHA-256"}"#,
    }
    /// HMAC with SHA-384.
    Hs384 {
        names: &["HS384"],
        key_type: ("oct", None),
        signature_length: Some(48),
        web_crypto: r#"{"name":"HMAC","hash":"SHA-384"}"#,
    }
    /// HMAC with SHA-512.
    Hs512 {
        names: &["HS512"],
        key_type: ("oct", None),
        signature_length: Some(64),
        web_crypto: r#"{"name":"HMAC","hash":"SHA-512"}"#,
    }
}

impl Algorithm {
    /// The algorithms with a public key.
    pub fn asymmetric() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|algorithm| !algorithm.is_symmetric())
    }

    /// Reads an `alg`. `none` has a code of its own (RFC 8725 section 3.2).
    pub fn read(alg: &str) -> Result<Self, AuthError> {
        refuse_none(alg)?;
        let mut all = Self::ALL.iter();
        all.find(|algorithm| algorithm.row().names.contains(&alg))
            .copied()
            .ok_or_else(|| {
                // Anybody can send a text of any length here, with line breaks.
                let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-+_".contains(&byte);
                if (1..=MAX_NAME_LENGTH).contains(&alg.len()) && alg.bytes().all(is_name) {
                    AuthError::about(ErrorCode::AlgorithmNotAllowed, alg)
                } else {
                    ErrorCode::AlgorithmNotAllowed.into()
                }
            })
    }

    /// Reads the `alg` of a signature by a public key, under which HMAC would let anybody sign (RFC
    /// 8725 section 2.1).
    pub fn read_asymmetric(alg: &str) -> Result<Self, AuthError> {
        refuse_unsigned(alg)?;
        Self::read(alg)
    }

    /// The name in a JOSE header.
    pub fn as_str(self) -> &'static str {
        let [name, ..] = self.row().names else {
            return "";
        };
        name
    }

    /// Whether the key is a shared secret.
    pub fn is_symmetric(self) -> bool {
        self.row().key_type.0 == "oct"
    }

    /// The length of a signature in bytes, unless the key decides. An HMAC is as long as its hash,
    /// and its key at least as long (RFC 7518 section 3.2).
    pub const fn signature_length(self) -> Option<usize> {
        self.row().signature_length
    }

    /// The `kty` and, if it has one, the `crv` of its keys.
    pub(crate) const fn key_type(self) -> (&'static str, Option<&'static str>) {
        self.row().key_type
    }

    /// The parameters of WebCrypto, as JSON. Natively signatures are verified in Rust.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
    pub(crate) const fn web_crypto(self) -> &'static str {
        self.row().web_crypto
    }
}

/// Refuses `alg: none` and HMAC, also for a token whose signature is not checked.
pub(crate) fn refuse_unsigned(alg: &str) -> Result<(), AuthError> {
    refuse_none(alg)?;
    if matches!(alg, "HS256" | "HS384" | "HS512") {
        return Err(ErrorCode::AlgorithmSymmetric.into());
    }
    Ok(())
}

fn refuse_none(alg: &str) -> Result<(), AuthError> {
    if alg.eq_ignore_ascii_case("none") {
        return Err(ErrorCode::AlgorithmNone.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7518_3_1_each_name_is_read_as_its_own_row() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::read(algorithm.as_str()).unwrap(), *algorithm);
        }
        let read = |alg| Algorithm::read(alg).map_err(|error| error.code());
        assert_eq!(read("Ed25519"), read("EdDSA"));
        assert_eq!(read("nOnE"), Err(ErrorCode::AlgorithmNone));
        assert_eq!(read("rs256"), Err(ErrorCode::AlgorithmNotAllowed));
    }

    #[test]
    fn rfc_8725_2_1_an_algorithm_of_a_secret_is_none_of_a_public_key() {
        for algorithm in Algorithm::ALL.iter().copied() {
            let read = Algorithm::read_asymmetric(algorithm.as_str());
            let expected = if algorithm.is_symmetric() {
                Err(ErrorCode::AlgorithmSymmetric)
            } else {
                Ok(algorithm)
            };
            assert_eq!(read.map_err(|error| error.code()), expected);
        }
    }
}
