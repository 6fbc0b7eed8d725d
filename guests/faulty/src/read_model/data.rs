//! What a read model's file holds: the state, and the tables.

use std::collections::BTreeMap;
use std::rc::Rc;

use tenon_sdk::Result;

use super::definition::Definition;
use super::documents::Documents;
use crate::codec::{self, Reader, damaged};

/// The first byte of the file.
const VERSION: u8 = 1;

/// State and tables, cheap to copy.
#[derive(Clone, Default)]
pub(super) struct Data {
    pub(super) state: Option<Rc<str>>,
    pub(super) tables: BTreeMap<String, Rc<Documents>>,
}

impl Data {
    /// Its bytes, as [`parse`](Self::parse) takes them.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let mut out = vec![VERSION];
        codec::put_count(usize::from(self.state.is_some()), &mut out);
        if let Some(state) = &self.state {
            codec::put_bytes(state.as_bytes(), &mut out);
        }
        codec::put_count(self.tables.len(), &mut out);
        for (name, table) in &self.tables {
            codec::put_bytes(name.as_bytes(), &mut out);
            codec::put_bytes(&serde_json::to_vec(&table.definition)?, &mut out);
            codec::put_count(table.documents.len(), &mut out);
            for (key, document) in &table.documents {
                codec::put_bytes(key, &mut out);
                codec::put_entity(document, &mut out);
            }
        }
        Ok(out)
    }

    /// The data of these bytes.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader(bytes);
        if reader.byte()? != VERSION {
            return Err(damaged("it has a version that is not known here"));
        }
        let mut data = Self::default();
        if reader.number()? > 0 {
            data.state = Some(reader.text()?.into());
        }
        for _ in 0..reader.number()? {
            let name = reader.text()?.to_owned();
            let definition: Definition = serde_json::from_slice(reader.bytes()?)?;
            let mut table = Documents::new(definition);
            for _ in 0..reader.number()? {
                let key = reader.bytes()?.to_vec();
                table.documents.insert(key, Rc::new(reader.entity()?));
            }
            data.tables.insert(name, Rc::new(table));
        }
        Ok(data)
    }
}
