//! The order of a queue and its times, as a client sees them.

use crate::server_rig::{MONDAY, Rig};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn filled(rig: &Rig, texts: &[&str]) -> (String, Vec<String>) {
    let profile = rig.profile("acme", "UTC", &["09:00", "15:00"]);
    let ids = texts.iter().map(|t| rig.update(&profile, t, "")).collect();
    (profile, ids)
}

#[test]
fn updates_take_the_free_slots_in_their_order() {
    let rig = Rig::empty();
    let (profile, _) = filled(&rig, &["a", "b", "c"]);
    let nine = MONDAY + HOUR;
    assert_eq!(rig.texts(&profile), ["a", "b", "c"]);
    assert_eq!(rig.times(&profile), [nine, nine + 6 * HOUR, nine + DAY]);
}

#[test]
fn the_demo_has_three_profiles_with_queue_and_history() {
    let rig = Rig::demo(24);
    let profiles = rig.get("profiles.json").json();
    let profiles = profiles.as_array().unwrap();
    assert_eq!(profiles.len(), 3);
    for profile in profiles {
        let id = profile["id"].as_str().unwrap();
        let pending = rig.pending(id);
        assert_eq!(pending.len(), 24);
        assert!(
            pending
                .windows(2)
                .all(|w| w[0]["due_at"].as_i64() <= w[1]["due_at"].as_i64())
        );
        assert!(pending[0]["due_at"].as_i64().unwrap() > rig.now());
        assert_eq!(rig.list(id, "sent").len(), 30);
    }
}
