//! Find and replace: two fields, and below each text that would change, before and after.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::composer::name_style;
use super::row::{Row, first_line};
use super::{field, frame, hints, when};
use crate::app::State;
use crate::app::command::Command;
use crate::app::replace::{Case, Hit, Replace, ReplaceField, Verdict};
use crate::domain::length::Length;
use crate::tui::theme::Theme;

/// Columns of the names of the fields.
const NAMES: u16 = 9;

/// Columns before a text of the preview.
const TIMES: u16 = 13;

pub(super) fn draw(
    state: &State,
    theme: &Theme,
    replace: &Replace,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let place = frame::middle(area, 120, area.height);
    let right = match replace.case {
        Case::Exact => "as written",
        Case::Any => "any case",
    };
    let heading = match replace.updates.len() {
        1 => "Find and replace in 1 update".to_owned(),
        n => format!("Find and replace in {n} updates"),
    };
    let inner = frame::open(buffer, place, &heading, right, theme.border_asking);
    let fields = [
        (ReplaceField::Find, "find", &replace.find),
        (ReplaceField::With, "replace", &replace.with),
    ];
    let mut caret = None;
    for (line, (at, name, text)) in fields.into_iter().enumerate() {
        let here = replace.field == at;
        let mut row = Row::new(buffer, inner, line);
        row.column_of(name, NAMES, name_style(theme, here));
        let place = Rect {
            x: row.column(),
            y: inner.y + u16::try_from(line).unwrap_or(0),
            width: inner.right().saturating_sub(row.column()),
            height: u16::from(line < usize::from(inner.height)),
        };
        let found = field::draw(text, place, theme.text, buffer);
        if here {
            caret = found;
        }
    }
    let (text, style) = said(theme, replace);
    Row::new(buffer, inner, 2).put(&text, style);
    let list = Rect {
        y: inner.y + inner.height.min(3),
        height: inner.height.saturating_sub(3),
        ..inner
    };
    preview(state, theme, replace, list, buffer);
    let edge = Rect {
        x: place.x + 2,
        y: place.bottom().saturating_sub(1),
        width: place.width.saturating_sub(4),
        height: 1,
    };
    let wanted = [
        (Command::ReplaceApply, "replace"),
        (Command::ReplaceField, "other field"),
        (Command::ReplaceCase, "case"),
        (Command::ReplaceLeave, "leave"),
        (Command::ReplaceDown, "scroll"),
    ];
    hints::write(state, theme, &wanted, &mut Row::new(buffer, edge, 0));
    caret
}

/// What is wrong, or how many would change and how many not.
fn said(theme: &Theme, replace: &Replace) -> (String, Style) {
    if let Some(problem) = &replace.problem {
        return (format!("✗ {problem}"), theme.bad);
    }
    if replace.needle().is_empty() {
        let text = "Type what is to be found; what would change shows below.";
        return (text.to_owned(), theme.dim);
    }
    let is_changed = |hit: &&Hit| matches!(hit.verdict, Verdict::Changed(_));
    let changes = replace.hits.iter().filter(is_changed).count();
    let times: usize = replace
        .hits
        .iter()
        .filter(is_changed)
        .map(|h| h.times)
        .sum();
    let left = replace.hits.len() - changes;
    let mut text = format!("{changes} would change");
    if times > changes {
        text = format!("{text}, {times} times in all");
    }
    if left > 0 {
        text = format!("{text}; {left} would be left as they are");
    }
    if !replace.is_over() {
        text = format!("{text}; still looking");
    }
    let style = if left > 0 { theme.warning } else { theme.text };
    (text, style)
}

/// Two lines for each hit: before, and after or why not.
fn preview(state: &State, theme: &Theme, replace: &Replace, area: Rect, buffer: &mut Buffer) {
    let fitting = usize::from(area.height / 2);
    let last = replace.hits.len().saturating_sub(fitting);
    let from = replace.offset.min(last);
    for (index, hit) in replace.hits.iter().skip(from).take(fitting).enumerate() {
        let Some(update) = state.update(hit.update) else {
            continue;
        };
        let before = &update.body.content.text;
        let (after, _) = replace.replaced(before);
        let near = near_change(before, &after);
        let at = state.shown().and_then(|shown| {
            let row = shown.rows().get(shown.queue.find(hit.update)?)?;
            Some(when::stamp(row.due_at?, state.now, state.zone()))
        });
        let mut row = Row::new(buffer, area, index * 2);
        row.column_of(&at.unwrap_or_default(), TIMES, theme.dim);
        row.put("- ", theme.former)
            .say(&first_line(from_byte(before, near)), theme.former);
        let mut row = Row::new(buffer, area, index * 2 + 1);
        row.skip(TIMES);
        let (sign, right, style) = match hit.verdict {
            Verdict::Changed(length) => ("+ ", told(length), theme.text),
            Verdict::TooLong(length) => ("‼ ", format!("left: over {}", told(length)), theme.bad),
            Verdict::Empty => ("‼ ", "left: nothing to send".to_owned(), theme.bad),
            Verdict::Locked => ("# ", "left: locked".to_owned(), theme.warning),
        };
        row.right(&[(right, style)]);
        row.put(sign, style)
            .say(&first_line(from_byte(&after, near)), style);
    }
}

fn told(length: Length) -> String {
    match length.limit {
        Some(limit) => format!("{}/{limit}", length.used),
        None => length.used.to_string(),
    }
}

/// So many bytes before the first change show, so that it is in sight in a long text too.
const BEFORE: usize = 20;

/// Returns where to begin to show two texts: a little before they part.
fn near_change(before: &str, after: &str) -> usize {
    let pairs = before.bytes().zip(after.bytes());
    let parts = pairs.take_while(|(a, b)| a == b).count();
    let mut from = if parts > BEFORE * 2 {
        parts - BEFORE
    } else {
        0
    };
    while from > 0 && !(before.is_char_boundary(from) && after.is_char_boundary(from)) {
        from -= 1;
    }
    from
}

fn from_byte(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or(text)
}
