//! How the worker begins and ends.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::role::Role;
use super::{Worker, opening};
use crate::api::Api;
use crate::domain::operation::OperationState;
use crate::protocol::{Load, SyncCommand, SyncEvent};
use crate::sync::disk::Disk;
use crate::sync::{Clock, Parting, Settings};

/// Runs the worker until the editor quits or is gone; says what it knew then.
pub(in crate::sync) async fn run(
    api: impl Api,
    settings: Settings,
    clock: Arc<dyn Clock>,
    mut inbox: UnboundedReceiver<SyncCommand>,
    events: UnboundedSender<SyncEvent>,
) -> Parting {
    let role = Role::new(&settings.store);
    let opened = match opening::open(&settings.store, &role, None).await {
        Ok((disk, found)) => Ok((disk, found, None)),
        Err(error) => {
            tracing::error!(account = settings.account, %error, "the store cannot be opened");
            let stand_in = Disk::absent(&settings.store, &error).await;
            stand_in.map(|disk| (disk, None, Some(error)))
        }
    };
    let (disk, found, error) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            // Not even memory can be used as a store.
            let _ = events.send(SyncEvent::StoreTrouble(error.to_string()));
            refuse(&mut inbox, &events, &error.to_string()).await;
            return Parting::default();
        }
    };
    let interrupt = settings.interrupt.clone();
    let mut worker = Worker::new(api, settings, clock, events, disk, role);
    worker.come_in();
    if let Some(interrupt) = interrupt {
        // Nothing is closed or told then: the process would be gone.
        tokio::select! {
            () = worker.begin_and_work(&mut inbox, found, error) => {}
            () = interrupt.hit() => {}
        }
        return Parting::default();
    }
    worker.begin_and_work(&mut inbox, found, error).await;
    let another_takes_over = worker.peers.has_followers();
    let stored = worker.saving.unsaved.is_empty();
    let left = worker.flush_until.map(|_| worker.left());
    worker.disk.close().await;
    Parting {
        another_takes_over,
        stored,
        left,
        held: worker.held_at_end,
    }
}

/// Answers every edit with "not saved" and every question with the reason, as there is no store.
async fn refuse(
    inbox: &mut UnboundedReceiver<SyncCommand>,
    events: &UnboundedSender<SyncEvent>,
    reason: &str,
) {
    while let Some(command) = inbox.recv().await {
        match command {
            SyncCommand::Enqueue(operations) => {
                let unsaved = || OperationState::Unsaved {
                    reason: Some(reason.to_owned()),
                };
                let states = operations.iter().map(|o| (o.id, unsaved())).collect();
                let _ = events.send(SyncEvent::States(states));
            }
            // It was never stored, so nothing stands in the way.
            SyncCommand::Cancel(ids) => {
                for id in ids {
                    let _ = events.send(SyncEvent::Cancelled(id));
                }
            }
            SyncCommand::Discard(id) => {
                let _ = events.send(SyncEvent::Cancelled(id));
            }
            SyncCommand::LoadSent { profile, page } => {
                let what = Load::Sent { profile, page };
                let reason = reason.to_owned();
                let _ = events.send(SyncEvent::LoadFailed { what, reason });
            }
            SyncCommand::LoadInteractions {
                update,
                event,
                page,
            } => {
                let what = Load::Interactions {
                    update,
                    event,
                    page,
                };
                let reason = reason.to_owned();
                let _ = events.send(SyncEvent::LoadFailed { what, reason });
            }
            SyncCommand::Ask(_) => {
                let _ = events.send(SyncEvent::Answered(Err(reason.to_owned())));
            }
            SyncCommand::Quit(_) => return,
            SyncCommand::Retry(_)
            | SyncCommand::Focus(_)
            | SyncCommand::Refresh
            | SyncCommand::SaveDraft(_)
            | SyncCommand::DropDraft(_)
            | SyncCommand::Tag(_)
            | SyncCommand::Keep { .. }
            | SyncCommand::Awake => {}
        }
    }
}
