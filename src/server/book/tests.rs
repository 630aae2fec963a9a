use super::*;
use chrono::{NaiveTime, Weekday};

use crate::domain::schedule::Entry;

fn id(n: u64) -> ObjectId {
    ObjectId::new(Timestamp(0), n)
}

fn book(count: u64) -> Book {
    let mut book = Book {
        movable: (0..count)
            .map(|n| Movable {
                id: id(n),
                created_at: Timestamp(0),
                position: None,
            })
            .collect(),
        fixed: Vec::new(),
    };
    book.settle();
    book
}

fn slots() -> Slots {
    let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
    let entry = Entry {
        days: vec![Weekday::Mon, Weekday::Thu],
        times: vec![nine],
    };
    Slots::new(Schedule(vec![entry]), Tz::UTC, Timestamp(0))
}

fn is_settled(book: &Book) -> bool {
    book.movable
        .windows(2)
        .all(|w| w[0].position < w[1].position && w[0].position.is_some())
}

#[test]
fn one_move_writes_one_position() {
    let mut book = book(10_000);
    book.movable[..=9000].rotate_right(1);
    let moved = book.settle();
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0].0, id(9000));
    assert!(is_settled(&book));
}

#[test]
fn a_listed_id_that_is_gone_matters_only_to_absolute_places() {
    let order = |book: &Book| book.movable.iter().map(|m| m.id).collect::<Vec<_>>();
    let listed = [id(9), id(3), id(2), id(3)];
    let mut slots = slots();
    for (offset, splice, absolute) in [
        (0, [3, 2, 0, 1], [0, 3, 2, 1]),
        (1, [0, 3, 2, 1], [0, 1, 3, 2]),
        (9, [0, 1, 3, 2], [0, 1, 3, 2]),
    ] {
        let mut one = book(4);
        let rows = one.rows(&mut slots, false);
        one.reorder(&rows, &listed, offset);
        assert_eq!(order(&one), splice.map(id), "{offset}");
        let mut other = book(4);
        other.reorder_absolute(&rows, &listed, offset);
        assert_eq!(order(&other), absolute.map(id), "{offset}");
    }
}

#[test]
fn a_gap_that_is_used_up_is_made_again() {
    let mut book = book(4);
    for _ in 0..100 {
        let last = book.movable.pop().unwrap();
        book.movable.insert(1, last);
        book.settle();
        assert!(is_settled(&book), "{book:?}");
    }
}

#[test]
fn any_order_is_settled() {
    let mut random = fastrand::Rng::with_seed(3);
    let mut book = book(300);
    for _ in 0..50 {
        random.shuffle(&mut book.movable);
        let wanted: Vec<_> = book.movable.iter().map(|m| m.id).collect();
        book.settle();
        assert!(is_settled(&book));
        let kept: Vec<_> = book.movable.iter().map(|m| m.id).collect();
        assert_eq!(wanted, kept);
    }
}

#[test]
fn slots_behind_the_anchor_are_forgotten_and_others_are_the_same() {
    let mut slots = slots();
    let first = slots.first(5).to_vec();
    slots.advance(first[1]);
    assert_eq!(slots.first(3), &first[2..]);
    slots.advance(Timestamp(0));
    assert_eq!(slots.first(5), &first[..]);
    assert!(slots.has(first[3]));
    assert!(!slots.has(first[3].plus(60)));
}

#[test]
fn a_pinned_update_keeps_its_slot_from_others() {
    let mut slots = slots();
    let times = slots.first(3).to_vec();
    let mut book = book(2);
    book.fixed.push(Fixed {
        id: id(9),
        created_at: Timestamp(0),
        at: times[0],
        kind: FixedKind::Pinned,
    });
    let rows = book.rows(&mut slots, false);
    let due: Vec<_> = rows.iter().map(|row| (row.id, row.due_at)).collect();
    let expected = [
        (id(9), Some(times[0])),
        (id(0), Some(times[1])),
        (id(1), Some(times[2])),
    ];
    assert_eq!(due, expected);
}
