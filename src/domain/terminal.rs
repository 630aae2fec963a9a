//! What the environment says of the terminal, and what may be used on it. The terminal itself is
//! never asked: answers that come late would be taken for keys.

use serde::{Deserialize, Serialize};

/// The terminal, as far as the environment tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terminal {
    /// `TERM`.
    pub name: String,
    /// `TERM_PROGRAM` with its version; often empty, as ssh does not hand it on.
    pub program: String,
    /// How many colours may be used.
    pub colors: Colors,
    /// What the letters are.
    pub locale: Locale,
    /// Whether it is at the other end of an SSH connection.
    pub over_ssh: bool,
    /// What stands between the editor and the terminal.
    pub inside: Inside,
    /// Whether it is known to make something of a link (OSC 8).
    pub takes_links: bool,
    /// Whether it is known to show a message (OSC 9).
    pub takes_messages: bool,
}

/// Fewer columns or lines cannot be drawn on.
pub const SMALLEST: (u16, u16) = (40, 10);
/// From this size on nothing is left out that matters.
pub const ROOMY: (u16, u16) = (80, 24);

/// What tmux says of itself; none of what it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TmuxSays {
    /// Its version.
    pub version: Option<String>,
    /// `set-clipboard`.
    pub clipboard: Option<String>,
    /// `allow-passthrough`.
    pub passthrough: Option<String>,
    /// `focus-events`.
    pub focus_events: Option<String>,
}

/// How a person is called whose terminal is out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Call {
    /// Not at all.
    #[default]
    Never,
    /// By the bell.
    Bell,
    /// By a message of the desktop (OSC 9).
    Message,
}

/// How many colours may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Colors {
    /// None.
    None,
    /// The terminal's own.
    Sixteen,
    /// Any.
    True,
}

/// What the letters are, as `LC_ALL`, `LC_CTYPE` or `LANG` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Locale {
    /// Nobody said: nearly every terminal takes UTF-8.
    Unset,
    /// UTF-8.
    Utf8,
    /// Something else.
    Other(String),
}

/// What stands between the editor and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inside {
    /// Nothing.
    Nothing,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

/// Programs that make something of a link, by `TERM_PROGRAM`.
const LINK_PROGRAMS: [&str; 6] = ["iTerm.app", "WezTerm", "ghostty", "vscode", "rio", "Tabby"];
/// The same by how `TERM` begins; that goes through ssh.
const LINK_NAMES: [&str; 6] = [
    "xterm-kitty",
    "xterm-ghostty",
    "foot",
    "alacritty",
    "wezterm",
    "contour",
];
/// Programs that show a message, by `TERM_PROGRAM`.
const MESSAGE_PROGRAMS: [&str; 3] = ["iTerm.app", "WezTerm", "ghostty"];
/// The same by how `TERM` begins.
const MESSAGE_NAMES: [&str; 4] = ["xterm-kitty", "xterm-ghostty", "foot", "wezterm"];
/// VTE takes links from this version on, without a flaw.
const VTE_WITH_LINKS: u32 = 5000;
/// tmux takes them from here on.
const TMUX_WITH_LINKS: (u32, u32) = (3, 4);

/// How the line to a terminal is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Line {
    /// Whether the screen is drawn with as little as says the same.
    pub sparing: bool,
    /// The most bytes a second; none: as many as it takes.
    pub byte_rate: Option<u32>,
}

impl Terminal {
    /// Reads what is known; `variable` gives the value of a variable, none if it is empty.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let said = |name: &str| variable(name).unwrap_or_default();
        let (name, program) = (said("TERM"), said("TERM_PROGRAM"));
        let version = said("TERM_PROGRAM_VERSION");
        let inside = if variable("TMUX").is_some() {
            Inside::Tmux
        } else if variable("STY").is_some() {
            Inside::Screen
        } else {
            Inside::Nothing
        };
        let begins = |names: &[&str]| names.iter().any(|known| name.starts_with(known));
        let vte = said("VTE_VERSION").parse().unwrap_or(0);
        let takes_links = match inside {
            Inside::Nothing => {
                LINK_PROGRAMS.contains(&program.as_str())
                    || begins(&LINK_NAMES)
                    || vte >= VTE_WITH_LINKS
                    || variable("KONSOLE_VERSION").is_some()
                    || variable("WT_SESSION").is_some()
            }
            Inside::Tmux => program == "tmux" && release(&version) >= TMUX_WITH_LINKS,
            Inside::Screen => false,
        };
        let takes_messages = inside == Inside::Nothing
            && (MESSAGE_PROGRAMS.contains(&program.as_str()) || begins(&MESSAGE_NAMES));
        let over_ssh = ["SSH_CONNECTION", "SSH_TTY"];
        Self {
            colors: Colors::from_environment(
                variable("NO_COLOR").as_deref(),
                variable("COLORTERM").as_deref(),
            ),
            locale: Locale::of(&variable),
            over_ssh: over_ssh.into_iter().any(|name| variable(name).is_some()),
            program: format!("{program} {version}").trim().to_owned(),
            name,
            inside,
            takes_links,
            takes_messages,
        }
    }
}

impl Default for Terminal {
    /// One of which nothing is known.
    fn default() -> Self {
        Self::of(|_| None)
    }
}

impl Colors {
    /// Chooses by what the environment says: `NO_COLOR` set to anything but nothing means none,
    /// `COLORTERM` says whether there are more than sixteen.
    pub fn from_environment(no_color: Option<&str>, color_term: Option<&str>) -> Self {
        match (no_color, color_term) {
            (Some(no), _) if !no.is_empty() => Self::None,
            (_, Some("truecolor" | "24bit")) => Self::True,
            _ => Self::Sixteen,
        }
    }
}

impl Locale {
    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let said = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(variable);
        match said {
            None => Self::Unset,
            Some(name) => {
                let letters = name.to_ascii_lowercase();
                if letters.contains("utf-8") || letters.contains("utf8") {
                    Self::Utf8
                } else {
                    Self::Other(name)
                }
            }
        }
    }
}

/// Reads `3.4a` as 3 and 4.
fn release(version: &str) -> (u32, u32) {
    let number = |text: &str| {
        let digits = text.split(|c: char| !c.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    };
    let mut parts = version.split('.').map(number);
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(variables: &[(&str, &str)]) -> Terminal {
        Terminal::of(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn links_are_for_terminals_that_are_known_to_take_them() {
        let takes = |variables: &[(&str, &str)]| terminal(variables).takes_links;
        assert!(!takes(&[("TERM", "xterm-256color")]));
        assert!(takes(&[("TERM", "xterm-kitty"), ("SSH_TTY", "/dev/pts/1")]));
        assert!(takes(&[("TERM_PROGRAM", "WezTerm")]));
        assert!(takes(&[("VTE_VERSION", "7200")]) && !takes(&[("VTE_VERSION", "4600")]));
        let tmux = |version| {
            takes(&[
                ("TMUX", "/tmp/x,1,0"),
                ("TERM_PROGRAM", "tmux"),
                ("TERM_PROGRAM_VERSION", version),
                ("VTE_VERSION", "7200"),
            ])
        };
        assert!(tmux("3.4") && tmux("3.10b") && !tmux("3.3a") && !tmux("next"));
        assert!(!takes(&[("STY", "1.x"), ("VTE_VERSION", "7200")]));
    }

    #[test]
    fn the_first_variable_that_says_something_of_the_letters_counts() {
        let locale = |variables: &[(&str, &str)]| terminal(variables).locale;
        assert_eq!(locale(&[]), Locale::Unset);
        assert_eq!(locale(&[("LANG", "de_DE.utf8")]), Locale::Utf8);
        let latin = locale(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]);
        assert_eq!(latin, Locale::Other("C".to_owned()));
    }
}
