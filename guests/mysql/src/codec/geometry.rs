//! Points as the server keeps geometries: four bytes of reference system, then OGC's well-known binary.

use tenon_sdk::GeoPoint;

/// Little endian, and the number of a point.
const POINT: [u8; 5] = [1, 1, 0, 0, 0];

/// WGS 84, in which MySQL 8 has the latitude first where it is asked in text; in binary, x is the longitude always.
const NO_SYSTEM: [u8; 4] = [0; 4];

/// The point that a geometry is; none where it is another one.
pub(crate) fn read_point(geometry: &[u8]) -> Option<GeoPoint> {
    let (_system, rest) = geometry.split_first_chunk::<4>()?;
    let (order, rest) = rest.split_first()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (x, rest) = rest.split_first_chunk::<8>()?;
    let (y, rest) = rest.split_first_chunk::<8>()?;
    let (kind, longitude, latitude) = match order {
        0 => (
            u32::from_be_bytes(*kind),
            f64::from_be_bytes(*x),
            f64::from_be_bytes(*y),
        ),
        1 => (
            u32::from_le_bytes(*kind),
            f64::from_le_bytes(*x),
            f64::from_le_bytes(*y),
        ),
        _ => return None,
    };
    let is_place = latitude.is_finite() && longitude.is_finite();
    (kind == 1 && rest.is_empty() && is_place).then_some(GeoPoint {
        latitude,
        longitude,
    })
}

/// A point as the server keeps it, without a reference system.
pub(crate) fn write_point(point: GeoPoint, out: &mut Vec<u8>) {
    out.extend(NO_SYSTEM);
    out.extend(POINT);
    out.extend(point.longitude.to_le_bytes());
    out.extend(point.latitude.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_read_as_it_was_written() {
        let point = GeoPoint {
            latitude: 52.5,
            longitude: -13.25,
        };
        let mut geometry = Vec::new();
        write_point(point, &mut geometry);
        assert_eq!(read_point(&geometry), Some(point));
        for length in 0..geometry.len() {
            assert_eq!(read_point(geometry.get(..length).unwrap()), None);
        }
    }

    #[test]
    fn another_geometry_is_no_point() {
        let mut line = vec![0, 0, 0, 0, 1, 2, 0, 0, 0];
        line.extend([0; 16]);
        assert_eq!(read_point(&line), None);
    }
}
