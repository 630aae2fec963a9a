//! The outbox: what needs the person and what waits, and all about the one under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::{Row, first_line};
use super::{frame, hints, mark, when};
use crate::app::State;
use crate::app::command::Command;
use crate::app::mode::Outbox;
use crate::app::outbox::{Explanation, explain, outbox_heading, outbox_order, outbox_row};
use crate::domain::id::OperationId;
use crate::domain::replica::Mark;
use crate::domain::shown::{Shown, wrap};
use crate::domain::time::Timestamp;
use crate::tui::theme::Theme;

/// So many rows of the list stay, however much is told of the one under the cursor.
const ROWS_AT_LEAST: usize = 2;

/// A line below the list.
enum Below {
    Text(Shown, Style),
    Keys(Vec<(Command, &'static str)>),
}

pub(super) fn draw(state: &State, theme: &Theme, outbox: &Outbox, area: Rect, buffer: &mut Buffer) {
    let order = outbox_order(state);
    let place = frame::middle(area, 120, area.height);
    let heading = outbox_heading(state);
    let inner = frame::open(buffer, place, &heading, "", theme.border);
    if order.is_empty() {
        Row::new(buffer, inner, 1)
            .skip(1)
            .put("Everything is confirmed.", theme.good);
        return;
    }
    let height = usize::from(inner.height);
    let told = order
        .get(outbox.cursor)
        .and_then(|id| Some((*id, explain(state, *id)?)));
    let (mut below, keys) = told.map_or_else(Default::default, |(id, told)| {
        let width = inner.width.into();
        let below = tell(state, theme, id, &told, width);
        (below, hints::lines(state, &told.choices, width))
    });
    // A thin line between the list and what is told; what can be done is told in any case.
    let room = height.saturating_sub(ROWS_AT_LEAST.min(order.len()) + 1);
    below.truncate(room.saturating_sub(keys.len()));
    below.extend(keys.into_iter().map(Below::Keys));
    let shown = below.len().min(room);
    let rows = height - shown - usize::from(shown > 0);
    let from = frame::window(outbox.offset, outbox.cursor, order.len(), rows);
    for (line, id) in order.iter().skip(from).take(rows).enumerate() {
        let on = from + line == outbox.cursor;
        let marked = outbox.marks.contains(id);
        row(
            state,
            theme,
            *id,
            (on, marked),
            Row::new(buffer, inner, line),
        );
    }
    if shown > 0 {
        Row::new(buffer, inner, rows).rule(theme.border);
    }
    for (line, below) in below.iter().take(shown).enumerate() {
        let mut row = Row::new(buffer, inner, rows + 1 + line);
        match below {
            Below::Text(text, style) => {
                row.say(text, *style);
            }
            Below::Keys(keys) => hints::write(state, theme, keys, &mut row),
        }
    }
}

fn row(
    state: &State,
    theme: &Theme,
    id: OperationId,
    (on, marked): (bool, bool),
    mut row: Row<'_>,
) {
    let Some(entry) = outbox_row(state, id) else {
        return;
    };
    row.put(if on { "▌" } else { " " }, theme.cursor);
    row.put(if marked { "*" } else { " " }, theme.marked);
    let time = if on { theme.time_selected } else { theme.dim };
    row.put(&since(state, entry.made_at), time).skip(1);
    let style = if entry.needs_you {
        theme.warning
    } else {
        theme.waiting
    };
    if let Some((_, how)) = state.replica.operation(id) {
        let (sign, look) = mark::sign(Mark::of(how), theme);
        row.put(sign, look).skip(1);
    }
    row.column_of(&entry.profile, 14, theme.text).skip(1);
    row.right(&[(first_line(&entry.state).clip(40), style)]);
    row.first_line(&entry.what, theme.text);
}

/// When it was made: the time today, else the day; six columns.
fn since(state: &State, at: Timestamp) -> String {
    let zone = state.zone();
    let today = at.in_zone(&zone).date_naive() == state.now.in_zone(&zone).date_naive();
    let text = if today {
        when::clock(Some(at), zone)
    } else {
        at.in_zone(&zone).format("%-d %b").to_string()
    };
    format!("{text:<6}")
}

/// All about one of them: why, since when, and for what it waits.
fn tell(
    state: &State,
    theme: &Theme,
    id: OperationId,
    told: &Explanation,
    width: usize,
) -> Vec<Below> {
    let mut lines = Vec::new();
    let mut add = |raw: &str, style: Style| {
        let shown = Shown::multiline(raw);
        for line in wrap(&shown, width) {
            lines.push(Below::Text(line, style));
        }
    };
    if let Some(reason) = &told.reason {
        add(reason, theme.warning);
    }
    let made_at = state.replica.operation(id).map(|(o, _)| o.made_at);
    let since = made_at.map_or_else(String::new, |at| {
        let full = when::full(at, state.now, state.zone());
        match when::since(at, state.now) {
            Some(ago) => format!("since {full}, {ago}"),
            None => format!("since {full}"),
        }
    });
    add(
        &format!("{since} · waits for {}", told.waits_for),
        theme.text,
    );
    lines
}
