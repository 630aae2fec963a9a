//! The worker's news. They address updates and operations by id, so nothing that came between a
//! request and its answer can send them to the wrong place.

use super::commands::say;
use super::{carry, forms, nav, others, transfer, undo};
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::outbox::{describe, needs_you};
use crate::app::reading::Reading;
use crate::app::state::{Loading, State};
use crate::app::status::name_of;
use crate::domain::done::{Done, Inverse, Step};
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::interaction::Interaction;
use crate::domain::operation::{Change, Operation, OperationState, Placement};
use crate::domain::profile::Profile;
use crate::domain::replica::{QueueDelta, Replica};
use crate::protocol::{Called, Link, Load, SentPage, SyncCommand, SyncEvent};

/// Takes one piece of news.
pub(super) fn news(state: &mut State, out: &mut Vec<Effect>, event: SyncEvent) {
    match event {
        SyncEvent::Restored {
            profiles,
            queues,
            rest,
            sent,
            operations,
            drafts,
            history,
            tags,
        } => {
            state.awaited = rest.into_iter().collect();
            // Taking over from another editor reads the store again; what was done here stays.
            if !std::mem::replace(&mut state.restored, true) {
                state.drafts = drafts;
                state.history.restore(history);
            }
            state.tags.restore(tags);
            state.shows.stale = true;
            let mut replica = Replica::restore(profiles, queues, operations.clone());
            replica.take_place_of(&state.replica);
            state.replica = replica;
            note_restored(state, &operations);
            for page in sent {
                take_sent(state, page);
            }
            choose_profile(state, out, None);
            super::drafts::offer(state);
        }
        SyncEvent::Tags(tagged) => super::tags::take_over(state, tagged),
        SyncEvent::Rest(queues) => {
            for (profile, delta) in queues {
                state.awaited.remove(&profile);
                state.replica.take_read(&profile, delta, &[]);
            }
        }
        SyncEvent::States(states) => take_states(state, out, states),
        SyncEvent::Assigned { update, remote } => state.replica.assign(update, remote),
        SyncEvent::Cancelled(id) => {
            state.cancelling.remove(&id);
            state.replica.remove(id);
            carry::rebase(state);
        }
        SyncEvent::TooLate(id) => {
            undo::too_late(state, out, id);
            carry::rebase(state);
        }
        SyncEvent::Profiles(profiles) => take_profiles(state, out, profiles),
        SyncEvent::Queue {
            profile,
            delta,
            settled,
        } => {
            take_queue(state, out, &profile, delta, &settled);
        }
        SyncEvent::Unchanged { profile, read_at } => state.replica.read_again(&profile, read_at),
        SyncEvent::Progress {
            profile,
            read,
            total,
        } => {
            let before = state.progress.get(&profile);
            let reading = Reading::after(before, read, total, state.now);
            state.progress.insert(profile, reading);
        }
        SyncEvent::NotRead { profile, reason } => not_read(state, profile, reason),
        SyncEvent::Sent(page) => take_sent(state, page),
        SyncEvent::Interactions {
            update,
            event,
            page,
            total,
            interactions,
        } => take_interactions(state, (update, event), page, total, interactions),
        SyncEvent::LoadFailed { what, reason } => load_failed(state, what, reason),
        SyncEvent::Answered(answer) => forms::answered(state, answer),
        SyncEvent::Added(operations) => take_added(state, operations),
        SyncEvent::Rebased(operations) => {
            for operation in operations {
                state.history.rebase(&operation);
                state.replica.replace(operation);
            }
            carry::rebase(state);
        }
        SyncEvent::Called(called) => take_called(state, called),
        SyncEvent::Notice(text) => say(state, Severity::Warning, text),
        SyncEvent::Link(link) => take_link(state, out, link),
        SyncEvent::Capabilities(capabilities) => {
            state.capabilities = Some(capabilities);
            offer_form(state);
        }
        SyncEvent::StoreTrouble(text) => {
            say(state, Severity::Trouble, text.clone());
            state.store_trouble = Some(text);
        }
        SyncEvent::StoreWell => {
            say(state, Severity::Done, "the store can be written again");
            state.store_trouble = None;
        }
    }
}

/// A queue could not be read: said once in full, and shown above it for as long as it is so.
fn not_read(state: &mut State, profile: ProfileId, reason: String) {
    state.progress.remove(&profile);
    let name = state
        .replica
        .profile(&profile)
        .map_or_else(String::new, name_of);
    let text = format!(
        "the queue of {name} was not read: {reason}; it stays as it was read before, and nothing \
         was deleted. See what the server has there; R reads again"
    );
    say(state, Severity::Trouble, text);
    state.not_read.insert(profile, reason);
}

/// Takes in a complete read of a queue.
fn take_queue(
    state: &mut State,
    out: &mut Vec<Effect>,
    profile: &ProfileId,
    delta: QueueDelta,
    settled: &[OperationId],
) {
    state.progress.remove(profile);
    state.not_read.remove(profile);
    if let Some(text) = others::news(state, profile, &delta, settled) {
        state.notices.say_quietly(text, state.now);
    }
    if state.server_shuffles.as_ref() == Some(profile) {
        state.server_shuffles = None;
    }
    let was_read = state.replica.queue(profile).is_some();
    state.replica.take_read(profile, delta, settled);
    if state.home() == Some(profile) {
        forget_gone(state);
    }
    carry::rebase(state);
    if was_read && state.profile.as_ref() == Some(profile) {
        // What left the queue may have been sent.
        nav::load_sent(state, out, profile, 1);
    }
}

/// Takes in operations that another editor on this account made.
fn take_added(state: &mut State, operations: Vec<(Operation, OperationState)>) {
    for (operation, how) in operations {
        let id = operation.id;
        state.replica.commit(operation);
        state.replica.set_state(id, how);
    }
    carry::rebase(state);
}

/// What still waits from before counts down again. What of it the history lacks (it was being stored
/// when the program was killed) can be taken back too, as far as it can be from what it holds.
fn note_restored(state: &mut State, operations: &[(Operation, OperationState)]) {
    state.windows.clear();
    let newest = state.history.newest();
    let known: Vec<bool> = operations
        .iter()
        .map(|(operation, _)| {
            newest.is_some_and(|newest| operation.id <= newest)
                || state.history.knows(operation.group)
        })
        .collect();
    for ((operation, how), is_known) in operations.iter().zip(known) {
        if let Some(end) = operation.not_before.filter(|end| *end > state.now) {
            state.windows.push((operation.id, end));
        }
        if *how != OperationState::Queued || is_known {
            continue;
        }
        let inverse = match &operation.change {
            Change::Create { .. } => Inverse::Destroy,
            Change::Edit { .. } => Inverse::EditBack,
            Change::Destroy { .. } => Inverse::CreateAgain {
                placement: Placement::Queue,
                place: None,
            },
            Change::Reorder { .. } | Change::Share { .. } | Change::Requeue { .. } => Inverse::None,
        };
        let step = Step {
            operation: operation.clone(),
            inverse,
        };
        if state.history.last() == Some(operation.group) {
            state.history.add_to_last(step);
        } else {
            let label = describe(state, &operation.change);
            let done = Done {
                steps: vec![step],
                ..Done::of(operation.group, label)
            };
            state.history.push(done, state.now);
        }
    }
}

/// How many requests the log keeps.
const CALLS: usize = 500;

fn take_called(state: &mut State, called: Called) {
    if state.calls.len() == CALLS {
        state.calls.pop_front();
    }
    state.calls.push_back(called);
    // The newest stands above: what is being read stays where it is.
    if let Mode::Calls(scroll) = &mut state.mode
        && scroll.line > 0
    {
        scroll.line += 1;
    }
}

fn take_states(
    state: &mut State,
    out: &mut Vec<Effect>,
    states: Vec<(OperationId, OperationState)>,
) {
    let mut refold = false;
    for (id, how) in states {
        let what = state
            .replica
            .operation(id)
            .map(|(operation, _)| describe(state, &operation.change));
        if needs_you(&how) {
            transfer::keep_source(state, out, id);
        }
        match (&how, what) {
            (OperationState::Failed { reason, .. }, Some(what)) => {
                refold = true;
                say(
                    state,
                    Severity::Trouble,
                    format!("refused: {what}: {reason}"),
                );
            }
            (OperationState::Held { reason, .. }, Some(what)) => {
                refold = true;
                say(state, Severity::Trouble, format!("held: {what}: {reason}"));
            }
            _ => {}
        }
        if !matches!(how, OperationState::Unsaved { .. } | OperationState::Queued) {
            state.windows.retain(|(open, _)| *open != id);
        }
        let old = state.replica.operation(id).map(|(_, old)| old.clone());
        if let (Some(OperationState::Unsaved { reason: Some(_) }), OperationState::Queued) =
            (old, &how)
        {
            // It can be written again.
            state.store_trouble = None;
        }
        state.replica.set_state(id, how);
    }
    if refold {
        carry::rebase(state);
    }
}

/// Marks of updates that left the queue go with them.
fn forget_gone(state: &mut State) {
    let home = state.home();
    let Some(queue) = home.and_then(|profile| state.replica.queue(profile)) else {
        return;
    };
    state.marks.retain(|id| queue.queue.contains(*id));
    let gone = |id: LocalId| !queue.queue.contains(id);
    if state.range.is_some_and(|span| gone(span.from)) {
        state.range = None;
    }
}

fn take_profiles(state: &mut State, out: &mut Vec<Effect>, profiles: Vec<Profile>) {
    state.profiles_read = true;
    let before: Vec<ProfileId> = state.profiles().iter().map(|p| p.id.clone()).collect();
    let new = profiles.iter().find(|p| !before.contains(&p.id));
    let wanted = new
        .filter(|_| state.expects_profile)
        .map(|profile| profile.id.clone());
    if wanted.is_some() {
        state.expects_profile = false;
    }
    if let Some(composer) = state.mode.composer_mut() {
        composer.know(&profiles);
    }
    state.replica.set_profiles(profiles);
    choose_profile(state, out, wanted);
    carry::rebase(state);
    offer_form(state);
}

/// The focused profile is one there is; a wanted one wins.
fn choose_profile(state: &mut State, out: &mut Vec<Effect>, wanted: Option<ProfileId>) {
    let here = wanted.or_else(|| {
        let still = state.profile().map(|profile| profile.id.clone());
        still.or_else(|| state.profiles().first().map(|p| p.id.clone()))
    });
    match here {
        Some(profile) => nav::go_to_profile(state, out, &profile),
        None if state.profile.is_some() => {
            state.profile = None;
            out.push(Effect::Sync(SyncCommand::Focus(None)));
        }
        None => {}
    }
}

/// At the first start the form of a profile opens by itself, once.
fn offer_form(state: &mut State) {
    let knows = state.capabilities.is_some();
    if knows && state.is_first_start() && !state.form_offered && matches!(state.mode, Mode::Lists) {
        state.form_offered = true;
        forms::open_new(state);
    }
}

fn take_sent(state: &mut State, page: SentPage) {
    state.shows.stale = true;
    let sent = state.sent.entry(page.profile.clone()).or_default();
    sent.take(page);
}

fn take_interactions(
    state: &mut State,
    key: (LocalId, Option<String>),
    page: u32,
    total: u64,
    interactions: Vec<Interaction>,
) {
    let found = state.interactions.entry(key).or_default();
    if found.loading == (Loading::Asked { page }) {
        found.loading = Loading::Idle;
    }
    found.order = None;
    let ends = interactions.is_empty();
    if page <= 1 {
        found.list = interactions;
        found.pages = 1;
        found.read_at = state.now;
    } else if page == found.pages + 1 {
        for interaction in interactions {
            if !found.list.iter().any(|known| known.id == interaction.id) {
                found.list.push(interaction);
            }
        }
        found.pages = page;
    }
    found.total = Some(if ends { found.list.len() as u64 } else { total });
}

/// The line is back: what could not be read is asked for again.
fn take_link(state: &mut State, out: &mut Vec<Effect>, link: Link) {
    let was_online = matches!(state.link, Link::Online { .. });
    let is_online = matches!(link, Link::Online { .. });
    state.link = link;
    if was_online || !is_online {
        return;
    }
    let failed = |loading: &Loading| matches!(loading, Loading::Failed { .. });
    state
        .interactions
        .retain(|_, found| !failed(&found.loading));
    let mut again = None;
    for (profile, sent) in &mut state.sent {
        if let Loading::Failed { page, .. } = sent.loading {
            sent.loading = Loading::Idle;
            again = again.or((state.profile.as_ref() == Some(profile)).then_some(page));
        }
    }
    if let (Some(page), Some(profile)) = (again, state.profile.clone()) {
        nav::load_sent(state, out, &profile, page);
    }
}

fn load_failed(state: &mut State, what: Load, reason: String) {
    match what {
        Load::Sent { profile, page } => {
            let sent = state.sent.entry(profile).or_default();
            sent.loading = Loading::Failed { page, reason };
        }
        Load::Interactions {
            update,
            event,
            page,
        } => {
            let found = state.interactions.entry((update, event)).or_default();
            found.loading = Loading::Failed { page, reason };
        }
    }
}
