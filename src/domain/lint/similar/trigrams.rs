//! What of a text is compared, as a set of trigrams, and when two sets are similar.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::domain::text::links;

/// Returns the form of a text in which it is compared.
pub fn simplified(text: &str) -> String {
    let mut simple = String::with_capacity(text.len());
    let mut from = 0;
    let found = if text.contains(['.', ':']) {
        links(text)
    } else {
        Vec::new()
    };
    for link in found {
        simplify(&text[from..link.range.start], &mut simple);
        simplify(" ", &mut simple);
        simplify(reduced(&text[link.range.clone()]), &mut simple);
        from = link.range.end;
    }
    simplify(&text[from..], &mut simple);
    let simple = simple.trim();
    if simple.is_empty() {
        // Nothing but signs: then they are the text.
        return text.trim().to_lowercase();
    }
    simple.to_owned()
}

/// Of a link host and path: who is counted as coming from where is no other text.
fn reduced(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    rest.split(['?', '#']).next().unwrap_or(rest)
}

fn simplify(part: &str, simple: &mut String) {
    if part.is_ascii() {
        // Composing changes nothing in these, and is what takes longest.
        for c in part.bytes() {
            if c.is_ascii_alphanumeric() {
                simple.push(char::from(c.to_ascii_lowercase()));
            } else if !simple.ends_with(' ') {
                simple.push(' ');
            }
        }
        return;
    }
    for c in part.nfc() {
        if c.is_alphanumeric() || is_combining_mark(c) {
            simple.extend(c.to_lowercase());
        } else if !simple.ends_with(' ') {
            simple.push(' ');
        }
    }
}

/// Returns the trigrams of a text, ascending and each once; a space stands before and behind it.
pub fn trigrams(text: &str) -> Vec<u64> {
    let simple = simplified(text);
    if simple.is_empty() {
        return Vec::new();
    }
    let padded = [' '].into_iter().chain(simple.chars()).chain([' ']);
    let padded: Vec<u64> = padded.map(|c| u64::from(u32::from(c))).collect();
    let pack = |three: &[u64]| three.iter().fold(0, |packed, c| packed << 21 | c);
    let mut found: Vec<u64> = padded.windows(3).map(pack).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Says whether two sets of trigrams are similar: 0.9 or more of all of them are in both.
pub fn similar(one: &[u64], other: &[u64]) -> bool {
    let mut both = 0;
    let (mut i, mut j) = (0, 0);
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        both += usize::from(a == b);
        i += usize::from(a <= b);
        j += usize::from(b <= a);
    }
    let all = one.len() + other.len() - both;
    both > 0 && both * 10 >= all * 9
}
