//! Opening links: which there are, the one that is chosen, and what came of it.

use super::commands::say;
use crate::app::action::{Copying, Opened, Part};
use crate::app::effect::Effect;
use crate::app::mode::{LinkList, Mode};
use crate::app::notice::Severity;
use crate::app::state::{Pane, State};
use crate::domain::link::{self, Link};

/// Opens the link of what is under the cursor; asks which if there are several.
pub(super) fn open(state: &mut State, out: &mut Vec<Effect>) {
    let list = links(state);
    match list.as_slice() {
        [] if state.under_cursor().is_none() => {
            let text = "there is nothing to open from here";
            say(state, Severity::Done, text);
        }
        [] => say(state, Severity::Warning, "it has no link"),
        [one] => go(out, one),
        _ => {
            state.mode = Mode::Links(LinkList {
                list,
                cursor: 0,
                offset: 0,
            });
        }
    }
}

/// Of an interaction: the page of the person, then what the update has.
fn links(state: &State) -> Vec<Link> {
    let Some(update) = state.under_cursor() else {
        return Vec::new();
    };
    let profile = state.replica.profile(&update.body.profile);
    let mut list = Vec::new();
    if state.focus == Pane::Interactions
        && let Some(profile) = profile
        && let Some(reactions) = state.reactions()
        && let Some(interaction) = reactions.shown(state.cursors().interactions.index)
    {
        list.extend(link::of_person(&interaction.username, profile));
    }
    list.extend(link::of_update(update, profile));
    list
}

fn go(out: &mut Vec<Effect>, link: &Link) {
    out.push(Effect::Open(link.url.clone()));
}

fn copied(part: Part, text: String) -> Effect {
    let what = Copying { part, count: 1 };
    Effect::Copy { what, text }
}

/// Opens the link under the cursor of the list.
pub(super) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    if let Mode::Links(links) = std::mem::take(&mut state.mode)
        && let Some(link) = links.list.get(links.cursor)
    {
        go(out, link);
    }
}

/// Copies the link under the cursor of the list.
pub(super) fn copy(state: &mut State, out: &mut Vec<Effect>) {
    if let Mode::Links(links) = std::mem::take(&mut state.mode)
        && let Some(link) = links.list.get(links.cursor)
    {
        out.push(copied(Part::Link, link.url.clone()));
    }
}

/// Says what came of it; where nothing can open it, it is copied.
pub(super) fn opened(state: &mut State, out: &mut Vec<Effect>, url: String, outcome: Opened) {
    match outcome {
        Opened::By(program) => say(state, Severity::Done, format!("{program} opens {url}")),
        Opened::Nowhere => out.push(copied(Part::LinkToOpen, url)),
        Opened::Failed(why) => {
            if matches!(state.mode, Mode::Lists) {
                // This very link is there to be copied, or tried once more.
                let what = "did not open".to_owned();
                state.mode = Mode::Links(LinkList {
                    list: vec![Link { what, url }],
                    cursor: 0,
                    offset: 0,
                });
                return say(state, Severity::Warning, why);
            }
            say(state, Severity::Warning, format!("{why}: {url}"));
        }
    }
}
