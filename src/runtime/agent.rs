//! The loop of the agent: it hears the worker, says the few lines that [`Agent`] has, and ends when a
//! signal says so, nothing can be sent from here, or what it was asked to send has gone out.

use std::io::{self, Write as _};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::alarm::until;
use super::ends::Ends;
use super::timers::now;
use super::{Exit, WORKER_GONE};
use crate::app::agent::Agent;
use crate::domain::time::Timestamp;
use crate::protocol::{Leaving, SyncCommand, SyncEvent};

/// How long the agent runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until a signal ends it.
    Signal,
    /// Until nothing waits any more.
    Sent,
}

/// Runs the agent until it ends; what it knew then tells what is kept. As with the editor,
/// [`SyncCommand::Quit`] was sent to the worker.
pub async fn run(
    until: Until,
    commands: &UnboundedSender<SyncCommand>,
    mut events: UnboundedReceiver<SyncEvent>,
) -> (Exit, Agent) {
    let mut agent = Agent::default();
    let exit = match Ends::take() {
        Ok(ends) => serve(&mut agent, until, &mut events, ends).await,
        Err(error) => Exit::Failed(error.to_string()),
    };
    agent.part(now());
    say(&mut agent);
    // If the worker is gone there is nothing left to tell it.
    let _ = commands.send(SyncCommand::Quit(Leaving::AtOnce));
    (exit, agent)
}

async fn serve(
    agent: &mut Agent,
    until: Until,
    events: &mut UnboundedReceiver<SyncEvent>,
    mut ends: Ends,
) -> Exit {
    loop {
        say(agent);
        if let Some(reason) = agent.sign_in() {
            return Exit::SignIn(reason.to_owned());
        }
        if until == Until::Sent && agent.is_done() {
            return Exit::Quit;
        }
        tokio::select! {
            biased;
            number = ends.next() => return Exit::Signal(i32::from(number)),
            event = events.recv() => match event {
                Some(event) => agent.hear(event, now()),
                None => return Exit::Failed(WORKER_GONE.to_owned()),
            },
            () = rings(agent.rings_at()) => agent.count(now()),
        }
    }
}

/// Waits for a moment of the wall clock; for ever if there is nothing to wait for.
async fn rings(at: Option<Timestamp>) {
    match at {
        Some(at) => until(at).await,
        None => std::future::pending().await,
    }
}

/// Says lines on standard error, each as what it is from: it may be among those of other programs.
fn say(agent: &mut Agent) {
    for line in agent.lines() {
        // Who closed it does not want to hear.
        let _ = writeln!(io::stderr().lock(), "qurate: {line}");
    }
}
