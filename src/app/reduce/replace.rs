//! Find and replace: opens the dialog, and does what its preview shows as one thing.

use super::commands::say;
use super::marks;
use super::queue::{Edit, act};
use crate::app::composer::area;
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::repeat::Repeat;
use crate::app::replace::{Case, Replace, Verdict};
use crate::app::state::State;
use crate::domain::done::Inverse;
use crate::domain::operation::{Change, Editable};

/// Opens it for the marked updates, else for all that show.
pub(super) fn open(state: &mut State) {
    let Some(profile) = state.profile.clone() else {
        return;
    };
    let updates = if state.marks.is_empty() && state.range.is_none() {
        state.entries().updates().collect()
    } else {
        state.selection()
    };
    if updates.is_empty() {
        let text = "there is nothing to look through: the queue is empty";
        return say(state, Severity::Done, text);
    }
    state.mode = Mode::Replace(Box::new(Replace::open(profile, updates)));
}

/// Goes to the other field.
pub(super) fn step(state: &mut State) {
    if let Mode::Replace(replace) = &mut state.mode {
        replace.step();
    }
}

/// Takes upper and lower case for the same, or not.
pub(super) fn toggle_case(state: &mut State) {
    if let Mode::Replace(replace) = &mut state.mode {
        replace.toggle_case();
    }
}

/// Scrolls the preview.
pub(super) fn scroll(state: &mut State, by: isize) {
    if let Mode::Replace(replace) = &mut state.mode {
        let last = replace.hits.len().saturating_sub(1);
        replace.offset = replace.offset.saturating_add_signed(by).min(last);
    }
}

/// Scrolls the preview by a page.
pub(super) fn page(state: &mut State, by: isize) {
    let page = isize::try_from(state.viewport.1 / 4).unwrap_or(1).max(1);
    scroll(state, by * page);
}

/// The updates changed beneath the dialog: what is shown has to be what is done.
pub(super) fn rebase(state: &mut State) {
    if let Mode::Replace(replace) = &mut state.mode {
        replace.look_again();
    }
}

/// Changes every update the preview says is changed, as one thing.
pub(super) fn apply(state: &mut State, out: &mut Vec<Effect>) {
    let mode = std::mem::take(&mut state.mode);
    let Mode::Replace(mut replace) = mode else {
        state.mode = mode;
        return;
    };
    while !replace.is_over() {
        replace.go_on(state);
    }
    let edits = edits(state, &replace);
    if edits.is_empty() {
        replace.problem = Some(nothing(&replace));
        state.mode = Mode::Replace(replace);
        return;
    }
    let changed = edits.len();
    let left = replace.hits.len().saturating_sub(changed);
    let label = label_of(&replace, changed);
    state.repeat.last = Some(Repeat::Replace {
        find: replace.needle(),
        with: replace.replacement(),
        case: replace.case,
    });
    act(state, out, label.clone(), edits);
    marks::clear(state);
    if left > 0 {
        let text = format!("{label}; {left} left as they were");
        return say(state, Severity::Warning, text);
    }
    say(state, Severity::Done, label);
}

fn label_of(replace: &Replace, changed: usize) -> String {
    let updates = if changed == 1 { "update" } else { "updates" };
    let (find, with) = (replace.needle(), replace.replacement());
    format!("replaced “{find}” by “{with}” in {changed} {updates}")
}

/// `.`: the same in what is selected.
pub(super) fn again(
    state: &mut State,
    out: &mut Vec<Effect>,
    (find, with): (&str, &str),
    case: Case,
) {
    let Some(profile) = state.profile.clone() else {
        return;
    };
    let mut replace = Replace::open(profile, state.selection());
    (replace.find, replace.with, replace.case) = (area(find), area(with), case);
    while !replace.is_over() {
        replace.go_on(state);
    }
    let edits = edits(state, &replace);
    if edits.is_empty() {
        let text = match replace.hits.first().map(|hit| hit.verdict) {
            None => format!("“{find}” is not in it"),
            Some(Verdict::Locked) => "it goes out now: it is left as it is".to_owned(),
            Some(Verdict::Empty) => "nothing would be left of it: it is left as it is".to_owned(),
            Some(Verdict::TooLong(_) | Verdict::Changed(_)) => {
                "it would be too long for the network: it is left as it is".to_owned()
            }
        };
        return say(state, Severity::Warning, text);
    }
    act(state, out, label_of(&replace, edits.len()), edits);
}

fn edits(state: &State, replace: &Replace) -> Vec<Edit> {
    let edit = |update: &crate::domain::update::Update| {
        let hit = replace.hit(state, update)?;
        if !matches!(hit.verdict, Verdict::Changed(_)) {
            return None;
        }
        let base = Editable {
            content: update.body.content.clone(),
            own_time: update.body.own_time,
        };
        let mut want = base.clone();
        want.content.text = replace.replaced(&base.content.text).0;
        Some(Edit {
            profile: replace.profile.clone(),
            change: Change::Edit {
                update: update.id,
                base,
                want,
            },
            inverse: Inverse::EditBack,
        })
    };
    let hits = replace.hits.iter();
    hits.filter_map(|hit| edit(state.replica.update(hit.update)?))
        .collect()
}

fn nothing(replace: &Replace) -> String {
    if replace.needle().is_empty() {
        "write what is to be found first".to_owned()
    } else if replace.hits.is_empty() {
        "it is in none of them; alt-c takes upper and lower case for the same".to_owned()
    } else {
        "all of them would be left as they are, see below".to_owned()
    }
}
