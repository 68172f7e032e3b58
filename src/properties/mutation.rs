//! Good inputs with some of their bytes changed, for each parser: what a fuzzer without coverage
//! would try. A parser must not panic, and what it reads must be what it read.

use ::url::Url;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::holds;
use super::input::{ISSUER, NOW, base64url, compact, from_base64url};
use crate::core::jose::jwk::JwkSet;
use crate::core::jose::jws::{CompactParts, JoseHeader, parse_part};
use crate::core::provider::metadata::ProviderMetadata;
use crate::core::time::UnixTime;
use crate::core::verifier::{JwsConfig, JwsVerifier, KeysFrom};
use crate::core::wire::base64url as ours;
use crate::core::wire::cache_control::max_age;
use crate::core::wire::challenge::Challenges;
use crate::core::wire::form::{Form, Parameters};
use crate::core::wire::url::{is_secure, origin, path, without_query};
use crate::edge::json::{parse_json, parse_json_array};

/// One change of bytes.
#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
    /// What stands at one place again at another.
    Copy(Index, Index, usize),
    Cut(Index),
}

/// Bytes that have a meaning in one of the formats, or are at an edge of one.
const TELLING: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b".",
    b"=",
    b"&",
    b"%",
    b"%00",
    b"%zz",
    b"+",
    b"/",
    b"//",
    b"?",
    b"#",
    b"@",
    b" ",
    b"\t",
    b"\r\n",
    b"\0",
    b"-",
    b"_",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xc3\xa9",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\\u0000",
    b"\\ud800",
    b"1e999",
    b"-1",
    b"18446744073709551616",
    b"null",
    b"true",
    b"Bearer ",
    b"max-age=",
    b"[[[[[[[[[[[[[[[[",
];

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = any::<Index>;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (place(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip(at, 1 << bit)),
        (place(), select(TELLING)).prop_map(|(at, text)| Mutation::Insert(at, text.into())),
        (place(), vec(any::<u8>(), 1..5)).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        (place(), 1..9_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (place(), 1..9_usize, 1..40_usize)
            .prop_map(|(at, length, times)| Mutation::Repeat(at, length, times)),
        (place(), place(), 1..40_usize)
            .prop_map(|(from, to, length)| Mutation::Copy(from, to, length)),
        place().prop_map(Mutation::Cut),
    ]
}

impl Mutation {
    fn change(&self, bytes: &mut Vec<u8>) {
        let places = bytes.len() + 1;
        let range = |at: &Index, length: usize| {
            let start = at.index(places);
            start..places.min(start + length + 1) - 1
        };
        match self {
            Self::Set(at, byte) => bytes[range(at, 1)].fill(*byte),
            Self::Flip(at, bits) => bytes[range(at, 1)]
                .iter_mut()
                .for_each(|byte| *byte ^= bits),
            Self::Insert(at, text) => {
                let at = at.index(places);
                bytes.splice(at..at, text.iter().copied());
            }
            Self::Remove(at, length) => {
                bytes.drain(range(at, *length));
            }
            Self::Repeat(at, length, times) => {
                let range = range(at, *length);
                let repeated = bytes[range.clone()].repeat(*times);
                bytes.splice(range, repeated);
            }
            Self::Copy(from, to, length) => {
                let copied = bytes[range(from, *length)].to_vec();
                let to = to.index(places);
                bytes.splice(to..to, copied);
            }
            Self::Cut(at) => bytes.truncate(at.index(places)),
        }
    }
}

/// One of these inputs, changed up to eight times.
fn changed(good: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (select(good), vec(mutation(), 0..8)).prop_map(|(mut bytes, mutations)| {
        for mutation in mutations {
            mutation.change(&mut bytes);
        }
        bytes
    })
}

/// The same as text: what is not UTF-8 is replaced, as `fetch` does.
fn changed_text(good: &[&str]) -> impl Strategy<Value = String> + use<> {
    let good = good.iter().map(|text| text.as_bytes().to_vec());
    changed(good.collect()).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[test]
fn base64url_is_read_as_the_other_implementation_reads_it() {
    let good = ["", "AQ", "AQI", "AQID", "_-_-", "eyJhbGciOiJFUzI1NiJ9"];
    let good = good.map(|text| text.as_bytes().to_vec());
    holds(changed(good.into()), |text| {
        prop_assert_eq!(ours::decode(&text), from_base64url(&text));
        Ok(())
    });
}

fn jws() -> Vec<Vec<u8>> {
    let header = json!({ "alg": "ES256", "kid": "a", "typ": "at+jwt" }).to_string();
    let detached = json!({ "alg": "ES256", "b64": false, "crit": ["b64"] }).to_string();
    let payload = json!({ "iss": ISSUER, "exp": NOW, "aud": ["a", "b"], "n": { "x": [1, null] } });
    let signature = "s".repeat(64);
    let signed = compact(&[&header, &payload.to_string(), &signature]);
    let without_payload = format!("{}..{}", base64url(&detached), base64url(&signature));
    vec![signed.into(), without_payload.into(), b"e30.e30.AA".into()]
}

#[test]
fn a_token_is_split_and_its_parts_are_read_or_refused() {
    holds(changed(jws()), |token| {
        let Ok(parts) = CompactParts::split(&token) else {
            let dots = token.iter().filter(|byte| **byte == b'.').count();
            prop_assert!(dots != 2 || token.len() > 64 * 1024);
            return Ok(());
        };
        let joined = [parts.header, parts.payload, parts.signature].join(&b"."[..]);
        prop_assert_eq!(&joined, &token);
        if let Some(header) = ours::decode(parts.header)
            && let Ok((text, object)) = parse_part(&header, parse_json)
            && let Ok(known) = serde_json::from_str::<Value>(text)
        {
            match JoseHeader::read(&*object) {
                Ok(header) => {
                    prop_assert_eq!(Some(&*header.alg), known["alg"].as_str());
                    prop_assert!(known.get("crit").is_none());
                }
                Err(_) => prop_assert!(object.string("alg").is_ok() || !known["alg"].is_string()),
            }
        }
        Ok(())
    });
}

#[test]
fn a_message_is_examined_and_opens_with_a_right_signature_only() {
    let keys = json!({ "keys": [
        { "kty": "EC", "crv": "P-256", "kid": "a", "x": base64url([1; 32]), "y": base64url([2; 32]) },
    ] });
    let config = JwsConfig::new(KeysFrom::Jwks(keys.to_string()));
    let verifier = JwsVerifier::new(config, parse_json, parse_json_array).unwrap();
    let now = UnixTime::from_seconds(NOW).unwrap();
    let input = (changed(jws()), proptest::option::of(vec(any::<u8>(), 0..9)));
    holds(input, |(message, detached)| {
        let examined = verifier.examine(&message, detached.as_deref(), now, true);
        if let Ok(Some(examined)) = examined {
            prop_assert_eq!(examined.signature.len(), 64);
            let header = message.split(|byte| *byte == b'.').next().unwrap();
            prop_assert!(examined.signing_input.starts_with(header));
            prop_assert!(examined.open(false).is_err());
        }
        Ok(())
    });
}

#[test]
fn json_is_read_as_the_other_implementation_reads_it_or_refused() {
    let good = [
        r#"{"a":1,"b":[true,null,"x"],"c":{"d":-1.5e3},"e":"\u00e9\n\ud83d\ude00"}"#,
        r#"{"keys":[{"kty":"RSA"},{}],"":"" , "z" : 18446744073709551615}"#,
        " {} ",
    ];
    holds(changed_text(&good), |text| {
        let known: Result<Value, _> = serde_json::from_str(&text);
        if let Ok(object) = parse_json(&text) {
            // Of numbers and texts that nobody asks for, neither their range nor their halves of
            // pairs are looked at.
            if let Ok(known) = &known {
                prop_assert!(known.is_object());
                for (name, value) in known.as_object().unwrap() {
                    if let Ok(Some(read)) = object.string(name) {
                        prop_assert_eq!(Some(&*read), value.as_str());
                    }
                    if let Ok(Some(read)) = object.boolean(name) {
                        prop_assert_eq!(Some(read), value.as_bool());
                    }
                    prop_assert!(object.json(name).is_some());
                }
            }
        }
        if let Ok(list) = parse_json_array(&text, "keys") {
            prop_assert!(list.len() <= text.len());
        }
        Ok(())
    });
}

#[test]
fn a_key_set_is_read_or_refused() {
    let rsa = base64url([&[0xc1][..], &[7; 255]].concat());
    let set = json!({ "keys": [
        { "kty": "RSA", "kid": "r", "n": rsa, "e": "AQAB", "alg": "RS256", "use": "sig" },
        { "kty": "EC", "crv": "P-256", "x": base64url([1; 32]), "y": base64url([2; 32]) },
        { "kty": "OKP", "crv": "Ed25519", "x": base64url([3; 32]), "key_ops": ["verify"] },
        { "kty": "oct", "k": "AAAA" },
    ] });
    holds(changed_text(&[&set.to_string()]), |text| {
        if let Ok(set) = JwkSet::read(&text, parse_json_array) {
            for index in 0..set.key_ids().count() {
                let Some(key) = set.get(index).unwrap().key() else {
                    continue;
                };
                // A secret is never read from a set.
                prop_assert_ne!(key.key_type().0, "oct");
            }
        }
        Ok(())
    });
}

#[test]
fn metadata_is_of_the_issuer_or_refused() {
    let good = json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "jwks_uri": format!("{ISSUER}/jwks"),
        "scopes_supported": ["openid", "offline_access"],
        "authorization_response_iss_parameter_supported": true,
    });
    holds(changed_text(&[&good.to_string()]), |text| {
        // The other implementation also refuses halves of pairs in members that nobody asks for.
        if let Ok(metadata) = ProviderMetadata::read(ISSUER, &text, parse_json)
            && let Ok(known) = serde_json::from_str::<Value>(&text)
        {
            // A slash at the end is the only difference.
            let issuer = known["issuer"].as_str().unwrap();
            prop_assert_eq!(issuer.strip_suffix('/').unwrap_or(issuer), ISSUER);
            if let Ok(jwks_uri) = metadata.jwks_uri() {
                prop_assert!(is_secure(jwks_uri));
                prop_assert_eq!(known["jwks_uri"].as_str(), Some(jwks_uri));
            }
        }
        Ok(())
    });
}

#[test]
fn a_url_that_is_secure_is_so_by_the_url_standard() {
    let good = [
        "https://as.example/path?query=1#part",
        "http://localhost:8080/",
        "http://127.0.0.1/x",
        "https://user@as.example:443",
        "http://[::1]:80/",
    ];
    holds(changed_text(&good), |text| {
        if is_secure(&text) {
            // What that does not parse goes nowhere.
            let is_so = Url::parse(&text).map_or(true, |url| {
                let host = url.host_str().unwrap_or_default();
                let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
                url.scheme() == "https" || is_here || host.ends_with(".localhost")
            });
            prop_assert!(is_so);
        }
        prop_assert!(text.starts_with(without_query(&text)));
        for part in [origin(&text), path(&text)].into_iter().flatten() {
            prop_assert!(text.contains(part));
        }
        Ok(())
    });
}

#[test]
fn a_challenge_is_read_whatever_it_says() {
    let good = [
        r#"Bearer realm="x", error="insufficient_claims", claims="eyJhIjoxfQ==""#,
        r#"Bearer, DPoP algs="ES256", Basic realm="a\"b""#,
        "Negotiate abc==",
    ];
    holds(changed_text(&good), |header| {
        let challenges = Challenges::read(&header);
        for name in ["realm", "error", "claims", "algs"] {
            if let Some(value) = challenges.parameter("bearer", name) {
                prop_assert!(value.len() <= header.len());
            }
        }
        let _ = challenges.claims();
        Ok(())
    });
}

#[test]
fn a_form_that_is_read_is_written_and_read_the_same() {
    let good = [
        "a=1&b=%20+&c",
        "code=x%2Fy&state=%C3%A9&iss=https%3A%2F%2Fas.example",
    ];
    holds(changed_text(&good), |text| {
        let read = Parameters::read(&text).0;
        let mut form = Form::default();
        for (name, value) in &read {
            form.set(name, value);
        }
        prop_assert_eq!(Parameters::read(form.as_str()).0, read);
        Ok(())
    });
}

#[test]
fn cache_control_gives_an_age_that_is_a_time() {
    let good = [
        "public, max-age=300",
        "no-store",
        "max-age=\"60\", s-maxage=1, private",
    ];
    holds(changed_text(&good), |header| {
        let age = max_age(&header);
        prop_assert!(age.is_none_or(|age| age.is_finite() && age >= 0.0));
        Ok(())
    });
}
