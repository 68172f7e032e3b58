//! The vectors of Project Wycheproof by pure Rust, natively and in WebAssembly: no vector that is
//! invalid is accepted, and none that is valid and of a supported algorithm is refused.

use std::fmt::Write;

use countersign::Secret;
use countersign::edge::verify_signature;
use countersign::verifier::{Algorithm, VerificationKey};
use serde_json::Value;

/// One row of the table: an algorithm, its files, and the parameters that JWS fixes.
struct Row {
    algorithm: Algorithm,
    files: &'static [&'static str],
}

macro_rules! rows {
    ($($algorithm:ident: $($file:literal),+;)+) => {
        [$(Row {
            algorithm: Algorithm::$algorithm,
            files: &[$(include_str!(concat!("vectors/", $file, "_test.json"))),+],
        },)+]
    };
}

fn rows() -> [Row; 14] {
    rows! {
        Rs256: "rsa_signature_2048_sha256", "rsa_signature_3072_sha256", "rsa_signature_4096_sha256", "rsa_signature_8192_sha256";
        Rs384: "rsa_signature_2048_sha384", "rsa_signature_3072_sha384", "rsa_signature_4096_sha384";
        Rs512: "rsa_signature_2048_sha512", "rsa_signature_3072_sha512", "rsa_signature_4096_sha512";
        Ps256: "rsa_pss_2048_sha256_mgf1_32", "rsa_pss_3072_sha256_mgf1_32", "rsa_pss_4096_sha256_mgf1_32";
        Ps384: "rsa_pss_2048_sha384_mgf1_48", "rsa_pss_4096_sha384_mgf1_48";
        Ps512: "rsa_pss_4096_sha512_mgf1_64";
        Es256: "ecdsa_secp256r1_sha256_p1363";
        Es384: "ecdsa_secp384r1_sha384_p1363";
        Es512: "ecdsa_secp521r1_sha512_p1363";
        Es256K: "ecdsa_secp256k1_sha256_p1363";
        EdDsa: "ed25519";
        Hs256: "hmac_sha256";
        Hs384: "hmac_sha384";
        Hs512: "hmac_sha512";
    }
}

#[derive(Default)]
struct Counts {
    accepted: usize,
    invalid: usize,
    acceptable: usize,
    not_of_jws: usize,
    wrong: Vec<String>,
}

fn run() -> String {
    let mut table = String::new();
    for Row { algorithm, files } in rows() {
        let mut counts = Counts::default();
        for file in files {
            let file: Value = serde_json::from_str(file).unwrap();
            for group in file["testGroups"].as_array().unwrap() {
                for test in group["tests"].as_array().unwrap() {
                    check(algorithm, group, test, &mut counts);
                }
            }
        }
        let Counts {
            accepted,
            invalid,
            acceptable,
            not_of_jws,
            wrong,
        } = counts;
        assert!(wrong.is_empty(), "{wrong:#?}");
        let name = algorithm.as_str();
        writeln!(
            table,
            "| {name} | {accepted} | {invalid} | {acceptable} | {not_of_jws} |"
        )
        .unwrap();
    }
    table
}

fn check(algorithm: Algorithm, group: &Value, test: &Value, counts: &mut Counts) {
    let is_supported = has_parameters_of_jws(algorithm, group);
    let (result, id) = (test["result"].as_str().unwrap(), &test["tcId"]);
    let is_right = is_right(algorithm, group, test);
    let count = match result {
        "valid" if is_supported => &mut counts.accepted,
        "valid" => &mut counts.not_of_jws,
        "acceptable" => &mut counts.acceptable,
        _ => &mut counts.invalid,
    };
    *count += 1;
    let expected = result == "valid" && is_supported;
    if is_right != expected {
        let decision = if is_right { "accepted" } else { "refused" };
        let comment = &test["comment"];
        counts.wrong.push(format!(
            "{algorithm:?}, {id}, {result}, was {decision}: {comment}"
        ));
    }
}

/// HMAC has a key as long as the hash at least, and is not cut (RFC 7518 section 3.2).
fn has_parameters_of_jws(algorithm: Algorithm, group: &Value) -> bool {
    let number = |name: &str| group[name].as_u64();
    if !algorithm.is_symmetric() {
        return true;
    }
    let hash = algorithm.signature_length().map(|length| 8 * length as u64);
    number("tagSize") == hash && number("keySize") >= hash
}

fn is_right(algorithm: Algorithm, group: &Value, test: &Value) -> bool {
    let signature = bytes(
        &test[if algorithm.is_symmetric() {
            "tag"
        } else {
            "sig"
        }],
    );
    // What the core refuses before a backend sees it: a signature of another length, and a secret
    // that is too short.
    let length = algorithm.signature_length();
    if length.is_some_and(|length| length != signature.len())
        || algorithm.is_symmetric() && Some(bytes(&test["key"]).len()) < length
    {
        return false;
    }
    let key = key(algorithm, group, test);
    verify_signature(algorithm, &key, &bytes(&test["msg"]), &signature).unwrap_or(false)
}

fn key(algorithm: Algorithm, group: &Value, test: &Value) -> VerificationKey {
    let public = &group["publicKey"];
    let number = |name: &str| {
        let bytes = bytes(&public[name]);
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        base64url(&bytes[zeros..])
    };
    let curve = |crv, length: usize| {
        let point = bytes(&public["uncompressed"]);
        let (x, y) = point[1..].split_at(length);
        VerificationKey::Ec {
            crv,
            x: base64url(x),
            y: base64url(y),
        }
    };
    match algorithm {
        Algorithm::Es256 => curve("P-256", 32),
        Algorithm::Es384 => curve("P-384", 48),
        Algorithm::Es512 => curve("P-521", 66),
        Algorithm::Es256K => curve("secp256k1", 32),
        Algorithm::EdDsa => VerificationKey::Okp {
            x: base64url(&bytes(&public["pk"])),
        },
        _ if algorithm.is_symmetric() => VerificationKey::Secret {
            k: Secret::new(base64url(&bytes(&test["key"]))),
        },
        _ => VerificationKey::Rsa {
            n: number("modulus"),
            e: number("publicExponent"),
        },
    }
}

fn bytes(hexadecimal: &Value) -> Vec<u8> {
    let digits = hexadecimal.as_str().unwrap().as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
    digits
        .chunks(2)
        .map(|pair| digit(pair[0]) * 16 + digit(pair[1]))
        .collect()
}

fn base64url(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn signatures_and_the_table_in_security_md() {
    let table = run();
    let documented = include_str!("../../SECURITY.md");
    for row in table.lines() {
        assert!(documented.contains(row), "SECURITY.md must say:\n{table}");
    }
}
