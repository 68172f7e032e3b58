//! The build for native apps: a thin adapter that carries out and decides nothing.
//!
//! It is a module of its own: that of services would be 16 KB larger with it, gzip, and past its
//! gate, and a Worker has no use for it.

mod call;
mod native_app;

pub use crate::javascript::RunningFlow;
pub use native_app::NativeApp;
