//! A command language: `state`, `set <text>`, `rows <n>`, `wait <n>`, `join`, `echo`, `ragged`, `wide`, `break`, `net <deed>`,
//! and the deeds of `mischief`.

use tenon_sdk::{Affected, CommandResult, Entity, Error, Native, Result, Rows, Value};

use crate::{Evil, mischief, network};

impl Native for Evil {
    fn execute(&mut self, command: &str, parameters: Vec<Value>) -> Result<CommandResult> {
        self.backend.ask("execute")?;
        let (verb, rest) = command.split_once(' ').unwrap_or((command, ""));
        Ok(match verb {
            "state" => one(Entity::new()
                .with("variable", self.mischief.variable.as_deref())
                .with("resets", self.mischief.resets)
                .with("transactions", self.mischief.transactions)
                .with("in-transaction", self.mischief.in_transaction)),
            "set" => {
                self.mischief.variable = Some(rest.to_owned());
                CommandResult::affected(1)
            }
            "net" => one(network::commit(rest)?),
            "rows" => rows(rest.parse().unwrap_or_default()),
            "wait" => {
                mischief::commit("sleep")?;
                rows(rest.parse().unwrap_or_default())
            }
            "join" => CommandResult::rows(Rows::from_iter((0..2_i64).map(|n| {
                let names = ["id", "name", "id"].map(str::to_owned);
                let values = [Value::from(n), Value::from("x"), Value::from(n + 10)];
                Entity::from(names.into_iter().zip(values).collect::<Vec<_>>())
            }))),
            "echo" => {
                let columns = parameters.into_iter().enumerate();
                let named = columns.map(|(place, value)| (place.to_string(), value));
                one(Entity::from(named.collect::<Vec<_>>()))
            }
            "ragged" => CommandResult::rows(Rows::from_iter([
                Entity::new().with("a", 1),
                Entity::new().with("b", 2).with("a", 3),
            ])),
            "wide" => {
                let columns = (0..10_000_i64).map(|n| (n.to_string(), Value::from(n)));
                one(Entity::from(columns.collect::<Vec<_>>()))
            }
            "break" => CommandResult::rows(Rows::try_from_iter(
                (0..10_i64)
                    .map(|n| Ok(Entity::new().with("n", n)))
                    .chain([Err(Error::backend("no more"))]),
            )),
            _ => {
                if !self.mischief.arm(command) {
                    mischief::commit(command)?;
                }
                CommandResult::rows(Rows::none())
            }
        })
    }
}

fn one(row: Entity) -> CommandResult {
    CommandResult::rows(Rows::from_iter([row]))
}

/// So many rows; how many there were is known after the last.
fn rows(count: i64) -> CommandResult {
    let affected = Affected::default();
    let told = affected.clone();
    let rows = (0..=count).filter_map(move |n| {
        if n == count {
            told.set(u64::try_from(count).unwrap_or_default());
            return None;
        }
        Some(Entity::new().with("n", n))
    });
    CommandResult {
        rows: Rows::from_iter(rows),
        affected,
    }
}
