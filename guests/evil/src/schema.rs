//! Plans and collections that mean harm, as the setting `schema` says; without it all is as it should be.

use tenon_sdk::{Collection, Model, Property, PropertyType, Result, Schema, Step};

use crate::Evil;

impl Schema for Evil {
    fn plan(&mut self, models: Vec<Model>) -> Result<Vec<Step>> {
        self.mischief.plans += 1;
        let password = self.settings.password.as_ref();
        let password = password.map_or("none", |password| password.reveal());
        let step = |kind: &str, command: &str| Step {
            kind: kind.to_owned(),
            collection: "things".to_owned(),
            name: None,
            description: format!("for {} models", models.len()),
            commands: vec![command.to_owned()],
            destructive: false,
        };
        Ok(match self.settings.schema.as_deref() {
            Some("sly") => vec![
                step(
                    "add-column",
                    "ALTER TABLE things ADD COLUMN a; -- \u{1b}[2J\nDROP TABLE others",
                ),
                step("tidy up", "VACUUM"),
                step("create-index", "CREATE INDEX i"),
                Step {
                    description: format!("login as {password}\u{7}"),
                    collection: "things\u{202e}\n".to_owned(),
                    ..step(
                        "drop-index",
                        &format!("DROP INDEX i IDENTIFIED BY '{password}'"),
                    )
                },
            ],
            Some("restless") => vec![Step {
                description: self.mischief.plans.to_string(),
                ..step("create-index", "")
            }],
            Some("endless") => vec![step("create-index", ""); 10_001],
            Some("large") => vec![step("create-index", &"x".repeat(5 << 20))],
            Some("trap") => std::process::abort(),
            Some("late" | "failing") if !self.mischief.applied => {
                vec![step("create-collection", ""), step("create-index", "")]
            }
            _ => Vec::new(),
        })
    }

    fn apply(&mut self, _steps: Vec<Step>) -> Result<()> {
        if self.settings.schema.as_deref() == Some("failing") {
            return Err(tenon_sdk::Error::backend("no room").detail("index", 1));
        }
        self.mischief.applied = true;
        Ok(())
    }

    fn collections(&mut self) -> Result<Vec<Collection>> {
        self.backend.ask("collections")?;
        let collection = |name: &str| Collection {
            name: name.to_owned(),
            kind: "table\u{1b}[2J".to_owned(),
        };
        Ok(match self.settings.schema.as_deref() {
            Some("sly") => vec![collection("things"), collection("th\u{1b}[2Jings")],
            Some("endless") => vec![collection("things"); 100_001],
            _ => vec![collection("things")],
        })
    }

    fn discover(&mut self, collections: Vec<String>) -> Result<Vec<Model>> {
        let property = |name: &str| Property {
            name: name.to_owned(),
            kind: PropertyType::Text,
            column: None,
            native_type: None,
            key: None,
            generated: tenon_sdk::Generation::Never,
            required: false,
            length: None,
            scale: None,
            default_value: None,
            settings: None,
        };
        let model = |name: &str, properties: Vec<Property>| Model {
            name: name.to_owned(),
            collection: None,
            properties,
            indexes: Vec::new(),
            references: Vec::new(),
            strict: true,
            settings: None,
        };
        Ok(match self.settings.schema.as_deref() {
            // One name twice.
            Some("sly") => vec![model("things", vec![property("a"), property("a")])],
            Some("large") => vec![model("things", vec![property(&"a".repeat(2_000))])],
            Some("restless") => Vec::new(),
            _ => {
                let models = collections.iter();
                models
                    .map(|name| model(name, vec![property("a")]))
                    .collect()
            }
        })
    }

    fn drop(&mut self, _model: &str) -> Result<()> {
        Ok(())
    }
}
