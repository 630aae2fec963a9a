//! The wait for the worker when the screen is gone: for its last commit, and for what it still sends.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedSender;

use super::say;
use crate::protocol::{Leaving, SyncCommand};
use crate::runtime::{Ends, Exit};
use crate::sync::{Ended, Parting};

/// How long the end waits for the worker's last commit: the terminal is back by then.
pub(super) const LAST_COMMIT: Duration = Duration::from_millis(150);
/// How long it waits then if the disk is slow, for who quits and for who is ended by a signal: that
/// must be over within a second.
const SLOW_COMMIT: Duration = Duration::from_secs(10);
const SLOW_COMMIT_OF_SIGNAL: Duration = Duration::from_millis(600);
/// How long it waits when the person asked for everything to go out first.
pub(super) const FLUSH: Duration = Duration::from_secs(30);

/// Waits for the worker, which was told to quit. Says why the program ends then, as a signal may have
/// ended the wait, and what the worker knew.
pub(super) fn wait(
    runtime: Runtime,
    exit: Exit,
    sends: bool,
    worker: (UnboundedSender<SyncCommand>, Ended),
) -> (Exit, Parting) {
    let (commands, ended) = worker;
    if let Some(parting) = ended.wait(LAST_COMMIT) {
        return (exit, parting);
    }
    if exit != Exit::Quit {
        let parting = ended.wait(SLOW_COMMIT_OF_SIGNAL);
        return (exit, parting.unwrap_or_default());
    }
    if !sends {
        // What was done last is worth more than a quick end.
        say("qurate: waiting for the disk to take the last changes");
        return (exit, ended.wait(SLOW_COMMIT).unwrap_or_default());
    }
    let waited = runtime.block_on(until_sent(&commands, ended));
    // The thread that waits for the worker must not hold up the end.
    runtime.shutdown_background();
    let (signal, parting) = waited;
    (signal.map_or(exit, Exit::Signal), parting)
}

/// Waits until the worker has sent what waits, or a signal ends that. Says which one did.
async fn until_sent(
    commands: &UnboundedSender<SyncCommand>,
    ended: Ended,
) -> (Option<i32>, Parting) {
    let mut waiting = tokio::task::spawn_blocking(move || ended.wait(FLUSH + SLOW_COMMIT));
    let known = |parting: Result<Option<Parting>, _>| parting.ok().flatten().unwrap_or_default();
    // Without signals it ends by itself.
    let mut ends = Ends::take().ok();
    say(&format!(
        "qurate: sending what waits, for {} seconds at the most; ctrl-c leaves it for the next start",
        FLUSH.as_secs()
    ));
    let signal = async {
        match &mut ends {
            Some(ends) => ends.next().await,
            None => std::future::pending().await,
        }
    };
    let number = tokio::select! {
        parting = &mut waiting => return (None, known(parting)),
        number = signal => i32::from(number),
    };
    // If the worker is gone there is nothing left to tell it.
    let _ = commands.send(SyncCommand::Quit(Leaving::AtOnce));
    let parting = tokio::time::timeout(SLOW_COMMIT_OF_SIGNAL, waiting).await;
    (Some(number), parting.map(known).unwrap_or_default())
}
