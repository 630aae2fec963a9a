//! The editor line by line, for screen readers, dumb terminals and scripts: a second front on the
//! same state, command table and [`super::reduce()`].
//!
//! A line is the name of a command with what follows it, or keys. It becomes the actions that a
//! person would cause on the screen, in the same order, so that nothing can be done here that could
//! not be done there. What the screen would show is told instead: what was done, a question, and
//! where one is, a sentence each; lists are told when they are asked for. News of the worker wait
//! until a text is written or a question is answered.
//!
//! Whoever runs it ([`Host`]) performs the actions: it hands a line to [`Plain::hear`], does what
//! that asks of the world, and says what [`Plain::answer`] returns.

mod fields;
mod line;
mod list;
mod perform;
mod tell;
mod words;

use super::action::{Action, Edited};
use super::command::Scope;
use super::loaded::Loading;
use super::mode::Mode;
use super::notice::Severity;
use super::state::State;
use super::status::status;
use crate::domain::id::GroupId;
use crate::domain::replica::ShownQueue;
use crate::domain::shown::Shown;
use crate::domain::time::Timestamp;
use crate::protocol::Link;

/// What runs the editor: it lets each action change the state and performs what that asks for.
pub trait Host {
    /// Returns what the editor knows.
    fn state(&self) -> &State;
    /// Performs an action.
    fn act(&mut self, action: Action);
    /// Returns the time.
    fn now(&self) -> Timestamp;
}

/// What is told of a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The lines to say.
    pub lines: Vec<Shown>,
    /// Why the line could not be done; it is among the lines too.
    pub failed: Option<Shown>,
}

/// The front: what is being written, and what was told already.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of one line, each read by its name"
)]
pub struct Plain {
    /// The lines of a text, while it is written.
    writing: Option<Vec<String>>,
    /// What the line asked to be told.
    told: Vec<String>,
    /// Why the line could not be done.
    failure: Option<String>,
    /// Whether there is nothing to say: the line was part of a text, or a remark.
    silent: bool,
    /// Whether the line asked where one is.
    asked: bool,
    /// Whether the line ended the program: where one is matters no more.
    leaves: bool,
    /// Whether a text was handed over: what is written says so.
    wrote: bool,
    /// Until when it is waited for what is on its way.
    waits: Option<Timestamp>,
    /// How it was before the line.
    before: Before,
    /// How many notices were told.
    said: u64,
    /// The newest thing that was told to be done.
    newest: Option<GroupId>,
    /// The state of the line that was told.
    link: Option<Link>,
    /// News that waits for a quiet moment.
    news: Vec<String>,
}

/// How it was before a line.
#[derive(Debug, Default)]
struct Before {
    scope: Option<Scope>,
    place: String,
}

/// So many seconds are waited for what is on its way.
const PATIENCE: i64 = 120;

impl Plain {
    /// Says whether enough is known to begin: what the store held, and what the account has now, or
    /// that it cannot be asked.
    pub fn can_begin(state: &State) -> bool {
        let is_read = |queue: &ShownQueue| queue.read_at() != Timestamp::default();
        let are_read = || {
            let mut profiles = state.profiles().iter();
            profiles.all(|p| state.replica.queue(&p.id).is_some_and(is_read))
        };
        let no_line = matches!(
            state.link,
            Link::Offline { .. } | Link::SignIn { .. } | Link::Limited { .. } | Link::Follower
        );
        state.restored
            && state.awaited.is_empty()
            && (no_line || (state.profiles_read && are_read()))
    }

    /// Says what is said first.
    pub fn greet(&mut self, state: &State) -> Vec<Shown> {
        let mut lines = vec![sentence(&tell::greeting(state))];
        self.take_news(state);
        if !matches!(state.link, Link::Online { .. } | Link::Connecting) {
            self.news.push(line_words(state));
        }
        lines.extend(self.news.drain(..).map(|text| sentence(&text)));
        lines.push(sentence(&with_hint(state, tell::place(state))));
        self.before = Before::of(state);
        lines
    }

    /// Takes a line: what it means is performed on `host`.
    pub fn hear(&mut self, host: &mut impl Host, line: &str) {
        self.before = Before::of(host.state());
        self.newest = self.newest.max(host.state().history.last());
        self.silent = false;
        if self.writing.is_some() {
            self.write(host, line);
            return;
        }
        let done = match line::read(host.state(), line) {
            Ok(asked) => self.perform(host, asked),
            Err(why) => Err(why),
        };
        if let Err(why) = done {
            self.failure = Some(why);
        }
    }

    /// Takes a line of a text.
    fn write(&mut self, host: &mut impl Host, line: &str) {
        match line {
            "." => self.finish(host),
            line => {
                let line = if line == ".." { "." } else { line };
                let lines = self.writing.get_or_insert_default();
                lines.push(line.to_owned());
                self.silent = true;
            }
        }
    }

    /// Ends a text that is being written.
    fn finish(&mut self, host: &mut impl Host) {
        if let Some(lines) = self.writing.take() {
            let (outcome, now) = (Edited::Text(lines.join("\n")), host.now());
            host.act(Action::Edited { outcome, now });
            self.wrote = true;
        }
    }

    /// The input ended: a text that was not ended is ended, so that it is kept.
    pub fn end(&mut self, host: &mut impl Host) {
        self.finish(host);
    }

    /// Tells a text that the person wanted copied: there is no clipboard here.
    pub fn copied(&mut self, text: &str) {
        self.told
            .push("There is no clipboard here; this is it:".to_owned());
        self.told.extend(text.lines().map(str::to_owned));
    }

    /// Says whether the answer to the line has to wait for what is on its way: operations, and
    /// `asks` that the worker has not answered.
    pub fn must_wait(&mut self, state: &State, asks: usize, now: Timestamp) -> bool {
        let Some(end) = self.waits else {
            return false;
        };
        let counts = state.replica.counts_in_all();
        let asked = |loading: &Loading| matches!(loading, Loading::Asked { .. });
        let is_reading = state.expects_profile
            || state.sent.values().any(|sent| asked(&sent.loading))
            || state
                .interactions
                .values()
                .any(|found| asked(&found.loading));
        let stuck = matches!(state.link, Link::Offline { .. } | Link::SignIn { .. });
        let needing = counts.held + counts.failed;
        if counts.waiting + asks == 0 && !is_reading {
            if needing == 0 {
                self.told.push("Everything is confirmed.".to_owned());
            } else {
                self.failure = Some(format!(
                    "{needing} in the outbox {} you: `outbox` lists them",
                    if needing == 1 { "needs" } else { "need" }
                ));
            }
        } else if stuck || now >= end {
            let link = status(state).link;
            let waiting = counts.waiting + asks;
            self.failure = Some(format!("{waiting} still on the way: {link}"));
        } else {
            return true;
        }
        self.waits = None;
        false
    }

    /// Tells what came of the line.
    pub fn answer(&mut self, state: &State) -> Answer {
        let before = std::mem::replace(&mut self.before, Before::of(state));
        let notices = state.notices.since(self.said);
        self.said = state.notices.said();
        let mut lines: Vec<Shown> = self.told.drain(..).map(|line| listed(&line)).collect();
        let mut failed = self.failure.take();
        if std::mem::take(&mut self.silent) && failed.is_none() {
            return Answer::default();
        }
        let last = state.history.last();
        let is_done = last > self.newest;
        self.newest = self.newest.max(last);
        let label = state.history.next_undo().filter(|_| is_done);
        if is_done {
            lines.extend(tell::done(state).map(|done| sentence(&done)));
        }
        let wrote = std::mem::take(&mut self.wrote);
        let place = self.place(state);
        let moved = place != before.place || state.mode.scope() != before.scope;
        for notice in notices {
            let nothing_else = !is_done && !moved;
            let is_bad = match notice.severity {
                Severity::Trouble => true,
                Severity::Warning => nothing_else,
                Severity::Done => false,
            };
            let is_said = wrote || label == Some(&notice.text);
            if notice.severity == Severity::Done && is_said {
                continue;
            }
            if is_bad && failed.is_none() {
                failed = Some(notice.text.clone());
            } else {
                lines.push(sentence(&notice.text));
            }
        }
        let failed = failed.map(|why| sentence(&why));
        lines.extend(failed.clone());
        let opened = state.mode.scope() != before.scope;
        let asked = std::mem::take(&mut self.asked);
        let is_said = lines.last() == Some(&sentence(&place));
        if (moved || lines.is_empty()) && !is_said && !self.leaves {
            let hinted = (opened || asked || wrote) && self.writing.is_none();
            lines.push(sentence(&if hinted {
                with_hint(state, place)
            } else {
                place
            }));
        }
        Answer { lines, failed }
    }

    /// Tells what happened besides the lines; nothing while a text is written or a question is open.
    pub fn news(&mut self, state: &State) -> Vec<Shown> {
        self.take_news(state);
        if self.writing.is_some() || matches!(state.mode, Mode::Confirm(_)) {
            return Vec::new();
        }
        if state.mode.scope() != self.before.scope {
            self.before = Before::of(state);
            self.news.push(with_hint(state, tell::place(state)));
        }
        let news = self.news.drain(..);
        news.map(|text| sentence(&format!("news: {text}")))
            .collect()
    }

    fn take_news(&mut self, state: &State) {
        let notices = state.notices.since(self.said);
        self.news
            .extend(notices.iter().map(|notice| notice.text.clone()));
        self.said = state.notices.said();
        let was = self.link.replace(state.link.clone());
        let changed = was.is_some_and(|was| !is_alike(&was, &state.link));
        if changed {
            self.news.push(line_words(state));
        }
    }

    fn place(&self, state: &State) -> String {
        match &self.writing {
            Some(lines) if lines.is_empty() => {
                "write the text; a line of only . ends it".to_owned()
            }
            Some(lines) => format!("{} lines of the text so far", lines.len()),
            None => tell::place(state),
        }
    }
}

impl Before {
    fn of(state: &State) -> Self {
        Self {
            scope: state.mode.scope(),
            place: tell::place(state),
        }
    }
}

/// A place with what can be done there.
fn with_hint(state: &State, place: String) -> String {
    match tell::hint(state) {
        Some(hint) => format!("{place}; {hint}"),
        None => place,
    }
}

/// The state of the line, and why it is so.
fn line_words(state: &State) -> String {
    let now = status(state);
    let why = now
        .link_reason
        .map_or_else(String::new, |why| format!(": {why}"));
    format!("{}{why}", now.link)
}

/// Whether the line is as it was, whatever it says of since when.
fn is_alike(one: &Link, other: &Link) -> bool {
    let settles = matches!(one, Link::Connecting) && matches!(other, Link::Online { .. });
    settles || std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// A line of a list, as it is.
fn listed(text: &str) -> Shown {
    Shown::new(text)
}

/// A sentence: with a capital and a full stop.
fn sentence(text: &str) -> Shown {
    let mut chars = text.trim().chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    let mut text = first.unwrap_or_default() + chars.as_str();
    if !text.ends_with(['.', '?', '!', ':']) {
        text.push('.');
    }
    Shown::new(&text)
}
