//! Which members of a list may stay when it is put into another order: those of a heaviest
//! increasing subsequence, found with a Fenwick tree in `O(n log n)`.

/// The greatest value seen among all keys below one, for keys `0..n`.
#[derive(Debug)]
pub(super) struct Highest<T> {
    tree: Vec<T>,
}

impl<T: Copy + Ord + Default> Highest<T> {
    /// Makes one for the keys `0..keys`, each with the least value.
    pub(super) fn new(keys: usize) -> Self {
        Self {
            tree: vec![T::default(); keys + 1],
        }
    }

    /// Returns the greatest value of the keys below `key`.
    pub(super) fn below(&self, key: usize) -> T {
        let mut node = key.min(self.tree.len() - 1);
        let mut best = T::default();
        while node > 0 {
            best = best.max(self.tree[node]);
            node &= node - 1;
        }
        best
    }

    /// Raises the value of `key` to at least `value`.
    pub(super) fn raise(&mut self, key: usize, value: T) {
        let mut node = key + 1;
        while node < self.tree.len() {
            self.tree[node] = self.tree[node].max(value);
            node += node & node.wrapping_neg();
        }
    }
}

/// Says for each of `ranks` (each below `limit`, no two alike) whether it belongs to one increasing
/// subsequence of the greatest weight. The same input always gives the same one.
pub(super) fn heaviest(ranks: &[u32], limit: usize, weight: impl Fn(usize) -> u64) -> Vec<bool> {
    let mut kept = vec![false; ranks.len()];
    // The weight of the best one that ends at a rank, and (plus one) where its end stands.
    let mut ends: Highest<(u64, u32)> = Highest::new(limit);
    let mut before: Vec<u32> = Vec::with_capacity(ranks.len());
    let mut at = 0_u32;
    for (i, &rank) in ranks.iter().enumerate() {
        at += 1;
        let (sum, end) = ends.below(rank as usize);
        before.push(end);
        ends.raise(rank as usize, (sum.saturating_add(weight(i)), at));
    }
    let mut end = ends.below(limit).1;
    while let Some(i) = (end as usize).checked_sub(1) {
        kept[i] = true;
        end = before[i];
    }
    kept
}
