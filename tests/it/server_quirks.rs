//! The personalities that tests give the server, and its log of what it was asked and did. What
//! happens without them, the other tests of the server say.

use std::time::Duration;

use qurate::server::{Late, OfSent, Quirks, Truth};

use crate::server_rig::{MONDAY, Rig};

fn rig(quirks: Quirks) -> Rig {
    Rig::with(|config| config.quirks = quirks)
}

/// A server with one profile and these updates; returns the ids of all.
fn filled(quirks: Quirks, texts: &[&str]) -> (Rig, String, Vec<String>) {
    let rig = rig(quirks);
    let profile = rig.profile("acme", "UTC", &["09:00", "12:00"]);
    let made = texts.iter().map(|text| rig.update(&profile, text, ""));
    let made = made.collect();
    (rig, profile, made)
}

#[test]
fn offsets_can_be_absolute_and_unknown_ids_refused() {
    let quirks = Quirks {
        absolute_offset: true,
        ..Quirks::default()
    };
    let (rig, profile, ids) = filled(quirks, &["a", "b", "c", "d"]);
    rig.done(&format!("updates/{}/destroy.json", ids[0]), "");
    let order = format!("order[]={}&order[]={}&order[]={}", ids[0], ids[3], ids[2]);
    let reorder = format!("profiles/{profile}/updates/reorder.json");
    rig.done(&reorder, &order);
    assert_eq!(rig.texts(&profile), ["b", "d", "c"], "place 0 is left open");

    let quirks = Quirks {
        refuses_unknown_ids: true,
        ..Quirks::default()
    };
    let (rig, profile, ids) = filled(quirks, &["a", "b", "c"]);
    rig.done(&format!("updates/{}/destroy.json", ids[0]), "");
    let order = format!("order[]={}&order[]={}", ids[2], ids[0]);
    let reorder = format!("profiles/{profile}/updates/reorder.json");
    let reply = rig.post(&reorder, &order);
    assert_eq!((reply.status, &reply.json()["code"]), (400, &1006.into()));
    assert_eq!(rig.texts(&profile), ["b", "c"]);
    rig.done(&reorder, &format!("order[]={}", ids[2]));
    assert_eq!(rig.texts(&profile), ["c", "b"]);
}

#[test]
fn three_things_can_be_said_of_what_was_sent() {
    for (of_sent, status, code) in [
        (OfSent::NotSaved, 400, Some(1022)),
        (OfSent::NotFound, 404, Some(1020)),
        (OfSent::Success, 200, None),
    ] {
        let quirks = Quirks {
            of_sent,
            ..Quirks::default()
        };
        let (rig, profile, ids) = filled(quirks, &["a", "b"]);
        rig.done(&format!("updates/{}/share.json", ids[0]), "");
        for again in ["share", "destroy"] {
            let reply = rig.post(&format!("updates/{}/{again}.json", ids[0]), "");
            assert_eq!(reply.status, status, "{of_sent:?} {again}");
            assert_eq!(reply.json()["code"].as_i64(), code, "{of_sent:?} {again}");
        }
        assert_eq!(rig.list(&profile, "sent").len(), 1);
        // Of others nothing else is said.
        let nobody = rig.post("updates/0123456789abcdef01234567/destroy.json", "");
        assert_eq!(nobody.status, 404);
    }
}

#[test]
fn texts_and_media_can_be_kept_otherwise() {
    let quirks = Quirks {
        clears_omitted_media: true,
        trims_texts: true,
        shortens_links: true,
        ..Quirks::default()
    };
    let (rig, profile, _) = filled(quirks, &[]);
    let media = "&media[link]=https://a.example/";
    let id = rig.update(
        &profile,
        "  see https://a.example/long/way  ",
        &format!("{media}&shorten=true"),
    );
    assert_eq!(rig.texts(&profile), ["see http://short.example/26"]);
    rig.done(&format!("updates/{id}/update.json"), "text= b ");
    let kept = &rig.pending(&profile)[0];
    assert_eq!(kept["text"], "b");
    assert!(kept["media"].is_null(), "{kept}");
    rig.update(&profile, "https://a.example/", "&shorten=false");
    assert_eq!(rig.texts(&profile)[1], "https://a.example/");
}

#[test]
fn since_can_include_its_second_and_duplicates_can_be_taken() {
    let quirks = Quirks {
        since_is_inclusive: true,
        takes_duplicates: true,
        ..Quirks::default()
    };
    let (rig, profile, _) = filled(quirks, &["a", "a"]);
    for (since, total) in [(MONDAY, 2), (MONDAY + 1, 0)] {
        let page = rig.get(&format!(
            "profiles/{profile}/updates/pending.json?since={since}"
        ));
        assert_eq!(page.json()["total"], total, "{since}");
    }
}

#[test]
fn a_refusal_can_have_a_good_status_and_a_limit_can_be_silent() {
    let quirks = Quirks {
        refuses_with_200: true,
        hides_retry_after: true,
        ..Quirks::default()
    };
    let rig = Rig::with(|config| {
        config.quirks = quirks;
        config.rate_limit = Some(1);
    });
    let reply = rig.post("updates/0123456789abcdef01234567/share.json", "");
    assert_eq!((reply.status, &reply.json()["code"]), (200, &1020.into()));
    assert_eq!(reply.json()["success"], false);
    let limited = rig.get("user.json");
    assert_eq!(limited.status, 429, "only refusals of the API itself");
    assert_eq!(limited.header("retry-after"), None);
}

#[test]
fn a_plain_server_shows_nothing_of_ours() {
    let quirks = Quirks {
        plain: true,
        ..Quirks::default()
    };
    let (rig, profile, ids) = filled(quirks, &["a", "b"]);
    assert!(rig.get("info/configuration.json").json()["qurate"].is_null());
    let page = rig.get(&format!("profiles/{profile}/updates/pending.json"));
    assert!(page.json()["revision"].is_null());
    let failed = rig.get(&format!("profiles/{profile}/updates/failed.json"));
    assert_eq!(failed.status, 404);
    let order = format!("order[]={}&count=1", ids[1]);
    let reply = rig.done(&format!("profiles/{profile}/updates/reorder.json"), &order);
    assert_eq!(reply["updates"].as_array().unwrap().len(), 2);
}

#[test]
fn what_was_given_up_is_done_later_and_all_is_noted_in_its_order() {
    let truth = Truth::default();
    let quirks = Quirks {
        late: Some(Late {
            percent: 100,
            answered_after: Duration::ZERO,
            done_after: Duration::from_millis(50),
        }),
        truth: Some(truth.clone()),
        ..Quirks::default()
    };
    let rig = Rig::with(|config| {
        config.quirks = quirks;
        config.demo = Some(0);
    });
    let profiles = rig.get("profiles.json").json();
    let profile = profiles[0]["id"].as_str().unwrap();
    let form = format!("profile_ids[]={profile}&text=late");
    for _ in 0..2 {
        assert_eq!(rig.post("updates/create.json", &form).status, 504);
    }
    let started = std::time::Instant::now();
    while truth.requests().iter().filter(|r| r.is_change).count() < 2 {
        assert!(started.elapsed() < Duration::from_secs(20), "never done");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(rig.texts(profile), ["late"]);
    let all = truth.requests();
    assert_eq!(all[0].path, "profiles.json");
    let changes: Vec<_> = all.iter().filter(|request| request.is_change).collect();
    assert!(changes.iter().all(|request| request.late));
    assert_eq!(changes[0].result, Ok(()));
    assert_eq!(changes[1].result, Err(1025), "the second is a duplicate");
    assert_eq!(changes[0].text.as_deref(), Some("late"));
    assert_eq!(changes[0].ids, [profile]);
    assert_eq!(truth.done("create.json").len(), 1);
}
