//! What the two processes say to each other: frames of a kind, a length and that many bytes.
//!
//! The child begins with [`GREETING`] and a `Ready` frame, so that a program which does something else is
//! noticed before it is sent anything.

/// The first bytes of the child's output; the digit is the version of this language.
pub(super) const GREETING: &[u8; 16] = b"tenon compiler 1";

/// The longest answer, in bytes: native code is a few times larger than the component.
pub(super) const MAX_ANSWER: usize = 512 << 20;

/// The bytes in front of a frame's content.
pub(super) const HEAD: usize = 9;

/// What a frame of the child's is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The engine's compatibility that it compiles for.
    Ready = 1,
    /// The compiled code.
    Code = 2,
    /// Why the component doesn't compile, as text.
    Refused = 3,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ready, Self::Code, Self::Refused]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

/// The bytes in front of a frame's content.
pub(super) fn head(kind: Kind, length: usize) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    let (first, rest) = head.split_at_mut(1);
    first.copy_from_slice(&[kind as u8]);
    rest.copy_from_slice(&(length as u64).to_le_bytes());
    head
}

/// What follows such a head; none where no child writes one.
pub(super) fn read_head([kind, length @ ..]: [u8; HEAD]) -> Option<(Kind, usize)> {
    let length = usize::try_from(u64::from_le_bytes(length)).ok()?;
    Some((Kind::from_byte(kind)?, length)).filter(|_| length <= MAX_ANSWER)
}
