//! Lists as numbered lines.

use super::line::LISTS;
pub(super) use super::line::What;
use super::sentence;
use super::tell::{content, extras, short, when};
use crate::app::composer::Composer;
use crate::app::doctor::of_state;
use crate::app::entries::Entry;
use crate::app::lint;
use crate::app::mode::{Mode, Past};
use crate::app::outbox::{outbox_order, outbox_row};
use crate::app::sides::sides;
use crate::app::state::{Loading, Pane, State};
use crate::app::status::name_of;
use crate::app::strip::waiting;
use crate::domain::figures::{FIGURES, figure, trends};
use crate::domain::id::LocalId;
use crate::domain::replica::Mark;
use crate::domain::update::{Content, Update};

/// So many lines are listed at once.
const PAGE: usize = 50;

/// Returns the list that has the keys.
pub(super) fn current(state: &State) -> What {
    match (&state.mode, state.focus) {
        (Mode::Outbox(_), _) => What::Outbox,
        (Mode::History(_), _) => What::History,
        (Mode::Findings(_), _) => What::Findings,
        (Mode::Drafts(_), _) => What::Drafts,
        (Mode::Messages(_), _) => What::Messages,
        (Mode::Calls(_), _) => What::Calls,
        (Mode::Lists, Pane::Profiles) => What::Profiles,
        (Mode::Lists, Pane::Sent) => What::Sent,
        (Mode::Lists, Pane::Interactions) => What::Interactions,
        _ => What::Queue,
    }
}

/// Returns the row of the cursor.
fn cursor(state: &State, what: What) -> usize {
    let cursors = state.cursors();
    match (what, &state.mode) {
        (What::Queue, _) => cursors.queue.index,
        (What::Sent, _) => cursors.sent.index,
        (What::Profiles, _) => state.profile_cursor.index,
        (What::Interactions, _) => cursors.interactions.index,
        (What::Outbox, Mode::Outbox(outbox)) => outbox.cursor,
        (What::History, Mode::History(Past { cursor, .. })) => *cursor,
        (What::Findings, Mode::Findings(list)) => list.cursor,
        _ => 0,
    }
}

/// Returns how many rows there are.
pub(super) fn len(state: &State, what: What) -> usize {
    match what {
        What::Queue => state.entries().len(),
        What::Sent => state.sent_len(),
        What::Profiles => state.listed_profiles().len(),
        What::Interactions => state.reactions().map_or(0, |found| found.list.len()),
        What::Outbox => outbox_order(state).len(),
        What::History => state.history.undo_len() + state.history.redo_len() + 1,
        What::Findings => findings(state).len(),
        What::Drafts => state.drafts.len() + 1,
        What::Messages => state.notices.past().len(),
        What::Calls => state.calls.len(),
    }
}

/// Says a row, without its number.
pub(super) fn numbered(state: &State, what: What, index: usize) -> Option<String> {
    match what {
        What::Queue => queue_row(state, index),
        What::Sent => state.sent_row(index).map(|update| sent_row(state, update)),
        What::Profiles => profile_row(state, index),
        What::Interactions => reaction_row(state, index),
        What::Outbox => {
            let on = *outbox_order(state).get(index)?;
            let row = outbox_row(state, on)?;
            let reason = row
                .reason
                .map_or_else(String::new, |why| format!(": {why}"));
            let marked = match &state.mode {
                Mode::Outbox(outbox) if outbox.marks.contains(&on) => ", marked",
                _ => "",
            };
            Some(format!(
                "{}, {}, {}{reason}{marked}",
                row.profile, row.what, row.state
            ))
        }
        What::History => Some(match state.history.moments().nth(index) {
            Some(moment) if moment.holds => moment.done.label.clone(),
            Some(moment) => format!("taken back: {}", moment.done.label),
            None => "before all of this".to_owned(),
        }),
        What::Findings => {
            let update = *findings(state).get(index)?;
            let found = lint::words(state, state.lint.worst(update)?);
            let text = state.update(update).map(|u| content(&u.body.content));
            Some(format!("{}, {found}", text.unwrap_or_default()))
        }
        What::Drafts => match index.checked_sub(1) {
            None => Some("a new update".to_owned()),
            Some(back) => {
                let draft = state.drafts.iter().rev().nth(back)?;
                Some(format!(
                    "“{}”, of {}",
                    short(&draft.text),
                    when(state, draft.at)
                ))
            }
        },
        What::Messages => {
            let notice = state.notices.past().get(index)?;
            Some(notice.text.clone())
        }
        What::Calls => {
            let called = state.calls.get(index)?;
            let at = when(state, called.at);
            Some(format!(
                "{at}, {}, {}, {} ms",
                called.what, called.result, called.millis
            ))
        }
    }
}

/// Lists rows from `from` on (from 1), or around the cursor.
pub(super) fn list(state: &State, what: What, from: Option<usize>) -> Vec<String> {
    let len = len(state, what);
    if len == 0 {
        return vec![sentence(&empty(state, what)).to_string()];
    }
    let page = cursor(state, what) / PAGE * PAGE;
    let from = from.map_or(page, |from| from - 1);
    let mut lines: Vec<String> = (from..len.min(from.saturating_add(PAGE)))
        .filter_map(|index| Some(format!("{}: {}", index + 1, numbered(state, what, index)?)))
        .collect();
    if lines.is_empty() {
        lines.push(format!("there are only {len}"));
    } else if from + lines.len() < len {
        let next = from + lines.len() + 1;
        lines.push(format!(
            "{len} in all; `list {} {next}` goes on",
            name(what)
        ));
    }
    lines
}

fn name(what: What) -> &'static str {
    let mut lists = LISTS.into_iter();
    lists
        .find(|(_, list)| *list == what)
        .map_or("", |(name, _)| name)
}

/// Says that there is nothing in a list, and why.
pub(super) fn empty(state: &State, what: What) -> String {
    let is_read = |loading: Option<&Loading>| match loading {
        Some(Loading::Asked { .. }) => "it is being read: ask again in a moment".to_owned(),
        Some(Loading::Failed { reason, .. }) => format!("it could not be read: {reason}"),
        Some(Loading::Idle) | None => "there is nothing here".to_owned(),
    };
    match what {
        What::Queue if state.hidden() > 0 => "nothing matches the filter".to_owned(),
        What::Queue => "the queue is empty: `compose` writes an update".to_owned(),
        What::Sent => is_read(state.sent().map(|sent| &sent.loading)),
        What::Interactions => is_read(state.reactions().map(|found| &found.loading)),
        What::Profiles => "there is no profile yet: `new-profile` adds one".to_owned(),
        What::Outbox => "the outbox is empty: everything is confirmed".to_owned(),
        What::Findings => {
            "no findings: nothing is twice, too long, too late or too close".to_owned()
        }
        What::History | What::Drafts => "there is nothing here".to_owned(),
        What::Messages => "nothing was said so far".to_owned(),
        What::Calls => "no request was made so far".to_owned(),
    }
}

/// What is listed of what is open to be read, or side by side; none if that is no such thing.
pub(super) fn reading(state: &State) -> Option<Vec<String>> {
    match &state.mode {
        Mode::Detail(_) => state.selected().map(|update| detail(state, update)),
        Mode::Messages(_) => Some(list(state, What::Messages, None)),
        Mode::Calls(_) => Some(list(state, What::Calls, None)),
        Mode::Numbers(_) => Some(numbers(state)),
        Mode::Doctor(_) => Some(health(state)),
        Mode::Output(_) => state
            .customs
            .said
            .as_ref()
            .map(|said| said.lines().map(str::to_owned).collect()),
        Mode::Composer(composer) => Some(written(composer)),
        Mode::Conflict(conflict) => {
            let sides = sides(state, conflict.operation)?;
            let mut lines = vec![format!(
                "{}, {}: {}",
                sides.profile, sides.what, sides.reason
            )];
            for side in &sides.columns {
                lines.push(format!("{}:", side.title));
                let text: String = side.text.iter().map(|piece| piece.text.as_str()).collect();
                lines.extend(text.lines().map(str::to_owned));
                lines.extend(side.note.clone());
                let facts = side.facts.iter();
                lines.extend(facts.map(|(name, value, _)| format!("{name}: {value}")));
            }
            let choices = sides.choices.iter();
            lines.extend(choices.map(|(command, what)| format!("`{command}`: {what}")));
            Some(lines)
        }
        _ => None,
    }
}

/// How things stand; of the terminal nothing is asked here but lines.
fn health(state: &State) -> Vec<String> {
    let found = of_state(state).into_iter();
    let lines = found.map(|finding| {
        let (name, value, word) = (finding.name, finding.value, finding.verdict.word());
        let advice = finding
            .advice
            .map_or_else(String::new, |a| format!("; {a}"));
        format!("{word}, {name}: {value}{advice}")
    });
    lines.collect()
}

/// What is being written, whole: as each network gets it.
fn written(composer: &Composer) -> Vec<String> {
    let mut lines = Vec::new();
    for service in composer.services() {
        let content = composer.content(&service);
        lines.push(format!("for {}:", service.title()));
        lines.extend(content.text.lines().map(str::to_owned));
        lines.extend(attached(&content));
    }
    lines.push(format!("when: {}", composer.when.lines().join("")));
    lines
}

fn attached(content: &Content) -> Vec<String> {
    let media = &content.media;
    let parts = [
        ("link", &media.link),
        ("title", &media.title),
        ("description", &media.description),
        ("picture", &media.picture),
    ];
    let there = parts.into_iter().filter(|(_, value)| !value.is_empty());
    there
        .map(|(name, value)| format!("{name}: {value}"))
        .collect()
}

fn detail(state: &State, update: &Update) -> Vec<String> {
    let body = &update.body;
    let profile = state.replica.profile(&body.profile);
    let mut lines = vec![format!("to {}:", profile.map_or_else(String::new, name_of))];
    lines.extend(body.content.text.lines().map(str::to_owned));
    lines.extend(attached(&body.content));
    if let Some(sent) = &body.outcome.sent {
        lines.push(format!("sent: {}{}", when(state, sent.at), figures(update)));
    } else if let Some(due) = state.shown().and_then(|shown| {
        let row = shown.queue.find(update.id)?;
        shown.rows().get(row)?.due_at
    }) {
        lines.push(format!(
            "goes out: {}{}",
            when(state, due),
            extras(state, update.id)
        ));
    }
    lines.extend(
        body.outcome
            .error
            .iter()
            .map(|why| format!("failed: {why}")),
    );
    lines
}

fn numbers(state: &State) -> Vec<String> {
    let sent = state.sent().map_or(&[][..], |sent| &sent.updates);
    let lines = trends(sent).into_iter().map(|trend| {
        let (name, mean, most, count) = (trend.figure, trend.mean, trend.most, trend.values.len());
        format!("{name}: {mean} on average, {most} at the most, over {count} sent updates")
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return vec!["no numbers so far".to_owned()];
    }
    lines
}

fn findings(state: &State) -> Vec<LocalId> {
    if let Mode::Findings(findings) = &state.mode {
        return findings.list.clone();
    }
    let Some(shown) = state.shown() else {
        return Vec::new();
    };
    let place = |id: LocalId| Some((shown.queue.find(id)?, id));
    let mut found: Vec<(usize, LocalId)> = state.lint.updates().filter_map(place).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, id)| id).collect()
}

fn queue_row(state: &State, index: usize) -> Option<String> {
    let entries = state.entries();
    let time = |at| match at {
        Some(at) => when(state, at),
        None => "no time".to_owned(),
    };
    if let Entry::Slot(at) = entries.get(index)? {
        return Some(format!("{}, a free slot", when(state, at)));
    }
    let row = entries.row(index)?;
    let update = state.update(row.update)?;
    let text = content(&update.body.content);
    Some(format!(
        "{}: {text}{}",
        time(row.due_at),
        extras(state, update.id)
    ))
}

/// How an update of the queue is, in words.
pub(super) fn state_words(state: &State, update: LocalId) -> Vec<&'static str> {
    let mut words = Vec::new();
    match state.replica.mark(update) {
        Mark::Confirmed => {}
        Mark::Saved => words.push("saved, waits"),
        Mark::OnItsWay => words.push("on its way"),
        Mark::NotSaved => words.push("not saved yet"),
        Mark::Held => words.push("held"),
        Mark::Failed => words.push("refused"),
    }
    if let Some(own) = state.update(update).and_then(|update| update.body.own_time) {
        words.push(if own.pinned {
            "pinned"
        } else {
            "at its own time"
        });
    }
    if state.locked(update).is_some() {
        words.push("about to go out");
    }
    if state.marks.contains(&update) {
        words.push("marked");
    }
    if state
        .cut
        .as_ref()
        .is_some_and(|cut| cut.updates.contains(&update))
    {
        words.push("cut");
    }
    words
}

fn sent_row(state: &State, update: &Update) -> String {
    let body = &update.body;
    let text = content(&body.content);
    match (&body.outcome.error, &body.outcome.sent) {
        (Some(why), _) => format!("failed: {text}, {why}"),
        (None, Some(sent)) => format!("{}: {text}{}", when(state, sent.at), figures(update)),
        (None, None) => text,
    }
}

fn figures(update: &Update) -> String {
    let there = FIGURES.iter().map(|name| (*name, figure(update, name)));
    let there = there.filter(|(_, value)| *value > 0);
    let words = there.map(|(name, value)| match value {
        1 => format!(", 1 {}", name.strip_suffix('s').unwrap_or(name)),
        value => format!(", {value} {name}"),
    });
    words.collect()
}

fn profile_row(state: &State, index: usize) -> Option<String> {
    let profile = *state.listed_profiles().get(index)?;
    let connection = profile
        .connection
        .as_deref()
        .map_or_else(String::new, |by| format!(", by {by}"));
    Some(format!(
        "{}, {} waiting, {} sent, {}{connection}",
        name_of(profile),
        waiting(state, profile),
        profile.sent,
        profile.timezone.name()
    ))
}

fn reaction_row(state: &State, index: usize) -> Option<String> {
    let one = state.reactions()?.shown(index)?;
    let at = when(state, one.created_at);
    let (event, who, followers) = (&one.event, &one.username, one.followers);
    Some(format!("{at}: {event} by {who}, {followers} followers"))
}
