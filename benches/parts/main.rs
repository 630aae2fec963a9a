//! The parts of the program by themselves, at 100, 10,000 and 100,000 updates: what a key costs
//! before the screen is drawn, a frame, a read of the queue that comes in, the store.
//!
//! `cargo bench --bench parts [-- NAME]`, where `NAME` is a part of a name, as `reduce/J` or
//! `store`. A change is compared with the run before it: `-- --save-baseline before`, then
//! `-- --baseline before`.
//!
//! It takes some four minutes; the store is on the disk of the temporary directory.
//!
//! A key, and the frame after it, must cost the same at every size. What reads or writes a whole
//! queue grows with it. For the whole program in a terminal see the bench `terminal`.

mod account;
mod editor;
mod merge;
mod reduce;
mod store;
mod view;

use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion};

use editor::LateEditor;

/// So many updates the queue has.
const SIZES: [usize; 3] = [100, 10_000, 100_000];

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300))
        .configure_from_args();
    for updates in SIZES {
        let mut editor = LateEditor::with(updates);
        reduce::measure(&mut criterion, &mut editor);
        view::measure(&mut criterion, &mut editor);
        merge::measure(&mut criterion, &mut editor);
        store::measure(&mut criterion, updates);
    }
    criterion.final_summary();
}

/// Measures `what` alone, and between two of it does `back`, which makes up for it.
pub(crate) fn there_and_back<T>(
    bencher: &mut Bencher<'_>,
    of: &mut T,
    what: impl Fn(&mut T),
    back: impl Fn(&mut T),
) {
    bencher.iter_custom(|times| {
        let mut taken = Duration::ZERO;
        for _ in 0..times {
            let begun = Instant::now();
            what(of);
            taken += begun.elapsed();
            back(of);
        }
        taken
    });
}
