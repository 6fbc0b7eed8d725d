//! Did you mean: the known name that is closest to an unknown one.

use crate::model::Model;

impl Model {
    /// The declared property that is likely meant by an unknown name; never a hidden one.
    pub fn suggest(&self, name: &str) -> Option<&str> {
        closest(name, self.visible().map(|property| property.name.as_str()))
    }
}

/// The candidate that is likely meant; none where nothing is near. Letters' case doesn't count.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// A longer name is no typing error, and comparing costs the product of both lengths.
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return None;
    }
    let wanted = name.to_lowercase();
    // A third of the letters may be wrong: enough for a slip, too little for another word.
    let allowed = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| {
            (
                strsim::osa_distance(&wanted, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
