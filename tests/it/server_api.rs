//! Every example request of the API's page, and each key and type of its reply.

use serde_json::{Value, json};

use crate::server_rig::{MONDAY, Rig};

/// Asserts that `reply` has every key of `example` with a value of the same type.
fn assert_like(path: &str, example: &Value, reply: &Value) {
    match (example, reply) {
        (Value::Object(example), Value::Object(reply)) => {
            for (key, value) in example {
                let found = reply.get(key);
                let found = found.unwrap_or_else(|| panic!("{path}.{key} is missing: {reply:?}"));
                assert_like(&format!("{path}.{key}"), value, found);
            }
        }
        (Value::Array(example), Value::Array(reply)) => {
            assert!(!reply.is_empty(), "{path} is empty");
            for (i, found) in reply.iter().enumerate() {
                assert_like(&format!("{path}[{i}]"), &example[0], found);
            }
        }
        (example, reply) => assert_eq!(
            std::mem::discriminant(example),
            std::mem::discriminant(reply),
            "{path}: {example} and {reply}"
        ),
    }
}

fn pending_update() -> Value {
    json!({
        "id": "", "created_at": 0, "day": "", "due_at": 0, "due_time": "", "profile_id": "",
        "profile_service": "", "status": "", "text": "", "text_formatted": "", "user_id": "",
        "via": ""
    })
}

fn sent_update() -> Value {
    let mut update = pending_update();
    update["sent_at"] = json!(0);
    update["service_update_id"] = json!("");
    update["statistics"] = json!({
        "reach": 0, "clicks": 0, "retweets": 0, "favorites": 0, "mentions": 0
    });
    update
}

fn first_profile(rig: &Rig) -> String {
    rig.get("profiles.json").json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn one_update_has_all_its_keys() {
    let rig = Rig::demo(3);
    let profile = first_profile(&rig);
    let id = rig.list(&profile, "sent")[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let reply = rig.get(&format!("updates/{id}.json")).json();
    assert_like("update", &sent_update(), &reply);
    assert_eq!(reply["status"], "sent");
    assert_eq!(reply["profile_service"], "twitter");
    assert_eq!(reply["_id"], reply["id"]);
}

#[test]
fn pending_and_sent_have_all_their_keys() {
    let rig = Rig::demo(8);
    let profile = first_profile(&rig);
    let reply = rig
        .get(&format!("profiles/{profile}/updates/pending.json"))
        .json();
    assert_like(
        "pending",
        &json!({"total": 8, "updates": [pending_update()]}),
        &reply,
    );
    assert_eq!(reply["total"], 8);
    let reply = rig
        .get(&format!("profiles/{profile}/updates/sent.json"))
        .json();
    assert_like(
        "sent",
        &json!({"total": 97, "updates": [sent_update()]}),
        &reply,
    );
    assert_eq!(reply["total"], 30);
    assert_eq!(
        reply["updates"].as_array().unwrap().len(),
        20,
        "the usual page"
    );
}

#[test]
fn interactions_have_all_their_keys_agree_with_the_numbers_and_grow() {
    let rig = Rig::demo(3);
    let profile = first_profile(&rig);
    let sent = rig.list(&profile, "sent");
    let busy = sent
        .iter()
        .find(|u| u["statistics"]["favorites"].as_i64() > Some(1))
        .unwrap();
    let id = busy["id"].as_str().unwrap();
    let reply = rig
        .get(&format!(
            "updates/{id}/interactions.json?event=favorites&count=100"
        ))
        .json();
    let one = json!({
        "_id": "", "id": "", "created_at": 0, "event": "", "interaction_id": "",
        "user": {"username": "", "followers": 0, "avatar": "", "avatar_https": "", "twitter_id": ""}
    });
    assert_like("reply", &json!({"total": 2, "interactions": [one]}), &reply);
    assert_eq!(reply["total"], busy["statistics"]["favorites"]);
    assert!(
        reply["interactions"]
            .as_array()
            .unwrap()
            .iter()
            .all(|i| i["event"] == "favorite")
    );
    let singular = rig.get(&format!(
        "updates/{id}/interactions.json?event=favorite&count=100"
    ));
    assert_eq!(singular.json(), reply);
    let all = rig.get(&format!("updates/{id}/interactions.json")).json()["total"].as_i64();
    rig.turn(MONDAY + 10 * 24 * 3600);
    let later = rig.get(&format!("updates/{id}/interactions.json")).json()["total"].as_i64();
    assert!(later >= all);
    let reach = |u: &Value| u["statistics"]["reach"].as_i64().unwrap();
    assert!(reach(&rig.get(&format!("updates/{id}.json")).json()) > reach(busy));
}

#[test]
fn reorder_and_shuffle_reply_the_queue() {
    let rig = Rig::demo(12);
    let profile = first_profile(&rig);
    let before = rig.pending(&profile);
    let id = |i: usize| before[i]["id"].as_str().unwrap();
    let form = format!(
        "offset=10&order[]={}&order[]={}&order[]=4eb2567e0ade04ba51000001",
        id(0),
        id(1)
    );
    let reply = rig.done(&format!("profiles/{profile}/updates/reorder.json"), &form);
    assert_like(
        "reorder",
        &json!({"success": true, "updates": [pending_update()]}),
        &reply,
    );
    assert_eq!(reply["updates"].as_array().unwrap().len(), 12);
    let reply = rig.done(
        &format!("profiles/{profile}/updates/shuffle.json"),
        "count=10",
    );
    assert_like(
        "shuffle",
        &json!({"success": true, "updates": [pending_update()]}),
        &reply,
    );
    assert_eq!(reply["updates"].as_array().unwrap().len(), 10);
}

#[test]
fn create_and_update_of_the_page_work_as_written() {
    let rig = Rig::empty();
    let one = rig.profile("one", "UTC", &["11:05"]);
    let two = rig.profile("two", "UTC", &["11:05"]);
    let form = format!(
        "text=This%20is%20an%20example%20update&profile_ids[]={one}&profile_ids[]={two}&\
         profile_ids[]=4eb9276e0acb04bb81000067&media[link]=http%3A%2F%2Fgoogle.com&\
         media[description]=The%20google%20homepage"
    );
    let reply = rig.done("updates/create.json", &form);
    let mut example = pending_update();
    example["media"] = json!({"link": "", "title": "", "description": ""});
    let like = json!({
        "success": true, "buffer_count": 10, "buffer_percentage": 20, "updates": [example]
    });
    assert_like("create", &like, &reply);
    let updates = reply["updates"].as_array().unwrap();
    assert_eq!(updates.len(), 2, "an unknown profile is ignored");
    assert_eq!(updates[0]["text"], "This is an example update");
    assert_eq!(updates[0]["day"], "Today");
    assert_eq!(updates[0]["due_time"], "11:05 am");
    assert_eq!(updates[0]["due_at"], MONDAY + 3 * 3600 + 5 * 60);
    assert_eq!(updates[0]["via"], "api");
    assert_eq!(updates[0]["status"], "buffer");
    assert_eq!(updates[0]["media"]["link"], "http://google.com");
    assert_eq!(updates[0]["media"]["title"], "google.com");
    assert_eq!(updates[0]["media"]["description"], "The google homepage");
    assert_eq!(updates[1]["profile_id"], two);
    let id = updates[0]["id"].as_str().unwrap();

    let reply = rig.done(
        &format!("updates/{id}/update.json"),
        "text=This%20is%20an%20edited%20update",
    );
    let mut like = like;
    like["update"] = like["updates"][0].take();
    like["update"]["client_id"] = json!("4f850cc93733aa9301000002");
    like.as_object_mut().unwrap().remove("updates");
    assert_like("update", &like, &reply);
    assert_eq!(reply["update"]["text"], "This is an edited update");
    assert_eq!(
        reply["update"]["media"]["link"], "http://google.com",
        "omitted media is kept"
    );
    let reply = rig.done(&format!("updates/{id}/update.json"), "text=Bare&media=");
    assert!(
        reply["update"].get("media").is_none(),
        "empty media clears it"
    );
}

#[test]
fn share_and_destroy_say_success() {
    let rig = Rig::demo(5);
    let profile = first_profile(&rig);
    let ids: Vec<String> = rig
        .pending(&profile)
        .iter()
        .map(|u| u["id"].as_str().unwrap().to_owned())
        .collect();
    rig.done(&format!("updates/{}/share.json", ids[0]), "");
    let shared = rig.get(&format!("updates/{}.json", ids[0])).json();
    assert_eq!(shared["status"], "sent");
    assert_eq!(shared["shared_now"], true);
    assert_eq!(shared["sent_at"], rig.now());
    assert!(!shared["service_update_id"].as_str().unwrap().is_empty());
    rig.done(&format!("updates/{}/destroy.json", ids[1]), "");
    assert_eq!(rig.get(&format!("updates/{}.json", ids[1])).status, 404);
    assert_eq!(rig.pending(&profile).len(), 3);
}

#[test]
fn paging_and_since_cut_the_list() {
    let rig = Rig::demo(12);
    let profile = first_profile(&rig);
    let page = |query: &str| {
        rig.get(&format!("profiles/{profile}/updates/pending.json?{query}"))
            .json()
    };
    let all = page("count=100")["updates"].as_array().unwrap().clone();
    let second = page("page=2&count=5");
    assert_eq!(second["updates"].as_array().unwrap()[..], all[5..10]);
    assert_eq!(second["total"], 12);
    assert_eq!(page("page=4&count=5")["updates"], json!([]));
    assert_eq!(page("page=9223372036854775807")["updates"], json!([]));
    let since = all[3]["created_at"].as_i64().unwrap();
    let newer = all
        .iter()
        .filter(|u| u["created_at"].as_i64() > Some(since))
        .count();
    assert_eq!(page(&format!("since={since}"))["total"], newer);
    let sent = rig.list(&profile, "sent");
    let since = sent[7]["sent_at"].as_i64().unwrap();
    let cut = rig
        .get(&format!(
            "profiles/{profile}/updates/sent.json?since={since}"
        ))
        .json();
    assert_eq!(
        cut["updates"].as_array().unwrap()[..],
        sent[..7],
        "strictly after"
    );
}

#[test]
fn html_holds_anchors_and_nothing_else_of_the_text() {
    let rig = Rig::empty();
    let profile = rig.profile("acme", "UTC", &["09:00"]);
    let text = "<b>&\" @ann likes #rust https://example.com/?a=1&b=2 javascript:alert(1)";
    let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let id = rig.update(&profile, &form, "");
    let html = rig.get(&format!("updates/{id}.json")).json()["text_formatted"].clone();
    let html = html.as_str().unwrap();
    assert!(html.starts_with("&lt;b&gt;&amp;&quot; "), "{html}");
    for part in [
        "<a class=\"username\"",
        ">@ann</a>",
        "<a class=\"hashtag\"",
        ">#rust</a>",
        "<a class=\"url\" href=\"https://example.com/?a=1&amp;b=2\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("href=\"javascript"), "{html}");
}

#[test]
fn the_rest_of_the_api_answers() {
    let rig = Rig::demo(3);
    let user = rig.get("user.json").json();
    assert_like(
        "user",
        &json!({"id": "", "name": "", "plan": "", "timezone": ""}),
        &user,
    );
    let profile = first_profile(&rig);
    let one = rig.get(&format!("profiles/{profile}.json")).json();
    let like = json!({
        "id": "", "service": "", "service_id": "", "service_username": "", "schedules": [
            {"days": [""], "times": [""]}
        ], "counts": {"pending": 0, "sent": 0}, "timezone": "", "user_id": "", "default": true,
        "statistics": {"followers": 0}, "formatted_username": "", "avatar": "", "team_members": []
        , "created_at": 0
    });
    let mut like = like;
    like.as_object_mut().unwrap().remove("team_members");
    assert_like("profile", &like, &one);
    assert_eq!(one["counts"]["pending"], 3);
    let configuration = rig.get("info/configuration.json").json();
    assert_eq!(
        configuration["services"]["twitter"]["types"]["profile"]["name"],
        "X"
    );
    assert_eq!(configuration["qurate"]["connections"], json!(["demo"]));
    let shares = rig
        .get("links/shares.json?url=http%3A%2F%2Fnowhere.example")
        .json();
    assert_eq!(shares, json!({"shares": 0}));
    let schedules = rig
        .get(&format!("profiles/{profile}/schedules.json"))
        .json();
    assert_eq!(schedules[0]["days"][0], "mon");
    let pretty = rig.get("user.json?pretty=true");
    assert!(pretty.body.starts_with(b"{\n"));
}

#[test]
fn a_profile_is_made_changed_and_removed() {
    let rig = Rig::empty();
    let id = rig.profile("acme", "Europe/Berlin", &["09:00"]);
    rig.update(&id, "x", "");
    let changed = rig.done(
        &format!("profiles/{id}/update.json"),
        "name=new&timezone=UTC",
    );
    assert_eq!(changed["service_username"], "new");
    assert_eq!(changed["profile"]["timezone"], "UTC");
    rig.done(&format!("profiles/{id}/destroy.json"), "");
    assert_eq!(rig.get("profiles.json").json(), json!([]));
    assert_eq!(rig.get(&format!("profiles/{id}.json")).json()["code"], 1010);
}

#[test]
fn the_revision_grows_with_every_change_and_only_then() {
    let rig = Rig::empty();
    let profile = rig.profile("acme", "UTC", &["09:00"]);
    let revision = || {
        let path = format!("profiles/{profile}/updates/pending.json?count=1");
        rig.get(&path).json()["revision"].as_u64().unwrap()
    };
    let start = revision();
    assert_eq!(revision(), start);
    let id = rig.update(&profile, "a", "");
    let created = revision();
    assert!(created > start);
    rig.done(&format!("updates/{id}/update.json"), "text=b");
    assert!(revision() > created);
}
