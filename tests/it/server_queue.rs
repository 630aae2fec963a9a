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

fn move_them(rig: &Rig, profile: &str, ids: &[&String], offset: usize) {
    let list: Vec<String> = ids.iter().map(|id| format!("order[]={id}")).collect();
    let form = format!("offset={offset}&{}", list.join("&"));
    rig.done(&format!("profiles/{profile}/updates/reorder.json"), &form);
}

#[test]
fn a_part_of_the_queue_is_put_at_its_offset_over_the_same_times() {
    let rig = Rig::empty();
    let (profile, ids) = filled(&rig, &["a", "b", "c", "d", "e"]);
    let times = rig.times(&profile);
    move_them(&rig, &profile, &[&ids[3], &ids[0]], 0);
    assert_eq!(rig.texts(&profile), ["d", "a", "b", "c", "e"]);
    move_them(&rig, &profile, &[&ids[3]], 3);
    assert_eq!(rig.texts(&profile), ["a", "b", "c", "d", "e"]);
    move_them(&rig, &profile, &[&ids[1], &ids[0], &ids[1]], 99);
    assert_eq!(rig.texts(&profile), ["c", "d", "e", "b", "a"]);
    assert_eq!(rig.times(&profile), times);
}

#[test]
fn a_time_of_its_own_is_kept_by_every_reorder() {
    let rig = Rig::empty();
    let (profile, ids) = filled(&rig, &["a", "b"]);
    let own = rig.update(
        &profile,
        "own",
        &format!("&scheduled_at={}", MONDAY + 2 * HOUR),
    );
    assert_eq!(rig.texts(&profile), ["a", "own", "b"]);
    move_them(&rig, &profile, &[&ids[1], &own, &ids[0]], 0);
    assert_eq!(rig.texts(&profile), ["b", "own", "a"]);
    assert_eq!(
        rig.times(&profile),
        [MONDAY + HOUR, MONDAY + 2 * HOUR, MONDAY + 7 * HOUR]
    );
    rig.done(&format!("profiles/{profile}/updates/shuffle.json"), "");
    assert_eq!(rig.texts(&profile)[1], "own");
}

#[test]
fn a_pin_takes_its_slot_and_gives_it_back() {
    let rig = Rig::empty();
    let (profile, ids) = filled(&rig, &["a", "b", "c"]);
    let path = format!("updates/{}/update.json", ids[1]);
    let pinned = rig.done(&path, "text=b&pinned=true");
    assert_eq!(pinned["update"]["pinned"], true);
    assert_eq!(pinned["update"]["scheduled_at"], MONDAY + 7 * HOUR);
    move_them(&rig, &profile, &[&ids[2], &ids[0]], 0);
    assert_eq!(rig.texts(&profile), ["c", "b", "a"]);
    let free = rig.done(&path, "text=b&scheduled_at=");
    assert_eq!(free["update"]["pinned"], false);
    assert!(free["update"].get("scheduled_at").is_none());
    assert_eq!(rig.texts(&profile), ["c", "b", "a"]);
    let off = rig.done(
        &path,
        &format!("text=b&pinned=true&scheduled_at={}", MONDAY + 2 * HOUR),
    );
    assert_eq!(off["update"]["pinned"], false, "there is no slot then");
}

#[test]
fn after_share_and_destroy_the_rest_move_up() {
    let rig = Rig::empty();
    let (profile, ids) = filled(&rig, &["a", "b", "c", "d"]);
    let times = rig.times(&profile);
    rig.done(&format!("updates/{}/share.json", ids[0]), "");
    rig.done(&format!("updates/{}/destroy.json", ids[2]), "");
    assert_eq!(rig.texts(&profile), ["b", "d"]);
    assert_eq!(rig.times(&profile), times[..2]);
}

#[test]
fn a_new_update_can_be_the_next() {
    let rig = Rig::empty();
    let (profile, ids) = filled(&rig, &["a", "b"]);
    rig.update(&profile, "top", "&top=true");
    assert_eq!(rig.texts(&profile), ["top", "a", "b"]);
    rig.done(&format!("updates/{}/move_to_top.json", ids[1]), "");
    assert_eq!(rig.texts(&profile), ["b", "top", "a"]);
}

#[test]
fn a_paused_or_slotless_queue_has_no_times_and_says_so() {
    let rig = Rig::empty();
    let (profile, _) = filled(&rig, &["a", "b"]);
    rig.done(&format!("profiles/{profile}/paused.json"), "paused=1");
    assert_eq!(rig.times(&profile), [0, 0]);
    assert_eq!(rig.pending(&profile)[0]["day"], "The queue is paused");
    rig.at(MONDAY + 30 * HOUR);
    assert_eq!(rig.texts(&profile), ["a", "b"], "nothing goes out");
    rig.done(&format!("profiles/{profile}/paused.json"), "paused=False");
    assert_eq!(
        rig.times(&profile),
        [MONDAY + 31 * HOUR, MONDAY + 49 * HOUR]
    );
    rig.done(
        &format!("profiles/{profile}/schedules/update.json"),
        "schedules=",
    );
    assert_eq!(rig.times(&profile), [0, 0]);
    assert_eq!(
        rig.pending(&profile)[0]["day"],
        "No scheduled days or times"
    );
    assert_eq!(rig.pending(&profile)[0]["due_time"], "");
}

#[test]
fn slots_follow_the_wall_clock_across_both_changes() {
    let rig = Rig::empty();
    // Sunday 29 March 2026, 02:00 does not exist in Berlin; Sunday 25 October has it twice.
    let berlin = rig.profile("acme", "Europe/Berlin", &["02:30", "09:00"]);
    rig.turn(1_774_656_000); // Saturday 28 March, 00:00 UTC
    for text in ["a", "b", "c", "d"] {
        rig.update(&berlin, text, "");
    }
    let day = 1_774_656_000;
    assert_eq!(
        rig.times(&berlin),
        [
            day + HOUR + 1800,    // Sat 02:30 CET
            day + 8 * HOUR,       // Sat 09:00 CET
            day + DAY + HOUR,     // Sun 02:30 is gone: 03:00 CEST
            day + DAY + 7 * HOUR, // Sun 09:00 CEST
        ]
    );
    let sunday = &rig.pending(&berlin)[2];
    assert_eq!(
        (sunday["day"].as_str(), sunday["due_time"].as_str()),
        (Some("Tomorrow"), Some("3:00 am"))
    );
    let path = format!("profiles/{berlin}/updates/pending.json?utc=true");
    let utc = &rig.get(&path).json()["updates"][2];
    assert_eq!(utc["due_time"], "1:00 am");
    assert_eq!(utc["due_at"], sunday["due_at"]);
    let autumn = rig.profile("autumn", "Europe/Berlin", &["02:30"]);
    rig.turn(1_792_882_800); // Saturday 24 October, 23:00 UTC
    let id = rig.update(&autumn, "a", "");
    let due = rig.get(&format!("updates/{id}.json")).json()["due_at"].as_i64();
    assert_eq!(
        due,
        Some(1_792_882_800 + HOUR + 1800),
        "the first 02:30 counts"
    );
}

#[test]
fn many_moves_keep_the_order_they_made() {
    let rig = Rig::empty();
    let texts: Vec<String> = (0..40).map(|i| format!("t{i}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (profile, ids) = filled(&rig, &texts);
    let mut model: Vec<usize> = (0..40).collect();
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..60 {
        let (from, to) = (random.usize(0..40), random.usize(0..40));
        let moved = model.remove(from);
        model.insert(to, moved);
        move_them(&rig, &profile, &[&ids[moved]], to);
    }
    let expected: Vec<&str> = model.iter().map(|i| texts[*i]).collect();
    assert_eq!(rig.texts(&profile), expected);
}
