//! Replies that were right, made wrong in one way or another.

use serde_json::{Map, Value};

/// Stands in the tree for raw text that no tree can hold; where it is written, the text comes.
const MARK: &str = "\u{1}raw\u{1}";

/// Texts that try to act on a terminal, or to hide something.
pub(crate) const HOSTILE: [&str; 14] = [
    "\u{1b}[31mred\u{1b}[2J\u{1b}[H\u{1b}[?1049l",
    "\u{1b}]0;title\u{7}\u{1b}]8;;http://x\u{1b}\\link\u{1b}]52;c;eA==\u{7}",
    "\u{1b}P+q544e\u{1b}\\\u{1b}_apc\u{1b}\\\u{1b}^pm\u{1b}\\\u{1b}X sos\u{1b}\\",
    "\u{1b}[201~pasted\u{1b}[200~\u{1b}c\u{1b}(0",
    "\u{9b}2J\u{9d}52;c;eA==\u{9c}\u{90}q\u{98}\u{9e}\u{9f}\u{85}\u{84}\u{8d}",
    "\0\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\t\n\u{b}\u{c}\r\u{e}\u{f}\u{10}\u{11}\u{12}\u{13}",
    "\u{14}\u{15}\u{16}\u{17}\u{18}\u{19}\u{1a}\u{1c}\u{1d}\u{1e}\u{1f}\u{7f}",
    "\u{202a}a\u{202b}b\u{202c}c\u{202d}d\u{202e}e\u{2066}f\u{2067}g\u{2068}h\u{2069}\u{200e}\u{200f}\u{61c}",
    "z\u{200b}e\u{200c}r\u{200d}o\u{2060}w\u{feff}i\u{ad}d\u{34f}t\u{180e}h\u{2063}",
    "tags\u{e0001}\u{e0041}\u{e0042}\u{e007f}\u{e0100}\u{fe0f}\u{fe00}",
    "marks a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "lines\u{2028}and\u{2029}paragraphs\r\n\r\n\n\rend",
    "👩‍👩‍👧‍👦👍🏽🏳️‍🌈 漢字 ﷽ \u{1f1e6}\u{1f1e6}\u{1f1e6} \u{1d173}\u{13430}",
    "../../etc/passwd?access_token=x#/%2e%2e/\u{0}",
];

/// Raw values that are no value, or none that anybody expects.
const RAW: [&[u8]; 22] = [
    b"NaN",
    b"1e999",
    b"-1e999",
    b"99999999999999999999999999",
    b"-9223372036854775809",
    b"1.5",
    b"-1",
    b"0",
    b"true",
    b"null",
    b"\"\"",
    b"[]",
    b"{}",
    b"[[[[]]]]",
    b"\"\\ud800\"",
    b"\"\\udc00\\ud800\"",
    b"\"\xff\xfe\"",
    b"\"\xed\xa0\x80\"",
    b"\"../../x\"",
    b"\"12\"",
    b"{\"id\":1,\"id\":2}",
    b"Infinity",
];

/// Makes a body wrong.
pub(crate) fn spoil(body: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    match random.u8(..32) {
        0 => return body[..random.usize(..=body.len())].to_vec(),
        1 => return [body, b"x"].concat(),
        2 => return nested(body, random),
        3 => return bytes_changed(body, random),
        4 => return Vec::new(),
        _ => {}
    }
    let Ok(mut tree) = serde_json::from_slice::<Value>(body) else {
        return bytes_changed(body, random);
    };
    let mut raw: Vec<Vec<u8>> = Vec::new();
    for _ in 0..=random.u8(..3) {
        change(&mut tree, &mut raw, random);
    }
    written(&tree, &raw)
}

fn nested(body: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let depth = [100, 130, 100_000][random.usize(..3)];
    let (open, close) = if random.bool() {
        ("[", "]")
    } else {
        ("{\"updates\":", "}")
    };
    let (open, close) = (open.repeat(depth), close.repeat(depth));
    [open.as_bytes(), body, close.as_bytes()].concat()
}

fn bytes_changed(body: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut body = body.to_vec();
    for _ in 0..random.usize(1..8) {
        if let Some(at) = (!body.is_empty()).then(|| random.usize(..body.len())) {
            body[at] = random.u8(..);
        }
    }
    body
}

/// Changes one thing somewhere in the tree.
fn change(tree: &mut Value, raw: &mut Vec<Vec<u8>>, random: &mut fastrand::Rng) {
    match tree {
        Value::Array(list) if !list.is_empty() && random.u8(..8) > 0 => {
            let at = random.usize(..list.len());
            match random.u8(..12) {
                0 => list.push(list[at].clone()),
                1 => list.truncate(at),
                2 => random.shuffle(list),
                3 => {
                    let one = list[at].clone();
                    list.extend(std::iter::repeat_n(one, 300));
                }
                _ => change(&mut list[at], raw, random),
            }
        }
        Value::Object(map) if !map.is_empty() && random.u8(..8) > 0 => {
            let at = random.usize(..map.len());
            let key = map.keys().nth(at).cloned().unwrap_or_default();
            match random.u8(..12) {
                0 => drop(map.remove(&key)),
                1 => twice(map, &key, raw),
                2 => drop(map.insert(hostile(random), Value::from(7))),
                _ => {
                    if let Some(value) = map.get_mut(&key) {
                        change(value, raw, random);
                    }
                }
            }
        }
        _ => *tree = other_value(raw, random),
    }
}

fn hostile(random: &mut fastrand::Rng) -> String {
    HOSTILE[random.usize(..HOSTILE.len())].to_owned()
}

fn other_value(raw: &mut Vec<Vec<u8>>, random: &mut fastrand::Rng) -> Value {
    let bytes = match random.u8(..100) {
        // Every string must be safe to show, so most of what is put in is text.
        0..60 => return Value::from(hostile(random)),
        60..63 => return Value::from("long ".repeat(20_000)),
        63 => return Value::from("x".repeat(1_000_000)),
        _ => RAW[random.usize(..RAW.len())].to_vec(),
    };
    raw.push(bytes);
    Value::from(format!("{MARK}{}", raw.len() - 1))
}

/// Writes a key a second time, which no tree can say.
fn twice(map: &mut Map<String, Value>, key: &str, raw: &mut Vec<Vec<u8>>) {
    let name = serde_json::to_string(key).unwrap_or_default();
    let value = map.get(key).cloned().unwrap_or_default();
    raw.push(format!("{value},{name}:null").into_bytes());
    map.insert(key.to_owned(), format!("{MARK}{}", raw.len() - 1).into());
}

/// Writes the tree, and the raw values where their marks are.
fn written(tree: &Value, raw: &[Vec<u8>]) -> Vec<u8> {
    let mut body = tree.to_string().into_bytes();
    // From the last, as the raw text of one may hold the mark of one before.
    for (number, text) in raw.iter().enumerate().rev() {
        let mark = serde_json::to_string(&format!("{MARK}{number}")).unwrap_or_default();
        let found = body.windows(mark.len()).position(|w| w == mark.as_bytes());
        if let Some(at) = found {
            body.splice(at..at + mark.len(), text.iter().copied());
        }
    }
    body
}
