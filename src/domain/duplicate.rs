//! Updates that say the same: a network, or the API, may refuse the second one.

use unicode_normalization::UnicodeNormalization as _;

use super::id::{IdSet, LocalId};

/// Returns the text without what does not make it another one: case, and how words are parted.
pub fn normalised(text: &str) -> String {
    let mut same = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !same.is_empty() {
            same.push(' ');
        }
        if word.is_ascii() {
            same.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            same.extend(word.nfc().flat_map(char::to_lowercase));
        }
    }
    same
}

/// Returns those of `updates` whose normalised text another one of them has too.
pub fn repeated<'a>(updates: impl Iterator<Item = (LocalId, &'a str)>) -> IdSet<LocalId> {
    let mut first: std::collections::HashMap<String, LocalId> = std::collections::HashMap::new();
    let mut found = IdSet::default();
    for (id, text) in updates {
        let same = normalised(text);
        if same.is_empty() {
            continue;
        }
        match first.get(&same) {
            Some(other) if *other != id => {
                found.insert(*other);
                found.insert(id);
            }
            Some(_) => {}
            None => {
                first.insert(same, id);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    #[test]
    fn case_and_space_do_not_make_another_text() {
        assert_eq!(normalised("  Tea or\n\tCOFFEE? "), "tea or coffee?");
        assert_eq!(normalised("CAFE\u{301}"), normalised("café"));
    }

    #[test]
    fn each_of_several_alike_is_found_and_nothing_else() {
        let id = |n: u128| LocalId::from(Ulid::from(n));
        let texts = [
            (1, "one"),
            (2, "two"),
            (3, "ONE"),
            (4, ""),
            (5, ""),
            (6, " one "),
        ];
        let found = repeated(texts.iter().map(|(n, text)| (id(*n), *text)));
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_unstable();
        assert_eq!(found, [id(1), id(3), id(6)]);
    }
}
