//! (skeleton)
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::{Clock, Settings};
use crate::api::Api;
use crate::protocol::{SyncCommand, SyncEvent};

pub(super) async fn run(
    _api: impl Api,
    _settings: Settings,
    _clock: Arc<dyn Clock>,
    mut inbox: UnboundedReceiver<SyncCommand>,
    _outbox: UnboundedSender<SyncEvent>,
) {
    while let Some(command) = inbox.recv().await {
        if command == SyncCommand::Quit {
            return;
        }
    }
}
