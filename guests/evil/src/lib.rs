//! The connector `evil`: it means harm, as the key that it is asked for says. Pooled, so that the tests can
//! see what becomes of its sessions: each record tells which call of its instance made it.

mod aggregates;
mod backend;
mod mischief;
mod native;
mod network;
mod read_model;
mod schema;
mod settings;
mod transactions;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tenon_sdk::context::{self, CallContext};
use tenon_sdk::{
    Aftermath, Answer, Connector, Crud, Entity, Error, ErrorKind, Key, Limits, Manifest, Need,
    Query, Result, Rows, Value, manifest,
};

use backend::Backend;
use mischief::Mischief;
pub use read_model::EvilStore;
pub use settings::Settings;

/// The connector.
pub struct Evil {
    settings: Settings,
    calls: i64,
    backend: Backend,
    /// What was known of the last call that asked late.
    context: String,
    /// Stores that are open.
    stores: Rc<Cell<i64>>,
    mischief: Mischief,
}

impl Connector for Evil {
    type Settings = Settings;

    fn manifest() -> Manifest {
        manifest!("evil")
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        let read = settings.folder.iter().map(Need::read_folder);
        let written = settings.backend.iter().map(Need::write_folder);
        let servers = settings.server.iter().filter_map(|server| {
            let (host, port) = server.rsplit_once(':')?;
            Some(Need::tcp(host, port.parse().ok()?))
        });
        Ok(read.chain(written).chain(servers).collect())
    }

    fn initialize(settings: Settings, _: &Limits) -> Result<Self> {
        Ok(Self {
            backend: Backend::new(settings.backend.as_deref()),
            settings,
            calls: 0,
            context: String::new(),
            stores: Rc::default(),
            mischief: Mischief::default(),
        })
    }

    fn connect(&mut self) -> Result<()> {
        self.backend.ask("connect")
    }

    fn ping(&mut self) -> Result<()> {
        self.backend.ask("ping")
    }

    fn reset(&mut self) -> Result<()> {
        self.mischief.strike("reset")?;
        self.mischief.resets += 1;
        self.mischief.variable = None;
        self.mischief.in_transaction = false;
        Ok(())
    }
}

impl Evil {
    fn record(&self, id: &str) -> Entity {
        Entity::new().with("id", id).with("calls", self.calls)
    }
}

/// A context as a text.
fn shown(context: &CallContext) -> String {
    let left = context.deadline.map(|left| left.as_millis());
    format!("{left:?} {:?} {:?}", context.trace_id, context.caller)
}

impl Crud for Evil {
    fn all(&mut self, model: &str, _query: Query) -> Result<Answer> {
        self.calls += 1;
        self.backend.ask("all")?;
        let record = self.record(model);
        let rows = match model {
            "Endless" => {
                Rows::from_iter((0_i64..).map(move |n| record.clone().with("id", n.to_string())))
            }
            "Few" => {
                Rows::from_iter((0..3_i64).map(move |n| record.clone().with("id", n.to_string())))
            }
            "Misfit" => Rows::from_iter([record.with("calls", "not a number")]),
            "Contexts" => Rows::from_iter(
                (0..4).map(move |_| record.clone().with("id", shown(&context::current()))),
            ),
            _ => Rows::from_iter([]),
        };
        Ok(Answer::everything(rows))
    }

    fn create(&mut self, _model: &str, data: Entity) -> Result<Entity> {
        if !self.backend.is_there() {
            return Err(Error::unsupported("it has nowhere to keep records"));
        }
        self.calls += 1;
        self.backend.ask("create")?;
        Ok(data)
    }

    fn find(&mut self, _model: &str, id: Key) -> Result<Option<Entity>> {
        self.calls += 1;
        self.backend.ask("find")?;
        let id = id
            .values()
            .first()
            .and_then(Value::as_text)
            .unwrap_or_default();
        match id {
            "trap" => std::process::abort(),
            "loop" => loop {
                std::hint::black_box(());
            },
            "sleep" => std::thread::sleep(Duration::from_millis(100)),
            "sleep long" => std::thread::sleep(Duration::from_secs(3600)),
            "allocate" => return Ok(Some(self.record(&"x".repeat(1 << 30)))),
            "print" => (0..100_000).for_each(|n| println!("line {n}\u{1b}[2J")),
            "lose session" => {
                let mut gone = Error::unavailable("the connection is gone");
                gone.aftermath = Aftermath::SessionLost;
                return Err(gone);
            }
            "tell password" => {
                let password = self
                    .settings
                    .password
                    .as_ref()
                    .map(|password| password.reveal().to_owned());
                println!("the password is {password:?}");
                return Err(Error::new(
                    ErrorKind::Backend,
                    format!("login as {password:?} failed\u{1b}[2J"),
                ));
            }
            "read file" => {
                let read = std::fs::read_to_string("/etc/passwd")
                    .or_else(|_| std::fs::read_to_string("../../etc/passwd"));
                return Ok(read.ok().map(|text| self.record(&text)));
            }
            "environment" => {
                let seen = std::env::vars().count() + std::env::args().count();
                return Ok(Some(self.record(&seen.to_string())));
            }
            "connect" => {
                let connected = std::net::TcpStream::connect("127.0.0.1:5432").is_ok();
                return Ok(Some(self.record(&connected.to_string())));
            }
            "context" => return Ok(Some(self.record(&shown(&context::current())))),
            "context later" => {
                std::thread::sleep(Duration::from_millis(100));
                self.context = shown(&context::current());
                return Ok(Some(self.record(&self.context)));
            }
            "context before" => return Ok(Some(self.record(&self.context))),
            "nothing" => return Ok(None),
            "lose transaction" | "fail" => mischief::commit(id)?,
            id if self.mischief.arm(id) => {}
            "misfit" => return Ok(Some(self.record(id).with("calls", "not a number"))),
            "other properties" => return Ok(Some(self.record(id).with("undeclared", 1))),
            _ => {}
        }
        Ok(Some(self.record(id)))
    }
}

tenon_sdk::export!(Evil: crud, transactions, native, schema, aggregates, read_model);
