//! What a terminal can do, as far as the environment tells of it.

use super::{Finding, Verdict, well};
use crate::domain::look::ThemeName;
use crate::domain::terminal::{
    Call, Colors, Inside, Line, Locale, ROOMY, SMALLEST, Terminal, TmuxSays,
};

/// A terminal, and what is used of it.
#[derive(Debug, Clone, Copy)]
pub struct Screen<'a> {
    /// What is known of it.
    pub terminal: &'a Terminal,
    /// Columns and lines, if there are any.
    pub size: Option<(u16, u16)>,
    /// The colours that were chosen.
    pub theme: ThemeName,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Whether links are told to it.
    pub links: bool,
    /// How the person is called while it is out of sight.
    pub call: Call,
    /// How the line to it is used.
    pub line: Line,
    /// What tmux says of itself, if it was asked.
    pub tmux: Option<&'a TmuxSays>,
}

/// Looks at a terminal.
pub fn terminal(screen: &Screen<'_>) -> Vec<Finding> {
    let first = screen.size.map(size).into_iter();
    first
        .chain([name(screen.terminal), colors(screen), letters(screen)])
        .chain(tmux(screen))
        .chain([
            clipboard(screen),
            mouse(screen),
            links(screen),
            call(screen),
        ])
        .chain(line(screen))
        .collect()
}

fn size((width, height): (u16, u16)) -> Finding {
    let found = well("size", format!("{width} columns, {height} lines"));
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return found.but(
            Verdict::Act,
            "it is too small: make the window larger, or the letters smaller",
        );
    }
    if width < ROOMY.0 || height < ROOMY.1 {
        return found.but(
            Verdict::Look,
            "from 80 columns and 24 lines on more is told",
        );
    }
    found
}

fn name(terminal: &Terminal) -> Finding {
    let mut value = format!("TERM={}", terminal.name);
    if !terminal.program.is_empty() {
        value = format!("{value}, {}", terminal.program);
    }
    if terminal.over_ssh {
        value += ", over ssh";
    }
    let found = well("terminal", value);
    if terminal.name == "dumb" {
        return found.but(
            Verdict::Look,
            "the editor needs one that can place text: set TERM to what it is, or use `--plain`",
        );
    }
    found
}

fn colors(screen: &Screen<'_>) -> Finding {
    let theme = screen.theme;
    let value = format!("theme {}", theme.name());
    match screen.terminal.colors {
        Colors::None => well("colours", "none, as NO_COLOR says"),
        Colors::True => well("colours", format!("all of them, {value}")),
        Colors::Sixteen if theme.needs_true_colors() => well("colours", format!("sixteen, {value}")).but(
            Verdict::Act,
            "the theme needs more: set COLORTERM=truecolor if the terminal has them, or another theme",
        ),
        Colors::Sixteen => well("colours", format!("sixteen, {value}")),
    }
}

fn letters(screen: &Screen<'_>) -> Finding {
    match &screen.terminal.locale {
        Locale::Utf8 => well("letters", "UTF-8"),
        Locale::Unset => well("letters", "UTF-8, as no locale is set").but(
            Verdict::Look,
            "if borders look odd: LANG=C.UTF-8, or `ascii = true` in config.toml",
        ),
        Locale::Other(name) => well("letters", format!("the locale is {name}")).but(
            Verdict::Act,
            "all is drawn in ASCII; LANG=C.UTF-8 shows texts as they are",
        ),
    }
}

fn tmux(screen: &Screen<'_>) -> Option<Finding> {
    match screen.terminal.inside {
        Inside::Nothing => None,
        Inside::Screen => Some(well("inside", "GNU screen").but(
            Verdict::Look,
            "it hands on neither links nor the clipboard; tmux does",
        )),
        Inside::Tmux => {
            let says = screen.tmux.cloned().unwrap_or_default();
            let version = says.version.unwrap_or_else(|| "tmux".to_owned());
            let watches = screen.call != Call::Never;
            let found = well("inside", version);
            Some(match says.focus_events.as_deref() {
                Some("off") if watches => found.but(
                    Verdict::Look,
                    "`set -g focus-events on` tells whether it is in sight, for the bell",
                ),
                _ => found,
            })
        }
    }
}

fn clipboard(screen: &Screen<'_>) -> Finding {
    let terminal = screen.terminal;
    let says = screen.tmux.cloned().unwrap_or_default();
    match (terminal.inside, says.clipboard.as_deref()) {
        (Inside::Nothing, _) => well("clipboard", "the terminal is told (OSC 52)")
            .note("whether it listens nobody can know: y on an update tries it"),
        (Inside::Screen, _) => well("clipboard", "through GNU screen")
            .but(Verdict::Look, "it may keep what is copied to itself"),
        (Inside::Tmux, Some("off")) => well("clipboard", "tmux takes it, set-clipboard off").but(
            Verdict::Act,
            "`set -g set-clipboard on` has tmux tell your terminal",
        ),
        (Inside::Tmux, Some(value)) => well(
            "clipboard",
            format!("tmux takes it and tells your terminal, set-clipboard {value}"),
        ),
        (Inside::Tmux, None) => well("clipboard", "tmux takes it"),
    }
}

fn mouse(screen: &Screen<'_>) -> Finding {
    let value = if screen.mouse { "on" } else { "off" };
    well("mouse", value).note(if screen.mouse {
        "Shift and the mouse select text; `:mouse` turns it off"
    } else {
        "`:mouse` turns it on, `mouse = true` in config.toml from the start"
    })
}

fn links(screen: &Screen<'_>) -> Finding {
    if screen.links {
        return well("links", "on (OSC 8)");
    }
    let found = well("links", "off");
    if screen.terminal.takes_links {
        found.note("as config.toml says")
    } else {
        found.note("it is not known to take them; `hyperlinks = \"on\"` tries")
    }
}

/// Only said where it is not left to take what comes.
fn line(screen: &Screen<'_>) -> Option<Finding> {
    let rate = screen.line.byte_rate;
    let rate = rate.map(|rate| format!("at most {rate} bytes a second"));
    if screen.line.sparing {
        let spared = "low bandwidth: no borders, signs in ASCII";
        let value = rate.map_or(spared.to_owned(), |rate| format!("{spared}, {rate}"));
        return Some(well("line", value).note("frames that must wait are replaced by newer ones"));
    }
    rate.map(|rate| well("line", rate))
}

fn call(screen: &Screen<'_>) -> Finding {
    let tmux = screen.terminal.inside == Inside::Tmux;
    let says = screen.tmux.and_then(|says| says.passthrough.as_deref());
    match (screen.call, tmux, says) {
        (Call::Never, _, _) => well("calling", "off, as config.toml says"),
        (Call::Bell, _, _) => well("calling", "by the bell, while it is out of sight"),
        (Call::Message, true, Some("off")) => well("calling", "by the bell; messages stop at tmux")
            .but(
                Verdict::Act,
                "`set -g allow-passthrough on` lets them through",
            ),
        (Call::Message, _, _) => well("calling", "by a message (OSC 9), while it is out of sight"),
    }
}
