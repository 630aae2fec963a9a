//! What is and what is not a link, a mention, a hashtag; which texts are the same.

use proptest::prelude::*;

use super::*;
use crate::domain::testing::cases;

/// The entities of a text, as `L`, `M` or `H` and what they cover.
fn found(text: &str) -> Vec<String> {
    let kind = |kind| match kind {
        EntityKind::Link => "L",
        EntityKind::Mention => "M",
        EntityKind::Hashtag => "H",
    };
    entities(text)
        .into_iter()
        .map(|e| format!("{} {}", kind(e.kind), &text[e.range]))
        .collect()
}

#[test]
fn links_mentions_and_hashtags_are_found_in_order() {
    assert_eq!(
        found("Ship it https://example.com/a?b=c#d, thanks @ada_l! #rust #C++"),
        [
            "L https://example.com/a?b=c#d",
            "M @ada_l",
            "H #rust",
            "H #C"
        ]
    );
}

#[test]
fn links_need_a_scheme_or_a_known_ending() {
    assert_eq!(
        found("see example.com, EXAMPLE.ORG/x. and www.foo.de:80/y"),
        ["L example.com", "L EXAMPLE.ORG/x", "L www.foo.de:80/y"]
    );
    assert_eq!(
        found("(http://localhost:8080/1/) https://münchen.de/ä"),
        ["L http://localhost:8080/1/", "L https://münchen.de/ä"]
    );
    let none: [String; 0] = [];
    assert_eq!(
        found(
            "e.g. i.e. 1.5 v2.0 a.b foo.txt and so on...ok ftp://example.com/x mailto:a@example.com"
        ),
        none
    );
    assert_eq!(found("write to ada@example.com"), none);
}

#[test]
fn mentions_may_name_their_host() {
    assert_eq!(
        found("@ada @ada@mastodon.social, @ada.bsky.social. @bob.Then ＠eve"),
        [
            "M @ada",
            "M @ada@mastodon.social",
            "M @ada.bsky.social",
            "M @bob",
            "M ＠eve"
        ]
    );
    let none: [String; 0] = [];
    assert_eq!(found("a@b @ @@ada @é 5@home"), none);
}

#[test]
fn hashtags_are_words_of_any_script_but_no_numbers() {
    assert_eq!(
        found("#été #東京 #2nd #a_b. ＃tag"),
        ["H #été", "H #東京", "H #2nd", "H #a_b", "H ＃tag"]
    );
    let none: [String; 0] = [];
    assert_eq!(found("#1 # a#b &#39; #123"), none);
}

#[test]
fn the_same_text_is_the_same_in_every_composition_and_spacing() {
    assert_eq!(
        normalized("  Cafe\u{301}\r\n\t au  lait \u{a0}"),
        "Café au lait"
    );
    assert_eq!(normalized("   "), "");
    assert_ne!(normalized("Cafe"), normalized("cafe"));
}

#[test]
fn a_shortened_link_does_not_make_another_text() {
    let long = normalized_masking_links("New post: https://example.com/a/long/path?utm=1 #rust");
    let short = normalized_masking_links("New  post: http://buff.ly/x1 #rust");
    assert_eq!(long, short);
    assert_ne!(long, normalized_masking_links("New post: #rust"));
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn entities_are_ordered_apart_and_on_boundaries(text in "([a-c@#./: é東]|example\\.com|https://){0,20}") {
        let mut last = 0;
        for entity in entities(&text) {
            prop_assert!(entity.range.start >= last);
            prop_assert!(text.get(entity.range.clone()).is_some_and(|part| !part.is_empty()));
            last = entity.range.end;
        }
    }

    #[test]
    fn normalizing_twice_is_normalizing_once(text in "\\PC{0,20}|[ \\ta\u{301}\u{a0}\n]{0,12}|.{0,20}") {
        let once = normalized(&text);
        prop_assert_eq!(normalized(&once), once.clone());
        let masked = normalized_masking_links(&text);
        prop_assert_eq!(normalized(&masked), masked.clone());
    }
}
