//! Which moves are sure to mean the same in both queues, so that nothing has to be merged.

use super::*;
use crate::domain::testing::{id, number};

fn ids(numbers: &[u128]) -> Vec<LocalId> {
    numbers.iter().map(|&n| id(n)).collect()
}

fn step(updates: &[u128], after: Option<u128>, before: Option<u128>) -> Move {
    Move {
        updates: ids(updates),
        place: Place {
            after: after.map(id),
            before: before.map(id),
        },
    }
}

fn numbers(queue: &Queue) -> Vec<u128> {
    order(queue).into_iter().map(number).collect()
}

/// What both queues are after a move, if it is sure to mean the same in both.
fn alike(base: &[u128], remote: &[u128], moved: &Move) -> Option<(Vec<u128>, Vec<u128>)> {
    let mut chain = Chain::new(&ids(base), &[], &ids(remote));
    let is_alike = chain.step_alike(moved);
    is_alike.then(|| (numbers(&chain.ours), numbers(&chain.theirs)))
}

#[test]
fn a_move_beside_what_others_left_alone_means_the_same_in_both() {
    let (base, remote) = ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 9, 5, 6]);
    for (moved, ours, theirs) in [
        (
            step(&[5], Some(1), Some(2)),
            [1, 5, 2, 3, 4, 6],
            [1, 5, 2, 3, 4, 9, 6],
        ),
        (
            step(&[2], Some(3), Some(4)),
            [1, 3, 2, 4, 5, 6],
            [1, 3, 2, 4, 9, 5, 6],
        ),
        (
            step(&[5], None, Some(1)),
            [5, 1, 2, 3, 4, 6],
            [5, 1, 2, 3, 4, 9, 6],
        ),
        (
            step(&[2], Some(6), None),
            [1, 3, 4, 5, 6, 2],
            [1, 3, 4, 9, 5, 6, 2],
        ),
        (
            step(&[5, 3], Some(1), Some(2)),
            [1, 5, 3, 2, 4, 6],
            [1, 5, 3, 2, 4, 9, 6],
        ),
    ] {
        let both = alike(&base, &remote, &moved);
        assert_eq!(both, Some((ours.to_vec(), theirs.to_vec())), "{moved:?}");
    }
}

#[test]
fn a_move_of_what_is_gone_there_changes_only_the_queue_it_is_in() {
    let moved = step(&[4], Some(1), Some(2));
    let both = alike(&[1, 2, 3, 4, 5], &[1, 2, 3, 5], &moved);
    assert_eq!(both, Some((vec![1, 4, 2, 3, 5], vec![1, 2, 3, 5])));
}

#[test]
fn a_move_that_may_mean_something_else_there_is_merged() {
    let all = [1, 2, 3, 4, 5];
    for (why, base, remote, moved) in [
        (
            "its anchor is gone",
            &all[..],
            &[1, 3, 4, 5][..],
            step(&[4], Some(2), Some(3)),
        ),
        (
            "what is below is gone",
            &all,
            &[1, 3, 4, 5],
            step(&[4], Some(1), Some(2)),
        ),
        (
            "what is at the top is gone",
            &all,
            &[2, 3, 4, 5],
            step(&[4], None, Some(1)),
        ),
        (
            "what is at the end is gone",
            &all,
            &[1, 2, 3, 4],
            step(&[2], Some(5), None),
        ),
        (
            "its anchor was moved",
            &all,
            &[2, 3, 4, 1, 5],
            step(&[5], Some(1), Some(2)),
        ),
        (
            "it stands there already",
            &all,
            &[1, 2, 9, 3, 4, 5],
            step(&[2], Some(1), Some(3)),
        ),
        (
            "one of two stands there",
            &all,
            &[1, 2, 9, 3, 4, 5],
            step(&[2, 5], Some(1), Some(3)),
        ),
        (
            "it is behind itself",
            &all,
            &[1, 2, 3, 4, 9, 5],
            step(&[1, 4], Some(1), Some(3)),
        ),
        (
            "nothing is below",
            &all,
            &[1, 2, 3, 4, 5, 9],
            step(&[2], Some(5), Some(8)),
        ),
        (
            "nothing else is there",
            &[1],
            &[1, 9],
            step(&[1], None, None),
        ),
    ] {
        assert_eq!(alike(base, remote, &moved), None, "{why}");
    }
}

#[test]
fn what_others_moved_is_known_again_after_a_merge() {
    let base = ids(&[1, 2, 3, 4, 5, 6]);
    let mut chain = Chain::new(&base, &[], &ids(&[2, 3, 4, 5, 6, 1]));
    assert!(chain.step_alike(&step(&[4], Some(2), Some(3))));
    assert!(!chain.step_alike(&step(&[5], Some(1), Some(2))));
    chain.step_merged(&[step(&[5], Some(1), Some(2))]);
    assert!(chain.margins.is_none());
    assert!(chain.step_alike(&step(&[6], Some(2), Some(4))));
}
