//! Stores: the one of an origin, which all its tabs share, one for each tab, which a duplicated tab
//! copies, and one for each document. A store may be full, refuse everything, lose what it took, or
//! be altered.

use std::collections::BTreeMap;

use countersign::RecordKey;

use crate::random::Random;
use crate::record;

pub(crate) type AreaId = usize;

/// Whose record: the place of a client ID in the configuration, and which of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) client: usize,
    pub(crate) key: RecordKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing can be read or written.
    Denied,
    /// Nothing can be written.
    Full,
    /// Longer records cannot be written.
    Narrow(usize),
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Done,
    Conflict,
    Refused,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Alteration {
    /// The user clears the site's data.
    Clear,
    /// The browser crashes, and the latest writes are lost.
    LoseWrites,
    Garbage,
    RenameField,
    EmptyField,
    DropField,
    Truncate,
}

#[derive(Clone, Default)]
pub(crate) struct Area {
    records: BTreeMap<(usize, bool), String>,
    /// The records as they were before the latest writes.
    earlier: Vec<BTreeMap<(usize, bool), String>>,
    pub(crate) fault: Option<Fault>,
    /// The id of the tab, which a duplicated tab copies with everything else.
    pub(crate) tab_mark: Option<u64>,
    /// The areas that this one was copied from, each with the number of writes that it had seen.
    pub(crate) copy_of: Vec<(AreaId, u64)>,
    pub(crate) was_duplicated: bool,
    pub(crate) was_altered: bool,
    pub(crate) writes: u64,
}

/// Where a client ID's session is.
pub(crate) fn session_slot(client: usize) -> Slot {
    let key = RecordKey::Session;
    Slot { client, key }
}

fn place(slot: Slot) -> (usize, bool) {
    (slot.client, slot.key == RecordKey::Session)
}

impl Area {
    pub(crate) fn record(&self, slot: Slot) -> Option<&String> {
        self.records.get(&place(slot))
    }

    /// What a page reads; an error if the store refuses.
    pub(crate) fn read(&self, slot: Slot) -> Result<Option<&String>, ()> {
        match self.fault {
            Some(Fault::Denied) => Err(()),
            _ => Ok(self.record(slot)),
        }
    }

    pub(crate) fn write(&mut self, slot: Slot, text: &str, over: &str) -> Written {
        let stored = self.record(slot).map_or("", String::as_str);
        let is_over = record::head(stored) == over;
        match self.fault {
            Some(Fault::Denied) => return Written::Refused,
            _ if !is_over => return Written::Conflict,
            Some(Fault::Full) => return Written::Refused,
            Some(Fault::Narrow(most)) if text.len() > most => return Written::Refused,
            _ => {}
        }
        if self.earlier.len() == 3 {
            self.earlier.remove(0);
        }
        self.earlier.push(self.records.clone());
        self.records.insert(place(slot), text.into());
        self.writes += 1;
        Written::Done
    }

    /// The copy that a duplicated tab starts with.
    pub(crate) fn duplicate(&mut self, this: AreaId) -> Self {
        self.was_duplicated = true;
        let mut copy = Self {
            earlier: Vec::new(),
            ..self.clone()
        };
        copy.copy_of.push((this, self.writes));
        copy
    }

    pub(crate) fn alter(&mut self, how: Alteration, random: &mut Random) {
        self.writes += 1;
        match how {
            Alteration::Clear => self.records.clear(),
            Alteration::LoseWrites => {
                let lost = random.between(1, 3) as usize;
                let kept = self.earlier.len().saturating_sub(lost);
                if let Some(earlier) = self.earlier.get(kept) {
                    self.records = earlier.clone();
                }
                self.earlier.clear();
            }
            _ => {
                for text in self.records.values_mut() {
                    *text = altered(text, how, random);
                }
            }
        }
    }
}

fn altered(text: &str, how: Alteration, random: &mut Random) -> String {
    // Fields of nested records are separated by an encoded `&`.
    let separator = random.one_of(&["&", "%26", "%2526"]);
    let mut fields: Vec<String> = text.split(separator).map(String::from).collect();
    let place = random.place_in(fields.len());
    match how {
        Alteration::Garbage => return "\u{fffd}revision&&=%%%".into(),
        Alteration::Truncate => {
            let mut end = random.place_in(text.len().max(1));
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            return text[..end].into();
        }
        Alteration::RenameField => fields[place].insert(0, 'x'),
        Alteration::EmptyField => {
            let end = fields[place].find(['=', '%']).unwrap_or_default();
            let end = end
                + if fields[place][end..].starts_with('=') {
                    1
                } else {
                    0
                };
            fields[place].truncate(end);
        }
        _ => {
            fields.remove(place);
        }
    }
    fields.join(separator)
}
