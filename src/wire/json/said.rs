//! What a server says when it says no: two shapes, and a number of odd ones.

use serde::Deserialize;
use serde_json::Value;

use super::lenient::{number, truth};
use super::slim::Slim;

/// How much of a message is kept, in characters.
const MESSAGE_CAP: usize = 500;

/// What a reply says of itself, whatever else it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// `success`, if it says so.
    pub success: Option<bool>,
    /// One of the codes of `buffer-api.md` A6.
    pub code: Option<i64>,
    /// What happened, without tags and cut to 500 characters, but else raw.
    pub message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Shape {
    success: Option<Slim>,
    code: Option<Slim>,
    error: Option<Slim>,
    message: Option<Slim>,
}

impl Said {
    /// Reads it; none if the body is no JSON object.
    pub fn read(body: &[u8]) -> Option<Self> {
        let shape: Shape = super::read_object(body).ok()?;
        let inner = |name: &str| {
            shape
                .error
                .as_ref()
                .and_then(|error| error.0.get(name))
                .cloned()
        };
        let message = [&shape.message, &shape.error]
            .into_iter()
            .find_map(|value| plain_text(&value.as_ref()?.0));
        Some(Self {
            success: shape.success.as_ref().and_then(|flag| truth(&flag.0)),
            code: shape
                .code
                .as_ref()
                .map(|code| code.0.clone())
                .or_else(|| inner("code"))
                .as_ref()
                .and_then(number),
            message: message.map(|raw| tidy(&raw)),
        })
    }

    /// Says whether it is an API's error: a proxy's page has neither a code nor a message.
    pub fn is_error(&self) -> bool {
        self.code.is_some() || self.message.is_some()
    }
}

/// Returns the text of a message that is one, or an object with one (`text`, `message`), as far as
/// anybody reads it.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim(),
        Value::Object(fields) => ["text", "message", "error"]
            .iter()
            .find_map(|name| fields.get(*name)?.as_str())?
            .trim(),
        _ => return None,
    };
    (!text.is_empty()).then(|| text.chars().take(4 * MESSAGE_CAP).collect())
}

/// The raw text was cut before: the search for tags is quadratic.
fn tidy(raw: &str) -> String {
    without_tags(raw).chars().take(MESSAGE_CAP).collect()
}

/// Drops HTML tags and resolves the few entities that matter. A `<` that opens no tag stays.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let is_tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        if let Some((_, behind)) = after.split_once('>').filter(|_| is_tag) {
            rest = behind;
        } else {
            text.push('<');
            rest = after;
        }
    }
    text.push_str(rest);
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#039;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(text, |text, (entity, plain)| text.replace(entity, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> Said {
        Said::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn every_shape_of_an_error_is_read() {
        for json in [
            r#"{"success":false,"code":1025,"error":"no","message":"no"}"#,
            r#"{"code":1025,"error":"no"}"#,
            r#"{"code":"1025","message":{"text":"no","link":"x"}}"#,
            r#"{"error":{"code":1025,"message":"no"}}"#,
            r#"{"code":1025.0,"message":"","error":" <b class='a'>no</b> "}"#,
        ] {
            let read = said(json);
            assert_eq!(
                (read.code, read.message.as_deref()),
                (Some(1025), Some("no")),
                "{json}"
            );
        }
        assert_eq!(said(r#"{"success":"false"}"#).success, Some(false));
        assert_eq!(said(r#"{"success":0}"#).success, Some(false));
        assert_eq!(said(r#"{"success":null}"#).success, None);
    }

    #[test]
    fn a_proxys_page_is_no_error_of_an_api() {
        for body in ["", "<html>", "[]", "null", "[1025]", "\"no\"", "{\"code\""] {
            assert_eq!(Said::read(body.as_bytes()), None, "{body}");
        }
        assert!(!said(r#"{"status":"down","code":null}"#).is_error());
    }

    #[test]
    fn messages_lose_their_tags_and_their_length_is_limited() {
        let long = format!(r#"{{"message":"{}"}}"#, "é".repeat(900));
        assert_eq!(said(&long).message.unwrap().chars().count(), MESSAGE_CAP);
        for (html, text) in [
            ("a <a href='x'>b</a>.", "a b."),
            ("1 < 2 <3 and 4 > 3", "1 < 2 <3 and 4 > 3"),
            ("unclosed <a", "unclosed <a"),
            ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ] {
            assert_eq!(without_tags(html), text);
        }
    }
}
