//! Read models that mean harm, as their name or their table says. The state is how many stores are open.

use std::cell::Cell;
use std::rc::Rc;

use tenon_sdk::{Answer, Entity, Query, ReadModel, Result, Rows, Store, Value};

use crate::Evil;

/// An open read model.
pub struct EvilStore {
    name: String,
    open: Rc<Cell<i64>>,
}

impl ReadModel for Evil {
    type Store = EvilStore;

    fn open(&mut self, read_model: &str) -> Result<EvilStore> {
        self.stores.set(self.stores.get() + 1);
        Ok(EvilStore {
            name: read_model.to_owned(),
            open: Rc::clone(&self.stores),
        })
    }

    fn close(&mut self, _: EvilStore, _: &str) -> Result<()> {
        self.stores.set(self.stores.get() - 1);
        Ok(())
    }

    fn drop_data(&mut self, _: &mut EvilStore, _: &str) -> Result<()> {
        Ok(())
    }
}

impl Store for EvilStore {
    fn get(&mut self) -> Result<Option<String>> {
        match self.name.as_str() {
            "trap" => std::process::abort(),
            "no-json" => Ok(Some("{".to_owned())),
            _ => Ok(Some(self.open.get().to_string())),
        }
    }

    fn find(&mut self, table: &str, _query: Query) -> Result<Answer> {
        let document = |n: i64| Entity::new().with("n", n).with("even", n % 2 == 0);
        let rows = match table {
            "endless" => Rows::from_iter((0_i64..).map(document)),
            "misfit" => {
                Rows::from_iter([Entity::new().with("n", Value::Decimal("not a number".into()))])
            }
            _ => Rows::from_iter((0..10_i64).map(document)),
        };
        Ok(Answer::everything(rows))
    }
}
