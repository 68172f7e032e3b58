//! The page's build: a thin adapter over the browser. It carries out and decides nothing.
//!
//! The platform's parsers, clock and random numbers are called from here. Everything that a flow
//! waits for, and the stores, are the package's JavaScript (`pkg-template/page-host.js`): promises,
//! closures and an executor in WebAssembly would cost a page 9 KB.

mod call;
mod options;
mod page_client;
mod results;

pub use crate::javascript::RunningFlow;
pub use page_client::PageClient;
