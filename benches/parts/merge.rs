//! A complete read of a queue that comes in, and orders that are merged by id.

use std::collections::HashMap;
use std::hint::black_box;

use criterion::{BatchSize, Criterion};
use qurate::domain::id::LocalId;
use qurate::domain::merge::{merge3, rebase};
use qurate::domain::operation::{Move, Place};
use qurate::domain::queue::Queue;
use qurate::domain::replica::{Brings, Differences, Listed, QueueDelta, QueueSnapshot};
use qurate::domain::update::Update;
use qurate::protocol::SyncEvent;

use crate::editor::{LateEditor, NOW, profile_id, queue};

/// Measures both.
pub(crate) fn measure(criterion: &mut Criterion, late: &mut LateEditor) {
    let updates = late.updates;
    let read = queue(0, updates);
    let (moved, changed) = (moved(&read), changed(&read));
    let name = |what: &str| format!("merge/{what}/{updates}");
    let mut take = |what: &str, reads: [QueueDelta; 2]| {
        criterion.bench_function(&name(what), |bencher| {
            let editor = late.on((120, 40));
            let mut reads = reads.iter().cycle();
            let mut next = || news(reads.next().cloned().unwrap_or_default());
            // What there is may be of the measurement before.
            editor.tell(news(read.clone().into()));
            bencher.iter_batched(&mut next, |news| editor.tell(news), BatchSize::PerIteration);
        });
    };
    take("1-moved", [beside(&moved, &read), beside(&read, &moved)]);
    take(
        "1%-changed",
        [beside(&changed, &read), beside(&read, &changed)],
    );
    take(
        "all-handed-over",
        [changed.clone().into(), read.clone().into()],
    );
    orders(criterion, &ids(&read), &ids(&changed));
}

/// Measures how a move made here is carried over to what others made of the same order.
fn orders(criterion: &mut Criterion, base: &[LocalId], remote: &[LocalId]) {
    let updates = base.len();
    let mut local = base.to_vec();
    local[updates / 4..].rotate_left(1);
    criterion.bench_function(&format!("merge/merge3/{updates}"), |bencher| {
        bencher.iter(|| merge3(black_box(base), black_box(&local), black_box(remote), None));
    });
    // Ten rows, one after the other, each moved to the place before the last one.
    let to_the_end = |i: usize| {
        vec![Move {
            updates: vec![base[updates / 4 + i]],
            place: Place {
                after: Some(base[updates - 2]),
                before: Some(base[updates - 1]),
            },
        }]
    };
    let operations: Vec<Vec<Move>> = (0..10).map(to_the_end).collect();
    criterion.bench_function(&format!("merge/rebase-10-moves/{updates}"), |bencher| {
        bencher.iter(|| {
            rebase(
                black_box(base),
                black_box(&operations),
                0,
                black_box(remote),
            )
        });
    });
    // Nobody else was at work, and the read shows the first half of it.
    let done = operations.len() / 2;
    let mut queue = Queue::arrange(base.iter().copied(), std::iter::empty(), []);
    operations[..done]
        .iter()
        .flatten()
        .for_each(|moved| queue.apply(moved));
    let ours: Vec<LocalId> = queue.movable().collect();
    criterion.bench_function(&format!("merge/rebase-5-of-10-done/{updates}"), |bencher| {
        bencher.iter(|| {
            rebase(
                black_box(base),
                black_box(&operations),
                done,
                black_box(&ours),
            )
        });
    });
}

/// Returns the read as others left it: of each hundred one has another text and goes out elsewhere.
fn changed(read: &QueueSnapshot) -> QueueSnapshot {
    let mut changed = read.clone();
    changed.read_at = NOW.plus(60);
    for hundred in changed.updates.chunks_mut(100) {
        let due: Vec<_> = hundred.iter().map(|update| update.body.due_at).collect();
        hundred[0].body.content.text.push_str(", edited");
        hundred.rotate_left(1);
        for (update, due) in hundred.iter_mut().zip(due) {
            update.body.due_at = due;
        }
    }
    changed
}

/// Returns the read after one update was taken far down.
fn moved(read: &QueueSnapshot) -> QueueSnapshot {
    let mut moved = read.clone();
    moved.read_at = NOW.plus(60);
    let due: Vec<_> = read
        .updates
        .iter()
        .map(|update| update.body.due_at)
        .collect();
    let far = read.updates.len() / 2;
    moved.updates[..far].rotate_left(1);
    for (update, due) in moved.updates.iter_mut().zip(due) {
        update.body.due_at = due;
    }
    moved
}

/// Returns what the worker hands over of a read after another one.
fn beside(read: &QueueSnapshot, before: &QueueSnapshot) -> QueueDelta {
    let texts = before.updates.iter();
    let texts: HashMap<LocalId, &str> = texts
        .map(|update| (update.id, update.body.content.text.as_str()))
        .collect();
    let is_new =
        |update: &&Update| texts.get(&update.id) != Some(&update.body.content.text.as_str());
    let row = |update: &Update| Listed::from(update).row();
    let before = before.updates.iter().map(row);
    let brings = Brings::Changes {
        updates: read.updates.iter().filter(is_new).cloned().collect(),
        differences: Differences::between((before, &[]), (read.updates.iter().map(row), &[])),
    };
    QueueDelta {
        brings,
        ..read.clone().into()
    }
}

fn news(delta: QueueDelta) -> SyncEvent {
    SyncEvent::Queue {
        profile: profile_id(0),
        delta,
        settled: Vec::new(),
    }
}

fn ids(read: &QueueSnapshot) -> Vec<LocalId> {
    read.updates.iter().map(|update| update.id).collect()
}
