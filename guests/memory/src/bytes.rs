//! Bytes of keys, in place where they are short: most keys need no allocation, and compare without a jump.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// Bytes that fit in place; with the length and the case they make 24, the size of a `String` and a bit.
const IN_PLACE: usize = 22;

/// Bytes that are never changed. They compare and hash as the slice does.
#[derive(Clone, Debug)]
pub(crate) enum Bytes {
    InPlace { length: u8, bytes: [u8; IN_PLACE] },
    Allocated(Box<[u8]>),
}

impl Bytes {
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::InPlace { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Self::Allocated(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Bytes {
    fn from(slice: &[u8]) -> Self {
        let mut bytes = [0; IN_PLACE];
        match (u8::try_from(slice.len()), bytes.get_mut(..slice.len())) {
            (Ok(length), Some(place)) => {
                place.copy_from_slice(slice);
                Self::InPlace { length, bytes }
            }
            _ => Self::Allocated(slice.into()),
        }
    }
}

impl Borrow<[u8]> for Bytes {
    fn borrow(&self) -> &[u8] {
        self.as_slice()
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Bytes {}

impl PartialOrd for Bytes {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bytes {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}
