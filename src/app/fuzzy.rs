//! Finding a name by some of its letters, in their order.
//!
//! Small on purpose: names have a few words and there are some hundred of them, so the best way to
//! lay the letters into a name is simply computed. A crate for this (nucleo, fuzzy-matcher) is made
//! for a hundred thousand file names and brings its own threads or tables.

/// Where the letters of a search stand in a text, and how well they fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// The higher the better; only fits of the same search compare.
    pub score: i32,
    /// The letters that fit, as positions counted in characters, rising.
    pub letters: Vec<usize>,
}

/// A letter at the begin of a word.
const WORD: i32 = 8;
/// A letter right behind the one before.
const NEXT: i32 = 6;
/// The first letter of all.
const FIRST: i32 = 4;
/// Every letter that is jumped over.
const JUMP: i32 = -1;

/// Lays `letters` into `text`, in their order, as well as they go; none if they do not.
pub fn fit(letters: &str, text: &str) -> Option<Fit> {
    let wanted: Vec<char> = letters.chars().flat_map(char::to_lowercase).collect();
    let there: Vec<char> = text.chars().map(lower).collect();
    if wanted.is_empty() || wanted.len() > there.len() {
        return None;
    }
    // best[i][j]: the best score with the i-th wanted letter on the j-th of the text, and where the
    // one before it stands.
    let mut best: Vec<Vec<Option<(i32, usize)>>> = Vec::with_capacity(wanted.len());
    for (i, letter) in wanted.iter().enumerate() {
        let mut row = vec![None; there.len()];
        for j in (i..there.len()).filter(|j| there[*j] == *letter) {
            row[j] = match best.last() {
                None => Some((worth(&there, j) + JUMP * distance(0, j), j)),
                Some(above) => before(above, j).map(|(score, k)| (score + worth(&there, j), k)),
            };
        }
        best.push(row);
    }
    let last = best.last()?.iter().enumerate();
    let (mut at, score) = last
        .filter_map(|(j, cell)| cell.map(|(score, _)| (j, score)))
        .max_by_key(|(j, score)| (*score, std::cmp::Reverse(*j)))?;
    let mut letters = vec![at];
    for row in best.iter().skip(1).rev() {
        at = row[at].map_or(0, |(_, before)| before);
        letters.push(at);
    }
    letters.reverse();
    Some(Fit { score, letters })
}

/// Finds `word` in `text` as it stands, best at the begin of a word.
///
/// Whole sentences are searched so: some letters in their order are in nearly every one.
pub fn stands_in(word: &str, text: &str) -> Option<Fit> {
    let wanted: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let there: Vec<char> = text.chars().map(lower).collect();
    if wanted.is_empty() {
        return None;
    }
    let places = there.windows(wanted.len()).enumerate();
    let found = places.filter(|(_, part)| *part == wanted);
    let at = found
        .map(|(at, _)| at)
        .max_by_key(|at| (begins_word(&there, *at), std::cmp::Reverse(*at)))?;
    Some(Fit {
        score: if begins_word(&there, at) { WORD } else { 0 },
        letters: (at..at + wanted.len()).collect(),
    })
}

/// One letter for one, so that positions stay what they are.
fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn begins_word(text: &[char], at: usize) -> bool {
    at == 0 || !text[at - 1].is_alphanumeric()
}

fn worth(text: &[char], at: usize) -> i32 {
    let first = if at == 0 { FIRST } else { 0 };
    first + if begins_word(text, at) { WORD } else { 0 }
}

/// The best place for the letter before the one at `at`.
fn before(above: &[Option<(i32, usize)>], at: usize) -> Option<(i32, usize)> {
    let cells = above.iter().enumerate().take(at);
    cells
        .filter_map(|(k, cell)| {
            let (score, _) = (*cell)?;
            let way = if k + 1 == at {
                NEXT
            } else {
                JUMP * distance(k + 1, at)
            };
            Some((score + way, k))
        })
        .max_by_key(|(score, k)| (*score, *k))
}

/// Long jumps are no worse than ten letters.
fn distance(from: usize, to: usize) -> i32 {
    i32::try_from(to - from).unwrap_or(i32::MAX).min(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(letters: &str, text: &str) -> i32 {
        fit(letters, text).map_or(i32::MIN, |fit| fit.score)
    }

    #[test]
    fn letters_fit_in_their_order_only() {
        assert!(fit("hpd", "half-page-down").is_some());
        assert_eq!(fit("dph", "half-page-down"), None);
        assert_eq!(fit("", "down"), None);
        assert_eq!(fit("downs", "down"), None);
    }

    #[test]
    fn the_letters_are_laid_where_they_read_best() {
        // Not the first `p` and `d` there are, but those that begin words.
        assert_eq!(fit("pd", "half-page-down").unwrap().letters, [5, 10]);
        assert_eq!(fit("hist", "show-history").unwrap().letters, [5, 6, 7, 8]);
        assert_eq!(fit("É", "déjà-étude").unwrap().letters, [5]);
    }

    #[test]
    fn begins_of_words_and_neighbours_win() {
        assert!(score("sh", "share") > score("sh", "focus-what"));
        assert!(score("ma", "mark-all") > score("ma", "some-range"));
        assert!(score("qu", "quit") > score("qu", "requeue"));
        assert!(score("mall", "mark-all") > score("mall", "mxaxlxl"));
    }

    #[test]
    fn a_sentence_is_searched_for_the_word_itself() {
        assert_eq!(
            stands_in("row", "To the first row.").unwrap().letters[0],
            13
        );
        assert_eq!(stands_in("rw", "To the first row."), None);
        let two = stands_in("all", "Recall it, or all.").unwrap();
        assert_eq!((two.letters[0], two.score > 0), (14, true));
        assert_eq!(stands_in("long enough", "short"), None);
    }
}
