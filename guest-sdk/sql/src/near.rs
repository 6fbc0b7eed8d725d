//! `near` as a box of degrees.
//!
//! What lies within a distance lies within a box, and most of what doesn't lies outside of it. The corners are left for
//! the runtime, so a box is never the whole condition.

use tenon_model::{EARTH_RADIUS_METRES, GeoPoint, PropertyType, Value, coerce};

use crate::{Column, Coordinate, Part, Writer};

/// What a box is larger by, in degrees: far more than rounding, and a hundredth of a millimetre.
const SLACK: f64 = 1e-10;

/// A box around a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// From south to north, in degrees.
    pub latitudes: (f64, f64),
    /// From west to east; none for all around, two across the 180th meridian.
    pub longitudes: Vec<(f64, f64)>,
}

impl Area {
    /// The box of a `near`'s operands; none where there is no greatest distance, or they are no operands.
    pub(crate) fn new(point: &Value, bounds: &[Value]) -> Option<Self> {
        let Value::Point(point) = point else {
            return None;
        };
        let greatest = bounds.first().filter(|bound| !bound.is_null())?;
        match coerce(greatest.clone(), PropertyType::Float) {
            Ok(Value::Float(metres)) if metres >= 0.0 => Some(Self::around(*point, metres)),
            _ => None,
        }
    }

    /// The box around everything that is no farther than so many metres.
    fn around(point: GeoPoint, metres: f64) -> Self {
        let angle = metres / EARTH_RADIUS_METRES;
        let degrees = angle.to_degrees();
        let south = point.latitude - degrees;
        let north = point.latitude + degrees;
        let latitudes = (south.max(-90.0) - SLACK, north.min(90.0) + SLACK);
        // Around a pole, every longitude is near.
        if south <= -90.0 || north >= 90.0 || angle >= std::f64::consts::FRAC_PI_2 {
            return Self {
                latitudes,
                longitudes: Vec::new(),
            };
        }
        // Where a circle is widest: Bronstein, Taschenbuch der Mathematik, 3.4.
        let sine = angle.sin() / point.latitude.to_radians().cos();
        if !(0.0..1.0).contains(&sine) {
            return Self {
                latitudes,
                longitudes: Vec::new(),
            };
        }
        // Close to a quarter the arc sine loses digits, so that the slack grows with it.
        let width = sine.asin().to_degrees() * (1.0 + 1e-7) + SLACK;
        let (west, east) = (point.longitude - width, point.longitude + width);
        let longitudes = if west < -180.0 {
            vec![(west + 360.0, 180.0), (-180.0, east)]
        } else if east > 180.0 {
            vec![(west, 180.0), (-180.0, east - 360.0)]
        } else {
            vec![(west, east)]
        };
        Self {
            latitudes,
            longitudes,
        }
    }

    /// Appends the condition that a column's point is within, by its coordinates.
    pub(crate) fn write(&self, column: &Column, sql: &mut Writer<'_>) -> Part {
        let dialect = sql.dialect();
        let range = |coordinate, (from, to): (f64, f64), sql: &mut Writer<'_>| {
            if !dialect.coordinate(column, coordinate, sql) {
                return false;
            }
            sql.push(" BETWEEN ");
            dialect.typed(PropertyType::Float, Value::Float(from), sql);
            sql.push(" AND ");
            dialect.typed(PropertyType::Float, Value::Float(to), sql);
            true
        };
        sql.push("(");
        if !range(Coordinate::Latitude, self.latitudes, sql) {
            return Part::Nothing;
        }
        if !self.longitudes.is_empty() {
            sql.push(" AND (");
            for (place, longitudes) in self.longitudes.iter().enumerate() {
                if place > 0 {
                    sql.push(" OR ");
                }
                if !range(Coordinate::Longitude, *longitudes, sql) {
                    return Part::Nothing;
                }
            }
            sql.push(")");
        }
        sql.push(")");
        Part::Wider
    }
}
