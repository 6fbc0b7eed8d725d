//! The demo's folder: made anew each time, with nothing in it that isn't needed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::build::component;
use crate::workspace::Workspace;

/// Makes the folder, with configuration, data and these connectors.
pub fn prepare(workspace: &Workspace, guests: &[&str]) -> Result<PathBuf, String> {
    let folder = workspace.target.join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|cause| failed("removing", &folder, &cause))?;
    }
    let example = workspace.root.join("examples").join("airports");
    for part in ["connectors", "data"] {
        let part = folder.join(part);
        fs::create_dir_all(&part).map_err(|cause| failed("making", &part, &cause))?;
    }
    for file in ["tenon.toml", "routes.csv"] {
        copy(&example.join(file), &folder.join(file))?;
    }
    for guest in guests {
        let component = component(guest);
        copy(
            &workspace.components().join(&component),
            &folder.join("connectors").join(&component),
        )?;
    }
    let from = example.join("airports.csv");
    let airports = fs::read_to_string(&from).map_err(|cause| failed("reading", &from, &cause))?;
    let to = folder.join("airports.csv");
    fs::write(&to, with_location(&airports)?).map_err(|cause| failed("writing", &to, &cause))?;
    Ok(folder)
}

/// The airports with a column more, which has latitude and longitude as one point.
fn with_location(csv: &str) -> Result<String, String> {
    let mut lines = csv.lines();
    let names = lines
        .next()
        .filter(|names| names.ends_with(",latitude,longitude"));
    let names =
        names.ok_or("airports.csv must have latitude and longitude as its last two columns")?;
    let mut text = format!("{names},location\n");
    for line in lines {
        let mut ends = line.rsplitn(3, ',');
        let (Some(longitude), Some(latitude)) = (ends.next(), ends.next()) else {
            return Err(format!("airports.csv has a line without a place: {line}"));
        };
        text.push_str(&format!("{line},\"{latitude},{longitude}\"\n"));
    }
    Ok(text)
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to)
        .map(drop)
        .map_err(|cause| failed("copying", from, &cause))
}

fn failed(what: &str, path: &Path, cause: &std::io::Error) -> String {
    format!("{what} {}: {cause}", path.display())
}

#[cfg(test)]
mod tests {
    use super::with_location;

    #[test]
    fn a_place_becomes_one_quoted_cell() {
        assert_eq!(
            with_location("name,latitude,longitude\n\"A, B\",31.5,-89.25\n").unwrap(),
            "name,latitude,longitude,location\n\"A, B\",31.5,-89.25,\"31.5,-89.25\"\n"
        );
    }
}
