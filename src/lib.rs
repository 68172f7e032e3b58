//! Sign-in for web pages and token validation at the edge: one OAuth 2.0 and OpenID Connect core.
//!
//! The crate has three parts. [`core`] is the protocol, sans-IO. The feature `browser` adds the
//! adapter for pages, the feature `edge` the one for edge workers; `edge` without WebAssembly is
//! what a Rust program uses.

// The README's example is a test.
#![cfg_attr(all(doctest, feature = "edge"), doc = include_str!("../README.md"))]
// A page does not download the standard library's panic messages: without it, the build for
// release is 3 KB smaller. Tests and the other builds have it.
#![cfg_attr(
    all(feature = "browser", target_arch = "wasm32", not(debug_assertions)),
    no_std
)]

extern crate alloc;

#[cfg(feature = "browser")]
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod browser;
pub mod core;
#[cfg(feature = "edge")]
pub mod edge;
#[cfg(any(feature = "browser", feature = "edge"))]
#[cfg(target_arch = "wasm32")]
mod javascript;

/// A panic is a defect, and ends the module.
#[cfg(all(feature = "browser", target_arch = "wasm32", not(debug_assertions)))]
#[panic_handler]
fn panic(_: &::core::panic::PanicInfo<'_>) -> ! {
    ::core::arch::wasm32::unreachable()
}

/// In place of the standard allocator, which is 4 KB more to download.
#[cfg(any(feature = "browser", feature = "edge"))]
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use self::core::authorization_request::SignInOptions;
pub use self::core::client::{Account, Client, ClientConfig, GetTokenOptions, SignIn};
pub use self::core::error::{AuthError, ErrorCode, ServerError};
pub use self::core::flow::{Command, Flow, Input, Notice, RecordKey, Step};
pub use self::core::pkce::CodeVerifier;
pub use self::core::secret::Secret;
pub use self::core::time::UnixTime;
