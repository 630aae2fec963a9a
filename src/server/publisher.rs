//! Sending what is due, when it is due, and asking commands how people reacted.
//!
//! It sleeps until the next update is due, or until a queue changes. How to sleep is handed in: a
//! machine may have been asleep itself meanwhile, or somebody set its clock.

use std::future::Future;
use std::time::Duration;

use super::Server;
use super::connection::command;
use super::keeper::Job;
use super::present;
use crate::domain::time::Timestamp;

/// How long to wait before an outcome is written again.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
];
/// How often commands are asked how people reacted.
const ASK: i64 = 60 * 60;

impl Server {
    /// Publishes until `shutdown`. What is being sent then is not waited for here: see
    /// [`Server::settled`]. `until` waits until the wall clock shows a moment, or is set.
    pub async fn publisher<W>(
        &self,
        shutdown: impl Future<Output = ()> + Send,
        until: impl Fn(Timestamp) -> W + Send,
    ) where
        W: Future<Output = ()> + Send,
    {
        tokio::pin!(shutdown);
        let mut ask_at = self.now();
        loop {
            let due_at = self.publish_due().await;
            if self.now() >= ask_at {
                ask_at = self.now().plus(ASK);
                self.start_asking();
            }
            tokio::select! {
                () = &mut shutdown => return,
                () = until(due_at.map_or(ask_at, |at| at.min(ask_at))) => {}
                () = self.wake().notified() => {}
            }
        }
    }

    /// Begins to send everything that is due now; returns when something else will be.
    pub async fn publish_due(&self) -> Option<Timestamp> {
        let now = self.now();
        let mut keeper = self.keeper().await;
        let (jobs, sent) = keeper.send_due(now).await;
        if let Err(refusal) = sent {
            tracing::error!(%refusal, "what is due could not be sent");
            self.doubt();
        }
        let next = keeper.next_due();
        drop(keeper);
        self.start(jobs);
        // What could not be sent now is tried again a moment later.
        next.map(|at| at.max(now.plus(1)))
    }

    /// Makes begun attempts in the background, those of one profile one after the other.
    pub(super) fn start(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut by_profile: Vec<Vec<Job>> = Vec::new();
        for job in jobs {
            let of_same = by_profile
                .iter_mut()
                .find(|jobs| jobs.first().is_some_and(|j| j.profile.id == job.profile.id));
            match of_same {
                Some(jobs) => jobs.push(job),
                None => by_profile.push(vec![job]),
            }
        }
        for jobs in by_profile {
            let (server, running) = (self.clone(), self.running());
            tokio::spawn(async move {
                let _running = running;
                for job in jobs {
                    server.attempt(job).await;
                }
            });
        }
    }

    async fn attempt(&self, job: Job) {
        let input = present::for_command(&job.update, &job.profile, self.now());
        let outcome = command::publish(&job.command, &input).await;
        for pause in PAUSES {
            let id = job.update.id;
            let outcome = outcome.clone();
            let written = self.keeper().await.finish(id, outcome, self.now()).await;
            let Err(refusal) = written else {
                return;
            };
            tracing::error!(%refusal, "the outcome of an attempt could not be written");
            self.doubt();
            tokio::time::sleep(pause).await;
        }
        // The attempt stays without an outcome, and so is never made again.
    }
}
