//! What the terminal can do and how things stand, each with whether that is well and what to do if
//! not. Computed from the state; the terminal is asked nothing. Addresses have no password and no
//! query, so no token is ever in it.

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::state::{AccountKind, State};
use crate::domain::doctor::{self, Screen, terminal, well};
use crate::domain::time::Timestamp;
use crate::protocol::Link;

pub use crate::domain::doctor::{Finding, Report, Verdict};
pub use crate::domain::terminal::TmuxSays;

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct About {
    /// Which qurate this is.
    pub version: String,
    /// `config.toml`.
    pub config: String,
    /// The store of the account.
    pub store: String,
    /// The log.
    pub log: String,
    /// Where the API is.
    pub api: String,
}

/// Looks at everything.
pub fn report(state: &State) -> Report {
    let screen = Screen {
        terminal: &state.settings.terminal,
        size: Some(state.viewport),
        theme: state.settings.look.theme,
        mouse: state.mouse,
        links: state.settings.links,
        call: state.settings.call,
        line: state.settings.line,
        tmux: state.tmux.as_ref(),
    };
    let mut report = Report::default();
    report.add("Terminal", terminal(&screen));
    report.add("State", of_state(state));
    report
}

/// Looks at how things stand.
pub(super) fn of_state(state: &State) -> Vec<Finding> {
    vec![
        well("version", &state.settings.about.version),
        config(state),
        well("log", &state.settings.about.log),
        account(state),
        line(state),
        last_contact(state),
        sender(state),
        store(state),
        outbox(state),
    ]
}

fn config(state: &State) -> Finding {
    let about = &state.settings.about;
    match state.problems.len() {
        0 => well("config", &about.config),
        count => {
            let what = if count == 1 { "problem" } else { "problems" };
            let first = &state.problems[0];
            let more = if count > 1 { ", and more (g l)" } else { "" };
            well("config", format!("{}: {count} {what}", about.config))
                .but(Verdict::Act, format!("{first}{more}"))
        }
    }
}

fn account(state: &State) -> Finding {
    let kind = match state.account.kind {
        AccountKind::Local => "the server inside",
        AccountKind::Demo => "a throw-away server inside, sends nothing",
        AccountKind::Remote => state.settings.about.api.as_str(),
    };
    well("account", format!("{}: {kind}", state.account.name))
}

fn line(state: &State) -> Finding {
    let at = |at: Timestamp| at.in_zone(&state.zone()).format("%H:%M").to_string();
    match &state.link {
        Link::Connecting => well("API", "not asked yet"),
        Link::Online { since } => well("API", format!("answers, since {}", at(*since))),
        Link::Follower => well("API", "asked by another qurate"),
        Link::Limited { until } => well("API", format!("takes nothing until {}", at(*until))).but(
            Verdict::Look,
            "what waits goes out then; nothing is to be done",
        ),
        Link::Offline { since, reason } => well(
            "API",
            format!("does not answer since {}: {reason}", at(*since)),
        )
        .but(
            Verdict::Look,
            format!(
                "it is tried again; {} tries now",
                key(state, Command::Refresh)
            ),
        ),
        Link::SignIn { reason } => well("API", "asks to sign in").but(Verdict::Act, reason.clone()),
    }
}

fn last_contact(state: &State) -> Finding {
    match state.calls.back() {
        None => well("last request", "none yet"),
        Some(call) => {
            let at = call.at.in_zone(&state.zone()).format("%H:%M:%S");
            let found = well(
                "last request",
                format!("{at}, {} ms: {}", call.millis, call.result),
            );
            if call.good {
                found
            } else {
                let key = key(state, Command::Calls);
                found.but(Verdict::Look, format!("{key} shows all of them"))
            }
        }
    }
}

fn sender(state: &State) -> Finding {
    match (&state.link, state.restored) {
        (_, false) => well("sending", "not known yet"),
        _ if state.store_trouble.is_some() => well("sending", "nothing").but(
            Verdict::Act,
            "nothing is sent that is not on disk: see the store",
        ),
        (Link::Follower, _) => well("sending", "another qurate holds the lock and sends")
            .note("this one keeps what you do, and takes over when that one ends"),
        _ => well("sending", "this editor holds the lock and sends"),
    }
}

fn store(state: &State) -> Finding {
    let at = &state.settings.about.store;
    match (&state.store_trouble, state.restored) {
        (Some(trouble), _) => well("store", at).but(Verdict::Act, trouble.clone()),
        (None, false) => well("store", format!("{at}: not read yet")),
        (None, true) if !state.awaited.is_empty() => well("store", format!("{at}: being read")),
        (None, true) => well("store", format!("{at}: read whole, takes changes")),
    }
}

fn outbox(state: &State) -> Finding {
    doctor::outbox(state.replica.counts_in_all(), || {
        let key = key(state, Command::Outbox);
        format!("{key} shows why and what you can choose")
    })
}

/// The key of a command, or its name.
fn key(state: &State, command: Command) -> String {
    let keys = state.keymap.keys_of(command).into_iter();
    keys.take(1)
        .next()
        .unwrap_or_else(|| format!(":{}", command.entry().name))
}
