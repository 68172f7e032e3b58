//! Where records are kept: in memory or in the tab's session storage.

use alloc::string::String;
use core::cell::Cell;

use super::page::window;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::RecordKey;
use crate::core::text::concat;

/// The storage of one client.
pub(crate) struct Storage {
    /// Tells this client's records from others' on the page.
    prefix: String,
    /// The session, where it is kept in memory; `None` where the tab's storage keeps it.
    memory: Option<Cell<Option<String>>>,
}

impl Storage {
    /// Keeps the session in memory: it ends with the page.
    pub(super) fn memory(prefix: String) -> Self {
        Self {
            prefix,
            memory: Some(Cell::new(None)),
        }
    }

    /// Keeps the session in the tab's session storage: it outlives a reload.
    pub(super) fn session(prefix: String) -> Self {
        Self {
            prefix,
            memory: None,
        }
    }

    pub(super) fn read(&self, key: &RecordKey) -> Result<Option<String>, AuthError> {
        if let (RecordKey::Session, Some(memory)) = (key, &self.memory) {
            let record = memory.take();
            memory.set(record.clone());
            return Ok(record);
        }
        area()?
            .get_item(&self.name(key))
            .map_err(|_| ErrorCode::StorageUnavailable.into())
    }

    pub(super) fn write(&self, key: &RecordKey, record: Option<String>) -> Result<(), AuthError> {
        if let (RecordKey::Session, Some(memory)) = (key, &self.memory) {
            memory.replace(record);
            return Ok(());
        }
        let name = self.name(key);
        match record {
            Some(record) => area()?.set_item(&name, &record),
            None => area()?.remove_item(&name),
        }
        .map_err(|_| ErrorCode::StorageUnavailable.into())
    }

    fn name(&self, key: &RecordKey) -> String {
        let kind = match key {
            RecordKey::Transactions => ":transactions",
            RecordKey::Session => ":session",
        };
        concat(&[&self.prefix, kind])
    }
}

fn area() -> Result<web_sys::Storage, AuthError> {
    window()
        .and_then(|window| window.session_storage().ok().flatten())
        .ok_or_else(|| ErrorCode::StorageUnavailable.into())
}
