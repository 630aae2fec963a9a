//! Findings by the update they are of.

use crate::domain::id::LocalId;
use crate::domain::lint::Finding;

/// Findings in one list, as there may be some of each of a hundred thousand updates.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// By update, ascending; of each the worst first.
    all: Vec<(LocalId, Finding)>,
}

impl Found {
    /// Puts findings in order. Of one update, those of equal weight stay as they stand.
    pub(super) fn new(mut all: Vec<(LocalId, Finding)>) -> Self {
        all.sort_by_key(|(update, finding)| (*update, std::cmp::Reverse(finding.weight())));
        all.shrink_to_fit();
        Self { all }
    }

    /// Returns what was found of an update, the worst first.
    pub(super) fn of(&self, update: LocalId) -> impl Iterator<Item = &Finding> {
        let start = self.all.partition_point(|(other, _)| *other < update);
        let some = self.all[start..].iter();
        some.take_while(move |(other, _)| *other == update)
            .map(|(_, finding)| finding)
    }

    /// Returns each update that something was found of, with the worst.
    pub(super) fn worst(&self) -> impl Iterator<Item = (LocalId, &Finding)> {
        let groups = self.all.chunk_by(|(one, _), (other, _)| one == other);
        groups.filter_map(|some| some.first().map(|(update, finding)| (*update, finding)))
    }

    /// Returns all of them, by update.
    pub(super) fn all(&self) -> impl Iterator<Item = (LocalId, &Finding)> {
        self.all.iter().map(|(update, finding)| (*update, finding))
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn those_of_an_update_stand_together_and_the_worst_is_first() {
        let id = |n: u128| LocalId::from(Ulid::from(n));
        let (past, alike) = (Finding::Past(Timestamp(1)), |n: u128| Finding::Alike(id(n)));
        let found = Found::new(vec![
            (id(3), alike(1)),
            (id(1), alike(3)),
            (id(3), past.clone()),
            (id(3), Finding::Empty),
        ]);
        let of = |n: u128| -> Vec<Finding> { found.of(id(n)).cloned().collect() };
        assert_eq!(of(1), [alike(3)]);
        assert_eq!(of(2), []);
        assert_eq!(of(3), [past.clone(), Finding::Empty, alike(1)]);
        assert_eq!(of(4), []);
        let worst: Vec<(LocalId, &Finding)> = found.worst().collect();
        assert_eq!(worst, [(id(1), &alike(3)), (id(3), &past)]);
        assert_eq!(found.all().count(), 4);
    }
}
