//! The few keys that matter now, with the keys the person gave them.

use super::row::Row;
use crate::app::State;
use crate::app::command::Command;
use crate::app::lint::Counts;
use crate::app::mode::{Mode, Question};
use crate::app::state::Pane;
use crate::tui::theme::Theme;

type Hint = (Command, &'static str);

/// Writes key and word of each command that has a key, as many as fit.
pub(super) fn write(state: &State, theme: &Theme, hints: &[Hint], row: &mut Row<'_>) {
    for (command, word) in hints
        .iter()
        .filter(|(command, _)| is_of_use(state, *command))
    {
        let Some(key) = state.keymap.keys_of(*command).into_iter().next() else {
            continue;
        };
        if key.chars().count() + word.len() + 4 > row.room() {
            break;
        }
        row.put(" ", theme.dim)
            .put(&key, theme.key)
            .put(" ", theme.dim)
            .put(word, theme.dim)
            .put(" ", theme.dim);
    }
}

/// Says whether there is anything the command could do now, where that is not plain to see.
fn is_of_use(state: &State, command: Command) -> bool {
    command != Command::NextFinding || state.lint.counts() != Counts::default()
}

/// Lays hints out in lines of `width` columns, so that all of them show.
pub(super) fn lines(state: &State, hints: &[Hint], width: usize) -> Vec<Vec<Hint>> {
    let mut lines: Vec<Vec<Hint>> = Vec::new();
    let mut used = width;
    for hint in hints {
        let Some(key) = state.keymap.keys_of(hint.0).into_iter().next() else {
            continue;
        };
        let columns = key.chars().count() + hint.1.len() + 4;
        if let Some(line) = lines.last_mut().filter(|_| used + columns <= width) {
            line.push(*hint);
        } else {
            lines.push(vec![*hint]);
            used = 0;
        }
        used += columns;
    }
    lines
}

/// Returns the commands to tell of, most useful first.
pub(super) fn of(state: &State) -> &'static [Hint] {
    match &state.mode {
        Mode::Lists if state.is_first_start() => FIRST,
        Mode::Lists => match state.focus {
            Pane::Profiles => PROFILES,
            Pane::Queue if state.range.is_some() => RANGE,
            Pane::Queue if !state.marks.is_empty() => MARKED,
            Pane::Queue if state.slot_under_cursor().is_some() => SLOT,
            Pane::Queue if state.search().is_some() => FILTERED,
            Pane::Queue if state.cut.is_some() => CUT,
            Pane::Queue => QUEUE,
            Pane::Sent => SENT,
            Pane::Interactions => INTERACTIONS,
        },
        Mode::Grab(grab) if grab.slot.is_some() => GRAB_ON_SLOT,
        Mode::Grab(grab) if grab.is_abroad() => ABROAD,
        Mode::Grab(_) => GRAB,
        Mode::Filter(_) => FILTER,
        Mode::Prompt(_) => PROMPT,
        Mode::Links(_) => LINKS,
        Mode::Output(_) => OUTPUT,
        Mode::Shuffle(_) => SHUFFLE,
        Mode::Confirm(confirm) => match confirm.what {
            Question::Transfer(_) => TRANSFER,
            _ => CONFIRM,
        },
        Mode::Palette(_) => PALETTE,
        Mode::Outbox(_) => OUTBOX,
        Mode::History(_) => HISTORY,
        Mode::Conflict(_) => CONFLICT,
        Mode::Numbers(_) => NUMBERS,
        Mode::Doctor(_) => DOCTOR,
        Mode::Detail(_) | Mode::Messages(_) | Mode::Calls(_) => DETAIL,
        Mode::Drafts(_) => DRAFTS,
        Mode::Findings(_) => FINDINGS,
        Mode::Composer(_) | Mode::Replace(_) | Mode::Form(_) | Mode::Timetable(_) => &[],
    }
}

const FIRST: &[Hint] = &[
    (Command::NewProfile, "new profile"),
    (Command::Palette, "commands"),
    (Command::Help, "help"),
    (Command::Quit, "quit"),
];
const QUEUE: &[Hint] = &[
    (Command::Help, "help"),
    (Command::NextFinding, "finding"),
    (Command::MoveDown, "later"),
    (Command::Grab, "grab"),
    (Command::Mark, "mark"),
    (Command::Compose, "write"),
    (Command::Edit, "edit"),
    (Command::Undo, "undo"),
    (Command::Filter, "filter"),
    (Command::MoveUp, "earlier"),
    (Command::Delete, "delete"),
    (Command::Share, "share now"),
    (Command::Shuffle, "shuffle"),
    (Command::NextPane, "pane"),
    (Command::NextProfile, "profile"),
    (Command::Cut, "cut"),
    (Command::Reschedule, "time"),
    (Command::Pin, "pin"),
    (Command::Replace, "replace"),
    (Command::Tags, "tags"),
    (Command::OpenLink, "open"),
    (Command::Quit, "quit"),
];
/// What acts on all that is marked, each of it also on an open range.
const MARKED: &[Hint] = &[
    (Command::Back, "unmark"),
    (Command::Mark, "mark"),
    (Command::Reschedule, "time"),
    (Command::Grab, "grab"),
    (Command::Cut, "cut"),
    (Command::Delete, "delete"),
    (Command::Replace, "replace"),
    (Command::Share, "share now"),
    (Command::Tags, "tags"),
    (Command::Help, "help"),
    (Command::MoveDown, "later"),
    (Command::MoveUp, "earlier"),
    (Command::Pin, "pin"),
    (Command::CopyText, "copy"),
    (Command::InvertMarks, "invert"),
];
const RANGE: &[Hint] = &[
    (Command::Back, "let go"),
    (Command::Mark, "mark it"),
    (Command::Reschedule, "time"),
    (Command::Grab, "grab"),
    (Command::Cut, "cut"),
    (Command::Delete, "delete"),
    (Command::Replace, "replace"),
    (Command::Share, "share now"),
    (Command::Tags, "tags"),
    (Command::Help, "help"),
    (Command::Down, "longer"),
    (Command::Up, "shorter"),
];
const SLOT: &[Hint] = &[
    (Command::Help, "help"),
    (Command::Compose, "write for this time"),
    (Command::FreeSlots, "hide free slots"),
    (Command::Undo, "undo"),
    (Command::NextPane, "pane"),
    (Command::Quit, "quit"),
];
const FILTERED: &[Hint] = &[
    (Command::Help, "help"),
    (Command::Back, "clear the filter"),
    (Command::Filter, "change it"),
    (Command::NextMatch, "next"),
    (Command::MoveDown, "later"),
    (Command::MoveUp, "earlier"),
    (Command::MarkAll, "mark all shown"),
    (Command::Edit, "edit"),
    (Command::Undo, "undo"),
    (Command::Quit, "quit"),
];
const FILTER: &[Hint] = &[
    (Command::FilterKeep, "keep"),
    (Command::FilterDrop, "show all"),
    (Command::FilterDown, "next"),
];
const PROMPT: &[Hint] = &[
    (Command::PromptTake, "take"),
    (Command::PromptNext, "complete"),
    (Command::PromptLeave, "leave"),
];
const LINKS: &[Hint] = &[
    (Command::LinkOpen, "open"),
    (Command::LinkCopy, "copy"),
    (Command::LinksClose, "close"),
];
const OUTPUT: &[Hint] = &[
    (Command::OutputUse, "write on from it"),
    (Command::OutputCopy, "copy"),
    (Command::DetailDown, "down"),
    (Command::DetailUp, "up"),
    (Command::DetailClose, "close"),
];
const GRAB_ON_SLOT: &[Hint] = &[
    (Command::Drop, "pin it to this slot"),
    (Command::PutBack, "put back"),
    (Command::Down, "later"),
    (Command::Up, "earlier"),
];
const CUT: &[Hint] = &[
    (Command::PasteAfter, "put it after"),
    (Command::PasteBefore, "before"),
    (Command::NextProfile, "profile"),
    (Command::Back, "let it be"),
    (Command::Down, "down"),
    (Command::Up, "up"),
    (Command::Help, "help"),
];
const SENT: &[Hint] = &[
    (Command::Help, "help"),
    (Command::Detail, "show"),
    (Command::AddAgain, "add again"),
    (Command::SortSent, "sort"),
    (Command::Numbers, "numbers"),
    (Command::OpenLink, "open"),
    (Command::Requeue, "requeue a failed one"),
    (Command::FocusInteractions, "interactions"),
    (Command::CopyText, "copy"),
    (Command::NextPane, "pane"),
    (Command::NextProfile, "profile"),
    (Command::Quit, "quit"),
];
const INTERACTIONS: &[Hint] = &[
    (Command::Help, "help"),
    (Command::NextEvent, "next kind"),
    (Command::PreviousEvent, "kind before"),
    (Command::SortInteractions, "sort"),
    (Command::OpenLink, "open"),
    (Command::Detail, "show the update"),
    (Command::NextPane, "pane"),
    (Command::Quit, "quit"),
];
const PROFILES: &[Hint] = &[
    (Command::Help, "help"),
    (Command::ChooseProfile, "to its queue"),
    (Command::NewProfile, "new"),
    (Command::EditProfile, "edit"),
    (Command::RemoveProfile, "remove"),
    (Command::EditSchedule, "times"),
    (Command::Pause, "pause"),
    (Command::NextPane, "pane"),
    (Command::Palette, "commands"),
    (Command::Quit, "quit"),
];
const GRAB: &[Hint] = &[
    (Command::Drop, "drop here"),
    (Command::PutBack, "put back"),
    (Command::Down, "later"),
    (Command::Up, "earlier"),
    (Command::HalfPageDown, "half a page"),
    (Command::Top, "top"),
    (Command::Bottom, "end"),
    (Command::CarryNext, "profile"),
];
const ABROAD: &[Hint] = &[
    (Command::Drop, "drop here: copy or move"),
    (Command::PutBack, "put back"),
    (Command::Down, "later"),
    (Command::Up, "earlier"),
    (Command::CarryNext, "profile"),
    (Command::Top, "top"),
    (Command::Bottom, "end"),
];
const SHUFFLE: &[Hint] = &[
    (Command::ShuffleApply, "take this order"),
    (Command::ShuffleAgain, "draw another"),
    (Command::ShuffleCancel, "keep the old one"),
];
const CONFIRM: &[Hint] = &[(Command::Yes, "yes, do it"), (Command::No, "no")];
const TRANSFER: &[Hint] = &[
    (Command::TransferCopy, "copy"),
    (Command::TransferMove, "move"),
    (Command::TransferNo, "neither"),
];
const PALETTE: &[Hint] = &[
    (Command::PaletteRun, "run"),
    (Command::PaletteDown, "next"),
    (Command::PaletteUp, "before"),
    (Command::PaletteClose, "close"),
];
/// Said first while a pane has the whole screen.
pub(super) const ZOOMED: &[Hint] = &[(Command::Zoom, "all panes again")];
const HISTORY: &[Hint] = &[
    (Command::HistoryGo, "go to here"),
    (Command::HistoryClose, "close"),
    (Command::Down, "older"),
    (Command::Up, "newer"),
];
const OUTBOX: &[Hint] = &[
    (Command::OutboxClose, "close"),
    (Command::OutboxMark, "mark"),
    (Command::OutboxRetryAll, "send all again"),
    (Command::Down, "next"),
    (Command::Up, "before"),
];
const DRAFTS: &[Hint] = &[
    (Command::DraftOpen, "go on with it"),
    (Command::DraftNew, "new update"),
    (Command::DraftThrow, "throw it away"),
    (Command::DraftBack, "bring back"),
    (Command::DraftsClose, "close"),
];
const FINDINGS: &[Hint] = &[
    (Command::FindingOpen, "go there"),
    (Command::FindingsClose, "close"),
    (Command::Down, "next"),
    (Command::Up, "before"),
];
const CONFLICT: &[Hint] = &[
    (Command::ConflictClose, "leave it held"),
    (Command::DetailDown, "down"),
    (Command::DetailUp, "up"),
    (Command::DetailPageDown, "page"),
];
const NUMBERS: &[Hint] = &[
    (Command::NextFigure, "next number"),
    (Command::DetailDown, "down"),
    (Command::DetailUp, "up"),
    (Command::DetailClose, "close"),
];
const DOCTOR: &[Hint] = &[
    (Command::CopyReport, "copy all of it"),
    (Command::DetailDown, "down"),
    (Command::DetailUp, "up"),
    (Command::DetailClose, "close"),
];
const DETAIL: &[Hint] = &[
    (Command::DetailDown, "down"),
    (Command::DetailUp, "up"),
    (Command::DetailPageDown, "page"),
    (Command::DetailClose, "close"),
];
