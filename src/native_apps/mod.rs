//! The build for native apps: a thin adapter that carries out and decides nothing.
//!
//! It is a module of its own. The page's would be larger by what only an app needs, and a service's
//! has no use for a session.

mod call;
mod native_app;

pub use crate::javascript::RunningFlow;
pub use native_app::NativeApp;
