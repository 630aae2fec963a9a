//! The config file from outside: printed as it is by default, and read again while the editor runs.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::app::command::COMMANDS;
use crate::app::keymap::Binding;
use crate::app::preferences::Preferences;
use crate::cli::{Exit, Global};
use crate::config::paths::Paths;
use crate::config::{Config, KeyRow, Notify, Switch, default_text, schema as schema_text};
use crate::domain::look::{Borders, Letters, Look, ThemeName};
use crate::domain::terminal::{Call, Colors, Line, Locale, Terminal};
use crate::runtime::{ConfigFile, Reading};

use super::Failure;

/// Prints the default config, or the schema of the file.
pub(super) fn print(schema: bool) -> Result<Exit, Failure> {
    let rows: Vec<KeyRow<'_>> = COMMANDS
        .iter()
        .map(|entry| KeyRow {
            heading: entry.scope.title(),
            name: entry.name,
            keys: entry.keys,
            doc: entry.doc,
        })
        .collect();
    let text = if schema {
        schema_text(&rows)
    } else {
        default_text(&rows)
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever read it has read enough.
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(Exit::Error, e)),
        _ => Ok(Exit::Ok),
    }
}

/// Returns what of the config a running editor takes over.
pub(super) fn preferences(config: &Config, terminal: &Terminal) -> Preferences {
    let mut problems = config.warnings.clone();
    let wants_more = config.theme.needs_true_colors() && !config.low_bandwidth;
    if wants_more && terminal.colors == Colors::Sixteen {
        let name = config.theme.name();
        problems.push(format!(
            "the theme `{name}` needs more than sixteen colours, and COLORTERM does not say that the \
             terminal has them: `terminal` is used"
        ));
    }
    let binding = |keys: &crate::config::Keys| Binding {
        command: keys.command.clone(),
        keys: keys.keys.clone(),
        at: keys.at.clone(),
    };
    let line = line(config);
    Preferences {
        window: config.window,
        look: look(config, terminal, line),
        line,
        mouse: config.mouse.is_on(!terminal.over_ssh),
        call: match config.notify {
            Notify::Off => Call::Never,
            Notify::Osc9 => Call::Message,
            Notify::Auto if terminal.takes_messages => Call::Message,
            Notify::Auto | Notify::Bell => Call::Bell,
        },
        // An address is many bytes that nobody sees.
        links: config
            .hyperlinks
            .is_on(terminal.takes_links && !line.sparing),
        keys: config.keys.iter().map(binding).collect(),
        customs: config.commands.clone(),
        problems,
    }
}

/// The bytes a second of a slow line, where nobody says more.
const SLOW: u32 = 8_000;

fn line(config: &Config) -> Line {
    let sparing = config.low_bandwidth;
    Line {
        sparing,
        byte_rate: config.byte_rate.or(sparing.then_some(SLOW)),
    }
}

/// How the screen looks; on a slow line with as few bytes as say the same.
fn look(config: &Config, terminal: &Terminal, line: Line) -> Look {
    let look = Look {
        theme: config.theme,
        letters: letters(config.ascii, &terminal.locale),
        emoji: config.emoji,
        borders: Borders::Drawn,
    };
    if !line.sparing {
        return look;
    }
    Look {
        theme: match look.theme {
            theme if theme.needs_true_colors() => ThemeName::Terminal,
            theme => theme,
        },
        letters: match look.letters {
            Letters::Unicode => Letters::Signs,
            letters => letters,
        },
        borders: Borders::Blank,
        ..look
    }
}

/// Where the locale has no other letters, texts would break the columns too.
fn letters(ascii: Switch, locale: &Locale) -> Letters {
    let is_foreign = matches!(locale, Locale::Other(_));
    match (ascii.is_on(is_foreign), is_foreign) {
        (false, _) => Letters::Unicode,
        (true, false) => Letters::Signs,
        (true, true) => Letters::Ascii,
    }
}

/// The file on disk, and what was last read of it.
#[derive(Debug)]
pub(super) struct Watched {
    file: PathBuf,
    asked_for: bool,
    terminal: Terminal,
    /// The command line says it, whatever the file does.
    low_bandwidth: bool,
    /// What the process was started with: some of it stays.
    first: Config,
    stamp: Option<Stamp>,
}

/// By this one sees that a file was changed or replaced; none: there is no file.
type Stamp = (u64, u64, i64, i64);

impl Watched {
    /// Watches the file that `config` was read from.
    pub(super) fn new(
        paths: &Paths,
        config: &Config,
        terminal: &Terminal,
        global: &Global,
    ) -> Self {
        let mut watched = Self {
            file: paths.config.clone(),
            asked_for: paths.config_asked_for,
            terminal: terminal.clone(),
            low_bandwidth: global.low_bandwidth,
            first: config.clone(),
            stamp: None,
        };
        watched.stamp = watched.look();
        watched
    }

    fn look(&self) -> Option<Stamp> {
        let meta = fs::metadata(&self.file).ok()?;
        Some((meta.ino(), meta.size(), meta.mtime(), meta.mtime_nsec()))
    }

    /// What is read only at the start stays as it is until then.
    fn stays(&self, config: &Config) -> bool {
        let first = &self.first;
        let now = (&config.account, &config.accounts, &config.server);
        let then = (&first.account, &first.accounts, &first.server);
        let flags = |config: &Config| (config.free_slots, config.flush_on_quit);
        now != then || flags(config) != flags(first)
    }
}

impl ConfigFile for Watched {
    fn read(&mut self, reading: Reading) -> Option<Result<Preferences, String>> {
        let stamp = self.look();
        if reading == Reading::IfChanged && stamp == self.stamp {
            return None;
        }
        self.stamp = stamp;
        let config = match Config::load(&self.file, self.asked_for) {
            Ok(mut config) => {
                config.low_bandwidth |= self.low_bandwidth;
                config
            }
            Err(error) => return Some(Err(error.to_string().replace('\n', "; "))),
        };
        let mut preferences = preferences(&config, &self.terminal);
        if self.stays(&config) {
            let file = self.file.display();
            preferences.problems.push(format!(
                "{file}: accounts, server, free_slots and flush_on_quit count from the next start"
            ));
        }
        Some(Ok(preferences))
    }
}
