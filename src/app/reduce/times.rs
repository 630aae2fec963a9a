//! Times for what is selected: asked for in one line if several are marked, given as one thing.

use super::commands::say;
use super::guard;
use super::queue::{Edit, act, label_of, moves_back, put_on_top, retime};
use crate::app::effect::Effect;
use crate::app::mode::{Confirm, Mode, Question};
use crate::app::notice::Severity;
use crate::app::prompt::{Asked, Prompt};
use crate::app::repeat::Repeat;
use crate::app::spread::spread;
use crate::app::state::State;
use crate::app::when;
use crate::domain::done::Inverse;
use crate::domain::id::LocalId;
use crate::domain::operation::Placement;
use crate::domain::update::OwnTime;

/// Where updates of the queue go.
enum To {
    /// To the top of it.
    Top,
    /// To a time of their own, or to the slots.
    Time(Option<OwnTime>),
    /// Each to one of these, in queue order.
    Spread(Vec<OwnTime>),
}

/// Asks for a time for all that is marked.
pub(super) fn ask(state: &mut State) {
    let mut prompt = Prompt::open(Asked::When, state.selection());
    // Whoever comes here was asked about these.
    prompt.agreed = guard::locked(state, &prompt.updates);
    state.mode = Mode::Prompt(Box::new(prompt));
}

/// Returns the words that Tab offers for a time.
pub(super) fn words_that_begin(word: &str) -> Vec<String> {
    let all = [
        "next week",
        "queue",
        "this week",
        "today",
        "tomorrow",
        "top",
    ];
    let fit = all.into_iter().filter(|time| time.starts_with(word));
    fit.map(str::to_owned).collect()
}

/// Takes the time that was typed; what is none stays typed.
pub(super) fn take(state: &mut State, out: &mut Vec<Effect>, mut prompt: Box<Prompt>) {
    let text = prompt.text();
    if text.trim().is_empty() {
        return;
    }
    match read(state, &text, &prompt.updates) {
        Err(problem) => {
            prompt.problem = Some(problem);
            state.mode = Mode::Prompt(prompt);
        }
        Ok(_) => give(state, out, &text, &prompt.updates, &prompt.agreed),
    }
}

fn read(state: &State, text: &str, updates: &[LocalId]) -> Result<To, String> {
    if let Some(times) = spread(state, text, updates) {
        return times.map(To::Spread);
    }
    match when::parse(text, state.zone(), state.now) {
        Err(error) => Err(error.to_string()),
        Ok(Placement::Top) => Ok(To::Top),
        Ok(Placement::Now) => Err("S shares now, and asks first".to_owned()),
        Ok(place @ (Placement::Queue | Placement::At(_) | Placement::Pinned(_))) => {
            Ok(To::Time(place.own_time()))
        }
    }
}

/// Gives these the time that is written; asks first if some are about to go out and the person was
/// not asked about them.
pub(super) fn give(
    state: &mut State,
    out: &mut Vec<Effect>,
    text: &str,
    updates: &[LocalId],
    agreed: &[LocalId],
) {
    let Some(warning) = guard::unasked(state, updates, agreed) else {
        return give_anyway(state, out, text, updates);
    };
    state.mode = Mode::Confirm(Confirm {
        title: guard::CHANGE_TIME.to_owned(),
        lines: guard::lines(state, updates),
        warnings: vec![warning],
        what: Question::Time {
            text: text.to_owned(),
            updates: updates.to_vec(),
        },
    });
}

/// Gives these the time that is written.
pub(super) fn give_anyway(
    state: &mut State,
    out: &mut Vec<Effect>,
    text: &str,
    updates: &[LocalId],
) {
    let before = state.history.last();
    match read(state, text, updates) {
        Err(problem) => return say(state, Severity::Warning, problem),
        Ok(To::Top) => put_on_top(state, out, updates),
        Ok(To::Time(own_time)) => {
            let label = format!("set to {}", text.trim());
            let times = updates.iter().map(|update| (*update, own_time));
            give_times(state, out, &label, &times.collect::<Vec<_>>());
        }
        Ok(To::Spread(times)) => {
            let label = spread_label(state, text, &times);
            let times = updates.iter().copied().zip(times.into_iter().map(Some));
            give_times(state, out, &label, &times.collect::<Vec<_>>());
        }
    }
    if state.history.last() != before {
        state.repeat.last = Some(Repeat::When(text.to_owned()));
    }
}

/// Names what was done by its days: they may be out of sight.
fn spread_label(state: &State, text: &str, times: &[OwnTime]) -> String {
    let zone = state.zone();
    let day = |own: &OwnTime| own.at.in_zone(&zone).format("%a %-d %b").to_string();
    let text = text.trim();
    match (times.first().map(day), times.last().map(day)) {
        (Some(first), Some(last)) if first != last => {
            format!("spread over {text}, {first} to {last}")
        }
        (Some(day), _) => format!("spread over {text}, {day}"),
        (None, _) => format!("spread over {text}"),
    }
}

/// Gives each of these its time, as one thing done.
fn give_times(
    state: &mut State,
    out: &mut Vec<Effect>,
    verb: &str,
    times: &[(LocalId, Option<OwnTime>)],
) {
    let edit = |(id, own_time): &(LocalId, Option<OwnTime>)| -> Option<Edit> {
        let (profile, update) = state.replica.find(*id)?;
        let queue = &state.replica.queue(profile)?.queue;
        let has_slot = update.body.own_time.is_none();
        let edit = queue
            .contains(*id)
            .then(|| retime(state, profile, *id, *own_time))??;
        Some(Edit {
            inverse: if has_slot {
                // It leaves its place, and an undo brings it back there.
                Inverse::EditAndMoveBack(moves_back(queue, &[*id]))
            } else {
                Inverse::EditBack
            },
            ..edit
        })
    };
    let edits: Vec<Edit> = times.iter().filter_map(edit).collect();
    let changed: Vec<LocalId> = edits.iter().flat_map(|e| e.change.updates()).collect();
    if changed.is_empty() {
        let text = match times.len() {
            1 => "it has that time already, or is no longer in the queue",
            _ => "they have that time already, or are no longer in the queue",
        };
        return say(state, Severity::Done, text);
    }
    let label = label_of(state, verb, &changed);
    say(state, Severity::Done, label.clone());
    act(state, out, label, edits);
}
