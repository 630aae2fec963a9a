//! The conservation law: every operation that was ever stored waits in the outbox, is in the
//! history, or is counted as what became of it. Nothing leaves without a row.

use super::Worker;
use crate::api::Api;
use crate::protocol::SyncEvent;
use crate::sync::disk::{Depth, Tally};

impl<A: Api> Worker<A> {
    /// Counts all there is, at the opening: what is not there any more was lost while nobody looked.
    pub(super) async fn count_all(&mut self) {
        if !self.may_count() {
            return;
        }
        match self.disk.tally(Depth::Rows).await {
            Ok(Some(tally)) => {
                tracing::info!(account = self.settings.account, ?tally, "edits are counted");
                self.keep_law(tally).await;
            }
            Ok(None) => {
                tracing::error!(
                    account = self.settings.account,
                    "the tally of edits is not as it was stored: it is counted anew"
                );
                self.accept_tally().await;
            }
            Err(error) => self.trouble(&error),
        }
    }

    /// Counts the outbox, after something left it: then it was this program that lost something.
    pub(super) async fn count_outbox(&mut self) {
        if !self.may_count() {
            return;
        }
        match self.disk.tally(Depth::Outbox).await {
            Ok(Some(tally)) => {
                self.keep_law(tally).await;
                debug_assert!(tally.missing() == 0, "edits are in no place: {tally:?}");
            }
            // It is said at the next opening.
            Ok(None) => {}
            Err(error) => self.trouble(&error),
        }
    }

    /// The one that sends counts, for all.
    fn may_count(&self) -> bool {
        self.role.is_leader() && !self.disk.is_absent() && self.disk.doubt().is_none()
    }

    /// Says a breach of the law, once: from then on what is there is what there is.
    async fn keep_law(&mut self, tally: Tally) {
        let missing = tally.missing();
        if missing == 0 {
            return;
        }
        tracing::error!(
            account = self.settings.account,
            missing,
            ?tally,
            "edits are not where they were stored"
        );
        self.emit(SyncEvent::Notice(breach(missing)));
        self.accept_tally().await;
    }

    async fn accept_tally(&mut self) {
        if let Err(error) = self.disk.accept_tally().await {
            self.trouble(&error);
        }
    }
}

fn breach(missing: i64) -> String {
    match missing {
        1 => {
            "1 edit is not where it was stored: look whether your last changes are there".to_owned()
        }
        2.. => format!(
            "{missing} edits are not where they were stored: look whether your last changes are \
             there"
        ),
        _ => "the store holds more edits than were made here; look at the outbox (w)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::breach;

    #[test]
    fn a_breach_is_said_in_words() {
        assert!(breach(1).starts_with("1 edit is not where it was stored"));
        assert!(breach(3).starts_with("3 edits are not where they were stored"));
        assert!(breach(-1).contains("more edits than were made"));
    }
}
