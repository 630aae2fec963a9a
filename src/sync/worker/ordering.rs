//! Sends what the screen shows as an order, made from the newest read.

use std::time::Duration;

use super::Worker;
use crate::api::Api;
use crate::domain::id::{LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Change, Operation, OperationState};
use crate::sync::order;
use crate::sync::request::Call;

impl<A: Api> Worker<A> {
    /// Sends some reorders as one order: the one the screen shows.
    pub(super) async fn send_order(
        &mut self,
        profile: ProfileId,
        ids: Vec<OperationId>,
    ) -> Result<(), Duration> {
        let now = self.clock.elapsed();
        let fresh = self.settings.pace.fresh;
        let lane = self.lane(&profile);
        if lane.read_done.is_none_or(|done| done + fresh < now) {
            // An order made from an old mirror would be of a queue that may not exist any more.
            (lane.read_at, lane.needed) = (now, true);
            return Ok(());
        }
        let (first, remotes) = match self.order_of(&profile, &ids).await {
            Ok(order) => order,
            Err(error) => {
                self.trouble(&error);
                self.put_off(&ids, self.settings.pace.save_again);
                return Ok(());
            }
        };
        if remotes.is_empty() {
            self.acked(&profile, &ids, Vec::new(), Vec::new()).await;
            return Ok(());
        }
        self.gate.try_pass(self.rank)?;
        let call = Call::Reorder {
            profile: profile.clone(),
            first: remotes,
        };
        self.begin(vec![(profile, ids)], Some(first), None, call)
            .await;
        Ok(())
    }

    /// Returns what must come first in the queue, by our ids and the API's.
    async fn order_of(
        &mut self,
        profile: &ProfileId,
        ids: &[OperationId],
    ) -> Result<(Vec<LocalId>, Vec<RemoteId>), sqlx::Error> {
        let mirror = self.disk.order(profile).await?.unwrap_or_default().pending;
        let mut operations: Vec<(Operation, OperationState)> = Vec::new();
        for entry in self.outbox.of(profile) {
            // A delete or share that waits can still be taken back: its update keeps its place.
            let waits = entry.state == OperationState::Queued
                && matches!(
                    entry.operation.change,
                    Change::Share { .. } | Change::Destroy { .. }
                );
            if !waits {
                operations.push((entry.operation.clone(), entry.state.clone()));
            }
            if ids.last() == Some(&entry.operation.id) {
                break;
            }
        }
        let settings = self.profiles.iter().find(|p| p.id == *profile);
        let first = order::first(profile, settings, &mirror, operations);
        let mut known = self.disk.remotes(profile, &first).await?;
        let remotes = first
            .iter()
            .filter_map(|local| known.remove(local))
            .collect();
        Ok((first, remotes))
    }
}
