//! How the editor or the agent ended, and what the person should know of it.

use crate::app::State;
use crate::app::state::AccountKind;
use crate::cli::Exit;
use crate::domain::id::OperationId;
use crate::domain::replica::Counts;
use crate::protocol::Link;
use crate::runtime;
use crate::sync;

/// How the editor ended, and what it left.
#[derive(Debug)]
pub(super) struct Ending {
    /// Why it ended.
    pub(super) exit: runtime::Exit,
    /// Changes that are on disk and go out at the next start.
    pub(super) kept: usize,
    /// Changes that were held or refused: they wait for the person.
    pub(super) needing: usize,
    /// Changes that could not be stored.
    pub(super) lost: usize,
    /// Updates in the queues.
    pub(super) pending: u64,
    /// Another instance runs and sends what is kept.
    pub(super) another_sends: bool,
}

impl Ending {
    pub(super) fn of(exit: runtime::Exit, state: Option<&State>, parting: &sync::Parting) -> Self {
        let counts = state.map_or_else(Default::default, |s| s.replica.counts_in_all());
        // The worker went on after the editor had ended.
        let counts = parting.left.unwrap_or(counts);
        let unsaved = if parting.stored { 0 } else { counts.unsaved };
        // The editor may have ended before it was told of them.
        let is_waiting = |id: &&OperationId| {
            let known = state.and_then(|s| s.replica.operation(**id));
            known.is_some_and(|(_, how)| Counts::of([how]).waiting > 0)
        };
        let held = match parting.left {
            Some(_) => 0,
            None => parting.held.iter().filter(is_waiting).count(),
        };
        let pending = state.map_or(0, |s| {
            s.profiles().iter().filter_map(|p| s.queued(&p.id)).sum()
        });
        // What the demo had is thrown away with it.
        let stays = state.is_some_and(|s| s.account.kind != AccountKind::Demo);
        let if_it_stays = |n: usize| if stays { n } else { 0 };
        Self {
            exit,
            kept: if_it_stays(counts.waiting.saturating_sub(unsaved + held)),
            needing: if_it_stays(counts.held + counts.failed + held),
            lost: unsaved,
            pending,
            another_sends: state.is_some_and(|s| s.link == Link::Follower)
                || parting.another_takes_over,
        }
    }

    /// Says what the person should know now that the screen is gone.
    pub(super) fn words(&self, publishes_only_here: bool) -> Vec<String> {
        let mut words = Vec::new();
        let changes = |n: usize| match n {
            1 => "1 change".to_owned(),
            n => format!("{n} changes"),
        };
        if self.kept > 0 {
            let kept = changes(self.kept);
            let (they, go) = if self.kept == 1 {
                ("it", "goes")
            } else {
                ("they", "go")
            };
            words.push(if self.another_sends {
                format!("{kept} kept: another qurate runs, {they} {go} out from there")
            } else {
                format!("{kept} kept: {they} {go} out at the next start")
            });
        }
        if self.needing > 0 {
            let need = if self.needing == 1 { "needs" } else { "need" };
            words.push(format!(
                "{} {need} you: w shows why at the next start",
                changes(self.needing)
            ));
        }
        if self.lost > 0 {
            let lost = changes(self.lost);
            words.push(format!(
                "{lost} could not be stored; see the log for why, and make room on the disk"
            ));
        }
        if publishes_only_here && self.pending > 0 && !self.another_sends {
            let (updates, wait) = match self.pending {
                1 => ("1 update".to_owned(), "waits"),
                n => (format!("{n} updates"), "wait"),
            };
            words.push(format!(
                "{updates} {wait} in the queue: nothing is sent until `qurate serve` or the editor \
                 runs"
            ));
        }
        words
    }

    /// Returns the exit code of the process: who quits is told by it, too, that not all went out,
    /// whoever will send it and whatever it waits for.
    pub(super) fn code(&self) -> Exit {
        match &self.exit {
            runtime::Exit::Quit if self.lost > 0 => Exit::Error,
            runtime::Exit::Quit if self.kept + self.needing > 0 => Exit::Kept,
            runtime::Exit::Quit => Exit::Ok,
            runtime::Exit::Failed(_) => Exit::Error,
            runtime::Exit::SignIn(_) => Exit::SignIn,
            runtime::Exit::HangUp => Exit::Signal(1),
            runtime::Exit::Signal(number) => {
                Exit::Signal(u8::try_from(*number).unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(kept: usize, lost: usize, pending: u64) -> Ending {
        Ending {
            exit: runtime::Exit::Quit,
            kept,
            needing: 0,
            lost,
            pending,
            another_sends: false,
        }
    }

    #[test]
    fn what_is_kept_is_said_at_the_end() {
        assert_eq!(ending(0, 0, 7).words(false), [""; 0]);
        assert_eq!(
            ending(3, 0, 0).words(false),
            ["3 changes kept: they go out at the next start"]
        );
        assert_eq!(
            ending(1, 0, 0).words(false),
            ["1 change kept: it goes out at the next start"]
        );
        let follower = Ending {
            another_sends: true,
            ..ending(2, 0, 0)
        };
        assert_eq!(
            follower.words(false),
            ["2 changes kept: another qurate runs, they go out from there"]
        );
        let refused = Ending {
            needing: 2,
            ..ending(1, 0, 0)
        };
        assert_eq!(
            refused.words(false),
            [
                "1 change kept: it goes out at the next start",
                "2 changes need you: w shows why at the next start"
            ]
        );
        let (quit, parting) = (runtime::Exit::Quit, |another_takes_over| sync::Parting {
            another_takes_over,
            stored: true,
            ..sync::Parting::default()
        });
        assert!(Ending::of(quit.clone(), None, &parting(true)).another_sends);
        assert!(!Ending::of(quit.clone(), None, &parting(false)).another_sends);
        // It had no time to say.
        assert!(!Ending::of(quit, None, &sync::Parting::default()).another_sends);
    }

    #[test]
    fn a_local_queue_says_that_nothing_goes_out_now() {
        assert_eq!(
            ending(0, 0, 2).words(true),
            [
                "2 updates wait in the queue: nothing is sent until `qurate serve` or the editor runs"
            ]
        );
        assert_eq!(ending(0, 0, 0).words(true), [""; 0]);
        let another = Ending {
            another_sends: true,
            ..ending(0, 0, 2)
        };
        assert_eq!(another.words(true), [""; 0], "the other one sends them");
    }

    #[test]
    fn what_could_not_be_stored_is_an_error_and_what_is_kept_is_told_by_the_code_too() {
        assert_eq!(ending(9, 1, 0).code(), Exit::Error);
        assert_eq!(ending(9, 0, 0).code(), Exit::Kept);
        let needing = Ending {
            needing: 1,
            ..ending(0, 0, 0)
        };
        assert_eq!(needing.code(), Exit::Kept);
        assert_eq!(ending(0, 0, 9).code(), Exit::Ok, "that waits for its time");
        let signal = Ending {
            exit: runtime::Exit::Signal(15),
            ..ending(9, 0, 0)
        };
        assert_eq!(signal.code().code(), 143);
    }
}
