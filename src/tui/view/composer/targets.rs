//! The profiles an update goes to, and the length of its text for each of their networks.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{NAMES, name_style};
use crate::app::composer::{Composer, Field};
use crate::domain::length::Length;
use crate::domain::profile::Service;
use crate::domain::shown::Shown;
use crate::tui::theme::Theme;
use crate::tui::view::row::{Row, first_line};

/// The length of the text for each network, by its own counting: in full, or by their marks where
/// there is no room, and then the selected one first.
pub(super) fn counters(composer: &Composer, theme: &Theme, row: &mut Row<'_>) {
    let mut counters = composer.lengths();
    let is_selected = |service: &Service| composer.texts.selected() == Some(service);
    let columns = |(service, length): &(Service, Length)| {
        let own = if composer.texts.has_own(service) {
            4
        } else {
            0
        };
        Shown::new(service.title()).width() + said(*length).len() + own + 5
    };
    let in_full = counters.iter().map(columns).sum::<usize>() < row.room();
    if !in_full {
        counters.sort_by_key(|(service, _)| !is_selected(service));
    }
    row.put("─", theme.border);
    for (service, length) in counters {
        let (mark, style) = if is_selected(&service) {
            (" ▸", theme.title_focused)
        } else {
            (" ", theme.service)
        };
        let name = if in_full {
            service.title()
        } else {
            service.mark()
        };
        let count = if length.is_over() {
            theme.bad
        } else {
            theme.dim
        };
        row.put(mark, style)
            .say(&Shown::new(name), style)
            .skip(1)
            .put(&said(length), count);
        if composer.texts.has_own(&service) {
            row.put(" own", theme.heading);
        }
        row.put(" ─", theme.border);
    }
    row.rule(theme.border);
}

fn said(length: Length) -> String {
    let used = length.used;
    match length.limit {
        Some(limit) if length.is_over() => format!("{used}/{limit}: {} over", used - limit),
        Some(limit) => format!("{used}/{limit}"),
        None => used.to_string(),
    }
}

/// The chosen ones; while they have the cursor, what is looked for.
pub(super) fn strip(
    composer: &Composer,
    theme: &Theme,
    (area, line): (Rect, usize),
    buffer: &mut Buffer,
) -> Option<Position> {
    let here = composer.field == Field::Profiles;
    let targets = &composer.targets;
    let mut row = Row::new(buffer, area, line);
    row.column_of("to", NAMES, name_style(theme, here));
    let chosen = targets.chosen().count();
    if here {
        let count = format!("{chosen} of {}", targets.len());
        row.right(&[(count, theme.dim)]);
        row.say(&Shown::new(targets.filter()), theme.text);
        let y = area.y + u16::try_from(line).unwrap_or(0);
        let caret = Position::new(row.column().min(area.right().saturating_sub(1)), y);
        let hint = if targets.filter().is_empty() {
            " Space chooses; type to find; ctrl-a all"
        } else if targets.found().len() == 0 {
            " no such profile; ctrl-u shows all"
        } else {
            ""
        };
        row.put(hint, theme.dim);
        return Some(caret);
    }
    if chosen == 0 {
        row.put("no profile yet: Tab, then Space", theme.dim);
        return None;
    }
    let mut left = chosen;
    for target in targets.chosen() {
        let name = first_line(&target.name).clip(20);
        let more = format!("and {left} more");
        // What does not fit is counted rather than cut.
        let needed = name.chars().count() + 5;
        let behind = if left > 1 { more.len() } else { 0 };
        if needed + behind > row.room() && left < chosen {
            row.put(&more, theme.dim);
            break;
        }
        row.put(&name, theme.text)
            .skip(1)
            .put(target.service.mark(), theme.service)
            .skip(2);
        left -= 1;
    }
    let others = targets.len().saturating_sub(chosen);
    if others > 0 {
        row.right(&[(format!("{others} more to choose from"), theme.dim)]);
    }
    None
}

/// One row of the list.
pub(super) fn listed(composer: &Composer, theme: &Theme, index: usize, row: &mut Row<'_>) {
    let Some(target) = composer.targets.found().nth(index) else {
        return;
    };
    let on = index == composer.targets.cursor();
    let style = if on { theme.chosen } else { theme.text };
    row.skip(NAMES - 2)
        .put(if on { "▸ " } else { "  " }, theme.title_focused)
        .put(if target.chosen { "[x] " } else { "[ ] " }, style)
        .say(&first_line(&target.name), style)
        .skip(1)
        .say(&Shown::new(target.service.title()), theme.service);
}
