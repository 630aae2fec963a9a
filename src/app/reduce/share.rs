//! Sharing now: the question that names what goes out, and what was agreed to.

use super::commands::say;
use super::queue::{Edit, act, first_lines, label_of};
use super::{guard, marks};
use crate::app::effect::Effect;
use crate::app::mode::{Agreed, Confirm, Mode, Question};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::app::status::{first_line, name_of};
use crate::app::when;
use crate::domain::done::Inverse;
use crate::domain::id::LocalId;
use crate::domain::length::{self, Length};
use crate::domain::operation::Change;
use crate::domain::profile::Profile;
use crate::domain::update::Update;
use crate::protocol::Link;

/// Asks before it shares the selection.
pub(super) fn ask(state: &mut State) {
    let selected = state.selection();
    let updates: Vec<&Update> = selected.iter().filter_map(|id| state.update(*id)).collect();
    let Some(profile) = state.profile().filter(|_| !updates.is_empty()) else {
        return;
    };
    let mut lines = vec![format!("to {}", name_of(profile))];
    let title = if let [one] = updates.as_slice() {
        lines.extend(about(profile, one));
        "Share now, for everybody to see?".to_owned()
    } else {
        lines.extend(first_lines(state, &selected));
        format!("Share {} updates now, for everybody to see?", updates.len())
    };
    let mut warnings: Vec<String> = guard::warning(state, &selected).into_iter().collect();
    let too_long = |update: &&&Update| length_of(profile, update).is_over();
    match (updates.iter().filter(too_long).count(), updates.len()) {
        (0, _) => {}
        (_, 1) => warnings.push("it is longer than the network allows".to_owned()),
        (over, _) => warnings.push(format!("{over} of them longer than the network allows")),
    }
    if !matches!(state.link, Link::Online { .. }) {
        warnings.push(match updates.len() {
            1 => "the line is down: it is shared when it is back".to_owned(),
            _ => "the line is down: they are shared when it is back".to_owned(),
        });
    }
    let agreed = updates.iter().map(|update| Agreed {
        update: update.id,
        seen: update.body.content.clone(),
    });
    state.mode = Mode::Confirm(Confirm {
        what: Question::Share(agreed.collect()),
        title,
        lines,
        warnings,
    });
}

fn length_of(profile: &Profile, update: &Update) -> Length {
    let text = &update.body.content.text;
    length::measure(&profile.service, text, profile.character_limit)
}

/// What one should know of the one that goes out.
fn about(profile: &Profile, update: &Update) -> Vec<String> {
    let length = length_of(profile, update);
    let limit = length
        .limit
        .map_or(String::new(), |limit| format!(" of {limit}"));
    let mut lines = vec![
        first_line(&update.body.content.text),
        format!("{}{limit} characters", length.used),
    ];
    if let Some(own) = update.body.own_time {
        let at = when::print(own.at, profile.timezone);
        lines.push(format!("it was to go out at {at}"));
    }
    lines
}

/// Shares, after their window; but only what was agreed to.
pub(super) fn share(state: &mut State, out: &mut Vec<Effect>, agreed: Vec<Agreed>) {
    let wanted = agreed.len();
    let mut changed = 0;
    let mut edits = Vec::new();
    for Agreed { update, seen } in agreed {
        let found = state.replica.find(update);
        let found = found.filter(|_| state.queue().is_some_and(|queue| queue.contains(update)));
        let Some((profile, now)) = found.map(|(p, u)| (p.clone(), &u.body.content)) else {
            continue;
        };
        if *now != seen {
            changed += 1;
            continue;
        }
        edits.push(Edit {
            profile,
            change: Change::Share { update, seen },
            inverse: Inverse::None,
        });
    }
    let left = wanted - edits.len();
    if edits.is_empty() {
        let text = match (changed, wanted) {
            (0, 1) => "it is no longer in the queue",
            (0, _) => "they are no longer in the queue",
            (_, 1) => "not shared: it was changed while you were asked; look at it again",
            (_, _) => "not shared: they were changed while you were asked; look at them again",
        };
        return say(state, Severity::Warning, text);
    }
    let updates: Vec<LocalId> = edits.iter().flat_map(|e| e.change.updates()).collect();
    let label = label_of(state, "shared", &updates);
    marks::clear(state);
    act(state, out, label.clone(), edits);
    if left > 0 {
        let text = format!("{label}; {left} changed or gone while you were asked: not shared");
        say(state, Severity::Warning, text);
    }
}
