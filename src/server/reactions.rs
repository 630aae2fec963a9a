//! Asking a command connection how people reacted: hourly, for a week after an update was sent.
//!
//! Its second program gets the sent update as JSON and answers lines of JSON, each one interaction
//! (`event`, `username`, and what else it knows) or the numbers (`{"statistics": {"likes": 3}}`).
//! Lines that are neither are left out: one odd line must not cost the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::Server;
use super::connection::command;
use super::keeper::Watched;
use super::model::{ObjectId, Reaction};
use super::present;
use crate::domain::time::Timestamp;

/// Most interactions that are kept of one answer.
const MOST: usize = 1000;

/// One line of an answer.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Statistics { statistics: BTreeMap<String, i64> },
    Reaction(Reported),
}

#[derive(Deserialize)]
struct Reported {
    event: String,
    username: String,
    id: Option<String>,
    created_at: Option<i64>,
    #[serde(default)]
    followers: i64,
    #[serde(default)]
    avatar: String,
    #[serde(default)]
    user_id: String,
}

impl Server {
    /// Asks once about everything that was sent in the last week.
    pub(super) async fn ask_reactions(&self) {
        let watched = self.keeper().await.watched(self.now()).await;
        let watched = watched.unwrap_or_else(|refusal| {
            tracing::error!(%refusal, "nothing can be asked about");
            Vec::new()
        });
        for one in watched {
            self.ask_about(one).await;
        }
    }

    async fn ask_about(&self, watched: Watched) {
        let now = self.now();
        let input = present::for_command(&watched.update, &watched.profile, now);
        let answer = command::run(&watched.program, &input, watched.timeout).await;
        let Ok(answer) = answer.map(|output| output.stdout) else {
            tracing::warn!(update = %watched.update.id, "its interactions could not be asked for");
            return;
        };
        let (reactions, statistics) = read(&answer, now);
        let mut keeper = self.keeper().await;
        let kept = keeper
            .react(watched.update.id, &reactions, statistics)
            .await;
        if let Err(refusal) = kept {
            tracing::error!(%refusal, "interactions could not be written");
        }
    }

    /// Asks in the background, unless it still does.
    pub(super) fn start_asking(&self) {
        let Ok(turn) = Arc::clone(self.asking()).try_lock_owned() else {
            return;
        };
        let server = self.clone();
        tokio::spawn(async move {
            let _turn = turn;
            server.ask_reactions().await;
        });
    }
}

/// Reads an answer: interactions, and the numbers as JSON if there are any.
fn read(answer: &[u8], now: Timestamp) -> (Vec<Reaction>, Option<String>) {
    let (mut reactions, mut statistics) = (Vec::new(), None);
    let text = String::from_utf8_lossy(answer);
    for line in text.lines() {
        match serde_json::from_str(line) {
            Ok(Line::Statistics { statistics: all }) => {
                statistics = serde_json::to_string(&all).ok();
            }
            Ok(Line::Reaction(reported)) if reactions.len() < MOST => {
                reactions.push(reaction(reported, now));
            }
            Ok(Line::Reaction(_)) | Err(_) => {}
        }
    }
    (reactions, statistics)
}

fn reaction(reported: Reported, now: Timestamp) -> Reaction {
    // Without an id of its own, one of each kind per person is all that can be told apart.
    let interaction_id = reported
        .id
        .unwrap_or_else(|| format!("{}-{}", reported.event, reported.username));
    let number = interaction_id.bytes().fold(0_u64, |n, byte| {
        n.wrapping_mul(31).wrapping_add(byte.into())
    });
    let created_at = reported.created_at.map_or(now, Timestamp);
    Reaction {
        id: ObjectId::new(created_at, number).to_string(),
        event: reported.event.trim_end_matches('s').to_owned(),
        created_at,
        interaction_id,
        username: reported.username,
        followers: reported.followers,
        avatar: reported.avatar,
        person_id: reported.user_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_lines_do_not_cost_the_others() {
        let answer = b"not json\n{\"event\":\"likes\",\"username\":\"ann\",\"followers\":3}\n\
            {\"event\":1}\n{\"statistics\":{\"likes\":1}}\n[]\n";
        let (reactions, statistics) = read(answer, Timestamp(100));
        assert_eq!(reactions.len(), 1);
        assert_eq!(reactions[0].event, "like");
        assert_eq!(reactions[0].created_at, Timestamp(100));
        assert_eq!(reactions[0].interaction_id, "likes-ann");
        assert_eq!(statistics.as_deref(), Some("{\"likes\":1}"));
    }
}
