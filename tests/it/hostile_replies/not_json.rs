//! Bodies that are no JSON: the request may have been done.

use super::*;

#[tokio::test]
async fn bodies_that_are_no_json() {
    run(vec![
        ("empty", Pending, yes(""), Unknown),
        ("empty", Share, yes(""), Unknown),
        (
            "no content",
            Share,
            raw("HTTP/1.1 204 No Content\r\n\r\n"),
            Unknown,
        ),
        (
            "truncated JSON",
            Pending,
            yes(r#"{"total":1,"updates":[{"id":"u"#),
            Unknown,
        ),
        (
            "truncated JSON",
            Create,
            yes(r#"{"success":true,"updates":[{"id":"u"#),
            Unknown,
        ),
        (
            "garbage",
            Pending,
            yes(b"\x00\xff\x1f\x8b\x08garbage"),
            Unknown,
        ),
        ("garbage", Edit, yes("ok"), Unknown),
        (
            "a page of a captive portal",
            Pending,
            html("200 OK"),
            Unknown,
        ),
        ("a page of a captive portal", Share, html("200 OK"), Unknown),
        (
            "a page of a captive portal",
            Create,
            html("200 OK"),
            Unknown,
        ),
    ])
    .await;
}

#[tokio::test]
async fn json_that_is_broken_inside() {
    let deep = |n: usize| "[".repeat(n);
    let mut bad_utf8 = page_of(&update("")).into_bytes();
    let at = bad_utf8.iter().position(|&b| b == b'a').unwrap();
    bad_utf8.insert(at, 0xff);
    run(vec![
        (
            "not a number",
            Pending,
            yes(page_of(&update(r#","due_at":NaN"#))),
            Unknown,
        ),
        (
            "infinite",
            Pending,
            yes(page_of(&update(r#","due_at":1e999"#))),
            Unknown,
        ),
        (
            "half a character",
            Pending,
            yes(page_of(&update(r#","via":"\ud83d""#))),
            Unknown,
        ),
        ("bytes that are not UTF-8", Pending, yes(bad_utf8), Unknown),
        (
            "a raw control character",
            Pending,
            yes(page_of(&update(",\"via\":\"\u{1}\""))),
            Unknown,
        ),
        ("a deep list", Pending, yes(deep(1_000_000)), Unknown),
        (
            "a deep list in a field",
            Pending,
            yes(page_of(&update(&format!(
                r#","statistics":{}"#,
                deep(100_000)
            )))),
            Unknown,
        ),
        (
            "a deep list in an unknown field",
            Pending,
            yes(format!(r#"{{"x":{}"#, deep(100_000))),
            Unknown,
        ),
        (
            "a deep object",
            Share,
            yes(r#"{"a":"#.repeat(100_000)),
            Unknown,
        ),
        (
            "something behind the end",
            Pending,
            yes(r#"{"total":0,"updates":[]}{}"#),
            Unknown,
        ),
        (
            "something behind the end",
            Share,
            yes(r#"{"success":true} <!-- 3 ms -->"#),
            Unknown,
        ),
        ("a comma too many", Profiles, yes("[{},]"), Unknown),
    ])
    .await;
}
