//! Whatever is done to a queue, each of its rows is found where it stands, and no other is.

use fastrand::Rng;

use super::*;
use crate::domain::id::IdMap;
use crate::domain::operation::{Move, Place};
use crate::domain::queue::tests::plain_apply;
use crate::domain::queue::{Queue, by_time};
use crate::domain::testing::{cases, id};
use crate::domain::time::Timestamp;

/// A queue and what it should be.
struct Twin {
    queue: Queue,
    model: Vec<Row>,
    /// All ids that are or were or may be in it.
    ids: Vec<LocalId>,
    /// Of ten rows so many are fixed.
    fixed: u32,
    random: Rng,
}

/// What is done most for a while.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Grow,
    Shrink,
    Move,
    Mixed,
}

impl Twin {
    /// If the ids look `alike`, a table takes any for any other that lies near it.
    fn new(seed: u64, len: usize, alike: bool, fixed: u32) -> Self {
        let mut random = Rng::with_seed(seed);
        let ids = std::iter::repeat_with(|| id(random.u128(..)));
        let ids = ids.filter(|id| !alike || hash(*id) >> 57 == 0);
        let mut twin = Self {
            queue: Queue::default(),
            model: Vec::new(),
            ids: ids.take(2 * len + 2).collect(),
            fixed,
            random: Rng::with_seed(seed),
        };
        let rows: Vec<Row> = (0..len).map(|i| twin.row(twin.ids[i])).collect();
        twin.rearrange(rows);
        twin
    }

    fn any_id(&mut self) -> LocalId {
        self.ids[self.random.usize(..self.ids.len())]
    }

    /// One that is in the queue, if it is not empty; now and then another.
    fn any_row(&mut self) -> LocalId {
        let strange = self.random.u32(..16) == 0;
        let row = self.random.choice(&self.model).map(|row| row.update);
        row.filter(|_| !strange).unwrap_or_else(|| self.any_id())
    }

    fn any_time(&mut self) -> Timestamp {
        Timestamp(self.random.i64(..500))
    }

    fn row(&mut self, update: LocalId) -> Row {
        let fixed = self.random.u32(..10) < self.fixed;
        Row {
            update,
            due_at: fixed.then(|| self.any_time()),
            fixed,
        }
    }

    fn times(&mut self) -> Vec<Timestamp> {
        let count = self.random.usize(..=self.model.len() + 2);
        let mut times: Vec<_> = (0..count).map(|_| self.any_time()).collect();
        times.sort_unstable();
        times
    }

    fn rearrange(&mut self, mut rows: Vec<Row>) {
        let times = self.times();
        let movable = rows.iter().filter(|row| !row.fixed).map(|row| row.update);
        let fixed = rows.iter().filter(|row| row.fixed);
        let fixed = fixed.filter_map(|row| Some((row.update, row.due_at?)));
        self.queue.rearrange(movable, times.iter().copied(), fixed);
        rows.sort_by_key(|row| row.fixed);
        self.lay_out(rows, &times);
    }

    fn lay_out(&mut self, mut rows: Vec<Row>, times: &[Timestamp]) {
        let mut times = times.iter().copied();
        for row in rows.iter_mut().filter(|row| !row.fixed) {
            row.due_at = times.next();
        }
        rows.sort_by_key(by_time);
        self.model = rows;
    }

    fn arrange_again(&mut self) {
        let times = self.times();
        self.queue.arrange_again(times.iter().copied());
        let rows = std::mem::take(&mut self.model);
        self.lay_out(rows, &times);
    }

    /// Lays the queue out with some rows in another place, gone, new, or in the place of others.
    fn rearrange_some(&mut self) {
        let mut rows = self.model.clone();
        let changes = [0, 1, 3, rows.len()][self.random.usize(..4)];
        for _ in 0..changes.min(rows.len()) {
            let (a, b) = (
                self.random.usize(..rows.len()),
                self.random.usize(..rows.len()),
            );
            let other = self.any_id();
            let other = Some(other).filter(|id| rows.iter().all(|row| row.update != *id));
            match (self.random.u32(..12), other) {
                (0, _) if rows.len() > 1 => drop(rows.remove(a)),
                (1, Some(update)) => rows.insert(a, self.row(update)),
                (2..6, Some(update)) => rows[a].update = update,
                _ => {
                    let kept = rows[a].update;
                    rows[a].update = std::mem::replace(&mut rows[b].update, kept);
                }
            }
        }
        self.rearrange(rows);
    }

    fn insert(&mut self) {
        let i = match self.random.u32(..4) {
            0 => usize::MAX,
            _ => self.random.usize(..=self.model.len()),
        };
        let update = self.any_id();
        let row = self.row(update);
        self.queue.insert(i, row);
        if self.model.iter().all(|row| row.update != update) {
            self.model.insert(i.min(self.model.len()), row);
        }
    }

    fn remove(&mut self) {
        let update = self.any_row();
        let i = self.model.iter().position(|row| row.update == update);
        let row = i.map(|i| self.model.remove(i));
        assert_eq!(self.queue.remove(update), row);
    }

    fn fix(&mut self) {
        let (update, at) = (self.any_row(), self.any_time());
        let at = Some(at).filter(|_| self.random.u32(..10) < self.fixed);
        self.queue.fix(update, at);
        for row in self.model.iter_mut().filter(|row| row.update == update) {
            (row.fixed, row.due_at) = (at.is_some(), at);
        }
    }

    fn apply(&mut self) {
        let count = [1, 1, 1, 2, 5, 40][self.random.usize(..6)];
        let updates = (0..count).map(|_| self.any_row()).collect();
        let near = self.any_row();
        let at = self.model.iter().position(|row| row.update == near);
        let beside = at.and_then(|at| self.model.get(at + 1));
        let place = match (self.random.u32(..6), beside) {
            (0, _) => (None, Some(near)),
            (1, _) => (Some(near), None),
            (_, beside) => (Some(near), beside.map(|row| row.update)),
        };
        let (after, before) = place;
        self.carry(&Move {
            updates,
            place: Place { after, before },
        });
    }

    fn carry(&mut self, moved: &Move) {
        let order = plain_apply(&self.queue, moved);
        self.queue.apply(moved);
        let movable = self.model.iter_mut().filter(|row| !row.fixed);
        for (row, update) in movable.zip(order) {
            row.update = update;
        }
    }

    fn do_something(&mut self, mood: Mood) {
        let chance = self.random.u32(..100);
        match (mood, chance) {
            (_, 0..2) => self.arrange_again(),
            (_, 2..4) | (Mood::Mixed, 54..70) => self.rearrange_some(),
            (_, 4..6) => self.fix(),
            (Mood::Grow, 6..90) | (Mood::Mixed, 6..30) => self.insert(),
            (Mood::Shrink, 6..98) | (Mood::Mixed, 30..54) => self.remove(),
            _ => self.apply(),
        }
    }

    fn check(&mut self) {
        assert_eq!(self.queue.rows(), self.model);
        let (count, drift) = self.queue.hints.size();
        assert_eq!(count, self.model.len());
        assert!(drift <= MOST_DRIFT, "{drift}");
        let model = self.model.iter().enumerate();
        let places: IdMap<_, _> = model.map(|(i, row)| (row.update, i)).collect();
        for update in &self.ids {
            let place = places.get(update).copied();
            let near = self.random.usize(..=self.model.len());
            assert_eq!(self.queue.find(*update), place);
            assert_eq!(self.queue.position(*update, near), place);
            assert_eq!(self.queue.contains(*update), place.is_some());
        }
    }
}

#[test]
fn each_row_is_found_where_it_stands_whatever_was_done() {
    let (sizes, fixed) = ([0, 1, 3, 8, 20, 60, 130, 200], [0, 1, 5, 9]);
    let moods = [Mood::Grow, Mood::Move, Mood::Mixed, Mood::Shrink];
    for seed in 0..u64::from(cases().cases / 16) {
        let mut random = Rng::with_seed(seed);
        let len = sizes[usize::try_from(seed).unwrap() % sizes.len()];
        let mut twin = Twin::new(seed, len, random.bool(), fixed[random.usize(..4)]);
        twin.check();
        for _ in 0..8 {
            let mood = moods[twin.random.usize(..moods.len())];
            for _ in 0..40 {
                twin.do_something(mood);
                twin.check();
            }
        }
        while !twin.model.is_empty() {
            twin.remove();
            twin.check();
        }
        twin.insert();
        twin.check();
    }
}

#[test]
fn the_table_grows_with_the_queue_and_keeps_its_size_when_as_many_come_as_go() {
    let mut twin = Twin::new(7, 400, false, 1);
    while twin.model.len() > 1 {
        twin.remove();
    }
    twin.queue.hints.table = HashTable::with_capacity(1);
    twin.queue.hints.note(&twin.model);
    let (mut full, mut size) = (0, twin.queue.hints.table.capacity());
    while twin.model.len() < 500 {
        twin.insert();
        twin.check();
        let capacity = twin.queue.hints.table.capacity();
        full += u32::from(capacity > size + 1);
        size = capacity;
    }
    assert!((5..20).contains(&full), "{full}");
    let before = twin.queue.hints.table.num_buckets();
    for _ in 0..600 {
        twin.remove();
        twin.insert();
    }
    twin.check();
    assert!(twin.queue.hints.table.num_buckets() <= 2 * before);
}

#[test]
fn long_moves_let_the_hints_drift_until_all_are_put_right_and_short_ones_do_not() {
    let mut twin = Twin::new(1, 300, false, 0);
    for step in 1..200 {
        let last = twin.model[twin.model.len() - 1].update;
        let moved = twin.queue.moved_to_top(&[last]).unwrap();
        twin.carry(&moved);
        twin.check();
        assert_eq!(twin.queue.hints.drift, step % (MOST_DRIFT + 1));
    }
    let before = twin.queue.hints.drift;
    for _ in 0..100 {
        let second = twin.model[1].update;
        let moved = twin.queue.moved_by(&[second], 1).unwrap();
        twin.carry(&moved);
        twin.check();
    }
    assert!([before, 0].contains(&twin.queue.hints.drift));
}

#[test]
fn a_row_is_not_given_the_hint_of_another_that_looks_alike() {
    // In a table that is all but full many stand where others are looked for first.
    let mut twin = Twin::new(3, 224, true, 0);
    let mut drift = 0;
    for _ in 0..400 {
        // Up the hints of all it passes go too low, and some of them are off by all of the drift.
        let i = twin.random.usize(120..224);
        let update = twin.model[i].update;
        let moved = twin.queue.moved_to_top(&[update]).unwrap();
        twin.carry(&moved);
        twin.check();
        drift = drift.max(twin.queue.hints.drift);
    }
    assert!(drift > 5, "{drift}");
}
