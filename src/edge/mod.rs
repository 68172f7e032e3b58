//! The edge build: verification of tokens on the server. Without WebAssembly, what a Rust program
//! uses: [`parse_json`] for the core, [`verify`] for its signatures.

#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "wasm-bindgen exports must be `pub`")]
mod bindings;
mod json;
mod rust_crypto;

pub use json::{parse_json, parse_json_array};
pub use rust_crypto::verify;
