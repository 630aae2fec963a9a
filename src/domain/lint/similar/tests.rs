use proptest::prelude::*;

use super::sketch::MIX;
use super::*;

mod steps;

fn id(n: usize) -> LocalId {
    LocalId::from(ulid::Ulid::from(n as u128))
}

/// Puts a text unless it is there already.
fn put(twins: &mut Twins, n: usize, text: &str, only_other: bool) {
    let mix = |d: u64, b: u8| (d ^ u64::from(b)).wrapping_mul(MIX);
    let digest = text.bytes().fold(7, mix);
    if !twins.keeps(id(n), digest) {
        twins.put(id(n), digest, text, only_other);
    }
}

/// Puts all texts and looks until all is found; `budget` is that of one step.
fn round(twins: &mut Twins, texts: &[(usize, String)], budget: u32) {
    twins.begin(texts.len());
    let lookup = |update: LocalId| {
        let found = texts.iter().find(|(n, _)| id(*n) == update);
        found.map(|(_, text)| text.as_str())
    };
    for (n, text) in texts {
        put(twins, *n, text, false);
    }
    twins.end();
    while !twins.look(&mut budget.clone(), &lookup) {}
}

/// For each text: whether another one is similar to it, and whether another one is the same.
fn naive(texts: &[(usize, String)]) -> Vec<(usize, bool)> {
    let sets: Vec<Vec<u64>> = texts.iter().map(|(_, text)| trigrams(text)).collect();
    let normal: Vec<String> = texts.iter().map(|(_, text)| normalized(text)).collect();
    let is = |i: usize, j: usize| normal[i] == normal[j];
    let like =
        |i: usize, j: usize| (is(i, j) && !sets[i].is_empty()) || similar(&sets[i], &sets[j]);
    let others = |i: usize| (0..texts.len()).filter(move |j| *j != i);
    (0..texts.len())
        .filter(|i| others(*i).any(|j| like(*i, j)))
        .map(|i| (texts[i].0, others(i).any(|j| is(i, j))))
        .collect()
}

fn found(twins: &Twins) -> Vec<(usize, bool)> {
    let of = |(update, twin): (&LocalId, &Twin)| {
        let n = usize::try_from(u128::from(update.ulid())).unwrap();
        (n, twin.same)
    };
    let mut found: Vec<_> = twins.found().iter().map(of).collect();
    found.sort_unstable();
    found
}

#[test]
fn case_spaces_signs_and_where_a_link_is_counted_make_no_other_text() {
    let one = "New on the blog: How we cut the cold start by half! https://www.acme.dev/cold?utm=x";
    let other = "new on the blog –  how we cut the cold start by HALF  https://acme.dev/cold#top";
    assert_eq!(simplified(one), simplified(other));
    assert_ne!(simplified(one), simplified(&one.replace("/cold", "/warm")));
    assert_eq!(simplified("🎉 🎉"), "🎉 🎉");
    assert!(trigrams("").is_empty());
    assert!(!similar(&[], &[]));
}

#[test]
fn nine_tenths_are_enough_and_less_are_not() {
    let set = |from: u64, to: u64| (from..to).collect::<Vec<u64>>();
    assert!(similar(&set(0, 10), &set(0, 9)));
    assert!(!similar(&set(0, 10), &set(0, 8)));
    assert!(!similar(&set(0, 20), &set(2, 21)));
}

#[test]
fn the_same_text_counts_more_than_a_like_one() {
    let text =
        "We are hiring a maintainer for the documentation. Remote, part time, starting soon.";
    let texts = [
        (0, text.to_owned()),
        (1, text.replace("soon", "soo")),
        (2, text.to_uppercase()),
        (3, format!(" {text}\n")),
        (4, "something else".to_owned()),
    ];
    let mut twins = Twins::default();
    round(&mut twins, &texts, 1000);
    assert_eq!(
        found(&twins),
        [(0, true), (1, false), (2, false), (3, true)]
    );
    assert_eq!(twins.found()[&id(3)].other, id(0));
}

/// Words of a small vocabulary, and a text that is another with a little changed.
fn texts() -> impl Strategy<Value = Vec<(usize, String)>> {
    let word = prop::sample::select(vec![
        "queue",
        "release",
        "is",
        "out",
        "the",
        "of",
        "faster",
        "search",
        "2.4",
        "tags",
        "😀",
        "https://acme.dev/a",
        "漢字",
        "we",
        "and",
        "hiring",
        "#rust",
        "@acme",
    ]);
    let base = prop::collection::vec(word, 0..60).prop_map(|words| words.join(" "));
    let bases = prop::collection::vec(base, 1..6);
    let change = (0usize..6, 0usize..400, "[a-z ]{0,6}");
    (bases, prop::collection::vec(change, 2..40)).prop_map(|(bases, changes)| {
        let one = |(base, at, put): (usize, usize, String)| {
            let base = &bases[base % bases.len()];
            let at = base
                .char_indices()
                .map(|(i, _)| i)
                .nth(at)
                .unwrap_or(base.len());
            format!("{}{put}{}", &base[..at], &base[at..])
        };
        changes.into_iter().map(one).enumerate().collect()
    })
}

#[test]
fn what_is_plain_is_simplified_as_all_else() {
    let cases = [
        "",
        "Tea & cake -- NOW!",
        "  a\tB\n\nc_d [e]  ",
        "#Rust @acme 2,4% ~",
    ];
    for plain in cases.map(|text| format!("x{text}")) {
        let other = simplified(&format!("{plain}é"));
        assert_eq!(simplified(&plain), other.trim_end_matches('é').trim());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_is_found_as_by_looking_at_every_pair(texts in texts(), budget in 1u32..500) {
        let mut twins = Twins::default();
        round(&mut twins, &texts, budget);
        prop_assert_eq!(found(&twins), naive(&texts));
    }

    #[test]
    fn after_changes_the_same_is_found_as_from_the_start(
        texts in texts(),
        gone in prop::collection::vec(0usize..40, 0..6),
        changed in prop::collection::vec((0usize..40, 0usize..40), 0..12),
    ) {
        let mut twins = Twins::default();
        round(&mut twins, &texts, 50);
        let mut texts = texts;
        for (to, from) in changed {
            let (to, from) = (to % texts.len(), from % texts.len());
            texts[to].1 = texts[from].1.clone();
        }
        texts.retain(|(n, _)| !gone.contains(n));
        round(&mut twins, &texts, 50);
        prop_assert_eq!(found(&twins), naive(&texts));
    }
}
