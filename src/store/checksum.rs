//! Checksums of rows. `SQLite` does not notice most flipped bits; a row that carries its own does.
//!
//! They are written to disk, so they must be the same in every release: CRC-32C for rows, CRC-64 to
//! tell one text from another.

use crc::{CRC_32_ISCSI, CRC_64_XZ, Crc, Digest, Table};

static ROW: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
static TEXT: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// The checksum of a row, fed column by column.
///
/// Type and length of each column are part of it, so that no byte can move from one to the next.
pub struct Checksum(Digest<'static, u32, Table<16>>);

impl std::fmt::Debug for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Checksum")
    }
}

impl Default for Checksum {
    fn default() -> Self {
        Self(ROW.digest())
    }
}

impl Checksum {
    /// Adds a text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.part(b't', text.as_bytes())
    }

    /// Adds bytes.
    #[must_use]
    pub fn blob(self, bytes: &[u8]) -> Self {
        self.part(b'b', bytes)
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, number: i64) -> Self {
        self.part(b'n', &number.to_le_bytes())
    }

    /// Adds a column that holds nothing.
    #[must_use]
    pub fn nothing(self) -> Self {
        self.part(b'0', &[])
    }

    /// Returns it as it is stored.
    pub fn finish(self) -> i64 {
        i64::from(self.0.finalize())
    }

    fn part(mut self, tag: u8, bytes: &[u8]) -> Self {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.update(&[tag]);
        self.0.update(&length.to_le_bytes());
        self.0.update(bytes);
        self
    }
}

/// Returns what tells a text from another, the same in every release.
pub fn fingerprint(text: &str) -> i64 {
    TEXT.checksum(text.as_bytes()).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::{Checksum, fingerprint};

    #[test]
    fn it_is_the_same_for_ever() {
        let row = Checksum::default()
            .text("a")
            .blob(&[1, 2])
            .number(-3)
            .nothing();
        assert_eq!(row.finish(), 2_135_667_573);
        assert_eq!(
            fingerprint("123456789").cast_unsigned(),
            0x995d_c9bb_df19_39fa
        );
    }

    #[test]
    fn columns_do_not_run_into_each_other() {
        let sum = |a: &str, b: &str| Checksum::default().text(a).text(b).finish();
        assert_ne!(sum("ab", "c"), sum("a", "bc"));
        assert_ne!(
            Checksum::default().text("a").finish(),
            Checksum::default().blob(b"a").finish()
        );
        assert_ne!(Checksum::default().nothing().finish(), sum("", ""));
    }
}
