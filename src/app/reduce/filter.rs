//! Filters: the line they are typed in, going from match to match, and what passes them.

mod subject;

use super::commands::say;
use super::nav;
use crate::app::composer::{area, line_of, press_line};
use crate::app::effect::Effect;
use crate::app::entries::Listing;
use crate::app::key::Key;
use crate::app::list::Cursor;
use crate::app::mode::{FilterLine, Mode};
use crate::app::notice::Severity;
use crate::app::shows::{Search, Typed};
use crate::app::state::{Pane, State};
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::replica::{Changes, ShownQueue};
use subject::{alike, subject, time_of};

/// So many updates are looked at in one step, where the words are plain and where they are not.
const AT_ONCE: usize = 8_000;
const AT_ONCE_SLOWLY: usize = 1_000;

/// Opens the line of the filter, with the filter that is on.
pub(super) fn open(state: &mut State) {
    let pane = state.focus;
    if pane == Pane::Interactions {
        let text = "there is no filter here: f shows only one kind";
        return say(state, Severity::Warning, text);
    }
    if state.profile.is_none() {
        return;
    }
    let text = state.filter_of(pane).map(|typed| typed.text.clone());
    let home = cursor_of(state, pane);
    state.mode = Mode::Filter(Box::new(FilterLine {
        pane,
        line: area(text.as_deref().unwrap_or_default()),
        home,
        near: home,
    }));
}

fn cursor_of(state: &State, pane: Pane) -> Cursor {
    match pane {
        Pane::Sent => state.cursors().sent,
        Pane::Queue | Pane::Profiles | Pane::Interactions => state.cursors().queue,
    }
}

fn put_cursor(state: &mut State, pane: Pane, cursor: Cursor) {
    let Some(profile) = state.profile.clone() else {
        return;
    };
    let cursors = state.cursors.entry(profile).or_default();
    match pane {
        Pane::Queue => cursors.queue = cursor,
        Pane::Sent => cursors.sent = cursor,
        Pane::Profiles | Pane::Interactions => {}
    }
}

/// Takes a key of the line: the list narrows at once.
pub(super) fn press(state: &mut State, key: Key) {
    edit(state, |line| press_line(&mut line.line, key));
}

/// Takes pasted text.
pub(super) fn paste(state: &mut State, text: &str) {
    edit(state, |line| line.line.insert_str(line_of(text)));
}

fn edit(state: &mut State, change: impl FnOnce(&mut FilterLine) -> bool) {
    let Mode::Filter(line) = &mut state.mode else {
        return;
    };
    if !change(line) {
        return;
    }
    let (pane, near, text) = (line.pane, line.near, line.line.lines().join(" "));
    set(state, pane, &text);
    // Near where one began, and not where the letters before led to.
    put_cursor(state, pane, near);
}

/// Puts a filter on a pane, or takes it off if it says nothing.
fn set(state: &mut State, pane: Pane, text: &str) {
    let Some(profile) = state.profile.clone() else {
        return;
    };
    state.shows.stale = true;
    let typed = Typed::read(text, state.zone(), state.now);
    let typed = (!text.trim().is_empty()).then_some(typed);
    match (pane, typed) {
        (Pane::Profiles, typed) => state.shows.profiles = typed,
        (Pane::Sent, Some(typed)) => {
            state.shows.sent.insert(profile, typed);
        }
        (Pane::Sent, None) => {
            state.shows.sent.remove(&profile);
        }
        (Pane::Queue, Some(typed)) => {
            if let Some(shown) = state.replica.queue(&profile) {
                let search = state.shows.queues.entry(profile).or_default();
                search.retype(typed, &shown.queue, &state.shows.listing);
            }
        }
        (Pane::Queue, None) => {
            state.shows.queues.remove(&profile);
        }
        (Pane::Interactions, _) => {}
    }
}

/// Keeps the filter and gives the keys back to the list.
pub(super) fn keep(state: &mut State, out: &mut Vec<Effect>) {
    let Mode::Filter(line) = std::mem::take(&mut state.mode) else {
        return;
    };
    let Some(typed) = state.filter_of(line.pane) else {
        return;
    };
    state.shows.last = typed.text.clone();
    if line.pane == Pane::Profiles {
        let listed = state.listed_profiles();
        let here = |id: &ProfileId| listed.iter().any(|profile| profile.id == *id);
        let first = listed.first().map(|profile| profile.id.clone());
        if let Some(first) = first.filter(|_| !state.profile.as_ref().is_some_and(here)) {
            nav::go_to_profile(state, out, &first);
        }
    }
}

/// Takes the filter off, with the cursor where it was before.
pub(super) fn drop(state: &mut State) {
    if let Mode::Filter(line) = std::mem::take(&mut state.mode) {
        set(state, line.pane, "");
        put_cursor(state, line.pane, line.home);
    }
}

/// Moves the cursor of the list while the filter is typed.
pub(super) fn go(state: &mut State, out: &mut Vec<Effect>, by: isize) {
    nav::go(state, out, nav::To::By(by));
    let Mode::Filter(line) = &state.mode else {
        return;
    };
    let now = cursor_of(state, line.pane);
    if let Mode::Filter(line) = &mut state.mode {
        line.near = now;
    }
}

/// Takes the filter off the focused pane; says whether one was on.
pub(super) fn clear(state: &mut State) -> bool {
    let pane = state.focus;
    let is_on = state.filter_of(pane).is_some();
    if is_on {
        set(state, pane, "");
    }
    is_on
}

/// Clears the queue's filter if it hides this update, which is gone to.
pub(super) fn uncover(state: &mut State, update: LocalId) {
    if state.search().is_some_and(|search| !search.passed(update)) {
        set(state, Pane::Queue, "");
    }
}

/// Goes so many matches on, round the ends.
pub(super) fn step(state: &mut State, out: &mut Vec<Effect>, by: isize) {
    let pane = state.focus;
    let (at, len) = match pane {
        Pane::Profiles => (profile_row(state), state.listed_profiles().len()),
        Pane::Queue => (state.cursors().queue.index, state.entries().len()),
        Pane::Sent => (state.cursors().sent.index, state.sent_len()),
        Pane::Interactions => return,
    };
    if state.filter_of(pane).is_none() {
        return look_for(state, out, at, len, by);
    }
    if len == 0 {
        return say(state, Severity::Warning, "nothing matches");
    }
    let to = at.cast_signed() + by;
    say_wrap(state, to, len);
    let row = to.rem_euclid(len.cast_signed()).unsigned_abs();
    nav::go(state, out, nav::To::Row(row));
}

fn profile_row(state: &State) -> usize {
    let listed = state.listed_profiles();
    let mut ids = listed.iter().map(|profile| Some(&profile.id));
    ids.position(|id| id == state.profile.as_ref()).unwrap_or(0)
}

fn say_wrap(state: &mut State, to: isize, len: usize) {
    if to >= len.cast_signed() {
        say(state, Severity::Done, "on from the top");
    } else if to < 0 {
        say(state, Severity::Done, "on from the end");
    }
}

/// No filter is on: goes to the next row that matches the last one, among all.
fn look_for(state: &mut State, out: &mut Vec<Effect>, at: usize, len: usize, by: isize) {
    if state.shows.last.is_empty() {
        let text = "there is nothing to go to: / looks for something";
        return say(state, Severity::Warning, text);
    }
    let typed = Typed::read(&state.shows.last, state.zone(), state.now);
    let alike = typed.filter.is_by_others().then(|| alike(state));
    let matches = |row: usize| match state.focus {
        Pane::Profiles => {
            let listed = state.listed_profiles();
            let profile = listed.get(row);
            profile.is_some_and(|profile| typed.filter.matches_profile(profile))
        }
        Pane::Queue => state.entries().row(row).is_some_and(|row| {
            let update = state.update(row.update);
            update.is_some_and(|update| {
                let subject = subject(state, update, row.due_at, alike.as_ref());
                typed.filter.matches(subject)
            })
        }),
        Pane::Sent => state.sent_row(row).is_some_and(|update| {
            let subject = subject(state, update, time_of(update), alike.as_ref());
            typed.filter.matches(subject)
        }),
        Pane::Interactions => false,
    };
    let step = by.signum();
    let row = |n: usize| at.cast_signed() + step * n.cast_signed();
    let index = |to: isize| to.rem_euclid(len.cast_signed().max(1)).unsigned_abs();
    let mut found = (1..=len).map(row).filter(|to| matches(index(*to)));
    let found = found.nth(by.unsigned_abs().saturating_sub(1).min(MOST_STEPS));
    match found {
        Some(to) => {
            say_wrap(state, to, len);
            nav::go(state, out, nav::To::Row(index(to)));
        }
        None => say(
            state,
            Severity::Warning,
            format!("nothing matches {}", typed.text),
        ),
    }
}

/// A count of more matches than this goes no further.
const MOST_STEPS: usize = 10_000;

/// Lint has found what is nearly the same: a filter that asks for it looks again.
pub(super) fn know_twins(state: &mut State) {
    let asks = |typed: Option<&Typed>| typed.is_some_and(|typed| typed.filter.is_by_others());
    let (queue, sent) = (Pane::Queue, Pane::Sent);
    state.shows.stale |= asks(state.filter_of(sent));
    if !asks(state.filter_of(queue)) {
        return;
    }
    let Some(profile) = state.profile.clone() else {
        return;
    };
    let search = state.shows.queues.get_mut(&profile);
    if let (Some(search), Some(shown)) = (search, state.replica.queue(&profile)) {
        search.look_at_all(&shown.queue);
        state.shows.stale = true;
    }
}

/// What happened since the lists were made.
struct Since {
    changes: Changes,
    /// Another profile is on the screen.
    is_other_profile: bool,
    /// Nothing waits for this step.
    has_time: bool,
}

/// Keeps what the lists show up to date; asks for more time if the queue is long.
pub(super) fn settle(state: &mut State, out: &mut Vec<Effect>) {
    let since = Since {
        changes: state.replica.take_changes(),
        is_other_profile: state.shows.of != state.profile,
        has_time: std::mem::take(&mut state.shows.has_time),
    };
    let previews = matches!(state.mode, Mode::Grab(_) | Mode::Shuffle(_));
    let is_new = since.is_other_profile || !since.changes.is_empty();
    if !(state.shows.stale || previews || is_new) {
        return;
    }
    // A preview that ends is one more change.
    state.shows.stale = previews;
    state.shows.of.clone_from(&state.profile);
    search(state, out, &since);
    list(state);
    list_sent(state);
}

/// Takes a step of the search.
fn search(state: &mut State, out: &mut Vec<Effect>, since: &Since) {
    let changes = &since.changes;
    let Some(profile) = state.profile.clone() else {
        return;
    };
    let Some(mut search) = state.shows.queues.remove(&profile) else {
        return;
    };
    if let Some(shown) = state.replica.queue(&profile) {
        let filter = &search.typed.filter;
        let by_all = filter.is_by_time() || filter.is_by_others();
        let touched = !changes.updates.is_empty();
        search.is_new |= since.is_other_profile || !changes.is_empty();
        if since.is_other_profile || changes.queues.contains(&profile) || (by_all && touched) {
            search.look_at_all(&shown.queue);
        } else {
            search.look_at(&changes.updates);
        }
        // Comparing all texts of a long queue with each other takes longer than a key may.
        let compares = search.typed.filter.is_by_others() && search.repeated.is_none();
        if since.has_time || !compares || shown.rows().len() <= AT_ONCE {
            step_of_search(state, shown, &mut search);
        }
    }
    if search.is_searching() {
        state.shows.stale = true;
        if !state.continuing {
            state.continuing = true;
            out.push(Effect::Continue);
        }
    } else {
        say_hidden(state, &search, &changes.updates);
    }
    state.shows.queues.insert(profile, search);
}

fn step_of_search(state: &State, shown: &ShownQueue, search: &mut Search) {
    let rows = shown.rows();
    if search.typed.filter.is_by_others() && search.repeated.is_none() {
        search.repeated = Some(alike(state));
    }
    let budget = if search.typed.filter.is_slow() {
        AT_ONCE_SLOWLY
    } else {
        AT_ONCE
    };
    let due = |id: LocalId| rows.get(shown.queue.find(id)?)?.due_at;
    for _ in 0..budget {
        let Some(id) = search.next() else { return };
        let update = shown.update(id).filter(|_| shown.queue.contains(id));
        let passes = update.is_some_and(|update| {
            // Where it stands costs more than the rest, so only a filter by time asks.
            let at = search.typed.filter.is_by_time().then(|| due(id)).flatten();
            let subject = subject(state, update, at, search.repeated.as_ref());
            search.typed.filter.matches(subject)
        });
        search.note(id, passes);
    }
}

/// What was just written or changed may not pass: it is said, as it cannot be seen.
fn say_hidden(state: &mut State, search: &Search, touched: &[LocalId]) {
    const HIDDEN: &str = " (hidden by the filter)";
    let on = state.cursors().queue.on.filter(|on| touched.contains(on));
    let there = |on: &LocalId| state.queue().is_some_and(|queue| queue.contains(*on));
    if on.filter(there).is_none_or(|on| search.passed(on)) {
        return;
    }
    if let Some(notice) = state.notices.current().cloned()
        && notice.severity == Severity::Done
        && !notice.text.ends_with(HIDDEN)
    {
        say(state, notice.severity, notice.text + HIDDEN);
    }
}

/// Makes the entries of the queue on the screen.
fn list(state: &mut State) {
    if let (Some(search), Some(queue)) = (state.search(), state.queue()) {
        // In the midst of a search a long list is not made anew at each step.
        let is_listed = matches!(state.shows.listing, Listing::Matching(_)) && !search.is_new;
        if is_listed && search.is_searching() && !search.is_small(queue.rows().len()) {
            return;
        }
        state.shows.listing = Listing::Matching(search.rows(queue));
        let profile = state.profile.as_ref();
        if let Some(search) = profile.and_then(|id| state.shows.queues.get_mut(id)) {
            search.is_new = false;
        }
        return;
    }
    let mut slots = std::mem::take(&mut state.shows.slots);
    let open = state
        .profile()
        .filter(|_| slots.on)
        .map(|profile| slots.open(profile, state.rows(), state.now));
    state.shows.slots = slots;
    state.shows.listing = match open {
        Some(open) if !open.is_empty() => Listing::WithSlots(open),
        _ => Listing::All,
    };
}

/// Finds what of the sent and failed updates passes.
fn list_sent(state: &mut State) {
    state.shows.sent_rows = None;
    let Some(typed) = state.filter_of(Pane::Sent) else {
        return;
    };
    let alike = typed.filter.is_by_others().then(|| alike(state));
    let passes = |row: &usize| {
        state.sent_row(*row).is_some_and(|update| {
            let subject = subject(state, update, time_of(update), alike.as_ref());
            typed.filter.matches(subject)
        })
    };
    let rows = (0..state.sent_len()).filter(passes);
    let rows = rows.map(|row| u32::try_from(row).unwrap_or(u32::MAX));
    state.shows.sent_rows = Some(rows.collect());
}
