//! `new`: the folder of a connector that builds, is tested and serves records as it stands.
//!
//! It is made whole or not at all, and nothing that is there is touched.

mod name;
mod sdk;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::show;
use crate::args::New;
use crate::exit;
use crate::report::Report;
use name::Name;

/// The new folder's permissions: the process's mask takes away what it should not have.
const NEW_FOLDER: u32 = 0o777;

/// A template's place in the folder, and its text.
macro_rules! templates {
    ($($place:literal from $file:literal),+ $(,)?) => {
        &[$(($place, include_str!(concat!("../../../templates/connector/", $file)))),+]
    };
}

/// The files of a new connector. Of a crate's own manifest cargo would want to know more than there is yet, so
/// its template has another name.
const TEMPLATES: &[(&str, &str)] = templates! {
    "Cargo.toml" from "Cargo.toml.in",
    ".gitignore" from "gitignore",
    "README.md" from "README.md",
    "tenon.toml" from "tenon.toml",
    "data/entries.txt" from "data/entries.txt",
    "src/lib.rs" from "src/lib.rs",
    "src/entries.rs" from "src/entries.rs",
    "src/settings.rs" from "src/settings.rs",
    "tests/records.rs" from "tests/records.rs",
};

/// Makes the folder.
pub fn run(args: &New) -> Result<u8, Report> {
    let name = match &args.name {
        Some(name) => Name::new(name)?,
        None => Name::of_folder(&args.folder)?,
    };
    let sdk = sdk::dependency(args.sdk.as_deref())?;
    check_free(&args.folder)?;
    write_all(&args.folder, &name, &sdk).map_err(|error| failed(&args.folder, &error))?;
    show::print(&format!(
        "made the connector {name} in {folder}\n\n\
         cd {folder}\n\
         cargo test\n\
         cargo build --release --target wasm32-wasip2\n\
         tenon find Entry\n\
         tenon check --source entries\n",
        folder = args.folder.display()
    ))
}

/// Refuses a folder that has something in it.
fn check_free(folder: &Path) -> Result<(), Report> {
    let there = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => true,
        Err(error) => return Err(failed(folder, &error)),
    };
    if !there {
        return Ok(());
    }
    Err(Report::new(
        exit::CONFLICT,
        format!(
            "{} is there already, and not an empty folder",
            folder.display()
        ),
    )
    .help("name a folder that isn't there yet"))
}

/// Writes into a folder beside it that then takes its name, so that no half of one is left.
fn write_all(folder: &Path, name: &Name, sdk: &str) -> io::Result<()> {
    let folder = std::path::absolute(folder)?;
    let parent = folder.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(parent)?;
    let made = tempfile::Builder::new()
        .prefix(".tenon-new-")
        // It stays, so it is no temporary folder that only its owner may see.
        .permissions(fs::Permissions::from_mode(NEW_FOLDER))
        .tempdir_in(parent)?;
    for (place, template) in TEMPLATES {
        let path: PathBuf = made.path().join(place);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = template
            .replace("{{name}}", name.as_str())
            .replace("{{crate}}", &name.crate_name())
            .replace("{{sdk}}", sdk);
        fs::write(path, text)?;
    }
    // An empty folder is replaced by it; what came into it meanwhile is not.
    fs::rename(made.path(), &folder)?;
    // It has another name now: there is nothing left to remove.
    let _ = made.keep();
    Ok(())
}

fn failed(folder: &Path, error: &io::Error) -> Report {
    Report::new(
        exit::FAILURE,
        format!("the folder {} can't be made: {error}", folder.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_in_the_templates_is_filled_in() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("my-files");
        write_all(
            &folder,
            &Name::new("my-files").unwrap(),
            "{ path = \"sdk\" }",
        )
        .unwrap();
        for (place, _) in TEMPLATES {
            let text = fs::read_to_string(folder.join(place)).unwrap();
            assert!(!text.contains("{{"), "{place}: {text}");
        }
        // As any folder that is made here, whatever the process's mask is.
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&folder), mode(&folder.join("src")));
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        assert!(manifest.contains("name = \"my-files\"\n"), "{manifest}");
        assert!(
            manifest.contains("tenon-sdk = { path = \"sdk\" }"),
            "{manifest}"
        );
        manifest.parse::<toml_edit::DocumentMut>().unwrap();
    }
}
