//! Custom commands: programs of the person's own that run on updates, as the config names them.

use serde::{Deserialize, Serialize};

/// One custom command, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// Its name.
    pub name: String,
    /// Its key, as written; none: it is run by its name.
    pub key: Option<String>,
    /// The program and its arguments.
    pub run: Vec<String>,
    /// What it gets on its standard input.
    pub input: Input,
    /// What becomes of what it says.
    pub output: Output,
    /// Where it stands, as `config.toml:12`.
    pub at: String,
}

/// What a custom command gets on its standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Input {
    /// The text of one update.
    #[default]
    Text,
    /// The marked updates, or the one under the cursor, each as a line of JSON.
    Json,
}

/// What becomes of what a custom command says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Output {
    /// It is shown.
    #[default]
    Show,
    /// The composer opens with it in the place of the update's text.
    Text,
}

impl Input {
    /// The names, as the config has them.
    pub const NAMES: [(&'static str, Self); 2] = [("text", Self::Text), ("json", Self::Json)];
}

impl Output {
    /// The names, as the config has them.
    pub const NAMES: [(&'static str, Self); 2] = [("show", Self::Show), ("text", Self::Text)];
}

/// Returns the words of a line as a shell would split them, and nothing else that a shell does:
/// quotes and `\` keep words together. None: a quote is not closed.
pub fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        end if end == c => break,
                        '\\' if c == '"' => word.push(chars.next()?),
                        inner => word.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_and_nothing_in_it_is_expanded() {
        let split = |line| words(line).map(|words| words.join("|"));
        assert_eq!(split("  a  b\tc ").as_deref(), Some("a|b|c"));
        assert_eq!(
            split(r#"sh -c 'a "b" \ $c' "d\"e"f"#).as_deref(),
            Some(r#"sh|-c|a "b" \ $c|d"ef"#)
        );
        assert_eq!(
            split(r"a\ b $HOME `x` ''").as_deref(),
            Some("a b|$HOME|`x`|")
        );
        assert_eq!(split("").as_deref(), Some(""));
        assert_eq!(split("it's"), None);
        assert_eq!(split("a\\"), None);
    }
}
