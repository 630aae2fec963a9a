//! JSON that is not what the API promises, and odd JSON that still makes sense.

use super::*;

#[tokio::test]
async fn pages_that_are_not_what_the_api_promises() {
    run(vec![
        ("null", Pending, yes("null"), Malformed(".")),
        (
            "a list for an object",
            Pending,
            yes("[0,[]]"),
            Malformed("."),
        ),
        (
            "an object for a list",
            Profiles,
            yes(r#"{"profiles":[]}"#),
            Malformed("."),
        ),
        (
            "total is missing",
            Pending,
            yes(r#"{"updates":[]}"#),
            Malformed("total"),
        ),
        (
            "total is null",
            Pending,
            yes(r#"{"total":null,"updates":[]}"#),
            Malformed("total"),
        ),
        (
            "total is negative",
            Pending,
            yes(r#"{"total":-1,"updates":[]}"#),
            Malformed("total"),
        ),
        (
            "total is huge",
            Pending,
            yes(r#"{"total":1e300,"updates":[]}"#),
            Malformed("total"),
        ),
        (
            "total is a word",
            Pending,
            yes(r#"{"total":"many","updates":[]}"#),
            Malformed("total"),
        ),
        (
            "updates are missing",
            Pending,
            yes(r#"{"total":0}"#),
            Malformed("updates"),
        ),
        (
            "updates are null",
            Pending,
            yes(r#"{"total":0,"updates":null}"#),
            Malformed("updates"),
        ),
        (
            "updates are an object",
            Pending,
            yes(r#"{"total":0,"updates":{}}"#),
            Malformed("updates"),
        ),
        (
            "an update is a number",
            Pending,
            yes(page_of("7")),
            Malformed("updates[0]"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn ids_and_fields_of_updates_that_make_no_sense() {
    let twice = page_of(&format!("{},{}", update(""), update("")));
    run(vec![
        (
            "an id leads elsewhere",
            Pending,
            yes(page_of(
                r#"{"id":"../../x","profile_id":"p1","status":"buffer"}"#,
            )),
            Malformed("updates[0].id"),
        ),
        (
            "an id has a line break",
            Pending,
            yes(page_of(
                r#"{"id":"u\r\nX: 1","profile_id":"p1","status":"buffer"}"#,
            )),
            Malformed("updates[0].id"),
        ),
        (
            "an id is an object",
            Pending,
            yes(page_of(
                r#"{"id":{"$oid":"u1"},"profile_id":"p1","status":"buffer"}"#,
            )),
            Malformed("updates[0].id"),
        ),
        (
            "no id",
            Pending,
            yes(page_of(r#"{"profile_id":"p1","status":"buffer"}"#)),
            Malformed("updates[0].id"),
        ),
        (
            "an id twice",
            Pending,
            yes(twice),
            Malformed("updates[1].id"),
        ),
        (
            "another profile",
            Pending,
            yes(page_of(
                r#"{"id":"u1","profile_id":"p2","status":"buffer"}"#,
            )),
            Malformed("updates[0].profile_id"),
        ),
        (
            "a key twice",
            Pending,
            yes(page_of(&update(r#","text":"b""#))),
            Malformed("updates[0]"),
        ),
        (
            "a time that is a list",
            Pending,
            yes(page_of(&update(r#","due_at":[]"#))),
            Malformed("updates[0].due_at"),
        ),
        (
            "a time too late",
            Pending,
            yes(page_of(&update(r#","due_at":99999999999999999999"#))),
            Malformed("updates[0].due_at"),
        ),
        (
            "a text that is a flag",
            Pending,
            yes(page_of(&update("").replace("\"a\"", "true"))),
            Malformed("updates[0].text"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn answers_about_something_else_or_nothing() {
    run(vec![
        (
            "another update",
            Update,
            yes(update("").replace("u1", "u2")),
            Malformed("id"),
        ),
        ("an empty object", Update, yes("{}"), Malformed("id")),
        (
            "success and no update",
            Edit,
            yes(r#"{"success":true}"#),
            Malformed("update"),
        ),
        (
            "success and an empty update",
            Edit,
            yes(r#"{"success":true,"update":{}}"#),
            Malformed("update.id"),
        ),
        (
            "success and another update",
            Edit,
            yes(format!(
                r#"{{"success":true,"update":{}}}"#,
                update("").replace("u1", "u2")
            )),
            Malformed("id"),
        ),
        (
            "success and no updates",
            Create,
            yes(r#"{"success":true}"#),
            Malformed("updates"),
        ),
        (
            "success and none made",
            Create,
            yes(r#"{"success":true,"updates":[]}"#),
            Malformed("updates"),
        ),
        (
            "made for another profile",
            Create,
            yes(format!(
                r#"{{"success":true,"updates":[{}]}}"#,
                update("").replace("p1", "p2")
            )),
            Malformed("updates[0].profile_id"),
        ),
        (
            "made without an id",
            Create,
            yes(r#"{"success":true,"updates":[{"text":"a","profile_id":"p1","status":"buffer"}]}"#),
            Malformed("updates[0].id"),
        ),
        ("no word of success", Share, yes("{}"), Malformed("success")),
        (
            "success is null",
            Share,
            yes(r#"{"success":null}"#),
            Malformed("success"),
        ),
        (
            "a queue that is none",
            Reorder,
            yes(r#"{"success":true,"updates":7}"#),
            Malformed("updates"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn other_lists_that_are_not_what_the_api_promises() {
    run(vec![
        ("nobody", User, yes(r#"{"name":"Ann"}"#), Malformed("id")),
        (
            "a profile without a network",
            Profiles,
            yes(r#"[{"id":"p1"}]"#),
            Malformed("[0].service"),
        ),
        (
            "a profile twice",
            Profiles,
            yes(r#"[{"id":"p1","service":"x"},{"id":"p1","service":"x"}]"#),
            Malformed("[1].id"),
        ),
        (
            "a profile's id leads elsewhere",
            Profiles,
            yes(r#"[{"id":"p1","service":"x"},{"id":"..","service":"x"}]"#),
            Malformed("[1].id"),
        ),
        (
            "a slot that is no time",
            Schedules,
            yes(r#"[{"days":["mon"],"times":["9:00","25:00"]}]"#),
            Malformed("[0].times[1]"),
        ),
        (
            "a negative number of shares",
            Shares,
            yes(r#"{"shares":-1}"#),
            Malformed("shares"),
        ),
        (
            "an interaction without an event",
            Interactions,
            yes(r#"{"total":1,"interactions":[{"id":"i"}]}"#),
            Malformed("interactions[0].event"),
        ),
        (
            "interactions are missing",
            Interactions,
            yes(r#"{"total":1}"#),
            Malformed("interactions"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn odd_replies_that_make_sense_are_read() {
    let odd = update(r#","due_at":"5","created_at":5.0,"media":[],"pinned":0,"new":{"a":[]}"#);
    run(vec![
        (
            "strings and floats",
            Pending,
            yes(page_of(&odd).replace(":1,", ":\"1\",")),
            Fine,
        ),
        (
            "an id only as _id",
            Update,
            yes(update("").replace("\"id\"", "\"_id\"")),
            Fine,
        ),
        (
            "text is null",
            Update,
            yes(update("").replace("\"a\"", "null")),
            Fine,
        ),
        ("moved, bare", Top, yes(update("")), Fine),
        (
            "moved, wrapped",
            Top,
            yes(format!(r#"{{"success":true,"update":{}}}"#, update(""))),
            Fine,
        ),
        (
            "moved, both",
            Top,
            yes(update(&format!(
                r#","success":true,"update":{}"#,
                update("")
            ))),
            Fine,
        ),
        ("success is 1", Share, yes(r#"{"success":1}"#), Fine),
        (
            "a byte more around it",
            Share,
            yes("\n {\"success\":true}\r\n"),
            Fine,
        ),
        (
            "nothing of ours",
            Configuration,
            yes(r#"{"services":{}}"#),
            Fine,
        ),
        (
            "ours is null",
            Configuration,
            yes(r#"{"qurate":null}"#),
            Fine,
        ),
        ("shares", Shares, yes(r#"{"shares":47348}"#), Fine),
        ("shares alone", Shares, yes("47348"), Fine),
        ("no profiles", Profiles, yes("[]"), Fine),
        (
            "an unheard-of network and zone",
            Profiles,
            yes(r#"[{"id":"p1","service":"new","timezone":"?","schedules":null,"counts":[]}]"#),
            Fine,
        ),
        (
            "a failed update is no refusal",
            Update,
            yes(update(r#","error":{"text":"no"}"#)),
            Fine,
        ),
        (
            "no length, ends with the connection",
            Share,
            raw("HTTP/1.0 200 OK\r\n\r\n{\"success\":true}"),
            Fine,
        ),
    ])
    .await;
}
