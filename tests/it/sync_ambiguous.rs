//! Creates of which every first try ends without an answer (`sync.md` 6, test 7): none is made twice,
//! none is lost, and few are left to the person.

use qurate::domain::operation::OperationState;

use super::fake_api::{FakeApi, Weather, profile_id};
use super::sync_harness::{Editor, quick_dir};

/// How many creates one store and one server see.
const ROUND: usize = 250;

/// What came of some ambiguous creates.
#[derive(Debug, Default)]
struct Tally {
    creates: usize,
    asked: usize,
}

fn round(weather: Weather, seed: u64, tally: &mut Tally) {
    let dir = quick_dir();
    let api = FakeApi::with(&[("a", &[])]);
    let p = profile_id("a");
    let mut e = Editor::open(dir.path(), &api, seed);
    e.wait_read(1);
    {
        let mut world = api.world();
        world.weather = weather;
        world.random = seed;
    }
    let made: Vec<_> = (0..ROUND)
        .map(|i| {
            let text = format!("text {i}");
            (e.create(&p, &text), text)
        })
        .collect();
    let held = |state: &OperationState| matches!(state, OperationState::Held { .. });
    e.wait("all settled or held", |e| {
        e.replica.operations().iter().all(|(_, s)| held(s))
    });
    let texts = api.world().texts(&p);
    for (id, text) in made {
        let times = texts.iter().filter(|there| **there == text).count();
        let asked = e.state(id).is_some();
        // What is held may not be there: it would have been found.
        assert_eq!(
            times,
            usize::from(!asked),
            "{weather:?} {seed}: {text}, held: {asked}"
        );
        tally.asked += usize::from(asked);
        tally.creates += 1;
    }
    e.quit();
}

#[test]
fn ambiguous_creates_are_neither_doubled_nor_lost() {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    let scale: u64 = scale.and_then(|scale| scale.parse().ok()).unwrap_or(1);
    for weather in [Weather::Flaky, Weather::Slow, Weather::Storm] {
        let mut tally = Tally::default();
        for seed in 0..scale {
            round(weather, seed, &mut tally);
        }
        println!("{weather:?}: {tally:?}, 0 doubled, 0 lost");
        // Few creates make a wide spread.
        let most = if scale < 10 { 50 } else { 25 };
        assert!(tally.asked * 1000 <= tally.creates * most, "{tally:?}");
    }
}
