//! Something held, side by side with what the API has: three columns where there is room, else one
//! below the other. What differs has a sign in the margin and is underlined, so that no colour is
//! needed to see it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use super::row::{Row, first_line};
use super::{frame, hints, when};
use crate::app::State;
use crate::app::compare::tokens;
use crate::app::mode::Conflict;
use crate::app::sides::{Side, Sides, sides};
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// From so many columns on the sides stand beside each other.
const BESIDE: u16 = 100;

/// Columns of the margin: a sign and a gap.
const MARGIN: usize = 2;

/// A line of a side: its sign, and words with whether they differ.
struct Line {
    sign: char,
    words: Vec<(Shown, bool)>,
    style: Style,
}

pub(super) fn draw(
    state: &State,
    theme: &Theme,
    conflict: Conflict,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some(sides) = sides(state, conflict.operation) else {
        frame::open(buffer, area, "Side by side", "", theme.border_asking);
        return;
    };
    let heading = format!("{}: {}", sides.profile, sides.what);
    let heading = first_line(&heading);
    let inner = frame::open(buffer, area, heading.as_str(), "", theme.border_asking);
    let head = head(state, theme, &sides, inner.width.into());
    let keys = hints::lines(state, &sides.choices, inner.width.into());
    let height = usize::from(inner.height);
    let foot = keys.len().min(height.saturating_sub(1));
    if area.width >= BESIDE {
        // The texts get what is left, but some lines always.
        let room = height.saturating_sub(foot + 4);
        let told = head.len().min(room.max(1));
        for (line, (text, style)) in head.iter().take(told).enumerate() {
            Row::new(buffer, inner, line).say(text, *style);
        }
        let body = part(inner, told, height.saturating_sub(told + foot));
        beside(theme, &sides, conflict.scroll.line, body, buffer);
    } else {
        let body = part(inner, 0, height.saturating_sub(foot));
        below(theme, head, &sides, conflict.scroll.line, body, buffer);
    }
    for (line, keys) in keys.iter().take(foot).enumerate() {
        let mut row = Row::new(buffer, inner, height - foot + line);
        hints::write(state, theme, keys, &mut row);
    }
}

/// So many lines of an area, from one on.
fn part(area: Rect, from: usize, lines: usize) -> Rect {
    let of = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
    Rect {
        y: area.y + of(from).min(area.height),
        height: of(lines).min(area.height.saturating_sub(of(from))),
        ..area
    }
}

fn head(state: &State, theme: &Theme, sides: &Sides, width: usize) -> Vec<(Shown, Style)> {
    let mut lines: Vec<(Shown, Style)> = wrap(&Shown::multiline(&sides.reason), width)
        .into_iter()
        .map(|line| (line, theme.warning))
        .collect();
    if let Some(at) = sides.went_out_at {
        let at = when::full(at, state.now, sides.zone);
        let text = format!("it went out {at} {}", sides.zone.name());
        lines.push((Shown::new(&text), theme.text));
    }
    if let Some(due) = sides.due_at {
        let at = when::full(due, state.now, sides.zone);
        let left = when::until(due, state.now);
        let left = left.map_or_else(String::new, |left| format!(", {left}"));
        let text = format!("theirs goes out {at} {}{left}", sides.zone.name());
        lines.push((Shown::new(&text), theme.text));
    }
    lines
}

fn beside(theme: &Theme, sides: &Sides, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let count = u16::try_from(sides.columns.len()).unwrap_or(1).max(1);
    let gap = 2;
    let width = area.width.saturating_sub(gap * (count - 1)) / count;
    let places: Vec<Rect> = (0..count)
        .map(|at| Rect {
            x: area.x + at * (width + gap),
            width,
            ..area
        })
        .collect();
    let texts: Vec<Vec<Line>> = sides
        .columns
        .iter()
        .map(|side| lines(theme, side, width.into()))
        .collect();
    let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
    let height = usize::from(area.height.saturating_sub(1));
    let from = scroll.min(longest.saturating_sub(height));
    for ((side, place), text) in sides.columns.iter().zip(places).zip(&texts) {
        title(theme, side, Row::new(buffer, place, 0));
        let body = part(place, 1, height);
        let more = text.len().saturating_sub(from + height);
        for (line, text) in text.iter().skip(from).take(height).enumerate() {
            let mut row = Row::new(buffer, body, line);
            if more > 0 && line + 1 == height {
                row.right(&[(format!("{more} more"), theme.dim)]);
            }
            write(theme, text, row);
        }
    }
}

/// What is scrolled where the sides stand below each other.
enum Below<'a> {
    Head(Shown, Style),
    Title(&'a Side),
    Text(Line),
}

fn below(
    theme: &Theme,
    head: Vec<(Shown, Style)>,
    sides: &Sides,
    scroll: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    let head = head.into_iter();
    let mut all: Vec<Below<'_>> = head.map(|(text, style)| Below::Head(text, style)).collect();
    for side in &sides.columns {
        all.push(Below::Title(side));
        let lines = lines(theme, side, area.width.into());
        all.extend(lines.into_iter().map(Below::Text));
    }
    frame::scrolled(
        buffer,
        area,
        scroll,
        &all,
        theme,
        |line, mut row| match line {
            Below::Head(text, style) => {
                row.say(text, *style);
            }
            Below::Title(side) => title(theme, side, row),
            Below::Text(line) => write(theme, line, row),
        },
    );
}

fn title(theme: &Theme, side: &Side, mut row: Row<'_>) {
    row.put("─ ", theme.border)
        .put(side.title, theme.heading)
        .skip(1)
        .rule(theme.border);
}

fn write(theme: &Theme, line: &Line, mut row: Row<'_>) {
    let differs = theme.warning.add_modifier(Modifier::UNDERLINED);
    let style = if line.sign == '+' {
        theme.good
    } else {
        theme.bad
    };
    row.put(&line.sign.to_string(), style).skip(1);
    for (word, changed) in &line.words {
        row.say(word, if *changed { differs } else { line.style });
    }
}

/// Lays a side out in lines of `width` columns.
fn lines(theme: &Theme, side: &Side, width: usize) -> Vec<Line> {
    let room = width.saturating_sub(MARGIN).max(1);
    let mut page = Page {
        lines: Vec::new(),
        room,
        used: 0,
    };
    if let Some(note) = &side.note {
        for text in wrap(&[Shown::new(note)], room) {
            page.lines.push(line_of(text, theme.dim));
        }
        return page.lines;
    }
    page.begin(theme.text);
    for piece in &side.text {
        let changed = piece.changed.then_some(side.sign);
        if piece.text == "\n" {
            // A break of its own has no word to be marked.
            page.mark(changed);
            page.begin(theme.text);
        } else {
            page.add(&piece.text, changed, theme.text);
        }
    }
    for (name, value, differs) in &side.facts {
        page.begin(theme.dim);
        page.add(&format!("{name}:"), None, theme.dim);
        page.add(" ", None, theme.dim);
        for word in tokens(value) {
            page.add(word, differs.then_some(side.sign), theme.dim);
        }
    }
    page.lines
}

fn line_of(text: Shown, style: Style) -> Line {
    Line {
        sign: ' ',
        words: vec![(text, false)],
        style,
    }
}

/// Lines being filled with words.
struct Page {
    lines: Vec<Line>,
    room: usize,
    used: usize,
}

impl Page {
    fn begin(&mut self, style: Style) {
        self.used = 0;
        self.lines.push(Line {
            sign: ' ',
            words: Vec::new(),
            style,
        });
    }

    fn mark(&mut self, sign: Option<char>) {
        if let (Some(sign), Some(line)) = (sign, self.lines.last_mut()) {
            line.sign = sign;
        }
    }

    fn add(&mut self, raw: &str, sign: Option<char>, style: Style) {
        let parts = wrap(&[Shown::new(raw)], self.room);
        let blank = raw.trim().is_empty();
        let parts = if blank { vec![Shown::new(raw)] } else { parts };
        for part in parts {
            let columns = part.as_str().width();
            if self.used + columns > self.room && self.used > 0 {
                self.begin(style);
                // A line never begins with the space that broke it.
                if blank {
                    return;
                }
            }
            self.mark(sign);
            self.used += columns;
            if let Some(line) = self.lines.last_mut() {
                line.words.push((part, sign.is_some()));
            }
        }
    }
}
