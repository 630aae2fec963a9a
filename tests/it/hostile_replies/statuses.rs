//! Statuses, and what comes with them.

use super::*;

#[tokio::test]
async fn statuses_and_what_comes_with_them() {
    let duplicate = r#"{"success":false,"code":1025,"error":"again","message":"again"}"#;
    run(vec![
        ("all four keys", Create, no("400 Bad Request", duplicate), Refused(400, Some(1025), "again")),
        ("no with a yes", Create, yes(duplicate), Refused(200, Some(1025), "again")),
        ("no with a yes and nothing else", Share, yes(r#"{"success":false}"#), Refused(200, None, "status 200")),
        ("no with a yes, to a read", Update, yes(r#"{"success":false,"code":1020}"#), Refused(200, Some(1020), "status 200, code 1020")),
        ("success as a text", Share, yes(r#"{"success":"false","message":"no"}"#), Refused(200, None, "no")),
        ("a code as a text", Share, no("404 Not Found", r#"{"code":"1020","error":"gone"}"#), Refused(404, Some(1020), "gone")),
        ("an error as an object", Share, no("400 Bad Request", r#"{"error":{"code":1022,"message":"sent"}}"#), Refused(400, Some(1022), "sent")),
        ("a message as an object", Share, no("400 Bad Request", r#"{"success":false,"message":{"text":"<b>no</b>"},"code":1022}"#), Refused(400, Some(1022), "no")),
        ("an unknown update", Update, no("404 Not Found", r#"{"code":1020,"error":"gone"}"#), Refused(404, Some(1020), "gone")),
        ("a proxy's 404", Update, html("404 Not Found"), Proxy(404)),
        ("a proxy's 403", Share, html("403 Forbidden"), Proxy(403)),
        ("a proxy's 407", Share, html("407 Proxy Authentication Required"), Proxy(407)),
        ("a 400 with no body", Create, no("400 Bad Request", ""), Proxy(400)),
        ("a 413 with a list", Reorder, no("413 Payload Too Large", "[1025]"), Proxy(413)),
        ("a 400 whose body is cut", Create, raw("HTTP/1.1 400 Bad Request\r\nContent-Length: 900\r\n\r\n{\"code\":10"), Proxy(400)),
        ("401 with no body", Pending, raw("HTTP/1.1 401 Authorization Required\r\nContent-Type: text/html\r\nContent-Length: 0\r\nWWW-Authenticate: OAuth realm='Service'\r\n\r\n"), Gives::SignIn),
        ("401 with a body", Create, no("401 Unauthorized", r#"{"code":401,"error":"no"}"#), Gives::SignIn),
        ("a token is required", Create, no("403 Forbidden", r#"{"code":1001,"error":"no"}"#), Gives::SignIn),
        ("a token of another scope", Pending, no("403 Forbidden", r#"{"code":"1002"}"#), Gives::SignIn),
        ("not your profile", Create, no("403 Forbidden", r#"{"code":1011,"error":"no"}"#), Refused(403, Some(1011), "no")),
        ("429 without a word", Create, no("429 Too Many Requests", ""), Later(None)),
        ("429 with seconds", Pending, Play::Answer(answer("429 Too Many Requests", "Retry-After: 17\r\n", "<html>")), Later(Some(17))),
        ("429 with a date", Share, Play::Answer(answer("429 Too Many Requests", "Date: Mon, 01 Jun 2026 10:00:00 GMT\r\nRetry-After: Mon, 01 Jun 2026 10:00:42 GMT\r\n", "")), Later(Some(42))),
        ("429 with a date in the past", Share, Play::Answer(answer("429 Too Many Requests", "Date: Mon, 01 Jun 2026 10:00:00 GMT\r\nRetry-After: Mon, 01 Jun 2026 09:00:00 GMT\r\n", "")), Later(Some(0))),
        ("429 with nonsense", Share, Play::Answer(answer("429 Too Many Requests", "Retry-After: soon\r\n", "")), Later(None)),
        ("429 for ever", Share, Play::Answer(answer("429 Too Many Requests", "Retry-After: 99999999999999999999\r\n", "")), Later(Some(86_400))),
        ("503 from the API", Share, Play::Answer(answer("503 Service Unavailable", "Retry-After: 5\r\n", r#"{"code":1000,"error":"busy"}"#)), Later(Some(5))),
        ("503 from a proxy", Share, Play::Answer(answer("503 Service Unavailable", "Retry-After: 5\r\n", "<html>")), Unknown),
        ("503 without a time", Share, no("503 Service Unavailable", r#"{"code":1000,"error":"busy"}"#), Unknown),
        ("500 from the API", Share, no("500 Internal Server Error", r#"{"code":1000,"error":"oops"}"#), Unknown),
        ("502 from a proxy", Create, html("502 Bad Gateway"), Unknown),
        ("504 from a proxy", Pending, html("504 Gateway Timeout"), Unknown),
        ("a status nobody knows", Share, no("799 Odd", r#"{"success":true}"#), Unknown),
    ])
    .await;
}
