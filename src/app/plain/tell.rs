//! Where one is, in one sentence.

use chrono::Datelike as _;

use super::list::{self, What, len, numbered, state_words};
use crate::app::command::Command;
use crate::app::composer::Composer;
use crate::app::form::ProfileForm;
use crate::app::lint;
use crate::app::mode::{Confirm, Grab, LinkList, Mode, Question};
use crate::app::outbox::{explain, outbox_order};
use crate::app::replace::{Hit, Replace, Verdict};
use crate::app::state::{Pane, State};
use crate::app::status::name_of;
use crate::app::timetable::{Timetable, WEEK};
use crate::domain::id::LocalId;
use crate::domain::shown::Shown;
use crate::domain::time::Timestamp;
use crate::domain::update::Content;

/// So much of a text is said in a sentence.
const WIDTH: usize = 100;

/// Says where one is.
pub(super) fn place(state: &State) -> String {
    match &state.mode {
        Mode::Lists => in_lists(state),
        Mode::Grab(grab) => carrying(state, grab),
        Mode::Shuffle(shuffle) => format!(
            "a new order of {} updates is drawn and not yet taken",
            shuffle.after.len()
        ),
        Mode::Confirm(confirm) => question(confirm),
        Mode::Outbox(outbox) => match explained(state, outbox.cursor) {
            Some(choices) => {
                let marked = match outbox.marks.len() {
                    0 => String::new(),
                    n => format!("; {n} marked"),
                };
                at(state, What::Outbox, outbox.cursor, "in the outbox") + &choices + &marked
            }
            None => list::empty(state, What::Outbox),
        },
        Mode::History(past) => at(state, What::History, past.cursor, "of what was done"),
        Mode::Findings(list) => at(state, What::Findings, list.cursor, "of the findings"),
        Mode::Drafts(list) => at(state, What::Drafts, list.cursor, "of the drafts"),
        Mode::Conflict(_) => "something held is open side by side".to_owned(),
        Mode::Composer(composer) => writing(composer),
        Mode::Form(form) => filling(form),
        Mode::Timetable(table) => times(table),
        Mode::Replace(replace) => replacing(replace),
        Mode::Detail(_)
        | Mode::Messages(_)
        | Mode::Calls(_)
        | Mode::Numbers(_)
        | Mode::Output(_)
        | Mode::Doctor(_) => "something to read is open".to_owned(),
        Mode::Links(links) => link(links),
        Mode::Palette(_) => "the palette is open".to_owned(),
        Mode::Filter(_) => "a filter is typed".to_owned(),
        Mode::Prompt(_) => "words are asked for".to_owned(),
    }
}

/// Says which of the links one is at.
fn link(links: &LinkList) -> String {
    let Some(link) = links.list.get(links.cursor) else {
        return "there are no links".to_owned();
    };
    let (at, all) = (links.cursor + 1, links.list.len());
    format!("{at} of {all} links: {}", Shown::new(&link.url).clip(WIDTH))
}

/// Says what can be done with what is open; it is said once, and when it is asked for.
pub(super) fn hint(state: &State) -> Option<&'static str> {
    Some(match &state.mode {
        Mode::Lists | Mode::Confirm(_) | Mode::Outbox(_) => return None,
        Mode::Grab(_) => "`drop` drops it, `put-back` puts it back",
        Mode::Shuffle(_) => {
            "`list queue` lists it, `shuffle-apply` takes it, `shuffle-again` draws another, `back` \
             keeps the old one"
        }
        Mode::History(_) => "`history-go 3` goes back to number 3, `back` closes it",
        Mode::Findings(_) => "`finding-open 3` goes to number 3, `back` closes it",
        Mode::Drafts(_) => "`draft-open 2` goes on with number 2, `back` closes it",
        Mode::Conflict(_) => "`list` lists both texts, `back` leaves it held",
        Mode::Composer(_) => {
            "`save` saves it, `list` lists it whole, `text` writes it anew, `leave` keeps it as a \
             draft, `help` lists the rest"
        }
        Mode::Form(_) => "say a field and what it gets, `form-save` saves it, `back` leaves",
        Mode::Timetable(_) => {
            "`timetable-add 13:30` adds a time, `timetable-toggle` turns the one you are at on or \
             off, `timetable-save` saves"
        }
        Mode::Replace(_) => {
            "`find` and `with` fill it, `replace-apply` changes them, `back` leaves"
        }
        Mode::Links(_) => "`down` goes to the next, `link-open` tells it, `back` closes the list",
        Mode::Detail(_)
        | Mode::Messages(_)
        | Mode::Calls(_)
        | Mode::Numbers(_)
        | Mode::Output(_)
        | Mode::Doctor(_)
        | Mode::Palette(_)
        | Mode::Filter(_)
        | Mode::Prompt(_) => "`back` closes it",
    })
}

/// The first words at the start.
pub(super) fn greeting(state: &State) -> String {
    let profiles = state.profiles();
    let queued = profiles.iter().filter_map(|p| state.queued(&p.id));
    let plural = |n: u64, word: &str| match n {
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    };
    format!(
        "qurate on the account {}: {}, {} in the queues; `help` lists what can be said",
        state.account.name,
        plural(profiles.len() as u64, "profile"),
        plural(queued.sum(), "update")
    )
}

fn in_lists(state: &State) -> String {
    let Some(profile) = state.profile() else {
        return if state.expects_profile {
            "the new profile is being read".to_owned()
        } else if state.profiles_read || state.profiles().is_empty() && state.restored {
            "there is no profile yet: `new-profile` adds one".to_owned()
        } else {
            "the account is being read".to_owned()
        };
    };
    let name = name_of(profile);
    let cursors = state.cursors();
    match state.focus {
        Pane::Profiles => at(
            state,
            What::Profiles,
            state.profile_cursor.index,
            "of the profiles",
        ),
        Pane::Queue if len(state, What::Queue) == 0 => {
            if state.hidden() > 0 {
                format!(
                    "nothing of {name} matches; `back` shows all {}",
                    state.hidden()
                )
            } else {
                format!("the queue of {name} is empty: `compose` writes an update")
            }
        }
        Pane::Queue => {
            let hidden = match state.hidden() {
                0 => String::new(),
                n => format!(", {n} hidden by the filter"),
            };
            let found = cursors.queue.on.and_then(|on| state.lint.worst(on));
            let found = found.map_or_else(String::new, |found| {
                format!("; {}", lint::words(state, found))
            });
            let at = at(
                state,
                What::Queue,
                cursors.queue.index,
                &format!("of {name}"),
            );
            at + &hidden + &found
        }
        Pane::Sent if len(state, What::Sent) == 0 => {
            format!("what {name} sent: {}", list::empty(state, What::Sent))
        }
        Pane::Sent => at(
            state,
            What::Sent,
            cursors.sent.index,
            &format!("sent by {name}"),
        ),
        Pane::Interactions if len(state, What::Interactions) == 0 => {
            format!("interactions: {}", list::empty(state, What::Interactions))
        }
        Pane::Interactions => {
            let row = cursors.interactions.index;
            at(state, What::Interactions, row, "of the interactions")
        }
    }
}

/// `3 of 12 WHERE, ROW`.
fn at(state: &State, what: What, index: usize, place: &str) -> String {
    let len = len(state, what);
    let row = numbered(state, what, index).unwrap_or_else(|| "nothing here".to_owned());
    format!("{} of {len} {place}, {row}", index + 1)
}

/// What an entry of the outbox waits for, and what can be done with it.
fn explained(state: &State, row: usize) -> Option<String> {
    let on = *outbox_order(state).get(row)?;
    let explanation = explain(state, on)?;
    let choices = explanation.choices.iter();
    let choices = choices.map(|(command, what)| format!("; `{command}`: {what}"));
    let waits = format!("; it waits for {}", explanation.waits_for);
    Some(waits + &choices.collect::<String>())
}

fn carrying(state: &State, grab: &Grab) -> String {
    let count = grab.updates.len();
    let carried = if count == 1 {
        "1 update".to_owned()
    } else {
        format!("{count} updates")
    };
    let cursor = state.cursors().queue.index;
    let place = at(state, What::Queue, cursor, "");
    format!("carrying {carried}, now {place}")
}

/// A question as one line, with what answers it.
fn question(confirm: &Confirm) -> String {
    let mut parts = Vec::new();
    parts.extend(confirm.lines.iter().cloned());
    parts.extend(confirm.warnings.iter().map(|w| format!("warning: {w}")));
    let answers = match confirm.what {
        Question::Transfer(_) => "copy, move or no?",
        _ => "yes or no?",
    };
    parts.push(answers.to_owned());
    format!("{} {}", confirm.title, parts.join("; "))
}

fn writing(composer: &Composer) -> String {
    let chosen = composer.targets.chosen();
    let names: Vec<String> = chosen
        .map(|target| format!("{} {}", target.service.title(), target.name))
        .collect();
    let lengths = composer.lengths().into_iter().map(|(service, length)| {
        let of = length.limit.map_or(String::new(), |n| format!(" of {n}"));
        format!("{}{of} characters for {}", length.used, service.title())
    });
    let lengths: Vec<String> = lengths.collect();
    let to = match &names[..] {
        [] => "nobody".to_owned(),
        names => names.join(" and "),
    };
    let when = composer.when.lines().join("");
    let verb = if composer.editing.is_some() {
        "editing"
    } else {
        "writing"
    };
    format!(
        "{verb} to {to}: “{}”, {}; when: {when}",
        short(&composer.text()),
        lengths.join(", "),
    )
}

fn filling(form: &ProfileForm) -> String {
    let field = |area: &tui_textarea::TextArea<'static>| area.lines().join("");
    let network = form.services.get(form.service).map_or("", |s| s.title());
    let connection = form.connections.get(form.connection);
    let problem = form.problem.as_ref().map_or_else(String::new, |problem| {
        format!("; it cannot be saved yet: {problem}")
    });
    let waiting = if form.waiting { "; being saved" } else { "" };
    format!(
        "the form of a profile: network {network}, name {}, zone {}, times {}, connection {}{problem}{waiting}",
        field(&form.name),
        field(&form.zone),
        field(&form.times),
        connection.map_or("", String::as_str),
    )
}

fn times(table: &Timetable) -> String {
    let lines = table.lines.iter().map(|line| {
        let days = WEEK.iter().zip(line.days).filter(|(_, posts)| *posts);
        let days: Vec<String> = days.map(|(day, _)| day.to_string()).collect();
        let days = if days.is_empty() {
            "no day".to_owned()
        } else {
            days.join(" ")
        };
        format!("{} on {days}", line.time.format("%H:%M"))
    });
    let lines: Vec<String> = lines.collect();
    let here = table
        .lines
        .get(table.line)
        .map_or_else(String::new, |line| {
            format!(
                ", at {} {}",
                WEEK[table.day.min(6)],
                line.time.format("%H:%M")
            )
        });
    let problem = table
        .problem
        .as_ref()
        .map_or_else(String::new, |text| format!("; {text}"));
    format!("the posting times: {}{here}{problem}", lines.join(", "))
}

fn replacing(replace: &Replace) -> String {
    let changed = |hit: &&Hit| matches!(hit.verdict, Verdict::Changed(_));
    let would = replace.hits.iter().filter(changed).count();
    let left = replace.hits.len() - would;
    let left = match left {
        0 => String::new(),
        n => format!(", {n} left as they are"),
    };
    let problem = replace
        .problem
        .as_ref()
        .map_or_else(String::new, |text| format!("; {text}"));
    format!(
        "find “{}”, put “{}” there: {would} of {} updates would change{left}{problem}",
        replace.needle(),
        replace.replacement(),
        replace.updates.len()
    )
}

/// A text as it is said in a sentence: its first line, with what is attached.
pub(super) fn content(content: &Content) -> String {
    let link = if content.media.link.is_empty() {
        ""
    } else {
        ", with a link"
    };
    let picture = if content.media.picture.is_empty() {
        ""
    } else {
        ", with a picture"
    };
    format!("“{}”{link}{picture}", short(&content.text))
}

/// The first line of a text, cut.
pub(super) fn short(text: &str) -> String {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or("(no text)").trim();
    let shown = Shown::new(first).clip(WIDTH);
    match lines.next() {
        Some(_) if !shown.ends_with('…') => format!("{shown} …"),
        _ => shown,
    }
}

/// A day and a time in the zone of the profile, with the year if it is not this one.
pub(super) fn when(state: &State, at: Timestamp) -> String {
    let zone = state.zone();
    let local = at.in_zone(&zone);
    let format = if local.year() == state.now.in_zone(&zone).year() {
        "%a %-d %b %H:%M"
    } else {
        "%a %-d %b %Y %H:%M"
    };
    local.format(format).to_string()
}

/// What was done last, and how it is taken back.
pub(super) fn done(state: &State) -> Option<String> {
    let label = state.history.next_undo()?;
    let end = state.windows.iter().map(|(_, end)| *end).max();
    let left = end.map_or(0, |end| end.0 - state.now.0);
    Some(if left > 0 {
        format!("{label}; `{}` takes it back, for {left} s", Command::Undo)
    } else {
        format!("{label}; `{}` takes it back", Command::Undo)
    })
}

/// Says how an update of the queue is, besides its text.
pub(super) fn extras(state: &State, update: LocalId) -> String {
    let words = state_words(state, update);
    let words = words.into_iter().map(str::to_owned);
    let tags = state.tags.of(update).into_iter().flatten();
    let parts = words.chain(tags.map(|tag| format!("tag {tag}")));
    let parts: Vec<String> = parts.map(|part| format!(", {part}")).collect();
    parts.concat()
}
