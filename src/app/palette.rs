//! Help and palette: the commands that can be run here, found by some letters of their names.
//!
//! The help lists the keys that work here, innermost first and under the headings of their scopes;
//! the palette lists every command there is. Both run what their cursor is on.

use super::command::{COMMANDS, Command, Entry, Scope};
use super::fuzzy::{Fit, fit, stands_in};
use super::key::{Code, Key};
use super::keymap::Keymap;

/// Help or palette: the same list, told apart by what it lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette {
    /// Whether it is the help (keys that work here) or the palette (all commands).
    pub kind: PaletteKind,
    /// What was typed.
    pub filter: String,
    /// Which of [`Self::found`] the cursor is on.
    pub cursor: usize,
    /// The first visible one of them.
    pub offset: usize,
    /// The commands that fit, the best first; without a filter in the order of the table.
    pub found: Vec<Found>,
    /// The scopes it was opened in: what it runs, it runs there.
    pub scopes: Vec<Scope>,
}

/// What a palette lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaletteKind {
    /// The keys that work here.
    Help,
    /// All commands.
    Palette,
}

/// A command that fits what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub command: Command,
    /// The letters of its name that fit.
    pub name: Vec<usize>,
    /// The letters of its line that fit.
    pub doc: Vec<usize>,
}

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaletteLine {
    /// The heading of a scope.
    Heading(Scope),
    /// One of [`Palette::found`].
    Command(usize),
}

/// How well a command fits: what fits best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Doc(i32),
    Name(i32),
    Key,
    ExactName,
}

impl Palette {
    /// Opens it for what can be done in `scopes`; the palette offers the other panes' commands too.
    pub fn open(kind: PaletteKind, scopes: Vec<Scope>, keymap: &Keymap) -> Self {
        let mut palette = Self {
            kind,
            filter: String::new(),
            cursor: 0,
            offset: 0,
            found: Vec::new(),
            scopes,
        };
        palette.search(keymap);
        palette
    }

    /// Takes a key that is not bound to a command.
    pub fn press(&mut self, key: Key, keymap: &Keymap) {
        match (key.code, key.typed()) {
            (Code::Backspace, _) => {
                self.filter.pop();
            }
            (_, Some(c)) => self.filter.push(c),
            (_, None) => {
                if key == Key::new(Code::Char('u'), true, false, false) {
                    self.filter.clear();
                }
            }
        }
        self.search(keymap);
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str, keymap: &Keymap) {
        self.filter.push_str(&super::composer::line_of(text));
        self.search(keymap);
    }

    /// Returns the command under the cursor.
    pub fn chosen(&self) -> Option<Command> {
        self.found.get(self.cursor).map(|found| found.command)
    }

    /// Returns the lines of the list that fit into `height`, from the offset on. The first is the
    /// heading of the first command's scope, if there are headings.
    pub fn lines(&self, height: usize) -> Vec<PaletteLine> {
        let mut lines = Vec::with_capacity(height);
        let mut scope = None;
        for (index, found) in self.found.iter().enumerate().skip(self.offset) {
            let heading = self.heading(found);
            let begins = heading != scope;
            // A heading without a command below it says nothing.
            if lines.len() + 1 + usize::from(begins) > height {
                break;
            }
            if begins {
                scope = heading;
                lines.extend(heading.map(PaletteLine::Heading));
            }
            lines.push(PaletteLine::Command(index));
        }
        lines
    }

    /// Scrolls as little as it takes for the cursor to be among the lines of `height`.
    pub(crate) fn follow(&mut self, height: usize) {
        self.cursor = self.cursor.min(self.found.len().saturating_sub(1));
        self.offset = self.offset.min(self.cursor);
        let shows = |palette: &Self| {
            let on = PaletteLine::Command(palette.cursor);
            palette.lines(height).contains(&on)
        };
        while self.offset < self.cursor && !shows(self) {
            self.offset += 1;
        }
    }

    /// Commands in the order of their scopes stand under headings; what was found by letters stands
    /// in the order of how well it fits.
    fn heading(&self, found: &Found) -> Option<Scope> {
        self.filter
            .trim()
            .is_empty()
            .then(|| found.command.entry().scope)
    }

    fn search(&mut self, keymap: &Keymap) {
        let words: Vec<&str> = self.filter.split_whitespace().collect();
        let entries = COMMANDS.iter().filter(|entry| self.lists(entry.scope));
        let mut found: Vec<(Rank, Found)> = entries
            .filter_map(|entry| rank(entry, &words, keymap))
            .collect();
        if words.is_empty() {
            let place = |scope: Scope| self.scopes.iter().position(|s| *s == scope);
            let far = self.scopes.len();
            found.sort_by_key(|(_, found)| place(found.command.entry().scope).unwrap_or(far));
        } else {
            // Of equals the shorter name has less that was not asked for.
            found.sort_by_key(|(rank, found)| {
                let name = found.command.entry().name.len();
                (std::cmp::Reverse(*rank), name)
            });
        }
        self.found = found.into_iter().map(|(_, found)| found).collect();
        self.cursor = 0;
        self.offset = 0;
    }

    fn lists(&self, scope: Scope) -> bool {
        let panes = [
            Scope::Profiles,
            Scope::Queue,
            Scope::Sent,
            Scope::Interactions,
        ];
        self.scopes.contains(&scope)
            || (self.kind == PaletteKind::Palette && panes.contains(&scope))
    }
}

/// Every word must be the key, fit the name or stand in the line; the worst of them counts.
fn rank(entry: &Entry, words: &[&str], keymap: &Keymap) -> Option<(Rank, Found)> {
    let mut found = Found {
        command: entry.command,
        name: Vec::new(),
        doc: Vec::new(),
    };
    let keys = keymap.keys_of(entry.command);
    let mut worst = Rank::ExactName;
    for word in words {
        let rank = if entry.name == *word {
            found.name.extend(0..word.len());
            Rank::ExactName
        } else if keys.iter().any(|key| key == word) {
            Rank::Key
        } else if let Some(Fit { score, letters }) = fit(word, entry.name) {
            found.name.extend(letters);
            Rank::Name(score)
        } else {
            let Fit { score, letters } = stands_in(word, entry.doc)?;
            found.doc.extend(letters);
            Rank::Doc(score)
        };
        worst = worst.min(rank);
    }
    Some((worst, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette(kind: PaletteKind, filter: &str) -> Palette {
        let scopes = vec![Scope::Queue, Scope::List, Scope::Global, Scope::Always];
        let keymap = Keymap::default();
        let mut palette = Palette::open(kind, scopes, &keymap);
        palette.paste(filter, &keymap);
        palette
    }

    fn names(palette: &Palette) -> Vec<&'static str> {
        let found = palette.found.iter();
        found.map(|found| found.command.entry().name).collect()
    }

    #[test]
    fn what_somebody_new_may_call_it_is_found() {
        for (word, command) in [
            ("swap", Command::MoveDown),
            ("spread", Command::Reschedule),
            ("week", Command::Reschedule),
            ("network", Command::Compose),
            ("too long", Command::NextFinding),
            ("take back", Command::Undo),
            ("later", Command::MoveDown),
            ("schedule", Command::Reschedule),
            ("post", Command::Compose),
            ("sort", Command::SortSent),
        ] {
            let palette = palette(PaletteKind::Palette, word);
            let found = names(&palette);
            assert!(found.contains(&command.entry().name), "{word}: {found:?}");
        }
    }

    #[test]
    fn the_best_fit_stands_first() {
        for (typed, first) in [
            ("share", "share"),
            ("sh", "share"),
            ("hpd", "half-page-down"),
            ("X", "shuffle"),
            ("nepa", "next-pane"),
            ("clipboard", "copy-text"),
        ] {
            let found = palette(PaletteKind::Palette, typed);
            assert_eq!(names(&found).first(), Some(&first), "{typed}");
        }
    }

    #[test]
    fn a_name_wins_over_a_line_and_each_word_counts() {
        let found = palette(PaletteKind::Palette, "shuffle");
        assert_eq!(names(&found)[..2], ["shuffle", "server-shuffle"]);
        let found = palette(PaletteKind::Palette, "queue server");
        assert_eq!(names(&found), ["server-shuffle"]);
        assert_eq!(names(&palette(PaletteKind::Palette, "zzz")), [""; 0]);
    }

    #[test]
    fn the_help_begins_with_what_is_nearest_and_has_headings() {
        let found = palette(PaletteKind::Help, "");
        let lines = found.lines(500);
        assert_eq!(lines[0], PaletteLine::Heading(Scope::Queue));
        let headings = lines
            .iter()
            .filter(|line| matches!(line, PaletteLine::Heading(_)));
        assert_eq!(headings.count(), 4);
        let filtered = palette(PaletteKind::Help, "page");
        assert!(matches!(filtered.lines(9)[0], PaletteLine::Command(0)));
    }

    #[test]
    fn the_cursor_is_always_among_the_lines() {
        for height in 2..12 {
            let mut palette = palette(PaletteKind::Help, "");
            for cursor in (0..palette.found.len()).chain((0..palette.found.len()).rev()) {
                palette.cursor = cursor;
                palette.follow(height);
                let lines = palette.lines(height);
                assert!(lines.contains(&PaletteLine::Command(cursor)), "{cursor}");
                assert!(lines.len() <= height);
            }
        }
    }
}
