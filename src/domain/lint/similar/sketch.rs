//! What of a set of trigrams is compared first: 512 bits.

/// The parities of a set of trigrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sketch([u64; 8]);

impl Sketch {
    pub(super) fn of(trigrams: &[u64]) -> Self {
        let mut bits = [0; 8];
        for trigram in trigrams {
            let spread = trigram.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let bit = (spread ^ spread >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 55;
            let word = (bit >> 6) as usize;
            bits[word] ^= 1 << (bit & 63);
        }
        Self(bits)
    }

    /// Says whether the sketches leave it open that two sets of these sizes are similar.
    pub(super) fn may_be_like(&self, other: &Self, sizes: (u32, u32)) -> bool {
        may_be_like(sizes.0, sizes.1) && self.apart(other) <= (sizes.0 + sizes.1) / 19
    }

    /// Returns in how many bits two sketches differ.
    pub(super) fn apart(&self, other: &Self) -> u32 {
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// Returns in how many bits the sketch of any similar set may differ from that of one of a size.
    pub(super) fn most_apart(size: u32) -> u32 {
        size.saturating_add(size / 9 + 1).saturating_add(size) / 19
    }

    /// Returns one of so many pieces, mixed.
    pub(super) fn piece(&self, pieces: usize, piece: usize) -> u64 {
        let mixed = |mix: u64, word: &u64| (mix.rotate_left(23) ^ word).wrapping_mul(MIX);
        if pieces <= 8 {
            let words = 8 / pieces;
            return self.0[piece * words..(piece + 1) * words]
                .iter()
                .fold(0, mixed);
        }
        let per_word = pieces / 8;
        let bits = 64 / per_word;
        let word = self.0[piece / per_word] >> (piece % per_word * bits);
        mixed(0, &(word & ((1 << bits) - 1)))
    }
}

pub(super) const MIX: u64 = 0xf135_7aea_2e62_a9c5;

/// Says whether the sizes alone leave it open that two sets are similar.
pub(super) fn may_be_like(one: u32, other: u32) -> bool {
    let (less, more) = (one.min(other), one.max(other));
    less > 0 && u64::from(less) * 10 >= u64::from(more) * 9
}
