//! Sign-in for web pages and token validation at the edge: one OAuth 2.0 and OpenID Connect core.
//!
//! The crate has three parts. [`core`] is the protocol, sans-IO. The feature `browser` adds the
//! adapter for pages, the feature `edge` the one for edge workers; `edge` without WebAssembly is
//! what a Rust program uses.

#[cfg(feature = "browser")]
#[cfg(target_arch = "wasm32")]
mod browser;
pub mod core;
#[cfg(feature = "edge")]
pub mod edge;
#[cfg(any(feature = "browser", feature = "edge"))]
#[cfg(target_arch = "wasm32")]
mod javascript;

/// In place of the standard allocator, which is 4 KB more to download.
#[cfg(feature = "browser")]
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
