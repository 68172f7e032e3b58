//! The store that the instances share, and what goes wrong with it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::core::error::ErrorCode;
use crate::core::flow::Input;

/// What goes wrong with one access.
#[derive(Clone, Copy, Debug)]
pub(super) enum StoreFault {
    FailsToLoad,
    FailsToSave,
    Loses,
    MixesUp,
    CutsInHalf,
}

#[derive(Default)]
pub(super) struct Store {
    records: BTreeMap<String, String>,
    pub(super) fault: Option<StoreFault>,
}

impl StoreFault {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            Just(Self::FailsToLoad),
            Just(Self::FailsToSave),
            Just(Self::Loses),
            Just(Self::MixesUp),
            Just(Self::CutsInHalf)
        ]
    }
}

impl Store {
    pub(super) fn load(&mut self, name: &str) -> Input {
        let found = self.records.get(name).cloned();
        match self.fault.take() {
            Some(StoreFault::FailsToLoad) => Input::Failed(ErrorCode::StorageUnavailable.into()),
            Some(StoreFault::MixesUp) => {
                let mut others = self.records.iter().filter(|(other, _)| *other != name);
                Input::record(others.next().map(|(_, record)| record.clone()))
            }
            Some(StoreFault::CutsInHalf) => Input::record(found.map(|text| {
                let half = text.len() / 2;
                text.chars().take(half).collect()
            })),
            fault => {
                self.fault = fault;
                Input::record(found)
            }
        }
    }

    /// Whether the record was saved, and what the client is told of that.
    pub(super) fn save(&mut self, name: String, record: String) -> (bool, Input) {
        match self.fault {
            Some(StoreFault::FailsToSave) => {
                self.fault = None;
                (false, Input::Failed(ErrorCode::StorageUnavailable.into()))
            }
            Some(StoreFault::Loses) => {
                self.fault = None;
                (false, Input::Done)
            }
            _ => {
                self.records.insert(name, record);
                (true, Input::Done)
            }
        }
    }
}
