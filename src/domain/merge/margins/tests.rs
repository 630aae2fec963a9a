use proptest::prelude::*;

use super::*;
use crate::domain::testing::{cases, id};

fn ids(numbers: &[u128]) -> Vec<LocalId> {
    numbers.iter().map(|&n| id(n)).collect()
}

fn place(order: &[LocalId], of: LocalId) -> usize {
    let place = order.iter().position(|&other| other == of);
    place.expect("in both orders")
}

/// The margins as they are defined: every subsequence that two short orders share is tried.
fn by_hand(ours: &[LocalId], theirs: &[LocalId]) -> IdMap<LocalId, usize> {
    let common: Vec<LocalId> = theirs
        .iter()
        .copied()
        .filter(|u| ours.contains(u))
        .collect();
    let cross = |a: LocalId, b: LocalId| {
        (place(ours, a) < place(ours, b)) != (place(theirs, a) < place(theirs, b))
    };
    let shared: Vec<Vec<LocalId>> = (0_u32..1 << common.len())
        .map(|set| {
            let members = common.iter().enumerate();
            let members = members.filter(|(i, _)| set >> i & 1 == 1);
            members.map(|(_, &update)| update).collect::<Vec<_>>()
        })
        .filter(|list| list.is_sorted_by_key(|&update| place(ours, update)))
        .collect();
    let longest = shared.iter().map(Vec::len).max().unwrap_or(0);
    let margin = |update: LocalId| {
        let without = shared
            .iter()
            .filter(|list| list.iter().any(|&other| cross(update, other)));
        match without.map(Vec::len).max() {
            Some(length) => longest - length,
            None => SURE,
        }
    };
    common.iter().map(|&u| (u, margin(u))).collect()
}

/// Puts an update directly behind another; none: to the top.
fn carry(order: &mut Vec<LocalId>, update: LocalId, anchor: Option<LocalId>) {
    order.retain(|&other| other != update);
    let at = anchor.map_or(0, |anchor| place(order, anchor) + 1);
    order.insert(at, update);
}

fn order_of_some() -> impl Strategy<Value = Vec<LocalId>> {
    (
        Just((1..=7).map(id).collect::<Vec<_>>()).prop_shuffle(),
        3..=7_usize,
    )
        .prop_map(|(all, some)| all.into_iter().take(some).collect())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn margins_are_what_they_are_said_to_be(ours in order_of_some(), theirs in order_of_some()) {
        prop_assert_eq!(Margins::between(&ours, &theirs).of, by_hand(&ours, &theirs));
    }

    #[test]
    fn what_is_called_left_was_left_however_many_moves_were_followed(
        ours in Just((1..=7).map(id).collect::<Vec<_>>()).prop_shuffle(),
        theirs in Just((1..=7).map(id).collect::<Vec<_>>()).prop_shuffle(),
        moves in proptest::collection::vec((1..=7_u128, 0..=7_u128), 0..4),
        next in 1..=7_u128,
    ) {
        let (mut ours, mut theirs) = (ours, theirs);
        let mut margins = Margins::between(&ours, &theirs);
        for (update, anchor) in moves {
            let anchor = (anchor > 0).then(|| id(anchor));
            if anchor != Some(id(update)) {
                carry(&mut ours, id(update), anchor);
                carry(&mut theirs, id(update), anchor);
                margins.follow(&[id(update)], anchor);
            }
        }
        ours.retain(|&update| update != id(next));
        theirs.retain(|&update| update != id(next));
        let now = by_hand(&ours, &theirs);
        for (update, margin) in now {
            if margins.is_left(update, &[id(next)]) == Some(true) {
                prop_assert!(margin > 0, "{update:?} in {ours:?} and {theirs:?}");
            }
        }
    }
}

/// Others moved 1 behind all, and left the five others: each of those is sure by four.
fn one_moved() -> Margins {
    Margins::between(&ids(&[1, 2, 3, 4, 5, 6]), &ids(&[2, 3, 4, 5, 6, 1]))
}

#[test]
fn orders_that_agree_leave_everything_where_it_was() {
    let margins = Margins::between(&ids(&[1, 2, 3]), &ids(&[1, 9, 2, 3]));
    assert_eq!(margins.is_left(id(2), &ids(&[1, 3])), Some(true));
    assert_eq!(
        margins.is_left(id(9), &[]),
        Some(false),
        "it is in one only"
    );
}

#[test]
fn a_margin_lasts_for_half_as_many_moves() {
    let mut margins = one_moved();
    assert_eq!(margins.is_left(id(1), &[]), Some(false));
    assert_eq!(margins.is_left(id(2), &[]), Some(true));
    assert_eq!(margins.is_left(id(2), &ids(&[3])), Some(true));
    assert_eq!(margins.is_left(id(2), &ids(&[3, 4])), Some(false));
    margins.follow(&ids(&[5]), Some(id(4)));
    // The same one again costs no more.
    assert_eq!(margins.is_left(id(2), &ids(&[5])), Some(true));
    assert_eq!(margins.is_left(id(2), &ids(&[3])), None, "to be compared");
    assert_eq!(margins.is_left(id(2), &ids(&[3, 4])), Some(false));
    margins.follow(&ids(&[6]), Some(id(5)));
    assert_eq!(margins.is_left(id(2), &[]), None);
}

#[test]
fn what_was_moved_alike_is_as_sure_as_what_it_was_put_behind() {
    let mut margins = one_moved();
    margins.follow(&ids(&[3]), Some(id(1)));
    assert_eq!(margins.is_left(id(3), &[]), Some(false), "as 1");
    margins.follow(&ids(&[3]), None);
    assert_eq!(margins.is_left(id(3), &[]), Some(true), "at the top");
    margins.follow(&ids(&[3]), Some(id(9)));
    assert_eq!(margins.is_left(id(3), &[]), Some(false), "nobody knows 9");
}

#[test]
fn each_move_costs_two_whatever_there_are_of_them() {
    let mut margins = Margins::between(
        &ids(&[1, 2, 3, 4, 5, 6, 7, 8]),
        &ids(&[2, 3, 4, 5, 6, 7, 8, 1]),
    );
    assert_eq!(margins.is_left(id(2), &ids(&[3, 4])), Some(true));
    assert_eq!(margins.is_left(id(2), &ids(&[3, 4, 5])), Some(false));
    margins.follow(&ids(&[8]), Some(id(7)));
    assert_eq!(margins.is_left(id(2), &ids(&[3])), Some(true));
    assert_eq!(
        margins.is_left(id(2), &ids(&[3, 4])),
        None,
        "to be compared"
    );
    assert_eq!(margins.is_left(id(2), &ids(&[3, 4, 5])), Some(false));
}
