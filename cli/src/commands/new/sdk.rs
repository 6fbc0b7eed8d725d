//! Where a new connector finds the crate `tenon-sdk`.

use std::path::Path;

use toml_edit::{InlineTable, Value};

use crate::exit;
use crate::report::Report;

/// Beside the sources of this program.
const BESIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-sdk");

/// The dependency as it stands in a manifest: on what was named, or on what this program was built beside.
pub fn dependency(named: Option<&str>) -> Result<String, Report> {
    let text = match named {
        Some(url) if is_url(url) => table("git", url),
        Some(folder) => of_folder(Path::new(folder)).ok_or_else(|| {
            Report::new(
                exit::NOT_FOUND,
                format!("{folder} is not the folder of the crate tenon-sdk: it has no Cargo.toml of it"),
            )
            .help("name the folder `guest-sdk` of Tenon's sources, or a git repository's URL")
        })?,
        None => of_folder(Path::new(BESIDE)).ok_or_else(|| {
            Report::new(
                exit::NOT_FOUND,
                "the crate tenon-sdk is not beside this program's sources any more",
            )
            .help("say where it is: --sdk FOLDER, or --sdk URL of a git repository with Tenon's sources")
        })?,
    };
    Ok(text)
}

fn is_url(text: &str) -> bool {
    text.contains("://") || text.starts_with("git@")
}

fn of_folder(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let manifest: toml_edit::DocumentMut = manifest.parse().ok()?;
    let name = manifest.get("package")?.get("name")?.as_str()?;
    (name == "tenon-sdk").then(|| table("path", &folder.to_string_lossy()))
}

fn table(key: &str, value: &str) -> String {
    let mut table = InlineTable::new();
    table.insert(key, value.into());
    Value::from(table).to_string().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_is_found_beside_the_program_or_where_it_was_named() {
        let found = dependency(None).unwrap();
        assert!(found.starts_with("{ path = \"/"), "{found}");
        assert_eq!(dependency(Some(BESIDE)).unwrap(), found);
        assert_eq!(
            dependency(Some("https://example.com/tenon.git")).unwrap(),
            "{ git = \"https://example.com/tenon.git\" }"
        );
        for wrong in [
            "/nowhere",
            concat!(env!("CARGO_MANIFEST_DIR"), "/src"),
            env!("CARGO_MANIFEST_DIR"),
        ] {
            let report = dependency(Some(wrong)).unwrap_err();
            assert_eq!(report.exit(), exit::NOT_FOUND);
            assert!(report.to_string().contains(wrong), "{report}");
        }
    }
}
