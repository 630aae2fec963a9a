//! What is laid over the panes besides the composer: questions, commands, messages, and what may
//! follow a key that begins a chord.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr as _;

use super::row::{Row, first_line};
use super::{frame, hints};
use crate::app::State;
use crate::app::command::Scope;
use crate::app::key::Key;
use crate::app::keymap::Resolution;
use crate::app::mode::{Confirm, Palette, PaletteKind, Scroll};
use crate::app::notice::Severity;
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// A question. It is answered by keys that nobody presses by accident.
pub(super) fn confirm(
    state: &State,
    theme: &Theme,
    confirm: &Confirm,
    area: Rect,
    buffer: &mut Buffer,
) {
    let width = area.width.min(72);
    let wrapped = |raw: &String| wrap(&Shown::multiline(raw), usize::from(width.saturating_sub(4)));
    let lines: Vec<Shown> = confirm.lines.iter().flat_map(wrapped).collect();
    let warnings: Vec<Shown> = confirm.warnings.iter().flat_map(wrapped).collect();
    let wanted = lines.len() + warnings.len() + 4 + usize::from(!warnings.is_empty());
    let place = frame::middle(area, width, u16::try_from(wanted).unwrap_or(u16::MAX));
    let title = first_line(&confirm.title);
    let inner = frame::open(buffer, place, title.as_str(), "", theme.border_asking);
    let last = usize::from(inner.height.saturating_sub(1));
    let mut line = 0;
    for (texts, style) in [(lines, theme.text), (warnings, theme.warning)] {
        for shown in texts {
            if line + 1 < last.max(1) {
                Row::new(buffer, inner, line).say(&shown, style);
            }
            line += 1;
        }
        line += 1;
    }
    let mut row = Row::new(buffer, inner, last);
    hints::write(state, theme, hints::of(state), &mut row);
}

/// Help and palette: commands with their keys, filtered by what was typed.
pub(super) fn palette(
    state: &State,
    theme: &Theme,
    palette: &Palette,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let heading = match palette.kind {
        PaletteKind::Help => "Keys that work here",
        PaletteKind::Palette => "Commands",
    };
    let place = frame::middle(area, 96, area.height);
    let count = palette.found.len().to_string();
    let inner = frame::open(buffer, place, heading, &count, theme.border_asking);
    let mut row = Row::new(buffer, inner, 0);
    row.put("› ", theme.key);
    let filter = Shown::new(&palette.filter);
    row.say(&filter, theme.text);
    let caret = Position::new(row.column().min(inner.right().saturating_sub(1)), inner.y);
    if palette.filter.is_empty() {
        row.skip(1).put("type to filter", theme.dim);
    }
    let list = Rect {
        y: inner.y + inner.height.min(1),
        height: inner.height.saturating_sub(1),
        ..inner
    };
    let height = usize::from(list.height);
    let from = frame::window(palette.offset, palette.cursor, palette.found.len(), height);
    let mut scope: Option<Scope> = None;
    for (line, command) in palette.found.iter().skip(from).take(height).enumerate() {
        let entry = command.entry();
        let on = from + line == palette.cursor;
        let mut row = Row::new(buffer, list, line);
        row.put(if on { "▌" } else { " " }, theme.cursor);
        let keys = state.keymap.keys_of(*command).join("  ");
        row.column_of(&keys, 20, theme.key).skip(1);
        let name = if on { theme.chosen } else { theme.text };
        let columns = row.column();
        row.put(entry.name, name);
        let after = (columns + 20).saturating_sub(row.column()).max(1);
        row.skip(after);
        // The heading of a group stands beside its first command, so that no row is lost.
        if scope != Some(entry.scope) {
            row.right(&[(entry.scope.title().to_owned(), theme.heading)]);
            scope = Some(entry.scope);
        }
        row.put(entry.doc, theme.dim);
    }
    (inner.height > 0).then_some(caret)
}

/// What the editor said so far, the latest first.
pub(super) fn messages(
    state: &State,
    theme: &Theme,
    scroll: Scroll,
    area: Rect,
    buffer: &mut Buffer,
) {
    let inner = frame::open(buffer, area, "Messages", "", theme.border);
    let width = usize::from(inner.width.saturating_sub(2));
    let mut lines: Vec<(Shown, Option<Severity>)> = Vec::new();
    for notice in state.notices.past().iter().rev() {
        // The sign stands at the first line only, so that one sees where each begins.
        let mut sign = Some(notice.severity);
        for line in wrap(&Shown::multiline(&notice.text), width) {
            lines.push((line, sign.take()));
        }
    }
    if lines.is_empty() {
        Row::new(buffer, inner, 0).put("Nothing was said yet.", theme.dim);
    }
    frame::scrolled(
        buffer,
        inner,
        scroll.line,
        &lines,
        theme,
        |(line, severity), mut row| {
            match severity {
                Some(severity) => {
                    let (sign, style) = severity_sign(*severity, theme);
                    row.put(sign, style).skip(1);
                }
                None => {
                    row.skip(2);
                }
            }
            row.say(line, theme.text);
        },
    );
}

/// Returns the sign of a severity and its look.
pub(super) fn severity_sign(
    severity: Severity,
    theme: &Theme,
) -> (&'static str, ratatui::style::Style) {
    match severity {
        Severity::Done => ("✓", theme.good),
        Severity::Warning => ("!", theme.warning),
        Severity::Trouble => ("✗", theme.bad),
    }
}

/// After the first keys of a chord: what may follow, in a corner.
pub(super) fn chord(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if state.pending.keys.is_empty() {
        return;
    }
    let Resolution::Pending(next) = state.keymap.resolve(&state.scopes(), &state.pending.keys)
    else {
        return;
    };
    let width = next
        .iter()
        .map(|(keys, command)| Key::print_chord(keys).width() + command.entry().doc.width() + 7)
        .max()
        .unwrap_or(0)
        .min(usize::from(area.width));
    let width = u16::try_from(width).unwrap_or(u16::MAX);
    let height = u16::try_from(next.len() + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let place = Rect {
        x: area.right() - width.min(area.width),
        y: area.bottom() - height,
        width: width.min(area.width),
        height,
    };
    let heading = Key::print_chord(&state.pending.keys);
    let inner = frame::open(buffer, place, &heading, "", theme.border);
    for (line, (keys, command)) in next.iter().enumerate() {
        Row::new(buffer, inner, line)
            .put(&Key::print_chord(keys), theme.key)
            .skip(2)
            .put(command.entry().doc, theme.text);
    }
}
