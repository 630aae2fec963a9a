//! What holds after each action: cursors on their updates, lists scrolled after them, pages asked
//! for, the detail on its way, the next tick asked for. Costs a screen, never a queue.

use super::{lint, nav, numbers};
use crate::app::effect::Effect;
use crate::app::entries::Entry;
use crate::app::layout::{Regions, layout, queue_first};
use crate::app::list::Cursor;
use crate::app::mode::Mode;
use crate::app::outbox::outbox_order;
use crate::app::sides::sides;
use crate::app::state::{Loading, Pane, Reactions, State};
use crate::domain::id::LocalId;
use crate::domain::time::Timestamp;
use crate::domain::update::Status;
use crate::protocol::SyncCommand;

/// So many rows before the end of what is read, the next page is asked for.
const AHEAD: usize = 10;

/// Seconds after which interactions are read again when they are looked at again.
const FRESH: i64 = 60;

/// Seconds between two saves of a draft.
const DRAFT_EVERY: i64 = 2;

/// Settles the state.
pub(super) fn settle(state: &mut State, out: &mut Vec<Effect>) {
    state.notices.expire(state.now);
    let now = state.now;
    state.windows.retain(|(_, end)| *end > now);
    numbers::settle(state);
    super::filter::settle(state, out);
    let regions = layout(state.viewport, state);
    settle_profiles(state, &regions);
    settle_queue(state, &regions);
    settle_sent(state, out, &regions);
    settle_interactions(state, out, &regions);
    settle_dialogs(state);
    settle_detail(state, out);
    save_draft(state, out);
    out.extend(state.history.take_changes().map(Effect::Sync));
    lint::settle(state, out);
    wake(state, out);
}

fn settle_profiles(state: &mut State, regions: &Regions) {
    let listed = state.listed_profiles();
    let mut ids = listed.iter().map(|profile| Some(&profile.id));
    let at = ids.position(|id| id == state.profile.as_ref());
    let len = listed.len();
    state.profile_cursor.index = at.unwrap_or(0);
    let height = regions.rows(Pane::Profiles).max(1);
    follow_lines(&mut state.profile_cursor, len, height);
}

/// Scrolls a list without headings.
fn follow_lines(cursor: &mut Cursor, len: usize, height: usize) {
    let lowest = (cursor.index + 1).saturating_sub(height);
    cursor.follow(lowest, len.saturating_sub(height));
}

fn settle_queue(state: &mut State, regions: &Regions) {
    let mut cursor = state.cursors().queue;
    let zone = state.zone();
    let Some(queue) = state.queue() else { return };
    let entries = state.entries();
    // While a new order is looked at, the eye stays on its place rather than jump with an update.
    let follows = !matches!(state.mode, Mode::Shuffle(_));
    let on = cursor.on.filter(|_| follows);
    let row = on.and_then(|id| queue.position(id, cursor.index));
    let slot = cursor.slot.filter(|_| cursor.on.is_none());
    let found = row
        .map(|row| entries.near_row(row))
        .or_else(|| slot.map(|at| entries.near_slot(at)));
    let index = found.unwrap_or(cursor.index);
    cursor.set(index, entries.len(), |i| entries.update(i));
    cursor.slot = match entries.get(cursor.index) {
        Some(Entry::Slot(at)) => Some(at),
        _ => None,
    };
    let height = regions.rows(Pane::Queue);
    if height > 0 {
        let lowest = queue_first(entries, zone, cursor.index, height);
        let end = queue_first(entries, zone, entries.len().saturating_sub(1), height);
        cursor.follow(lowest, end);
    }
    store(state, |c| &mut c.queue, cursor);
}

fn store(
    state: &mut State,
    which: impl Fn(&mut crate::app::state::Cursors) -> &mut Cursor,
    cursor: Cursor,
) {
    if let Some(profile) = state.profile.clone() {
        *which(state.cursors.entry(profile).or_default()) = cursor;
    }
}

fn settle_sent(state: &mut State, out: &mut Vec<Effect>, regions: &Regions) {
    let mut cursor = state.cursors().sent;
    let len = state.sent_len();
    let found = cursor.on.and_then(|id| find_sent(state, id, cursor.index));
    cursor.set(found.unwrap_or(cursor.index), len, |i| {
        state.sent_row(i).map(|update| update.id)
    });
    let height = regions.rows(Pane::Sent);
    if height > 0 {
        follow_lines(&mut cursor, len, height);
    }
    store(state, |c| &mut c.sent, cursor);
    let Some(profile) = state.profile.clone() else {
        return;
    };
    numbers::read_on(state, out);
    let near_end = state.focus == Pane::Sent && cursor.index + AHEAD.max(height) >= len;
    let Some(sent) = state.sent.get(&profile) else {
        return;
    };
    // A filter is of what was read: few matches must not make all of it be read.
    let filtered = state.shows.sent_rows.is_some();
    let more = sent
        .total
        .is_some_and(|total| (sent.updates.len() as u64) < total);
    if near_end && more && !filtered && sent.loading == Loading::Idle {
        let page = sent.pages + 1;
        nav::load_sent(state, out, &profile, page);
    }
}

fn find_sent(state: &State, id: LocalId, near: usize) -> Option<usize> {
    let is_at = |i: usize| state.sent_row(i).is_some_and(|update| update.id == id);
    (near.saturating_sub(1)..=near + 1)
        .find(|i| is_at(*i))
        .or_else(|| (0..state.sent_len()).find(|i| is_at(*i)))
}

fn settle_interactions(state: &mut State, out: &mut Vec<Effect>, regions: &Regions) {
    let mut cursor = state.cursors().interactions;
    let len = state.reactions().map_or(0, |found| found.list.len());
    cursor.set(cursor.index, len, |_| None);
    let height = regions.rows(Pane::Interactions);
    if height > 0 {
        follow_lines(&mut cursor, len, height);
    }
    store(state, |c| &mut c.interactions, cursor);
    let page = match state.reactions() {
        None => 1,
        Some(found) => {
            let more = found
                .total
                .is_some_and(|total| (found.list.len() as u64) < total);
            let near_end = cursor.index + AHEAD.max(height) >= len;
            if !more || !near_end || found.loading != Loading::Idle {
                return;
            }
            found.pages + 1
        }
    };
    load_interactions(state, out, page);
}

/// Asks for a page of the interactions on the screen.
fn load_interactions(state: &mut State, out: &mut Vec<Effect>, page: u32) {
    let Some(update) = state.reacted else { return };
    let is_sent = state
        .update(update)
        .is_some_and(|update| update.body.status == Status::Sent);
    if !is_sent {
        return;
    }
    let event = state.event.clone();
    let found = state
        .interactions
        .entry((update, event.clone()))
        .or_default();
    found.loading = Loading::Asked { page };
    out.push(Effect::Sync(SyncCommand::LoadInteractions {
        update,
        event,
        page,
    }));
}

fn settle_dialogs(state: &mut State) {
    let height = usize::from(state.viewport.1).saturating_sub(6).max(1);
    if let Mode::Conflict(conflict) = &state.mode
        && sides(state, conflict.operation).is_none()
    {
        // It was decided elsewhere, or fits again by itself.
        super::outbox::back_to(state, conflict.operation);
    }
    let order = match &state.mode {
        Mode::Outbox(_) => outbox_order(state),
        _ => Vec::new(),
    };
    if let Mode::History(past) = &state.mode {
        let mut past = past.clone();
        super::past::settle(state, &mut past);
        past.offset = scrolled(past.offset, past.cursor, super::past::len(state), height);
        state.mode = Mode::History(past);
    }
    match &mut state.mode {
        Mode::Outbox(outbox) => {
            let found = outbox
                .on
                .and_then(|on| order.iter().position(|id| *id == on));
            let last = order.len().saturating_sub(1);
            outbox.cursor = found.unwrap_or(outbox.cursor.min(last));
            outbox.on = order.get(outbox.cursor).copied();
            outbox.marks.retain(|id| order.contains(id));
            outbox.offset = scrolled(outbox.offset, outbox.cursor, order.len(), height);
        }
        Mode::Palette(palette) => palette.follow(height),
        Mode::Drafts(list) => {
            let len = state.drafts.len() + 1;
            list.cursor = list.cursor.min(len - 1);
            list.offset = scrolled(list.offset, list.cursor, len, height);
        }
        Mode::Links(links) => {
            let len = links.list.len();
            links.offset = scrolled(links.offset, links.cursor, len, height);
        }
        Mode::Findings(findings) => {
            let len = findings.list.len();
            findings.cursor = findings.cursor.min(len.saturating_sub(1));
            findings.offset = scrolled(findings.offset, findings.cursor, len, height);
        }
        Mode::Lists
        | Mode::Grab(_)
        | Mode::Shuffle(_)
        | Mode::Confirm(_)
        | Mode::Detail(_)
        | Mode::Conflict(_)
        | Mode::Messages(_)
        | Mode::History(_)
        | Mode::Calls(_)
        | Mode::Numbers(_)
        | Mode::Doctor(_)
        | Mode::Replace(_)
        | Mode::Filter(_)
        | Mode::Prompt(_)
        | Mode::Output(_)
        | Mode::Composer(_)
        | Mode::Form(_)
        | Mode::Timetable(_) => {}
    }
}

fn scrolled(offset: usize, index: usize, len: usize, height: usize) -> usize {
    let mut cursor = Cursor {
        on: None,
        slot: None,
        index,
        offset,
    };
    follow_lines(&mut cursor, len, height);
    cursor.offset
}

/// Starts the rest timer when the cursor is on another update than the detail shows. Nothing that
/// is shown yet does not have to wait.
fn settle_detail(state: &mut State, out: &mut Vec<Effect>) {
    let cursors = state.cursors();
    let detail = match state.focus {
        Pane::Queue => cursors.queue.on,
        Pane::Sent | Pane::Interactions => cursors.sent.on,
        Pane::Profiles => cursors.queue.on.or(cursors.sent.on),
    };
    let target = (detail, cursors.sent.on);
    if target == (state.detail, state.reacted) {
        state.resting = None;
        return;
    }
    if state.detail.is_none() && state.reacted.is_none() {
        return show_detail(state, out, target);
    }
    if state.resting != Some(target) {
        state.rest += 1;
        state.resting = Some(target);
        out.push(Effect::RestTimer { token: state.rest });
    }
}

/// The cursor rested: the detail follows, if nothing moved since.
pub(super) fn rested(state: &mut State, out: &mut Vec<Effect>, token: u64) {
    if token != state.rest {
        return;
    }
    if let Some(target) = state.resting.take() {
        show_detail(state, out, target);
    }
}

fn show_detail(
    state: &mut State,
    out: &mut Vec<Effect>,
    (detail, reacted): (Option<LocalId>, Option<LocalId>),
) {
    state.detail = detail;
    if state.reacted != reacted {
        state.reacted = reacted;
        nav::put(state, |c| &mut c.interactions, 0, None);
    }
    let now = state.now;
    let fresh =
        |found: &Reactions| found.loading != Loading::Idle || now.0 - found.read_at.0 < FRESH;
    if !state.reactions().is_some_and(fresh) {
        load_interactions(state, out, 1);
    }
}

fn save_draft(state: &mut State, out: &mut Vec<Effect>) {
    let due = state.now.0 - state.draft_saved.0 >= DRAFT_EVERY;
    if let Some(composer) = state.mode.composer_mut()
        && composer.dirty
        && due
    {
        composer.dirty = false;
        state.draft_saved = state.now;
        let draft = composer.draft(state.now);
        if !draft.is_empty() {
            composer.is_kept = true;
            out.push(Effect::Sync(SyncCommand::SaveDraft(Box::new(draft))));
        } else if std::mem::take(&mut composer.is_kept) {
            out.push(Effect::Sync(SyncCommand::DropDraft(draft.id)));
        }
    }
}

/// Asks for a tick when something on the screen, or a draft, waits for the clock.
fn wake(state: &mut State, out: &mut Vec<Effect>) {
    let mut wishes: Vec<Timestamp> = Vec::new();
    wishes.extend(state.notices.current().map(|notice| notice.until));
    if !state.windows.is_empty() {
        wishes.push(state.now.plus(1));
    }
    wishes.extend(state.next_lock());
    if state.mode.composer().is_some_and(|writing| writing.dirty) {
        wishes.push(state.draft_saved.plus(DRAFT_EVERY));
    }
    let Some(wish) = wishes.into_iter().min() else {
        return;
    };
    if state
        .wake
        .is_none_or(|asked| asked <= state.now || wish < asked)
    {
        state.wake = Some(wish);
        out.push(Effect::WakeAt(wish));
    }
}
