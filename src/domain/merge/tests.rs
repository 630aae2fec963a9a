//! Cases of merged orders that were got wrong once, or are easy to get wrong.

use super::*;
use crate::domain::testing::{id, number};

fn merged(base: &[u32], local: &[u32], remote: &[u32]) -> Vec<u32> {
    merge3(base, local, remote, None).order
}

fn ids(numbers: &[u128]) -> Vec<LocalId> {
    numbers.iter().map(|&n| id(n)).collect()
}

fn moves_of(moves: &[Move]) -> Vec<(Vec<u128>, Option<u128>, Option<u128>)> {
    let of = |m: &Move| {
        let updates = m.updates.iter().map(|&id| number(id)).collect();
        (
            updates,
            m.place.after.map(number),
            m.place.before.map(number),
        )
    };
    moves.iter().map(of).collect()
}

fn step(update: u128, after: Option<u128>, before: Option<u128>) -> Move {
    Move {
        updates: vec![id(update)],
        place: Place {
            after: after.map(id),
            before: before.map(id),
        },
    }
}

#[test]
fn what_was_created_here_is_still_movable_when_the_server_has_it() {
    let base: Vec<u32> = (0..12).collect();
    let local = [7, 1001, 8, 1, 5, 6, 9, 2, 11, 10, 0, 4, 3, 1000];
    let remote = [1002, 0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 8];
    let first = merged(&base, &local, &remote);
    assert_eq!(merged(&base, &local, &first), first);
    assert_eq!(merged(&remote, &first, &remote), first);
}

#[test]
fn each_sides_moves_are_kept() {
    assert_eq!(
        merged(&[1, 2, 3, 4, 5], &[5, 1, 2, 3, 4], &[1, 3, 4, 5, 2]),
        [5, 1, 3, 4, 2]
    );
}

#[test]
fn the_top_and_the_end_are_places_of_their_own() {
    assert_eq!(
        merged(&[1, 2, 3, 4], &[3, 1, 2, 4], &[9, 1, 2, 3, 4]),
        [3, 9, 1, 2, 4]
    );
    assert_eq!(
        merged(&[1, 2, 3, 4], &[1, 3, 4, 2], &[1, 2, 3, 4, 9]),
        [1, 3, 4, 9, 2]
    );
}

#[test]
fn a_neighbour_that_was_moved_away_does_not_take_others_along() {
    // Here 4 was put between 1 and 2; there 1 went to the end.
    assert_eq!(
        merged(&[1, 2, 3, 4, 5], &[1, 4, 2, 3, 5], &[2, 3, 4, 5, 1]),
        [4, 2, 3, 5, 1]
    );
}

#[test]
fn what_both_moved_stands_where_it_was_put_here_and_is_counted() {
    let base = [1, 2, 3, 4, 5, 6];
    let here = merge3(&base, &[6, 1, 2, 3, 4, 5], &[1, 2, 6, 3, 4, 5], None);
    assert_eq!((here.order, here.overruled), (vec![6, 1, 2, 3, 4, 5], 1));
    let alike = merge3(&base, &[6, 1, 2, 3, 4, 5], &[6, 1, 2, 3, 4, 5], None);
    assert_eq!(alike.overruled, 0);
    let apart = merge3(&base, &[6, 1, 2, 3, 4, 5], &[2, 1, 3, 4, 5, 6], None);
    assert_eq!((apart.order, apart.overruled), (vec![6, 2, 1, 3, 4, 5], 0));
}

#[test]
fn what_is_new_there_is_not_counted_among_what_others_moved() {
    let here = merge3(&[1, 2], &[2, 1], &[2, 9, 1], None);
    assert_eq!((here.order, here.overruled), (vec![2, 9, 1], 0));
}

#[test]
fn of_two_that_changed_places_the_touched_one_moved() {
    let touched: IdSet<u32> = [1].into_iter().collect();
    let merge = |touched| merge3(&[1, 2, 3], &[2, 1, 3], &[1, 9, 2, 3], touched).order;
    assert_eq!(merge(Some(&touched)), [9, 2, 1, 3]);
    let touched: IdSet<u32> = [2].into_iter().collect();
    assert_eq!(merge(Some(&touched)), [2, 1, 9, 3]);
}

#[test]
fn a_window_of_orders_that_do_not_match_is_all_that_is_wanted() {
    assert_eq!(window(&[1, 2, 3], &[1, 2, 3]), None);
    assert_eq!(window(&[1, 2, 3, 4], &[1, 3, 2, 4]), Some(1..3));
    assert_eq!(window(&[1, 2, 3], &[1, 3]), Some(0..2));
    assert_eq!(window(&[1, 2, 3], &[]), None);
}

#[test]
fn moves_between_keep_together_what_stands_together() {
    let moves = moves_between(&ids(&[1, 2, 3, 4, 5]), &ids(&[4, 5, 1, 2, 3]));
    assert_eq!(moves_of(&moves), [(vec![4, 5], None, Some(1))]);
    let moves = moves_between(&ids(&[1, 2, 3]), &ids(&[3, 9, 1]));
    assert_eq!(moves_of(&moves), [(vec![3], None, Some(1))]);
    assert_eq!(moves_between(&ids(&[1, 2]), &ids(&[1, 2])), []);
}

#[test]
fn a_reorder_whose_neighbour_went_out_is_anchored_anew() {
    // 4 was put behind 2, which went out: it belongs behind 1 now, before what is new.
    let own = [vec![step(4, Some(2), Some(3))]];
    let carried = rebase(&ids(&[1, 2, 3, 4]), &own, 0, &ids(&[1, 9, 3, 4]));
    let moves = carried[0].as_deref().map(moves_of);
    assert_eq!(moves, Some(vec![(vec![4], Some(1), Some(9))]));
    // Its neighbours are there: it stays as it is.
    assert_eq!(
        rebase(&ids(&[1, 2, 3, 4]), &own, 0, &ids(&[2, 9, 3, 4])),
        [None]
    );
}

#[test]
fn a_reorder_whose_neighbour_was_moved_away_keeps_to_the_other() {
    let own = [vec![step(5, Some(1), Some(2))]];
    let carried = rebase(&ids(&[1, 2, 3, 4, 5]), &own, 0, &ids(&[2, 3, 4, 1, 5]));
    let moves = carried[0].as_deref().map(moves_of);
    assert_eq!(moves, Some(vec![(vec![5], None, Some(2))]));
}

#[test]
fn a_reorder_beside_what_was_created_here_holds_when_that_arrives() {
    let own = [
        vec![step(1, Some(8), None)],
        vec![step(2, Some(8), Some(1))],
    ];
    assert_eq!(
        rebase(&ids(&[1, 2, 3]), &own, 0, &ids(&[1, 2, 3, 8])),
        [None, None]
    );
}
