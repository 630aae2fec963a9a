//! Laws of a queue, and the moves a person makes, spelled as letters: `a b [c] d` has `c` fixed.

use proptest::prelude::*;

use super::*;
use crate::domain::testing::{cases, id, number};

/// Makes a queue of `n` rows of which those in `fixed` are fixed; row `i` is update `i + 1`, due at
/// `10 * i`.
fn queue(n: usize, fixed: &[usize]) -> Queue {
    let at = |i: usize| Timestamp(10 * i64::try_from(i).unwrap());
    let of = |i: usize| id(i as u128 + 1);
    let movable: Vec<usize> = (0..n).filter(|i| !fixed.contains(i)).collect();
    Queue::arrange(
        movable.iter().map(|&i| of(i)),
        movable.iter().map(|&i| at(i)),
        (0..n).filter(|i| fixed.contains(i)).map(|i| (of(i), at(i))),
    )
}

fn order(queue: &Queue) -> Vec<u128> {
    queue.rows().iter().map(|row| number(row.update)).collect()
}

fn ids(numbers: &[u128]) -> Vec<LocalId> {
    numbers.iter().map(|&n| id(n)).collect()
}

fn place(after: Option<u128>, before: Option<u128>) -> Place {
    Place {
        after: after.map(id),
        before: before.map(id),
    }
}

/// What `apply` means, said as plainly as it can be: take the block out, put it in.
pub(super) fn plain_apply(queue: &Queue, moved: &Move) -> Vec<LocalId> {
    let movable: Vec<LocalId> = queue.movable().collect();
    let mut block: Vec<LocalId> = Vec::new();
    for update in &moved.updates {
        if movable.contains(update) && !block.contains(update) {
            block.push(*update);
        }
    }
    let mut rest: Vec<LocalId> = movable
        .iter()
        .copied()
        .filter(|update| !block.contains(update))
        .collect();
    let above = |anchor: LocalId| {
        let row = queue.rows().iter().position(|row| row.update == anchor)?;
        let places = queue.rows()[..row].iter().filter(|row| !row.fixed).count();
        (queue.rows()[row].fixed).then_some(places)
    };
    let after = |anchor: LocalId| {
        let movable = rest.iter().position(|&update| update == anchor);
        movable.map(|i| i + 1).or_else(|| above(anchor))
    };
    let before = |anchor: LocalId| {
        let movable = rest.iter().position(|&update| update == anchor);
        movable.or_else(|| above(anchor).map(|places| places.saturating_sub(block.len())))
    };
    let gap = match (moved.place.after, moved.place.before) {
        (None, _) => Some(0),
        (_, None) => Some(rest.len()),
        (Some(a), Some(b)) => after(a).or_else(|| before(b)),
    };
    let Some(gap) = gap else {
        return movable;
    };
    let gap = gap.min(rest.len());
    rest.splice(gap..gap, block);
    rest
}

#[test]
fn a_row_moves_one_step_and_its_time_stays_with_the_place() {
    let mut queue = queue(4, &[]);
    let due: Vec<_> = queue.rows().iter().map(|row| row.due_at).collect();
    let moved = queue.moved_by(&ids(&[2]), 1).unwrap();
    assert_eq!(moved.place, place(Some(3), Some(4)));
    queue.apply(&moved);
    assert_eq!(order(&queue), [1, 3, 2, 4]);
    let after: Vec<_> = queue.rows().iter().map(|row| row.due_at).collect();
    assert_eq!(due, after);
}

#[test]
fn a_step_passes_over_a_fixed_row() {
    let mut queue = queue(4, &[1]);
    let moved = queue.moved_by(&ids(&[1]), 1).unwrap();
    queue.apply(&moved);
    assert_eq!(order(&queue), [3, 2, 1, 4]);
}

#[test]
fn at_the_ends_there_is_no_move() {
    let queue = queue(3, &[]);
    assert_eq!(queue.moved_by(&ids(&[1]), -1), None);
    assert_eq!(queue.moved_by(&ids(&[3]), 1), None);
    assert_eq!(queue.moved_to_top(&ids(&[1])), None);
    assert_eq!(queue.moved_to_bottom(&ids(&[2, 3])), None);
    assert_eq!(queue.moved_by(&ids(&[9]), 1), None);
    assert_eq!(queue.moved_by(&[], 1), None);
}

#[test]
fn the_top_and_the_end_are_meant_as_such() {
    let queue = queue(5, &[]);
    let top = queue.moved_to_top(&ids(&[4, 2])).unwrap();
    assert_eq!(
        (&top.updates, top.place),
        (&ids(&[2, 4]), place(None, Some(1)))
    );
    let end = queue.moved_to_bottom(&ids(&[4, 2])).unwrap();
    assert_eq!(
        (&end.updates, end.place),
        (&ids(&[2, 4]), place(Some(5), None))
    );
}

#[test]
fn marked_rows_that_are_apart_gather_when_moved() {
    let mut queue = queue(6, &[]);
    let moved = queue.moved_by(&ids(&[2, 4]), 1).unwrap();
    queue.apply(&moved);
    assert_eq!(order(&queue), [1, 3, 5, 2, 4, 6]);
}

#[test]
fn a_block_dropped_before_a_fixed_row_ends_right_above_it() {
    let mut queue = queue(6, &[2]);
    let moved = queue.moved_before(&ids(&[5, 6]), 2).unwrap();
    queue.apply(&moved);
    assert_eq!(order(&queue), [5, 6, 3, 1, 2, 4]);
}

#[test]
fn a_block_dropped_after_a_fixed_row_begins_right_below_it() {
    let mut queue = queue(6, &[3]);
    let moved = queue.moved_after(&ids(&[1, 2]), 3).unwrap();
    queue.apply(&moved);
    assert_eq!(order(&queue), [3, 5, 6, 4, 1, 2]);
}

#[test]
fn a_move_whose_neighbours_are_gone_changes_nothing() {
    let mut queue = queue(4, &[]);
    queue.apply(&Move {
        updates: ids(&[2]),
        place: place(Some(77), Some(78)),
    });
    assert_eq!(order(&queue), [1, 2, 3, 4]);
    queue.apply(&Move {
        updates: ids(&[2]),
        place: place(Some(77), Some(1)),
    });
    assert_eq!(order(&queue), [2, 1, 3, 4]);
}

#[test]
fn a_shuffle_is_told_by_its_seed_and_keeps_to_its_span() {
    let queue = queue(12, &[3]);
    let moved = queue.shuffled(1..8, 7).unwrap();
    assert_eq!(Some(&moved), queue.shuffled(1..8, 7).as_ref());
    assert_ne!(Some(&moved), queue.shuffled(1..8, 8).as_ref());
    let mut shuffled = queue.clone();
    shuffled.apply(&moved);
    assert_ne!(shuffled, queue);
    for i in [0, 3, 8, 9, 10, 11] {
        assert_eq!(shuffled.rows()[i], queue.rows()[i]);
    }
    assert_eq!(queue.shuffled(3..5, 7), None);
    assert_eq!(queue.shuffled(40..50, 7), None);
}

#[test]
fn rows_without_a_time_come_last_in_their_order() {
    let queue = Queue::arrange(
        [id(1), id(2), id(3)],
        [Timestamp(5)].into_iter(),
        [(id(9), Timestamp(7)), (id(8), Timestamp(5))],
    );
    assert_eq!(order(&queue), [1, 8, 9, 2, 3]);
}

fn any_queue() -> impl Strategy<Value = Queue> {
    (0_usize..14, proptest::collection::vec(0_usize..14, 0..5))
        .prop_map(|(n, fixed)| queue(n, &fixed))
}

fn any_move() -> impl Strategy<Value = Move> {
    let anchor = || proptest::option::weighted(0.8, (1_u128..16).prop_map(id));
    let updates = proptest::collection::vec((1_u128..16).prop_map(id), 0..5);
    (updates, anchor(), anchor()).prop_map(|(updates, after, before)| Move {
        updates,
        place: Place { after, before },
    })
}

#[test]
fn the_last_one_is_found_also_after_most_before_it_were_taken_out() {
    let mut queue = queue(9, &[]);
    for number in 1..=8 {
        assert!(queue.remove(id(number)).is_some(), "{number}");
        assert_eq!(queue.find(id(9)), Some(queue.rows().len() - 1));
    }
    assert!(queue.remove(id(9)).is_some());
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_queue_laid_out_anew_is_as_one_that_never_was_another(
        steps in prop::collection::vec((0..9_usize, prop::collection::vec(0..9_usize, 0..3), 0..9_u128, 0..80_u32), 1..6),
    ) {
        let mut queue = Queue::default();
        for (n, fixed, first, moves) in steps {
            let anew = self::queue(n, &fixed);
            let of = |row: &Row| id((number(row.update) - 1 + first) % 9 + 1);
            let rows = anew.rows();
            let movable: Vec<&Row> = rows.iter().filter(|row| !row.fixed).collect();
            let fixed = rows.iter().filter(|row| row.fixed);
            let times = movable.iter().filter_map(|row| row.due_at);
            let fixed: Vec<_> = fixed.filter_map(|row| Some((of(row), row.due_at?))).collect();
            queue.rearrange(movable.iter().map(|row| of(row)), times.clone(), fixed.clone());
            let anew = Queue::arrange(movable.iter().map(|row| of(row)), times, fixed);
            prop_assert_eq!(&queue, &anew);
            for at in 1..=9 {
                prop_assert_eq!(queue.contains(id(at)), anew.contains(id(at)));
                prop_assert_eq!(queue.find(id(at)), anew.find(id(at)));
            }
            for _ in 0..moves {
                if let Some(moved) = queue.moved_by(&[id(first % 9 + 1)], 1) {
                    queue.apply(&moved);
                }
            }
        }
    }

    #[test]
    fn apply_is_take_out_and_put_in(mut queue in any_queue(), moves in proptest::collection::vec(any_move(), 1..6)) {
        for moved in moves {
            let times: Vec<_> = queue.rows().iter().map(|row| (row.due_at, row.fixed)).collect();
            let want = plain_apply(&queue, &moved);
            queue.apply(&moved);
            prop_assert_eq!(queue.movable().collect::<Vec<_>>(), want);
            let after: Vec<_> = queue.rows().iter().map(|row| (row.due_at, row.fixed)).collect();
            prop_assert_eq!(times, after);
            for (i, row) in queue.rows().iter().enumerate() {
                prop_assert_eq!(queue.find(row.update), Some(i));
                prop_assert_eq!(queue.position(row.update, 3), Some(i));
            }
        }
    }

    #[test]
    fn the_inverse_puts_everything_back(queue in any_queue(), moved in any_move()) {
        let mut changed = queue.clone();
        let back = queue.inverse(&moved);
        changed.apply(&moved);
        for moved in &back {
            changed.apply(moved);
        }
        prop_assert_eq!(changed, queue);
    }

    #[test]
    fn a_step_and_a_step_back_of_one_row_change_nothing(queue in any_queue(), n in 1_u128..14, delta in -5_isize..5) {
        let mut changed = queue.clone();
        if let Some(moved) = queue.moved_by(&[id(n)], delta) {
            let at = queue.find(id(n)).unwrap();
            let place = queue.place_of(id(n), at).unwrap();
            changed.apply(&moved);
            prop_assert_ne!(&changed, &queue);
            changed.apply(&Move { updates: vec![id(n)], place });
        }
        prop_assert_eq!(changed, queue);
    }

    #[test]
    fn a_step_goes_exactly_that_many_movable_rows_or_to_the_end(
        queue in any_queue(), from in 0_usize..8, len in 1_usize..4, delta in -5_isize..5,
    ) {
        let movable: Vec<LocalId> = queue.movable().collect();
        let block: Vec<LocalId> = movable.iter().copied().skip(from).take(len).collect();
        prop_assume!(!block.is_empty());
        let mut changed = queue.clone();
        if let Some(moved) = queue.moved_by(&block, delta) {
            changed.apply(&moved);
        }
        let last = isize::try_from(movable.len() - block.len()).unwrap();
        let want = (isize::try_from(from).unwrap() + delta).clamp(0, last).unsigned_abs();
        let after: Vec<LocalId> = changed.movable().collect();
        prop_assert_eq!(&after[want..want + block.len()], &block[..]);
    }

    #[test]
    fn a_block_lands_beside_the_row_it_is_dropped_at(
        queue in any_queue(), numbers in proptest::collection::vec(1_u128..14, 1..4), i in 0_usize..14, before: bool,
    ) {
        prop_assume!(i < queue.rows().len());
        let block: Vec<LocalId> = queue.movable().filter(|&u| numbers.contains(&number(u))).collect();
        prop_assume!(!block.is_empty());
        let target = queue.rows()[i];
        prop_assume!(!block.contains(&target.update));
        let moved = if before { queue.moved_before(&block, i) } else { queue.moved_after(&block, i) };
        let mut changed = queue.clone();
        if let Some(moved) = moved {
            changed.apply(&moved);
            prop_assert_ne!(&changed, &queue);
        }
        let at = changed.find(target.update).unwrap();
        let rows = changed.rows();
        let beside: Vec<LocalId> = if before {
            rows[..at].iter().filter(|r| !r.fixed).map(|r| r.update).collect()
        } else {
            rows[at..].iter().skip(1).filter(|r| !r.fixed).map(|r| r.update).collect()
        };
        if beside.len() >= block.len() {
            let beside = if before { &beside[beside.len() - block.len()..] } else { &beside[..block.len()] };
            prop_assert_eq!(beside, &block[..]);
        } else {
            // Only a fixed row can be too near the end for the block.
            prop_assert!(target.fixed);
        }
    }

    #[test]
    fn a_shuffle_loses_nothing(queue in any_queue(), a in 0_usize..14, b in 0_usize..14, seed: u64) {
        let span = a.min(b)..a.max(b);
        let mut changed = queue.clone();
        if let Some(moved) = queue.shuffled(span.clone(), seed) {
            changed.apply(&moved);
        }
        let (mut old, mut new) = (order(&queue), order(&changed));
        for i in (0..old.len()).filter(|i| !span.contains(i)) {
            prop_assert_eq!(old[i], new[i]);
        }
        old.sort_unstable();
        new.sort_unstable();
        prop_assert_eq!(old, new);
    }
}
