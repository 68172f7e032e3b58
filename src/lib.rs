//! Sign-in for web pages and token validation at the edge: one OAuth 2.0 and OpenID Connect core.
//!
//! The protocol is a core without I/O: a [`Flow`] says what it needs as a [`Command`], and a host
//! carries it out. [`page`] has the client of a page, [`verifier`] decides whether access tokens are
//! good, [`service`] has the client of a service, `native` that of a native app. The feature `browser` adds the adapter for pages,
//! `edge` the one that verifies in edge workers, `service` the one for services, `native` the one for native apps; without WebAssembly,
//! `edge` is what a Rust program uses ([`edge`]).

// The README's example is a test.
#![cfg_attr(all(doctest, feature = "edge"), doc = include_str!("../README.md"))]
// Without the feature `edge` nothing here needs an operating system, and the compiler holds the core
// to that. A page also saves 3 KB of panic messages.
#![cfg_attr(not(any(feature = "edge", test)), no_std)]
// What only the adapter of the edge calls is compiled everywhere, so that it is held to that too.
#![cfg_attr(not(feature = "edge"), allow(dead_code))]

extern crate alloc;
// A linker needs a panic handler from somewhere. The release build for pages has its own below; the
// check of the core compiles it for WebAssembly without features, where nothing is linked.
#[cfg(not(feature = "edge"))]
#[cfg(any(
    not(target_arch = "wasm32"),
    all(
        any(feature = "browser", feature = "native", feature = "service"),
        debug_assertions
    )
))]
extern crate std as _;

#[cfg(feature = "browser")]
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod browser;
mod core;
#[cfg(feature = "edge")]
pub mod edge;
#[cfg(any(
    feature = "browser",
    feature = "edge",
    feature = "native",
    feature = "service"
))]
#[cfg(target_arch = "wasm32")]
mod javascript;
#[cfg(feature = "native")]
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod native_apps;
#[cfg(test)]
mod properties;
#[cfg(feature = "service")]
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod services;

/// A panic is a defect, and ends the module.
#[cfg(all(
    any(feature = "browser", feature = "native", feature = "service"),
    not(feature = "edge")
))]
#[cfg(all(target_arch = "wasm32", not(debug_assertions)))]
#[panic_handler]
fn panic(_: &::core::panic::PanicInfo<'_>) -> ! {
    ::core::arch::wasm32::unreachable()
}

/// Instead of the standard allocator, which is 4 KB more to download.
#[cfg(any(
    feature = "browser",
    feature = "edge",
    feature = "native",
    feature = "service"
))]
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use self::core::error::{AuthError, ErrorCode, ServerError};
pub use self::core::event::{Event, LogEntry};
pub use self::core::flow::{Command, DigestAlgorithm, Flow, Input, Notice, RecordKey, Step};
pub use self::core::http::{HttpRequest, HttpResponse, Method, ResponseHeaders};
pub use self::core::secret::Secret;
pub use self::core::shared::Shared;
pub use self::core::time::UnixTime;
#[cfg(any(feature = "native", not(feature = "browser")))]
pub use self::core::{flow::DeviceCode, native};
pub use self::core::{page, service, verifier};
