//! The registry: what it takes and refuses, what references stand for, and what is left when something goes
//! wrong.
//!
//! This program is its own compiler, as an embedding program is, so it has a main of its own. Some tests
//! start it again as a process that registers, and that is killed.

// Clippy knows a test by its attribute, and these have none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support {
    pub mod connector;
    pub mod guests;
}

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use libtest_mimic::{Arguments, Trial};
use support::connector::{connector, connector_against, variant};
use support::guests::guest;
use tempfile::TempDir;
use tenon_runtime::registry::{Compiler, Entry, Registry};
use tenon_runtime::{Capability, ConnectorReference, Engine, Error, ErrorKind};

macro_rules! trials {
    ($($test:ident),+ $(,)?) => {
        vec![$(Trial::test(stringify!($test), || {
            run($test());
            Ok(())
        })),+]
    };
}

fn main() -> ExitCode {
    tenon_runtime::serve_compile_request();
    if let Some(folder) = std::env::var_os(REGISTER_IN) {
        run(register_until_killed(Path::new(&folder)));
        return ExitCode::SUCCESS;
    }
    let trials = trials![
        a_registered_connector_is_listed_and_inspected_and_loads,
        a_connector_that_comes_with_tenon_registers,
        the_same_component_again_changes_nothing,
        a_component_registers_from_its_file,
        a_name_and_version_belong_to_one_component,
        a_name_stands_for_the_newest_version_that_fits,
        a_name_that_is_not_there_is_refused_with_what_is,
        a_file_resolves_without_being_registered,
        a_digest_resolves_whether_registered_or_not,
        a_removed_connector_is_gone_with_its_files,
        removing_names_exactly_one,
        what_is_no_connector_is_refused_and_leaves_nothing,
        damaged_compiled_code_is_compiled_again,
        missing_compiled_code_is_compiled_again,
        a_connector_is_loaded_once_while_it_is_held,
        connectors_belong_to_their_engine,
        a_registry_that_is_open_to_others_is_refused,
        an_index_that_cannot_be_read_is_refused,
        what_a_killed_writer_left_is_swept,
        what_was_used_by_its_file_is_swept_after_a_while,
        a_program_that_does_not_compile_is_refused,
        compiling_in_this_process_gives_the_same,
        several_processes_register_at_once,
        a_kill_at_any_moment_leaves_a_good_registry,
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

async fn a_registered_connector_is_listed_and_inspected_and_loads() {
    let (_folder, registry) = registry();
    let registered = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap();
    assert!(!registered.already);
    assert_eq!(registered.entry.name().as_str(), "planes");
    assert!(registered.entry.registered.is_some());
    assert_eq!(
        registry.list().await.unwrap(),
        std::slice::from_ref(&registered.entry)
    );
    assert_eq!(
        inspected(&registry, "planes").await.unwrap(),
        registered.entry
    );
    let loaded = registry
        .load(&ENGINE, &registered.entry.digest)
        .await
        .unwrap();
    assert_eq!(*loaded.manifest(), registered.entry.manifest);
    assert_eq!(loaded.capabilities(), [] as [Capability; 0]);
}

async fn a_connector_that_comes_with_tenon_registers() {
    let (_folder, registry) = registry();
    let registered = registry
        .register_file(&ENGINE, guest("memory"))
        .await
        .unwrap();
    assert_eq!(registered.entry.name().as_str(), "memory");
    let capabilities = [
        Capability::Crud,
        Capability::Upsert,
        Capability::Transactions,
        Capability::Schema,
        Capability::Aggregates,
    ];
    assert_eq!(registered.entry.capabilities, capabilities);
    registry
        .load(&ENGINE, &registered.entry.digest)
        .await
        .unwrap();
}

async fn the_same_component_again_changes_nothing() {
    let (folder, registry) = registry();
    let first = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap();
    let index = fs::read(folder.path().join("index.json")).unwrap();
    let again = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap();
    assert!(again.already);
    assert_eq!(again.entry, first.entry);
    assert_eq!(fs::read(folder.path().join("index.json")).unwrap(), index);
}

async fn a_component_registers_from_its_file() {
    let (folder, registry) = registry();
    let file = folder.path().join("planes.wasm");
    fs::write(&file, connector("planes", "0.1.0")).unwrap();
    let registered = registry.register_file(&ENGINE, &file).await.unwrap();
    assert_eq!(registered.entry.name().as_str(), "planes");
    let error = registry
        .register_file(&ENGINE, folder.path().join("none.wasm"))
        .await
        .unwrap_err();
    assert_says(&error, ErrorKind::Host, &["none.wasm"]);
    fs::write(&file, "not").unwrap();
    let error = registry.register_file(&ENGINE, &file).await.unwrap_err();
    assert_says(
        &error,
        ErrorKind::Configuration,
        &["planes.wasm: this is not WebAssembly"],
    );
}

async fn a_name_and_version_belong_to_one_component() {
    let (_folder, registry) = registry();
    let first = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap();
    let other = variant(connector("planes", "0.1.0"), "other");
    let error = registry.register(&ENGINE, other).await.unwrap_err();
    assert_says(
        &error,
        ErrorKind::Duplicate,
        &[
            "planes@0.1.0 is registered already",
            "a new version",
            "tenon remove planes@0.1.0",
        ],
    );
    assert_eq!(registry.list().await.unwrap(), [first.entry]);
}

async fn a_name_stands_for_the_newest_version_that_fits() {
    let (_folder, registry) = registry();
    for version in ["0.1.9", "0.1.10", "0.2.0", "0.3.0-rc.1"] {
        registry
            .register(&ENGINE, connector("planes", version))
            .await
            .unwrap();
    }
    for (reference, version) in [
        ("planes", "0.2.0"),
        ("planes@0", "0.2.0"),
        ("planes@0.1", "0.1.10"),
        ("planes@0.1.9", "0.1.9"),
        ("planes@0.3.0-rc.1", "0.3.0-rc.1"),
    ] {
        let resolved = registry.resolve(&ENGINE, &parse(reference)).await.unwrap();
        assert_eq!(resolved.version.to_string(), version, "{reference}");
    }
}

async fn a_name_that_is_not_there_is_refused_with_what_is() {
    let (_folder, registry) = registry();
    let error = inspected(&registry, "planes").await.unwrap_err();
    assert_says(
        &error,
        ErrorKind::NotFound,
        &["no connector named planes", "tenon register"],
    );
    registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap();
    registry
        .register(&ENGINE, connector("trains", "1.0.0-beta"))
        .await
        .unwrap();
    let error = inspected(&registry, "plains").await.unwrap_err();
    assert_says(&error, ErrorKind::NotFound, &["did you mean planes?"]);
    let error = inspected(&registry, "planes@0.2").await.unwrap_err();
    assert_says(
        &error,
        ErrorKind::NotFound,
        &["fits 0.2", "there is planes@0.1.0"],
    );
    let error = inspected(&registry, "trains").await.unwrap_err();
    assert_says(
        &error,
        ErrorKind::NotFound,
        &["pre-releases alone", "trains@1.0.0-beta"],
    );
}

async fn a_file_resolves_without_being_registered() {
    let (folder, registry) = registry();
    let file = folder.path().join("planes.wasm");
    fs::write(&file, connector("planes", "0.1.0")).unwrap();
    let reference = ConnectorReference::Path(file.clone());
    let resolved = registry.resolve(&ENGINE, &reference).await.unwrap();
    assert_eq!(resolved.name.as_str(), "planes");
    assert!(registry.list().await.unwrap().is_empty());
    // What it resolved to stays usable, with or without the file, and is the same when it is resolved again.
    assert_eq!(
        registry.resolve(&ENGINE, &reference).await.unwrap(),
        resolved
    );
    fs::remove_file(file).unwrap();
    let other_handle = reopened(&registry);
    let loaded = other_handle.load(&ENGINE, &resolved.digest).await.unwrap();
    assert_eq!(loaded.manifest().version, resolved.version);
}

async fn a_digest_resolves_whether_registered_or_not() {
    let (folder, registry) = registry();
    let registered = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap()
        .entry;
    let resolved = registry
        .resolve(&ENGINE, &registered.digest.into())
        .await
        .unwrap();
    assert_eq!(resolved.name, registered.manifest.name);
    let file = folder.path().join("trains.wasm");
    fs::write(&file, connector("trains", "2.0.0")).unwrap();
    let by_file = registry
        .resolve(&ENGINE, &ConnectorReference::Path(file))
        .await
        .unwrap();
    assert_eq!(
        registry
            .resolve(&ENGINE, &by_file.digest.into())
            .await
            .unwrap(),
        by_file
    );
    let unknown = parse(&format!("sha256:{}", "0".repeat(64)));
    let error = registry.resolve(&ENGINE, &unknown).await.unwrap_err();
    assert_says(
        &error,
        ErrorKind::NotFound,
        &["no component sha256:0000", "tenon register"],
    );
}

async fn a_removed_connector_is_gone_with_its_files() {
    let (folder, registry) = registry();
    let stays = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap()
        .entry;
    let goes = registry
        .register(&ENGINE, connector("trains", "0.1.0"))
        .await
        .unwrap()
        .entry;
    assert_eq!(registry.remove(&parse("trains")).await.unwrap(), goes);
    assert_eq!(registry.list().await.unwrap(), std::slice::from_ref(&stays));
    for kind in ["components", "compiled"] {
        let names = names(&folder.path().join(kind));
        assert_eq!(names.len(), 1, "{names:?}");
        assert!(names[0].starts_with(&stays.digest.hex()));
    }
    let error = reopened(&registry)
        .load(&ENGINE, &goes.digest)
        .await
        .unwrap_err();
    assert_says(&error, ErrorKind::NotFound, &[]);
}

async fn removing_names_exactly_one() {
    let (_folder, registry) = registry();
    for version in ["0.1.0", "0.2.0"] {
        registry
            .register(&ENGINE, connector("planes", version))
            .await
            .unwrap();
    }
    let error = registry.remove(&parse("planes")).await.unwrap_err();
    assert_says(
        &error,
        ErrorKind::Invalid,
        &["planes@0.1.0, planes@0.2.0", "name the one to remove"],
    );
    let error = registry.remove(&parse("plane")).await.unwrap_err();
    assert_says(&error, ErrorKind::NotFound, &["did you mean planes?"]);
    let error = registry.remove(&parse("./planes.wasm")).await.unwrap_err();
    assert_says(&error, ErrorKind::Invalid, &["is a file"]);
    registry.remove(&parse("planes@0.1")).await.unwrap();
    assert_eq!(
        registry
            .remove(&parse("planes"))
            .await
            .unwrap()
            .version()
            .to_string(),
        "0.2.0"
    );
}

async fn what_is_no_connector_is_refused_and_leaves_nothing() {
    let (folder, registry) = registry();
    let wat = |text: &str| wat::parse_str(text).unwrap();
    let exported = |functions: &str| {
        wat(&format!(
            r#"(component
                (core module $m (func (export "f")))
                (core instance $i (instantiate $m))
                (func $f (canon lift (core func $i "f")))
                (instance $lifecycle {functions})
                (export "tenon:connector/lifecycle@0.1.0" (instance $lifecycle)))"#
        ))
    };
    let lifecycle = [
        "describe",
        "needs",
        "initialize",
        "connect",
        "define",
        "ping",
        "reset",
        "disconnect",
        "dispose",
    ];
    let export = |names: &[&str]| -> String {
        names
            .iter()
            .map(|name| format!("(export \"{name}\" (func $f))"))
            .collect()
    };
    let cases: [(&str, Vec<u8>, &[&str]); 12] = [
        ("nothing", Vec::new(), &["empty"]),
        ("text", b"hello".to_vec(), &["not WebAssembly"]),
        (
            "a core module",
            wat("(module)"),
            &[
                "this is a core module, not a component",
                "build with --target wasm32-wasip2",
            ],
        ),
        (
            "garbage in a component",
            b"\0asm\x0d\0\x01\0garbage".to_vec(),
            &["does not compile"],
        ),
        (
            "an empty component",
            wat("(component)"),
            &["does not export `tenon:connector/lifecycle@0.1.0`"],
        ),
        (
            "another version of the contract",
            wat(
                r#"(component (instance $i) (export "tenon:connector/lifecycle@0.7.0" (instance $i)))"#,
            ),
            &["version 0.7.0 of the contract", "speaks 0.1"],
        ),
        (
            "a missing function",
            exported(&export(&lifecycle[..8])),
            &["lifecycle.dispose: it is missing"],
        ),
        (
            "differing functions",
            exported(&export(&lifecycle)),
            &[
                "differ from the contract",
                "lifecycle.describe: it returns nothing, and the contract's has a result",
                "lifecycle.initialize: it takes 0 parameters, and the contract's takes 2",
            ],
        ),
        (
            "a differing type deep inside",
            connector_against("planes", "0.1.0", |text| {
                text.replace("length: option<u32>", "length: option<u64>")
            }),
            &[
                "lifecycle.define: parameter `model`: `properties`: `element`: `length`: `some`: `u64`, and the contract has `u32`",
            ],
        ),
        (
            "an enum with another case",
            connector_against("planes", "0.1.0", |text| text.replace("    uuid,\n", "")),
            &[
                "lifecycle.describe: the result: `generated-key`: `some`: `json`, where the contract has `uuid`",
            ],
        ),
        (
            "an import of another type",
            wat(r#"(component
                (import "tenon:connector/context@0.1.0"
                    (instance (export "current" (func (result u32))) (export "past" (func))))
                (instance $i)
                (export "tenon:connector/lifecycle@0.1.0" (instance $i)))"#),
            &[
                "imports functions that differ from the contract",
                "context.current: the result: `u32`, and the contract has `record`",
                "context.past: the contract has no such function",
            ],
        ),
        (
            "an unknown import",
            wat(r#"(component
                (import "acme:secrets/vault" (instance (export "open" (func))))
                (instance $i)
                (export "tenon:connector/lifecycle@0.1.0" (instance $i)))"#),
            &["imports what Tenon does not offer", "acme:secrets/vault"],
        ),
    ];
    for (what, wasm, said) in cases {
        let error = registry.register(&ENGINE, wasm).await.expect_err(what);
        assert_says(&error, ErrorKind::Configuration, said);
    }
    let error = registry
        .register(&ENGINE, vec![0; (64 << 20) + 1])
        .await
        .unwrap_err();
    assert_says(&error, ErrorKind::Configuration, &["larger than 64 MiB"]);
    let error = registry
        .register(&ENGINE, connector("Planes", "one"))
        .await
        .unwrap_err();
    assert_says(
        &error,
        ErrorKind::Configuration,
        &["manifest", "name: ", "version: "],
    );
    for kind in ["components", "compiled"] {
        assert!(names(&folder.path().join(kind)).is_empty());
    }
    assert!(registry.list().await.unwrap().is_empty());
}

async fn damaged_compiled_code_is_compiled_again() {
    let (folder, registry) = registry();
    let entry = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap()
        .entry;
    registry
        .register(&ENGINE, connector("trains", "0.1.0"))
        .await
        .unwrap();
    let compiled = folder.path().join("compiled");
    let file = |hex: &str| {
        let name = names(&compiled)
            .into_iter()
            .find(|name| name.starts_with(hex) == (hex == entry.digest.hex()));
        compiled.join(name.unwrap())
    };
    let (file, of_another) = (file(&entry.digest.hex()), file("another's"));
    let good = fs::read(&file).unwrap();
    let flipped = |place: usize| {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        bytes
    };
    for bad in [
        flipped(0),
        flipped(20),
        flipped(good.len() / 2),
        flipped(good.len() - 1),
        good[..good.len() - 1].to_vec(),
        good[..30].to_vec(),
        Vec::new(),
        fs::read(of_another).unwrap(),
    ] {
        fs::write(&file, &bad).unwrap();
        let loaded = reopened(&registry)
            .load(&ENGINE, &entry.digest)
            .await
            .unwrap();
        assert_eq!(*loaded.manifest(), entry.manifest);
        assert_eq!(
            fs::read(&file).unwrap().len(),
            good.len(),
            "it is kept again"
        );
    }
    // Without its key, nothing that the registry has compiled counts.
    fs::remove_file(folder.path().join("key")).unwrap();
    let before = fs::read(&file).unwrap();
    reopened(&registry)
        .load(&ENGINE, &entry.digest)
        .await
        .unwrap();
    assert_ne!(fs::read(&file).unwrap(), before);
}

async fn missing_compiled_code_is_compiled_again() {
    let (folder, registry) = registry();
    let entry = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap()
        .entry;
    let compiled = folder.path().join("compiled");
    let name = names(&compiled).remove(0);
    fs::remove_file(compiled.join(&name)).unwrap();
    reopened(&registry)
        .load(&ENGINE, &entry.digest)
        .await
        .unwrap();
    assert_eq!(names(&compiled), std::slice::from_ref(&name));
    // Registering again mends a folder that has lost its files.
    fs::remove_file(compiled.join(&name)).unwrap();
    fs::remove_file(
        folder
            .path()
            .join("components")
            .join(format!("{}.wasm", entry.digest.hex())),
    )
    .unwrap();
    let registry = reopened(&registry);
    registry.load(&ENGINE, &entry.digest).await.unwrap_err();
    assert!(
        registry
            .register(&ENGINE, connector("planes", "0.1.0"))
            .await
            .unwrap()
            .already
    );
    reopened(&registry)
        .load(&ENGINE, &entry.digest)
        .await
        .unwrap();
}

async fn a_connector_is_loaded_once_while_it_is_held() {
    let (_folder, registry) = registry();
    let digest = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap()
        .entry
        .digest;
    let (one, other) = tokio::join!(
        registry.load(&ENGINE, &digest),
        registry.load(&ENGINE, &digest)
    );
    assert!(Arc::ptr_eq(&one.unwrap(), &other.unwrap()));
}

async fn connectors_belong_to_their_engine() {
    let (_folder, registry) = registry();
    let digest = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap()
        .entry
        .digest;
    let one = registry.load(&ENGINE, &digest).await.unwrap();
    let other = registry
        .load(&Engine::new().unwrap(), &digest)
        .await
        .unwrap();
    assert!(!Arc::ptr_eq(&one, &other));
}

async fn a_registry_that_is_open_to_others_is_refused() {
    let (folder, registry) = registry();
    let digest = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap()
        .entry
        .digest;
    fs::set_permissions(
        folder.path().join("compiled"),
        PermissionsExt::from_mode(0o770),
    )
    .unwrap();
    let error = Registry::open(folder.path()).unwrap_err();
    assert_says(
        &error,
        ErrorKind::Configuration,
        &["open to other users", "chmod 700"],
    );
    // One that was opened before looks again before it runs anything.
    let error = registry.load(&ENGINE, &digest).await.unwrap_err();
    assert_says(&error, ErrorKind::Configuration, &["open to other users"]);
}

async fn an_index_that_cannot_be_read_is_refused() {
    let (folder, registry) = registry();
    for (index, said) in [
        ("garbage", "can't be read"),
        (r#"{"version": 1, "connectors": [{}]}"#, "missing field"),
        (
            r#"{"version": 2, "connectors": {"new": "shape"}}"#,
            "version 2, and this Tenon reads 1",
        ),
    ] {
        fs::write(folder.path().join("index.json"), index).unwrap();
        let error = registry.list().await.unwrap_err();
        assert_says(&error, ErrorKind::Configuration, &[said]);
        registry
            .register(&ENGINE, connector("planes", "0.1.0"))
            .await
            .unwrap_err();
        assert_eq!(
            fs::read_to_string(folder.path().join("index.json")).unwrap(),
            index
        );
    }
}

async fn what_a_killed_writer_left_is_swept() {
    let (folder, registry) = registry();
    let left = [
        folder.path().join("index.json.unfinished"),
        folder.path().join("components/00.wasm.unfinished"),
        folder.path().join("compiled/00-00.cwasm.unfinished"),
        // Code that no component is there for.
        folder
            .path()
            .join(format!("compiled/{}-00.cwasm", "0".repeat(64))),
    ];
    for path in &left {
        fs::write(path, "half").unwrap();
    }
    registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap();
    for path in &left {
        assert!(!path.exists(), "{}", path.display());
    }
    assert_eq!(registry.list().await.unwrap().len(), 1);
}

async fn what_was_used_by_its_file_is_swept_after_a_while() {
    let (folder, registry) = registry();
    let resolve = async |name: &str| {
        let file = folder.path().join(name);
        fs::write(&file, connector(name.trim_end_matches(".wasm"), "0.1.0")).unwrap();
        registry
            .resolve(&ENGINE, &ConnectorReference::Path(file))
            .await
            .unwrap()
            .digest
    };
    let kept = |digest: &str| {
        let has = |kind: &str| {
            names(&folder.path().join(kind))
                .iter()
                .any(|name| name.starts_with(digest))
        };
        assert_eq!(has("components"), has("compiled"));
        has("components")
    };
    let (recent, old, used_again) = (
        resolve("recent.wasm").await,
        resolve("old.wasm").await,
        resolve("again.wasm").await,
    );
    for digest in [old, used_again] {
        let file = File::options()
            .append(true)
            .open(
                folder
                    .path()
                    .join("components")
                    .join(format!("{}.wasm", digest.hex())),
            )
            .unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(8 * 24 * 60 * 60))
            .unwrap();
    }
    resolve("again.wasm").await;
    registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap();
    assert!(kept(&recent.hex()) && kept(&used_again.hex()) && !kept(&old.hex()));
}

async fn a_program_that_does_not_compile_is_refused() {
    let (_folder, registry) = registry();
    for (program, kind, said) in [
        (
            "/bin/echo",
            ErrorKind::Configuration,
            "/bin/echo does not serve compile requests",
        ),
        (
            "/bin/false",
            ErrorKind::Host,
            "ended (exit status: 1): it said nothing",
        ),
        (
            "/no/such/program",
            ErrorKind::Host,
            "starting /no/such/program",
        ),
    ] {
        let registry = registry
            .clone()
            .with_compiler(Compiler::ChildProcess(program.into()));
        let error = registry
            .register(&ENGINE, connector("planes", "0.1.0"))
            .await
            .unwrap_err();
        assert_says(&error, kind, &[said]);
    }
    let this = std::env::current_exe().unwrap();
    let registry = registry.with_compiler(Compiler::ChildProcess(this));
    registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap();
}

async fn compiling_in_this_process_gives_the_same() {
    let (_folder, registry) = registry();
    let registry = registry.with_compiler(Compiler::InProcess);
    let registered = registry
        .register(&ENGINE, connector("planes", "0.1.0"))
        .await
        .unwrap();
    assert_eq!(registered.entry.name().as_str(), "planes");
    let error = registry
        .register(&ENGINE, b"\0asm\x0d\0\x01\0garbage".to_vec())
        .await
        .unwrap_err();
    assert_says(&error, ErrorKind::Configuration, &["does not compile"]);
}

async fn several_processes_register_at_once() {
    let (folder, registry) = registry();
    let names = ["planes", "trains", "ships"];
    let mut processes: Vec<(&str, Registering)> = names
        .iter()
        .map(|name| (*name, Registering::start(folder.path(), name)))
        .collect();
    for (_, process) in &mut processes {
        process.wait_for(8);
    }
    let mut confirmed = Confirmed::default();
    for (name, process) in processes {
        confirmed.hear(name, process.kill());
    }
    assert!(confirmed.0.len() > 10);
    confirmed.check(&registry).await;
}

async fn a_kill_at_any_moment_leaves_a_good_registry() {
    let (folder, registry) = registry();
    let mut confirmed = Confirmed::default();
    for round in 0..25_u64 {
        let mut process = Registering::start(folder.path(), "planes");
        // A moment that differs from round to round, from before the first write to after some.
        process.wait_for(usize::try_from(round % 4).unwrap());
        std::thread::sleep(Duration::from_micros(round * 7_919 % 60_000));
        confirmed.hear("planes", process.kill());
        confirmed.check(&reopened(&registry)).await;
    }
    assert!(confirmed.0.len() > 3);
}

/// Names the registry of a process that registers until it is killed, and its connector.
const REGISTER_IN: &str = "TENON_TEST_REGISTER_IN";
const REGISTER_AS: &str = "TENON_TEST_REGISTER_AS";

/// Registers one version after another and removes some of them, and says so after each registration and
/// before each removal.
async fn register_until_killed(folder: &Path) {
    let name = std::env::var(REGISTER_AS).unwrap();
    let registry = Registry::open(folder).unwrap();
    let known = registry.list().await.unwrap();
    let first = known
        .iter()
        .map(|entry| entry.version().patch + 1)
        .max()
        .unwrap_or(0);
    for patch in first.. {
        registry
            .register(&ENGINE, connector(&name, &format!("0.0.{patch}")))
            .await
            .unwrap();
        println!("registered 0.0.{patch}");
        if patch % 3 == 2 {
            let old = patch - 1;
            println!("removing 0.0.{old}");
            match registry.remove(&parse(&format!("{name}@0.0.{old}"))).await {
                Ok(_) => {}
                // The one before was killed before it confirmed it.
                Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
            }
        }
    }
}

/// What such processes have said to be registered, each as `name@version`.
#[derive(Default)]
struct Confirmed(Vec<String>);

impl Confirmed {
    fn hear(&mut self, name: &str, said: Vec<String>) {
        for line in said {
            match line.split_once(' ') {
                Some(("registered", version)) => self.0.push(format!("{name}@{version}")),
                Some(("removing", version)) => {
                    self.0.retain(|known| *known != format!("{name}@{version}"))
                }
                _ => panic!("{line}"),
            }
        }
    }

    /// Makes sure that all of it is registered, and that all that is registered loads.
    async fn check(&self, registry: &Registry) {
        let entries = registry.list().await.unwrap();
        for release in &self.0 {
            let is_it = |entry: &Entry| format!("{}@{}", entry.name(), entry.version()) == *release;
            assert!(entries.iter().any(is_it), "{release} is lost");
        }
        for entry in entries {
            let loaded = registry.load(&ENGINE, &entry.digest).await.unwrap();
            assert_eq!(*loaded.manifest(), entry.manifest);
        }
    }
}

/// A process that registers, and what it has said.
struct Registering {
    process: Child,
    output: BufReader<std::process::ChildStdout>,
    said: Vec<String>,
}

impl Registering {
    fn start(folder: &Path, name: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .env(REGISTER_IN, folder)
            .env(REGISTER_AS, name)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self {
            process,
            output,
            said: Vec::new(),
        }
    }

    /// Waits until it has said so many lines.
    fn wait_for(&mut self, lines: usize) {
        while self.said.len() < lines {
            let mut line = String::new();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "the process goes on"
            );
            self.said.push(line.trim_end().to_owned());
        }
    }

    /// Kills it, and returns all that it has said.
    fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        for line in self.output.by_ref().lines() {
            self.said.push(line.unwrap());
        }
        std::mem::take(&mut self.said)
    }
}

impl Drop for Registering {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

fn registry() -> (TempDir, Registry) {
    let folder = tempfile::Builder::new()
        .permissions(PermissionsExt::from_mode(0o700))
        .tempdir()
        .unwrap();
    let registry = Registry::open(folder.path()).unwrap();
    (folder, registry)
}

/// The same folder as another process would open it, with nothing loaded.
fn reopened(registry: &Registry) -> Registry {
    Registry::open(registry.folder()).unwrap()
}

async fn inspected(registry: &Registry, reference: &str) -> Result<Entry, Error> {
    registry.inspect(&ENGINE, &parse(reference)).await
}

fn parse(reference: &str) -> ConnectorReference {
    reference.parse().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[track_caller]
fn assert_says(error: &Error, kind: ErrorKind, said: &[&str]) {
    let message = error.to_string();
    assert_eq!(error.kind(), kind, "{message}");
    for part in said {
        assert!(message.contains(part), "{message:?} does not say {part:?}");
    }
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}
