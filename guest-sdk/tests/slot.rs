//! The order of a connector's life.

use schemars::JsonSchema;
use serde::Deserialize;
use tenon_sdk::{Connector, ErrorKind, Limits, Manifest, Need, Result, Secret, Slot, manifest};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema and its parsing matter")]
struct Settings {
    /// Where the backend is.
    host: String,
    password: Option<Secret>,
}

struct Counting {
    pings: u32,
}

impl Connector for Counting {
    type Settings = Settings;

    fn manifest() -> Manifest {
        manifest!("counting").exclusive()
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        Ok(vec![Need::tcp(&settings.host, 1234)])
    }

    fn initialize(_: Settings, _: &Limits) -> Result<Self> {
        Ok(Self { pings: 0 })
    }

    fn ping(&mut self) -> Result<()> {
        self.pings += 1;
        Ok(())
    }
}

const SETTINGS: &str = r#"{"host": "localhost"}"#;

fn ping(slot: &Slot<Counting>) -> Result<u32> {
    slot.call(|connector, _| {
        connector.ping()?;
        Ok(connector.pings)
    })
}

#[test]
fn calls_at_the_wrong_moment_are_invalid_and_harm_nothing() {
    let slot = Slot::<Counting>::new();
    for error in [
        ping(&slot).unwrap_err(),
        slot.connect().unwrap_err(),
        slot.disconnect().unwrap_err(),
    ] {
        assert_eq!(error.kind, ErrorKind::Invalid);
    }
    slot.initialize(SETTINGS, Limits::default()).unwrap();
    assert_eq!(ping(&slot).unwrap_err().kind, ErrorKind::Invalid);
    slot.connect().unwrap();
    assert_eq!(ping(&slot).unwrap(), 1);
    assert_eq!(
        slot.initialize(SETTINGS, Limits::default())
            .unwrap_err()
            .kind,
        ErrorKind::Invalid
    );
    slot.disconnect().unwrap();
    assert_eq!(ping(&slot).unwrap_err().kind, ErrorKind::Invalid);
    slot.connect().unwrap();
    assert_eq!(ping(&slot).unwrap(), 2);
    slot.dispose();
    slot.dispose();
    assert!(ping(&slot).unwrap_err().message.contains("disposed"));
}

#[test]
fn settings_that_do_not_fit_are_refused_and_the_instance_can_still_be_made() {
    let slot = Slot::<Counting>::new();
    let error = slot
        .initialize(r#"{"host": "localhost", "prot": 1}"#, Limits::default())
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(
        error.message.contains("counting") && error.message.contains("prot"),
        "{error}"
    );
    slot.initialize(SETTINGS, Limits::default()).unwrap();
}

#[test]
fn needs_follow_from_the_settings_alone() {
    assert_eq!(
        Slot::<Counting>::needs(SETTINGS).unwrap(),
        [Need::tcp("localhost", 1234)]
    );
}

#[test]
fn the_schema_has_descriptions_and_marks_secrets() {
    let schema: serde_json::Value =
        serde_json::from_str(&Slot::<Counting>::settings_schema()).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert_eq!(
        schema["properties"]["host"]["description"],
        "Where the backend is."
    );
    assert!(
        schema["properties"]["password"]
            .to_string()
            .contains("\"writeOnly\":true"),
        "{schema}"
    );
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn the_manifest_begins_with_what_cargo_knows() {
    let manifest = Counting::manifest();
    assert_eq!(
        (manifest.name.as_str(), manifest.version.as_str()),
        ("counting", env!("CARGO_PKG_VERSION"))
    );
    assert!(
        manifest
            .annotations
            .contains(&("license".into(), "Apache-2.0".into()))
    );
}

#[test]
fn limits_are_read_by_name_and_unknown_ones_left_out() {
    let limits = Limits::from_pairs([("page-size", 10), ("call-timeout", 250), ("moon-phase", 3)]);
    assert_eq!(limits.page_size, 10);
    assert_eq!(
        limits.call_timeout,
        Some(std::time::Duration::from_millis(250))
    );
}
