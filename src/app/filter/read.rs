//! Reads what a person types into the line of the filter.
//!
//! `words "a phrase" tag:x has:link has:picture before:WHEN after:WHEN is:pinned dup:`, each with `-`
//! before it for what must not be. `dup:` is what says the same as another pending or recently sent
//! update of the profile, or nearly (as lint finds it: trigram similarity of at least 0.9). A value with spaces stands in quotes: `before:"fri 14:30"`.

use chrono_tz::Tz;

use super::{Filter, Needle, Part, Quality, Term, Test};
use crate::app::when;
use crate::domain::nearest::nearest;
use crate::domain::time::Timestamp;

const KEYS: [&str; 6] = ["tag", "has", "before", "after", "is", "dup"];
const PARTS: [&str; 3] = ["link", "image", "picture"];
const QUALITIES: [&str; 6] = ["pinned", "failed", "held", "waiting", "own", "over"];

/// One word as it was typed.
#[derive(Debug, Default)]
struct Word {
    negated: bool,
    /// What stands before the first colon, if it can be a key.
    key: Option<String>,
    /// All of it without quotes; behind the colon if there is a key.
    value: String,
}

/// Reads a filter; times are those of `zone`.
pub fn read(text: &str, zone: Tz, now: Timestamp) -> Filter {
    let mut filter = Filter::default();
    for word in words(text) {
        match test(&word, zone, now) {
            Ok(Some(found)) => filter.terms.push(Term {
                negated: word.negated,
                test: found,
            }),
            Ok(None) => {}
            Err(problem) => filter.problems.push(problem),
        }
    }
    filter
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut word = Word::default();
        if let Some(after) = rest.strip_prefix('-') {
            word.negated = true;
            rest = after;
        }
        let mut quoted = false;
        let mut plain = true;
        let mut end = rest.len();
        for (at, c) in rest.char_indices() {
            match c {
                '"' => {
                    quoted = !quoted;
                    plain &= word.key.is_some();
                }
                ':' if plain && word.key.is_none() && is_key(&word.value, &rest[at + 1..]) => {
                    word.key = Some(std::mem::take(&mut word.value).to_ascii_lowercase());
                }
                c if c.is_whitespace() && !quoted => {
                    end = at;
                    break;
                }
                c => word.value.push(c),
            }
        }
        rest = rest[end..].trim_start();
        words.push(word);
    }
    words
}

/// Says whether what stands before a colon can be a key: not in `https://…`, `12:30` or `Note:`.
fn is_key(word: &str, behind: &str) -> bool {
    let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphabetic());
    let word = word.to_ascii_lowercase();
    is_word && !behind.starts_with("//") && nearest(&word, &KEYS).is_some()
}

fn test(word: &Word, zone: Tz, now: Timestamp) -> Result<Option<Test>, String> {
    let value = word.value.as_str();
    let Some(key) = &word.key else {
        let needle = (!value.is_empty()).then(|| Test::Text(Needle::new(value)));
        return Ok(needle);
    };
    let lower = value.to_lowercase();
    let point = || {
        when::point(value, zone, now)
            .map_err(|_| format!("{key}: takes a time, as fri, tomorrow, 2026-12-01 or +2d"))
    };
    Ok(Some(match key.as_str() {
        "tag" => Test::Tag(lower),
        "dup" => Test::Repeated,
        "before" => Test::Before(point()?),
        "after" => Test::After(point()?),
        "has" => Test::Has(match lower.as_str() {
            "link" => Part::Link,
            "image" | "picture" => Part::Picture,
            _ => return Err(unknown(key, &lower, &PARTS)),
        }),
        "is" => Test::Is(match lower.as_str() {
            "pinned" => Quality::Pinned,
            "failed" => Quality::Failed,
            "held" => Quality::Held,
            "waiting" => Quality::Waiting,
            "own" => Quality::Own,
            "over" => Quality::Over,
            _ => return Err(unknown(key, &lower, &QUALITIES)),
        }),
        _ => {
            let right = nearest(key, &KEYS).unwrap_or("tag");
            return Err(format!("{key}: is no filter; {right}: is"));
        }
    }))
}

/// Says what a value could be.
fn unknown(key: &str, value: &str, known: &[&str]) -> String {
    match nearest(value, known) {
        Some(right) if !value.is_empty() => format!("{key}:{value} is not known; {key}:{right} is"),
        _ => format!("{key}: takes {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Subject;
    use super::*;
    use crate::domain::id::{LocalId, ProfileId};
    use crate::domain::replica::Mark;
    use crate::domain::update::{Body, Content, Media, OwnTime, Status, Update};

    // Monday 2026-11-23 10:00 in Berlin.
    const NOW: Timestamp = Timestamp(1_795_424_400);

    fn update() -> Update {
        Update {
            id: LocalId::from(ulid::Ulid::from(1)),
            remote: None,
            body: Body {
                profile: ProfileId::parse(&format!("{:024x}", 1)).unwrap(),
                content: Content {
                    text: "Release Notes: the café opens at 12:30".to_owned(),
                    media: Media {
                        link: "https://example.org/Cold".to_owned(),
                        ..Media::default()
                    }
                    .into(),
                },
                status: Status::Pending,
                created_at: NOW,
                due_at: None,
                own_time: Some(OwnTime {
                    at: NOW.plus(3600),
                    pinned: false,
                }),
                outcome: crate::domain::rare::Rare::default(),
            },
        }
    }

    fn lets_through(text: &str) -> bool {
        let tags = BTreeSet::from(["Launch".to_owned()]);
        let filter = read(text, Tz::Europe__Berlin, NOW);
        assert!(filter.problems.is_empty(), "{text}: {:?}", filter.problems);
        filter.matches(Subject {
            update: &update(),
            at: Some(NOW.plus(3600)),
            mark: Mark::Saved,
            tags: Some(&tags),
            profile: None,
            is_repeated: true,
        })
    }

    #[test]
    fn every_term_finds_what_it_says() {
        for text in [
            "",
            "-",
            "release",
            "NOTES rel",
            "\"release notes\"",
            "\"notes: the",
            "12:30",
            "notes:",
            "example.org/cold",
            "https://example",
            "CAFÉ",
            "cafe\u{301}",
            "tag:lau",
            "TAG:launch",
            "tag:",
            "has:link",
            "is:own",
            "is:waiting",
            "dup:",
            "before:tomorrow",
            "after:now",
            "before:\"mon 11:01\"",
            "after:\"mon 11\"",
            "-tag:x",
            "-has:image",
            "-is:pinned",
            "-nothing -\"notes release\"",
        ] {
            assert!(lets_through(text), "{text}");
        }
        for text in [
            "releases",
            "\"notes release\"",
            "-release",
            "release -notes",
            "tag:auch",
            "has:picture",
            "is:pinned",
            "is:failed",
            "is:held",
            "-dup:",
            "after:tomorrow",
            "before:\"mon 11\"",
            "-tag:launch",
            "kafé",
        ] {
            assert!(!lets_through(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_with_what_would_be_right_and_the_rest_holds() {
        for (text, said) in [
            ("is:pined", "is:pined is not known; is:pinned is"),
            ("has:pictur", "has:pictur is not known; has:picture is"),
            ("has:", "has: takes link, image, picture"),
            ("befor:fri", "befor: is no filter; before: is"),
            (
                "before:soon",
                "before: takes a time, as fri, tomorrow, 2026-12-01 or +2d",
            ),
        ] {
            let filter = read(&format!("release {text}"), Tz::UTC, NOW);
            assert_eq!(filter.problems, [said]);
            assert_eq!(
                filter,
                Filter {
                    problems: filter.problems.clone(),
                    ..read("release", Tz::UTC, NOW)
                }
            );
        }
    }

    #[test]
    fn a_longer_filter_narrows_and_another_does_not() {
        let narrows =
            |new: &str, old: &str| read(new, Tz::UTC, NOW).narrows(&read(old, Tz::UTC, NOW));
        for (new, old) in [
            ("rel", "re"),
            ("re x", "re"),
            ("tag:ab", "tag:a"),
            ("-r", "-re"),
            ("a", ""),
        ] {
            assert!(narrows(new, old), "{new} {old}");
        }
        for (new, old) in [
            ("re", "rel"),
            ("-re", "-r"),
            ("x", "y"),
            ("-a", "a"),
            ("is:own", "is:over"),
        ] {
            assert!(!narrows(new, old), "{new} {old}");
        }
    }

    #[test]
    fn what_was_looked_for_is_found_in_what_is_shown() {
        let filter = read("AB \"bc\" é -x", Tz::UTC, NOW);
        assert_eq!(filter.found_in("xabcÉab-ab"), [1..8, 9..11]);
    }
}
