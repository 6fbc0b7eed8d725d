//! Reading what a packet holds.
//!
//! A server may be broken or hostile: nothing here trusts a length, and what is cut short is an error that ends the
//! session.

use tenon_sdk::{Error, Result};

use crate::error;

/// The rest of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(packet: &'a [u8]) -> Self {
        Self(packet)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// The next byte, which stays.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(*bytes)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A number whose first byte says how long it is.
    pub(crate) fn counted(&mut self) -> Result<u64> {
        match self.u8()? {
            0xfc => Ok(self.u16()?.into()),
            0xfd => {
                let [low, middle, high] = self.array()?;
                Ok(u32::from_le_bytes([low, middle, high, 0]).into())
            }
            0xfe => self.u64(),
            0xfb | 0xff => Err(cut_short()),
            small => Ok(small.into()),
        }
    }

    /// Bytes with such a number of them in front.
    pub(crate) fn counted_bytes(&mut self) -> Result<&'a [u8]> {
        let count = usize::try_from(self.counted()?).map_err(|_| cut_short())?;
        self.bytes(count)
    }

    /// Bytes up to a NUL, or to the end.
    pub(crate) fn terminated(&mut self) -> &'a [u8] {
        let mut parts = self.0.splitn(2, |byte| *byte == 0);
        let bytes = parts.next().unwrap_or_default();
        self.0 = parts.next().unwrap_or_default();
        bytes
    }
}

fn cut_short() -> Error {
    error::out_of_step("an answer of the server is cut short")
}

#[cfg(test)]
mod tests {
    use tenon_sdk::Aftermath;

    use super::*;

    #[test]
    fn numbers_have_the_length_that_their_first_byte_says() {
        let packet = [
            250, 0xfc, 1, 2, 0xfd, 1, 2, 3, 0xfe, 1, 0, 0, 0, 0, 0, 0, 0x80,
        ];
        let mut reader = Reader::new(&packet);
        assert_eq!(reader.counted().unwrap(), 250);
        assert_eq!(reader.counted().unwrap(), 0x0201);
        assert_eq!(reader.counted().unwrap(), 0x03_0201);
        assert_eq!(reader.counted().unwrap(), 0x8000_0000_0000_0001);
        assert!(reader.is_empty());
    }

    #[test]
    fn a_length_beyond_the_packet_is_an_error_that_ends_the_session() {
        for packet in [
            &[5, 1, 2][..],
            &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xfc, 1],
            &[0xff],
            &[0xfb],
            &[],
        ] {
            let error = Reader::new(packet).counted_bytes().unwrap_err();
            assert_eq!(error.aftermath, Aftermath::SessionLost, "{packet:?}");
        }
    }

    #[test]
    fn a_text_ends_at_nul_or_with_the_packet() {
        let mut reader = Reader::new(b"abc\0de");
        assert_eq!(reader.terminated(), b"abc");
        assert_eq!(reader.terminated(), b"de");
        assert_eq!(reader.terminated(), b"");
    }
}
