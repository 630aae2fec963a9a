//! The numbers of what was sent: which of them counts, in which order the sent updates and the
//! people who reacted stand.

use std::cmp::Reverse;

use super::nav;
use crate::app::effect::Effect;
use crate::app::mode::{Mode, Scroll};
use crate::app::state::{Loading, SentList, State};
use crate::domain::figures;

/// So many sent updates are read for a trend, if there are that many.
const FOR_A_TREND: usize = 200;

/// Shows how the focused profile did.
pub(super) fn open(state: &mut State) {
    if state.profile.is_some() {
        state.mode = Mode::Numbers(Scroll::default());
    }
}

/// While the numbers are looked at, the pages they are made of are read one after the other.
pub(super) fn read_on(state: &mut State, out: &mut Vec<Effect>) {
    if !matches!(state.mode, Mode::Numbers(_)) {
        return;
    }
    let (Some(profile), Some(sent)) = (state.profile.clone(), state.sent()) else {
        return;
    };
    let read = sent.updates.len();
    let more = sent.total.is_none_or(|total| (read as u64) < total);
    if more && read < FOR_A_TREND && sent.loading == Loading::Idle {
        let page = sent.pages + 1;
        nav::load_sent(state, out, &profile, page);
    }
}

/// Goes to another number of those there are, around the ends.
pub(super) fn step(state: &mut State, by: isize) {
    let there = state.figures();
    let Some(len) = std::num::NonZeroUsize::new(there.len()) else {
        return;
    };
    let now = state.figure().map(|(name, _)| name);
    let at = there.iter().position(|(name, _)| Some(*name) == now);
    let next = at.map_or(0, |at| {
        at.wrapping_add_signed(by % len.get().cast_signed() + len.get().cast_signed()) % len
    });
    state.figure = there.get(next).map(|(name, _)| *name);
}

/// Sorts the sent updates by the first number, then by the next, and after the last by time again.
pub(super) fn sort_sent(state: &mut State) {
    let there = state.figures();
    let next = match (state.sent_by_figure, state.figure()) {
        (false, _) => there.first(),
        (true, Some(figure)) => {
            let at = there.iter().position(|there| *there == figure);
            there.get(at.map_or(0, |at| at + 1))
        }
        (true, None) => None,
    };
    match next.map(|(name, _)| *name) {
        Some(figure) => {
            state.figure = Some(figure);
            state.sent_by_figure = true;
        }
        None => state.sent_by_figure = false,
    }
    // The best is what one wants to see, and by time the latest.
    nav::put(state, |c| &mut c.sent, 0, None);
}

/// People by followers, or by time again.
pub(super) fn sort_interactions(state: &mut State) {
    state.by_followers = !state.by_followers;
    nav::put(state, |c| &mut c.interactions, 0, None);
}

/// Puts what is shown into its order, if it is not in it: after a page came or the order changed.
pub(super) fn settle(state: &mut State) {
    let Some(profile) = state.profile.clone() else {
        return;
    };
    if let Some(sent) = state.sent.get_mut(&profile)
        && sent.figures.is_none()
    {
        sent.figures = Some(figures::figures_of(&sent.updates));
    }
    let figure = state.figure().filter(|_| state.sent_by_figure);
    if let Some(sent) = state.sent.get_mut(&profile) {
        state.shows.stale |= sort_by(sent, figure.map(|(name, _)| name));
    }
    let (key, by_followers) = (state.reacted, state.by_followers);
    if let Some(update) = key
        && let Some(found) = state.interactions.get_mut(&(update, state.event.clone()))
        && by_followers != found.order.is_some()
    {
        found.order = by_followers.then(|| {
            let mut places: Vec<usize> = (0..found.list.len()).collect();
            places.sort_by_key(|at| Reverse(found.list[*at].followers));
            places
        });
    }
}

/// Sorts by a number, or by time; says whether that changed anything.
fn sort_by(sent: &mut SentList, figure: Option<&'static str>) -> bool {
    if sent.order.as_ref().map(|(by, _)| *by) == figure {
        return false;
    }
    sent.order = figure.map(|name| {
        let mut places: Vec<usize> = (0..sent.updates.len()).collect();
        // Stable: of equals the later one stands first, as in the list by time.
        places.sort_by_cached_key(|at| Reverse(figures::figure(&sent.updates[*at], name)));
        (name, places)
    });
    true
}
