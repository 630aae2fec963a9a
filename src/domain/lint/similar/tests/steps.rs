//! How much is done at a time, what is kept meanwhile, and what happens if texts change in between.

use std::cell::Cell;

use super::*;

/// How many steps of a thousand it takes to look through so many texts of which none are similar.
fn steps(count: u64) -> u32 {
    let text = |n: u64| {
        let word = |k: u32| format!("w{:x}", n.wrapping_mul(MIX).rotate_left(8 * k) & 0xffff);
        let words: Vec<String> = (0..7).map(word).collect();
        format!(
            "Read more in our handbook for maintainers: {}",
            words.join(" ")
        )
    };
    let many: Vec<String> = (0..count).map(text).collect();
    let mut twins = Twins::default();
    twins.begin(many.len());
    for (n, text) in many.iter().enumerate() {
        twins.put(id(n), n as u64, text, false);
    }
    twins.end();
    let lookup = |update: LocalId| {
        let n = usize::try_from(u128::from(update.ulid())).unwrap();
        many.get(n).map(String::as_str)
    };
    let mut steps = 0;
    while !twins.look(&mut 1000, &lookup) {
        steps += 1;
    }
    steps
}

#[test]
fn looking_costs_less_than_all_pairs_would() {
    // What is counted is the budget, not the time. Of texts that begin alike some share a piece by
    // chance, so it is more than twice as much for twice as many; that of all pairs is fourfold.
    let (some, twice) = (steps(2_000), steps(4_000));
    assert!(twice * 10 < some * 32, "{some} steps, then {twice}");
    assert!(twice < 600, "{twice} steps");
}

#[test]
fn a_text_costs_little_when_nothing_is_looked_for() {
    assert!(size_of::<Known>() <= 32);
    let texts: Vec<(usize, String)> = (0..50).map(|n| (n, format!("text {n}"))).collect();
    let mut twins = Twins::default();
    round(&mut twins, &texts, 100);
    assert!(twins.look.is_none());
    assert_eq!(twins.changed.capacity(), 0);
    assert_eq!(twins.known.capacity(), 50);
}

/// Looks on until all is found; returns how often, and how many texts were asked for at most at once.
fn asked(twins: &mut Twins, texts: &[(usize, String)], budget: u32) -> (u32, u32) {
    let asked = Cell::new(0);
    let lookup = |update: LocalId| {
        asked.set(asked.get() + 1);
        let n = usize::try_from(u128::from(update.ulid())).unwrap();
        texts.get(n).map(|(_, text)| text.as_str())
    };
    let (mut looks, mut most) = (1, 0);
    while !twins.look(&mut budget.clone(), &lookup) {
        most = most.max(asked.replace(0));
        looks += 1;
    }
    (looks, most.max(asked.get()))
}

#[test]
fn one_look_is_at_no_more_texts_than_it_may() {
    let few = u32::try_from(FEW).unwrap();
    let different = |n: usize| {
        (
            n,
            format!("{:x}", (n as u128 + 1).wrapping_mul(u128::MAX / 77)),
        )
    };
    let alike = |n: usize| {
        (
            n,
            format!("Read more in our handbook for maintainers, page {n}"),
        )
    };
    for text in [&different as &dyn Fn(usize) -> (usize, String), &alike] {
        let mut texts: Vec<(usize, String)> = (0..600).map(text).collect();
        for budget in [1, 10, 100] {
            let mut twins = Twins::default();
            twins.begin(texts.len());
            for (n, text) in &texts {
                put(&mut twins, *n, text, false);
            }
            twins.end();
            let (looks, most) = asked(&mut twins, &texts, budget);
            assert!(most <= budget + few, "{most} of {budget}");
            assert!(looks > 600 / (budget + few), "{looks} of {budget}");

            texts[300].1.push_str(" or so");
            twins.begin(texts.len());
            for (n, text) in &texts {
                put(&mut twins, *n, text, false);
            }
            twins.end();
            let (_, most) = asked(&mut twins, &texts, budget);
            assert!(
                most <= budget + few,
                "{most} of {budget} for one that changed"
            );
        }
    }
}

#[test]
fn what_a_change_overtakes_is_looked_at_all_the_same() {
    let pair = |n: usize| {
        (
            n,
            format!("This is what number {} has to say", n / 2 * 7919),
        )
    };
    let mut texts: Vec<(usize, String)> = (0..20).map(pair).collect();
    let mut twins = Twins::default();
    round(&mut twins, &texts, 100);
    let before = found(&twins);
    assert_eq!(before.len(), 20);
    // So many are new that all are looked at; they go before that is over, and nothing else changes.
    texts.extend((20..40).map(|n| (n, format!("new {n}"))));
    twins.begin(texts.len());
    for (n, text) in &texts {
        put(&mut twins, *n, text, false);
    }
    twins.end();
    assert!(!twins.look(&mut 1, &|_| None));
    texts.truncate(20);
    round(&mut twins, &texts, 100);
    assert_eq!(found(&twins), before);
}

#[test]
fn one_that_is_left_among_those_like_it_goes_on_with_the_next() {
    // These share the only piece there is; the last is like the one before, and the same as the first.
    let like = ["abc", "ABC", "abc"].map(str::to_owned).into_iter();
    // So many that all are looked at.
    let others = (0..FEW).map(|n| format!("nothing like it {n}{n}{n}"));
    let texts: Vec<(usize, String)> = like.chain(others).enumerate().collect();
    for budget in [1, 2, 30, 1000] {
        let mut twins = Twins::default();
        round(&mut twins, &texts, budget);
        assert_eq!(found(&twins)[..3], [(0, true), (1, false), (2, true)]);
    }
}

/// What happens in one round, and how far one looks after it.
#[derive(Debug, Clone)]
struct Round {
    /// Which text becomes that of which other one, with a letter more or not.
    changed: Vec<(usize, usize, bool)>,
    /// Which one goes, or comes back.
    there: Vec<usize>,
    /// After how many texts another round begins instead.
    overtaken: Option<usize>,
    budget: u32,
    looks: usize,
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let changed = prop::collection::vec((0usize..40, 0usize..40, any::<bool>()), 0..4);
    let there = prop::collection::vec(0usize..40, 0..3);
    let overtaken = prop::option::weighted(0.2, 0usize..40);
    let budget = prop::sample::select(vec![1u32, 2, 7, 30, 400]);
    let one = (changed, there, overtaken, budget, 0usize..80);
    let one = one.prop_map(|(changed, there, overtaken, budget, looks)| Round {
        changed,
        there,
        overtaken,
        budget,
        looks,
    });
    prop::collection::vec(one, 1..10)
}

/// Every fifth text is only compared with.
fn is_only_other(n: usize) -> bool {
    n % 5 == 4
}

fn expected(texts: &[(usize, String)]) -> Vec<(usize, bool)> {
    let all = naive(texts).into_iter();
    all.filter(|(n, _)| !is_only_other(*n)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changes_between_two_looks_hide_nothing(texts in texts(), rounds in rounds()) {
        let mut twins = Twins::default();
        let mut all = texts;
        let mut gone = vec![false; all.len()];
        let last = Round { changed: vec![], there: vec![], overtaken: None, budget: 3, looks: usize::MAX };
        for one in rounds.into_iter().chain([last]) {
            for (to, from, more) in one.changed {
                let (to, from) = (to % all.len(), from % all.len());
                all[to].1 = format!("{}{}", all[from].1, if more { "x" } else { "" });
            }
            for n in one.there {
                let n = n % all.len();
                gone[n] = !gone[n];
            }
            let texts: Vec<_> = all.iter().filter(|(n, _)| !gone[*n]).cloned().collect();
            twins.begin(texts.len());
            for (n, text) in &texts[..one.overtaken.unwrap_or(texts.len()).min(texts.len())] {
                put(&mut twins, *n, text, is_only_other(*n));
            }
            if one.overtaken.is_some() {
                continue;
            }
            twins.end();
            let lookup = |update: LocalId| {
                let text = all.get(usize::try_from(u128::from(update.ulid())).unwrap());
                text.map(|(_, text)| text.as_str())
            };
            if (0..one.looks).any(|_| twins.look(&mut one.budget.clone(), &lookup)) {
                prop_assert_eq!(found(&twins), expected(&texts));
            }
        }
    }
}
