use proptest::prelude::*;

use super::*;
use crate::domain::testing::update;

fn updates(of: &[u128]) -> Vec<Update> {
    of.iter().copied().map(update).collect()
}

/// What is there after what is stored was put back.
fn kept(now: &[u128], old: &[u128], stored: &[u128]) -> Vec<u128> {
    let rows: Vec<MirrorRow> = updates(old).iter().map(MirrorRow::of).collect();
    let stored = updates(stored).into_iter().map(|u| (u.id, u));
    let mut back = Back {
        missing: rows.iter().map(|row| row.local).collect(),
        stored: stored.collect(),
    };
    let bodies = updates(now);
    let mut now = List {
        rows: bodies.iter().map(MirrorRow::of).collect(),
        bodies,
    };
    let further = Further {
        touched: IdSet::default(),
        all: true,
    };
    now.keep(&rows, &mut back, &further);
    let bodies = now.bodies.iter().map(MirrorRow::of);
    assert!(now.rows.iter().copied().eq(bodies));
    now.rows.iter().map(|row| row.local.ulid().into()).collect()
}

#[test]
fn what_is_missing_stands_behind_what_was_before_it() {
    assert_eq!(kept(&[1, 4], &[1, 2, 3, 4], &[2, 3]), [1, 2, 3, 4]);
    assert_eq!(kept(&[4, 1], &[1, 2, 3, 4], &[2, 3]), [4, 1, 2, 3]);
    assert_eq!(kept(&[9, 4], &[1, 2, 4, 5], &[1, 2, 5]), [1, 2, 9, 4, 5]);
    assert_eq!(kept(&[9, 4], &[1, 2, 4, 5], &[2]), [2, 9, 4]);
    assert_eq!(kept(&[], &[1, 2], &[2, 1]), [1, 2]);
    assert_eq!(kept(&[1], &[1, 2], &[]), [1]);
}

#[test]
fn what_nobody_looks_at_is_not_needed_to_stay() {
    let rows: Vec<MirrorRow> = updates(&[1, 2, 3]).iter().map(MirrorRow::of).collect();
    let mut back = Back {
        missing: rows[..2].iter().map(|row| row.local).collect(),
        stored: HashMap::from([(rows[1].local, update(2))]),
    };
    let mut now = List {
        rows: vec![rows[2]],
        bodies: Vec::new(),
    };
    let further = Further {
        touched: std::iter::once(rows[1].local).collect(),
        all: false,
    };
    now.keep(&rows, &mut back, &further);
    assert_eq!(now.rows, rows);
    assert_eq!(now.bodies, updates(&[2]));
}

proptest! {
    #[test]
    fn nothing_is_lost_doubled_or_put_into_another_order(
        old in Just((0..30_u128).collect::<Vec<_>>()).prop_shuffle(),
        now in Just((0..40_u128).collect::<Vec<_>>()).prop_shuffle(),
        there in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let now: Vec<u128> = now.into_iter().filter(|n| there[*n as usize]).collect();
        let stored: Vec<u128> = old.iter().copied().filter(|n| !now.contains(n)).collect();
        let whole = kept(&now, &old, &stored);
        let still: Vec<u128> = whole.iter().copied().filter(|n| now.contains(n)).collect();
        prop_assert_eq!(&still, &now);
        prop_assert_eq!(whole.len(), now.len() + stored.len());
        for back in &stored {
            let at = old.iter().position(|n| n == back).unwrap();
            let before = at.checked_sub(1).map(|at| old[at]);
            let place = whole.iter().position(|n| n == back).unwrap();
            prop_assert_eq!(place.checked_sub(1).map(|at| whole[at]), before);
        }
    }
}
