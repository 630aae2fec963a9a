//! Which words of two texts differ.

/// So many comparisons at most; beyond, all between the equal begin and the equal end counts as
/// changed. A screen is drawn from this, so it must not take long, whatever the texts are.
const MOST: usize = 250_000;

/// Cuts a text into words, runs of spaces, and line breaks.
pub fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut begin = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let kind = kind_of(c);
        if before.is_some_and(|before| before != kind || kind == Kind::Break) {
            tokens.push(&text[begin..at]);
            begin = at;
        }
        before = Some(kind);
    }
    if begin < text.len() {
        tokens.push(&text[begin..]);
    }
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Space,
    Break,
}

fn kind_of(c: char) -> Kind {
    match c {
        '\n' => Kind::Break,
        c if c.is_whitespace() => Kind::Space,
        _ => Kind::Word,
    }
}

/// Says of each token of both texts whether the other one lacks it.
pub fn differing(a: &[&str], b: &[&str]) -> (Vec<bool>, Vec<bool>) {
    let begin = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[begin..], &b[begin..]);
    let ends = rest_a.iter().rev().zip(rest_b.iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let (middle_a, middle_b) = (&rest_a[..rest_a.len() - end], &rest_b[..rest_b.len() - end]);
    let mut differs = (vec![false; a.len()], vec![false; b.len()]);
    differs.0[begin..begin + middle_a.len()].fill(true);
    differs.1[begin..begin + middle_b.len()].fill(true);
    for (at_a, at_b) in common(middle_a, middle_b) {
        differs.0[begin + at_a] = false;
        differs.1[begin + at_b] = false;
    }
    differs
}

/// Returns a longest common subsequence, as pairs of places.
fn common(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    if a.is_empty() || b.is_empty() || a.len().saturating_mul(b.len()) > MOST {
        return Vec::new();
    }
    let width = b.len() + 1;
    // How long the common part from (row, column) to the ends is.
    let mut lengths = vec![0u32; (a.len() + 1) * width];
    for row in (0..a.len()).rev() {
        for column in (0..b.len()).rev() {
            lengths[row * width + column] = if a[row] == b[column] {
                lengths[(row + 1) * width + column + 1] + 1
            } else {
                lengths[(row + 1) * width + column].max(lengths[row * width + column + 1])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut row, mut column) = (0, 0);
    while row < a.len() && column < b.len() {
        if a[row] == b[column] {
            pairs.push((row, column));
            row += 1;
            column += 1;
        } else if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked(a: &str, b: &str) -> (String, String) {
        let (a, b) = (tokens(a), tokens(b));
        let (in_a, in_b) = differing(&a, &b);
        let show = |tokens: &[&str], differs: &[bool]| {
            let pairs = tokens.iter().zip(differs);
            pairs
                .map(|(t, d)| {
                    if *d {
                        format!("[{t}]")
                    } else {
                        (*t).to_owned()
                    }
                })
                .collect()
        };
        (show(&a, &in_a), show(&b, &in_b))
    }

    #[test]
    fn only_the_words_that_differ_are_marked() {
        let (a, b) = marked("the quick brown fox", "the slow brown fox jumps");
        assert_eq!(a, "the [quick] brown fox");
        assert_eq!(b, "the [slow] brown fox[ ][jumps]");
        let (a, b) = marked("one\ntwo\nthree", "one\nthree");
        assert_eq!(
            (a.as_str(), b.as_str()),
            ("one\n[two][\n]three", "one\nthree")
        );
    }

    #[test]
    fn texts_too_long_to_compare_are_changed_as_a_whole_in_the_middle() {
        let (a, b) = ("one two ".repeat(20_000), "three four ".repeat(20_000));
        let (a, b) = (format!("same {a}end"), format!("same {b}end"));
        let (a, b) = (tokens(&a), tokens(&b));
        let (in_a, _) = differing(&a, &b);
        assert!(!in_a[0] && in_a[2] && !in_a[in_a.len() - 1]);
    }

    proptest! {
        #[test]
        fn tokens_are_the_text_and_what_is_not_marked_is_the_same_in_both(
            a in "[ab \n]{0,40}", b in "[ab \n]{0,40}",
        ) {
            let (one, other) = (tokens(&a), tokens(&b));
            prop_assert_eq!(one.concat(), a.clone());
            let (in_a, in_b) = differing(&one, &other);
            let kept = |tokens: &[&str], differs: &[bool]| {
                let pairs = tokens.iter().zip(differs);
                pairs.filter(|(_, d)| !**d).map(|(t, _)| *t).collect::<Vec<_>>().concat()
            };
            prop_assert_eq!(kept(&one, &in_a), kept(&other, &in_b));
            prop_assert_eq!(a == b, !in_a.contains(&true) && !in_b.contains(&true));
        }
    }
}
