//! Lengths whose values the networks themselves tell.

use proptest::prelude::*;

use super::*;
use crate::domain::testing::cases;

fn used(service: &Service, text: &str) -> u32 {
    measure(service, text, None).used
}

#[test]
fn x_weighs_by_range() {
    let x = |text: &str| used(&Service::Twitter, text);
    assert_eq!(x(""), 0);
    assert_eq!(x("Hello, Wörld – “quoted”"), 23);
    assert_eq!(x("日本語"), 6);
    assert_eq!(x("ελληνικά русский עברית"), 22);
    // Composed first: one character, not two.
    assert_eq!(x("e\u{301}"), 1);
    assert_eq!(x("한"), 2);
    assert_eq!(x("\u{1112}\u{1161}\u{11AB}"), 2);
    assert_eq!(x("…"), 2);
}

#[test]
fn on_x_every_emoji_weighs_two() {
    let x = |text: &str| used(&Service::Twitter, text);
    for emoji in ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "1️⃣", "✨", "©️", "🏳️‍🌈"]
    {
        assert_eq!(x(emoji), 2, "{emoji}");
    }
    assert_eq!(x("©"), 1);
    assert_eq!(x("12"), 2);
}

#[test]
fn on_x_every_link_is_23() {
    let x = |text: &str| used(&Service::Twitter, text);
    assert_eq!(
        x("https://example.com/a/very/long/path/that/goes/on/and/on"),
        23
    );
    assert_eq!(x("http://t.co"), 23);
    assert_eq!(x("see example.com now"), 4 + 23 + 4);
    assert_eq!(x("a https://example.com, b"), 2 + 23 + 3);
    assert_eq!(x("mail a@example.com"), 18);
}

#[test]
fn x_allows_280() {
    let x = |text: &str| measure(&Service::Twitter, text, None);
    assert!(!x(&"a".repeat(280)).is_over());
    assert!(x(&"a".repeat(281)).is_over());
    assert!(!x(&"日".repeat(140)).is_over());
    assert!(x(&"日".repeat(141)).is_over());
    assert_eq!(x(&"a".repeat(300)).left(), Some(-20));
}

#[test]
fn mastodon_counts_graphemes_short_links_and_names() {
    let mastodon = |text: &str| used(&Service::Mastodon, text);
    assert_eq!(mastodon("日本語 👨‍👩‍👧‍👦"), 5);
    assert_eq!(
        mastodon("see https://example.com/a/very/long/path/that/goes/on"),
        4 + 23
    );
    // Without a scheme it is no link there.
    assert_eq!(mastodon("example.com"), 11);
    assert_eq!(mastodon("hi @ada@mastodon.social and @bob"), 3 + 4 + 5 + 4);
    assert_eq!(measure(&Service::Mastodon, "", None).limit, Some(500));
    assert_eq!(
        measure(&Service::Mastodon, "", Some(5000)).limit,
        Some(5000)
    );
}

#[test]
fn bluesky_has_two_limits() {
    let bluesky = |text: &str| measure(&Service::Bluesky, text, None);
    let family = "👨‍👩‍👧‍👦";
    assert_eq!(
        bluesky(&family.repeat(10)),
        Length {
            used: 10,
            limit: Some(300)
        }
    );
    let heavy = bluesky(&family.repeat(121));
    assert_eq!(
        heavy,
        Length {
            used: 121 * 25,
            limit: Some(3000)
        }
    );
    assert!(heavy.is_over());
    assert_eq!(
        bluesky(&"a".repeat(4000)),
        Length {
            used: 4000,
            limit: Some(300)
        }
    );
    assert_eq!(bluesky("https://example.com").used, 19);
}

#[test]
fn threads_counts_an_emoji_by_its_bytes() {
    let threads = |text: &str| used(&Service::Threads, text);
    assert_eq!(threads("日本"), 2);
    assert_eq!(threads("ok 😀"), 3 + 4);
    assert_eq!(threads("👍🏽"), 8);
}

#[test]
fn the_others_count_utf_16_units_against_the_limits_of_buffer() {
    for (service, limit) in [
        (Service::Facebook, 5000),
        (Service::Instagram, 2196),
        (Service::LinkedIn, 3000),
        (Service::Pinterest, 500),
        (Service::TikTok, 4000),
        (Service::YouTube, 5000),
        (Service::GoogleBusiness, 4000),
    ] {
        assert_eq!(
            measure(&service, "a😀日", None),
            Length {
                used: 4,
                limit: Some(limit)
            }
        );
    }
    let other = Service::Other("orkut".to_owned());
    assert_eq!(
        measure(&other, "ab", None),
        Length {
            used: 2,
            limit: None
        }
    );
    assert!(!measure(&other, "ab", None).is_over());
    assert!(measure(&other, "ab", Some(1)).is_over());
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn plain_ascii_words_count_one_each_everywhere(text in "[a-zA-Z ,!?]{0,300}") {
        for service in Service::known() {
            prop_assert_eq!(used(&service, &text) as usize, text.len());
        }
    }

    #[test]
    fn every_text_has_a_length(text in ".{0,60}") {
        for service in Service::known() {
            let length = measure(&service, &text, None);
            prop_assert_eq!(length.used == 0, text.is_empty());
        }
    }
}
