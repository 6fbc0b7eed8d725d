//! `near`: distance on the earth, and how LoopBack's JSON asks for it.
//!
//! The earth is a sphere here, as it is in LoopBack and in most backends: at worst half a percent off.

use serde_json::{Map, Value as Json};

use super::operators::{self, MAX_DISTANCE, MIN_DISTANCE, UNIT};
use crate::contract::{Comparison, GeoPoint, PropertyType, Value};
use crate::problem::Problems;

/// The mean radius of the earth in metres, (2a + b) / 3 of WGS 84: International Union of Geodesy and
/// Geophysics, Geodetic Reference System 1980 (Moritz, 2000), which rounds it to 6 371 008.8.
pub const EARTH_RADIUS_METRES: f64 = 6_371_008.8;

/// What belongs to `near` beside the point.
pub(super) const OPTIONS: [&str; 3] = [MAX_DISTANCE, MIN_DISTANCE, UNIT];

/// LoopBack's units, in metres. The international mile and foot; angles are seen from the earth's centre.
const UNITS: [(&str, f64); 6] = [
    ("meters", 1.0),
    ("kilometers", 1_000.0),
    ("miles", 1_609.344),
    ("feet", 0.304_8),
    ("radians", EARTH_RADIUS_METRES),
    (
        "degrees",
        EARTH_RADIUS_METRES * std::f64::consts::PI / 180.0,
    ),
];

/// The operands of a `near` in JSON: the point, then the greatest and the least distance in metres; none where
/// there is a problem.
pub(super) fn operands(
    members: &Map<String, Json>,
    place: &str,
    problems: &mut Problems,
) -> Option<Vec<Value>> {
    let operator = operators::operator(Comparison::Near);
    let point = match members
        .get(operator)
        .map(|json| Value::from_json(json, PropertyType::Point))
    {
        Some(Ok(point @ (Value::Point(_) | Value::Null))) => Some(point),
        Some(Err(reason)) => {
            problems.push(format!("{place}.{operator}"), reason);
            None
        }
        _ => None,
    };
    let unit = unit(members.get(UNIT), place, problems);
    let mut distance = |name: &str| match members.get(name) {
        None | Some(Json::Null) => Some(Value::Null),
        Some(json) => match json.as_f64().filter(|distance| *distance >= 0.0) {
            Some(distance) => Some(Value::Float(distance * unit?)),
            None => {
                problems.push(
                    format!("{place}.{name}"),
                    "a distance is a number from 0, without its unit",
                );
                None
            }
        },
    };
    let (greatest, least) = (distance(MAX_DISTANCE), distance(MIN_DISTANCE));
    Some(vec![point?, greatest?, least?])
}

fn unit(json: Option<&Json>, place: &str, problems: &mut Problems) -> Option<f64> {
    let name = match json {
        None => return Some(1.0),
        Some(json) => json.as_str().unwrap_or_default(),
    };
    let unit = UNITS.iter().find(|(known, _)| *known == name);
    if unit.is_none() {
        let known = UNITS.map(|(name, _)| name);
        let hint = crate::closest(name, known)
            .map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        let message = format!("a unit is one of {}{hint}", known.join(", "));
        problems.push(format!("{place}.{UNIT}"), message);
    }
    unit.map(|(_, metres)| *metres)
}

/// A point that distances are measured from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Centre {
    latitude: f64,
    longitude: f64,
    latitude_cosine: f64,
}

impl Centre {
    pub(crate) fn new(point: GeoPoint) -> Self {
        let latitude = point.latitude.to_radians();
        Self {
            latitude,
            longitude: point.longitude.to_radians(),
            latitude_cosine: latitude.cos(),
        }
    }

    /// The great-circle distance in metres, by the haversine formula.
    pub(crate) fn distance(&self, point: GeoPoint) -> f64 {
        let latitude = point.latitude.to_radians();
        let north = ((latitude - self.latitude) / 2.0).sin();
        let east = ((point.longitude.to_radians() - self.longitude) / 2.0).sin();
        let haversine = north * north + self.latitude_cosine * latitude.cos() * east * east;
        // Rounding may lead a hair beyond 1 between antipodes.
        2.0 * EARTH_RADIUS_METRES * haversine.clamp(0.0, 1.0).sqrt().asin()
    }
}

/// The bounds of a `near`: a ring around its centre.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ring {
    pub(super) centre: Centre,
    pub(super) greatest: f64,
    pub(super) least: f64,
}

impl Ring {
    pub(super) fn holds(&self, point: GeoPoint) -> bool {
        (self.least..=self.greatest).contains(&self.centre.distance(point))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(latitude: f64, longitude: f64) -> GeoPoint {
        GeoPoint {
            latitude,
            longitude,
        }
    }

    fn metres(from: GeoPoint, to: GeoPoint) -> f64 {
        Centre::new(from).distance(to)
    }

    #[test]
    fn a_degree_along_the_equator_or_a_meridian_is_a_360th_of_the_circumference() {
        let degree = EARTH_RADIUS_METRES * std::f64::consts::TAU / 360.0;
        assert!((metres(point(0.0, 0.0), point(0.0, 1.0)) - degree).abs() < 1e-6);
        assert!((metres(point(50.0, 7.0), point(51.0, 7.0)) - degree).abs() < 1e-6);
    }

    #[test]
    fn distance_goes_the_short_way_around_and_knows_antipodes() {
        assert!((metres(point(0.0, 179.5), point(0.0, -179.5)) - 111_195.08).abs() < 0.01);
        let half = EARTH_RADIUS_METRES * std::f64::consts::PI;
        assert!((metres(point(12.0, 34.0), point(-12.0, -146.0)) - half).abs() < 1.0);
        assert!(metres(point(90.0, 0.0), point(90.0, 123.0)) < 1e-6);
    }

    #[test]
    fn distance_is_alike_both_ways() {
        let (berlin, sydney) = (point(52.5, 13.4), point(-33.9, 151.2));
        assert!((metres(berlin, sydney) - metres(sydney, berlin)).abs() < 1e-6);
    }
}
