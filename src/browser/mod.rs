//! The page's build: a thin adapter over the browser. It carries out the commands of the core's
//! flows and decides nothing.
//!
//! What the platform does at once is called from here. What has to be waited for, requests and
//! locks, goes to the package's JavaScript (`pkg-template/page-flow.js`): promises, closures and an
//! executor in WebAssembly would cost a page 9 KB.

mod json;
mod options;
mod page;
mod page_client;
mod page_flow;
mod results;
mod storage;

pub use page_client::PageClient;
pub use page_flow::PageFlow;
