//! The editor without terminal and worker: keys go in as a script, the worker's news by hand, and
//! what it asks of the world is collected.
//!
//! A script is read character by character, each a key; names stand in angle brackets:
//! `3J`, `gg`, `<enter>`, `<ctrl-s>`, `<space>`.

#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_wrap,
    unreachable_pub,
    reason = "a tool of tests only: what is wrong here must stop them, and the numbers are small"
)]

use std::collections::BTreeMap;

use qurate::app::action::Action;
use qurate::app::effect::Effect;
use qurate::app::key::Key;
use qurate::app::keymap::Keymap;
use qurate::app::mode::Mode;
use qurate::app::record::{Scribe, read_line};
use qurate::app::reduce;
use qurate::app::state::{Account, AccountKind, Settings, State};
use qurate::domain::draft::Draft;
use qurate::domain::id::{LocalId, OperationId, ProfileId, RemoteId};
use qurate::domain::interaction::Interaction;
use qurate::domain::operation::{Change, Operation, OperationState};
use qurate::domain::profile::{Profile, Service};
use qurate::domain::queue::Row;
use qurate::domain::replica::QueueSnapshot;
use qurate::domain::tag::Tagged;
use qurate::domain::time::Timestamp;
use qurate::domain::update::{Body, Content, Media, Outcome, OwnTime, Sent, Status, Update};
use qurate::protocol::{Capabilities, Kept, Link, SentPage, Stack, SyncCommand, SyncEvent};
use ulid::Ulid;

/// Monday 2026-11-23 09:00 in Berlin: when every script begins.
pub const NOW: Timestamp = Timestamp(1_795_420_800);

/// An editor with three profiles, under the hands of a test.
pub struct Harness {
    /// What it knows.
    pub state: State,
    /// All it asked of the world so far.
    pub effects: Vec<Effect>,
    /// The time of the next action.
    pub now: Timestamp,
    /// What was done before it was started.
    pub started_with: Vec<Kept>,
    /// The tags there were when it was started.
    pub started_with_tags: Vec<Tagged>,
    /// How often it was started again.
    starts: u64,
    /// How often it went on with what it had put off.
    continued: usize,
}

impl Harness {
    /// An editor that has heard nothing yet.
    pub fn fresh(kind: AccountKind) -> Self {
        let account = Account {
            name: "demo".to_owned(),
            kind,
        };
        let settings = Settings {
            zone: "Europe/Berlin".to_owned(),
            ..Settings::default()
        };
        let mut harness = Self {
            state: State::new(account, settings, Keymap::default(), 7),
            effects: Vec::new(),
            now: NOW,
            started_with: Vec::new(),
            started_with_tags: Vec::new(),
            starts: 0,
            continued: 0,
        };
        harness.act(Action::Tick(NOW));
        harness
    }

    /// An editor, 80×24, with `updates` pending per profile, some sent, one failed, and the line up.
    pub fn with(updates: usize) -> Self {
        let mut harness = Self::fresh(AccountKind::Demo);
        let queue = |p: u8| (profile(p).id, snapshot(p, updates));
        harness.sync(SyncEvent::Restored {
            profiles: (0..3).map(profile).collect(),
            queues: (0..3).map(queue).collect(),
            rest: Vec::new(),
            sent: (0..3).map(|p| sent_page(p, 1)).collect(),
            operations: Vec::new(),
            drafts: Vec::new(),
            history: Vec::new(),
            tags: Vec::new(),
        });
        harness.sync(SyncEvent::Capabilities(Capabilities {
            manage_profiles: true,
            pause: true,
            failed: true,
            local: true,
            connections: vec!["demo".to_owned()],
            requests_per_minute: None,
        }));
        harness.sync(SyncEvent::Link(Link::Online { since: NOW }));
        harness
    }

    /// Ends the program and starts it again, with what a store would have kept: the mirrors, the
    /// live operations that were stored, and what was done.
    pub fn restart(&self) -> Self {
        let mut again = Self::fresh(AccountKind::Demo);
        again.now = self.now;
        // Other random bits, as another process has.
        again.starts = self.starts + 1;
        let seed = 7 + again.starts;
        let (account, settings) = (self.state.account.clone(), self.state.settings.clone());
        again.state = State::new(account, settings, Keymap::default(), seed);
        let mirror = |p: &Profile| {
            let shown = self.state.replica.queue(&p.id)?;
            Some((p.id.clone(), shown.mirror()))
        };
        let profiles = self.state.profiles().to_vec();
        let live = self.state.replica.operations().iter();
        let stored = |how: &OperationState| !matches!(how, OperationState::Unsaved { .. });
        let mut kept = self.started_with.clone();
        for command in self.all_commands() {
            if let SyncCommand::Keep { put, gone } = command {
                // In this order the store does it: what is gone stays gone.
                kept.retain(|one| put.iter().all(|new| new.done.group != one.done.group));
                kept.extend(put.iter().cloned());
                kept.retain(|one| !gone.contains(&one.done.group));
            }
        }
        let mut tags: BTreeMap<LocalId, Tagged> = BTreeMap::new();
        tags.extend(
            self.started_with_tags
                .iter()
                .map(|one| (one.update, one.clone())),
        );
        for command in self.all_commands() {
            if let SyncCommand::Tag(tagged) = command {
                tags.extend(tagged.iter().map(|one| (one.update, one.clone())));
            }
        }
        let tags: Vec<Tagged> = tags.into_values().collect();
        again.started_with_tags.clone_from(&tags);
        kept.sort_by_key(|one| (one.stack == Stack::Redo, one.place));
        again.started_with.clone_from(&kept);
        again.sync(SyncEvent::Restored {
            queues: profiles.iter().filter_map(mirror).collect(),
            rest: Vec::new(),
            profiles,
            sent: (0..3).map(|p| sent_page(p, 1)).collect(),
            operations: live.filter(|(_, how)| stored(how)).cloned().collect(),
            drafts: Vec::new(),
            history: kept,
            tags,
        });
        again.sync(SyncEvent::Link(Link::Online { since: NOW }));
        again
    }

    /// Says that the API has all that is shown: a reading that settles every operation.
    pub fn settle(&mut self) -> &mut Self {
        let profiles = self.state.profiles().to_vec();
        for p in profiles {
            let Some(shown) = self.state.replica.queue(&p.id) else {
                continue;
            };
            let row = |row: &Row| {
                let mut update = shown.update(row.update)?.clone();
                update.body.due_at = row.due_at;
                let number = u128::from(update.id.ulid());
                update.remote = RemoteId::parse(&format!("{:024x}", number >> 32)).ok();
                Some(update)
            };
            let updates = shown.rows().iter().filter_map(row).collect();
            let failed = shown
                .failed
                .iter()
                .filter_map(|id| shown.update(*id).cloned());
            let snapshot = QueueSnapshot {
                read_at: self.now,
                updates,
                failed: failed.collect(),
            };
            let live = self.state.replica.operations().iter();
            let settled = live
                .filter(|(operation, how)| {
                    operation.profile == p.id && *how == OperationState::Acked
                })
                .map(|(operation, _)| operation.id)
                .collect();
            self.sync(SyncEvent::Queue {
                profile: p.id,
                delta: snapshot.into(),
                settled,
            });
        }
        self
    }

    /// Gives the terminal another size.
    pub fn size(mut self, width: u16, height: u16) -> Self {
        self.act(Action::Resize { width, height });
        self
    }

    /// Performs one action.
    pub fn act(&mut self, action: Action) {
        // Recorded sessions must be possible: what is done survives JSON.
        let json = serde_json::to_string(&action).unwrap();
        assert_eq!(serde_json::from_str::<Action>(&json).unwrap(), action);
        // Also with its texts masked: what is no text is left as it is.
        let masked = Scribe::new(Some(1)).line(&action, false).unwrap();
        read_line(&masked).unwrap_or_else(|why| panic!("{why}: {masked}"));
        let effects = reduce(&mut self.state, action);
        let json = serde_json::to_string(&effects).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Effect>>(&json).unwrap(), effects);
        self.effects.extend(effects);
    }

    /// Tells the worker's news.
    pub fn sync(&mut self, event: SyncEvent) {
        let now = self.now;
        self.act(Action::Sync { event, now });
    }

    /// Presses the keys of a script.
    pub fn keys(&mut self, script: &str) -> &mut Self {
        for key in parse(script) {
            let now = self.now;
            self.act(Action::Key { key, now });
        }
        self
    }

    /// Pastes.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        let (text, now) = (text.to_owned(), self.now);
        self.act(Action::Paste { text, now });
        self
    }

    /// Lets time pass, and the rest timers ring.
    pub fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now = self.now.plus(seconds);
        self.act(Action::Tick(self.now));
        self.rest()
    }

    /// Lets the rest timer ring that was started last.
    pub fn rest(&mut self) -> &mut Self {
        let timers = self.effects.iter().rev();
        let token = timers.filter_map(|effect| match effect {
            Effect::RestTimer { token } => Some(*token),
            _ => None,
        });
        if let Some(token) = token.take(1).next() {
            self.act(Action::Rested(token));
        }
        self
    }

    /// Lets it do all that it put off, as when nobody types.
    pub fn look(&mut self) -> &mut Self {
        let asked = |h: &Self| {
            let all = h.effects.iter();
            all.filter(|effect| **effect == Effect::Continue).count()
        };
        while asked(self) > self.continued {
            self.continued += 1;
            self.act(Action::Continue);
        }
        self
    }

    /// Says that all operations not yet saved are on disk.
    pub fn store(&mut self) -> &mut Self {
        self.all_become(&OperationState::Queued)
    }

    /// Says that the API took all operations.
    pub fn ack(&mut self) -> &mut Self {
        self.all_become(&OperationState::Acked)
    }

    /// Says that all live operations are in this state.
    pub fn all_become(&mut self, how: &OperationState) -> &mut Self {
        let all = self.operations();
        let states = all.iter().map(|op| (op.id, how.clone())).collect();
        self.sync(SyncEvent::States(states));
        self
    }

    /// Returns the live operations.
    pub fn operations(&self) -> Vec<Operation> {
        let live = self.state.replica.operations().iter();
        live.map(|(operation, _)| operation.clone()).collect()
    }

    /// Returns what the live operations do.
    pub fn changes(&self) -> Vec<Change> {
        self.operations().into_iter().map(|op| op.change).collect()
    }

    /// Returns the ids that were handed back to the worker.
    pub fn cancelled(&self) -> Vec<OperationId> {
        let mut ids = Vec::new();
        for effect in &self.effects {
            if let Effect::Sync(SyncCommand::Cancel(some)) = effect {
                ids.extend(some);
            }
        }
        ids
    }

    /// Returns the commands the worker got, but what is only for the book: what was done, and that
    /// a key was pressed.
    pub fn commands(&self) -> Vec<&SyncCommand> {
        let for_the_book =
            |c: &&SyncCommand| matches!(c, SyncCommand::Keep { .. } | SyncCommand::Awake);
        let all = self.all_commands();
        all.filter(|command| !for_the_book(command)).collect()
    }

    /// Returns all commands the worker got.
    pub fn all_commands(&self) -> impl Iterator<Item = &SyncCommand> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Sync(command) => Some(command),
            _ => None,
        })
    }

    /// Returns the texts of the queue on the screen.
    pub fn texts(&self) -> Vec<String> {
        let rows = self.state.rows().iter();
        rows.map(|row| {
            let update = self.state.update(row.update);
            update.map_or_else(|| "?".to_owned(), |u| u.body.content.text.clone())
        })
        .collect()
    }

    /// Returns the numbers at the end of the texts of the queue on the screen.
    pub fn order(&self) -> Vec<u32> {
        let texts = self.texts();
        let number = |text: &String| text.rsplit(' ').next().and_then(|n| n.parse().ok());
        texts
            .iter()
            .map(|text| number(text).unwrap_or(999))
            .collect()
    }

    /// Returns the row of the cursor in the queue.
    pub fn row(&self) -> usize {
        self.state.cursors().queue.index
    }

    /// Returns what the status line says.
    pub fn notice(&self) -> String {
        let current = self.state.notices.current();
        current.map_or_else(String::new, |notice| notice.text.clone())
    }

    /// Says whether the lists have the keys.
    pub fn in_lists(&self) -> bool {
        matches!(self.state.mode, Mode::Lists)
    }
}

fn parse(script: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let name = rest.strip_prefix('<').and_then(|r| r.split_once('>'));
        if let Some((name, tail)) = name.filter(|(name, _)| name.len() > 1) {
            keys.push(name.parse().unwrap());
            rest = tail;
        } else {
            keys.push(if c == ' ' {
                "space".parse().unwrap()
            } else {
                Key::char(c)
            });
            rest = &rest[c.len_utf8()..];
        }
    }
    keys
}

/// Returns the `n`-th of the three profiles.
pub fn profile(n: u8) -> Profile {
    let services = [Service::Mastodon, Service::Twitter, Service::Bluesky];
    let service = services[usize::from(n) % 3].clone();
    Profile {
        id: ProfileId::parse(&format!("{:024x}", 0x100 + u32::from(n))).unwrap(),
        username: format!("acme{n}"),
        formatted_username: format!("@acme{n}"),
        service,
        timezone: chrono_tz::Europe::Berlin,
        schedule: "daily 09:30 12:30 17:00 20:00".parse().unwrap(),
        paused: false,
        pending: 0,
        sent: 0,
        connection: Some("demo".to_owned()),
        character_limit: None,
    }
}

/// Returns the id of the `i`-th update of profile `n`; those of sent ones begin at 100,000.
pub fn id(n: u8, i: usize) -> LocalId {
    LocalId::from(Ulid::from((u128::from(n) + 1) << 64 | i as u128))
}

/// Returns an update.
pub fn update(n: u8, i: usize, status: Status) -> Update {
    let id = id(n, i);
    let word = match status {
        Status::Pending | Status::Draft => "update",
        Status::Sent => "sent",
        Status::Failed => "failed",
    };
    Update {
        id,
        remote: Some(RemoteId::parse(&format!("{:08x}{i:016x}", n + 1)).unwrap()),
        body: Body {
            profile: profile(n).id,
            content: Content {
                text: format!("{word} {i}"),
                media: Media::default().into(),
            },
            status,
            created_at: NOW.plus(-86_400),
            due_at: None,
            own_time: None,
            outcome: Outcome {
                sent: (status == Status::Sent).then(|| Sent {
                    at: NOW.plus(-3600 * (i as i64 - 99_999)),
                    service_update_id: String::new(),
                }),
                statistics: BTreeMap::new(),
                error: (status == Status::Failed).then(|| "missed its time".into()),
            }
            .into(),
        },
    }
}

/// Returns a queue of profile `n`: updates 0 to `len`, on their slots.
pub fn snapshot(n: u8, len: usize) -> QueueSnapshot {
    let profile = profile(n);
    let slots = profile.schedule.slots_after(profile.timezone, NOW);
    let updates = (0..len).zip(slots).map(|(i, at)| {
        let mut update = update(n, i, Status::Pending);
        update.body.due_at = Some(at);
        update
    });
    QueueSnapshot {
        read_at: NOW,
        updates: updates.collect(),
        failed: vec![update(n, 90_000, Status::Failed)],
    }
}

/// Fixes the `i`-th update of a snapshot to the time it has.
pub fn fix(mut snapshot: QueueSnapshot, i: usize) -> QueueSnapshot {
    let body = &mut snapshot.updates[i].body;
    body.own_time = body.due_at.map(|at| OwnTime { at, pinned: true });
    snapshot
}

/// Returns a page of 20 of the 45 updates profile `n` sent.
pub fn sent_page(n: u8, page: u32) -> SentPage {
    let first = 20 * (page as usize - 1);
    SentPage {
        profile: profile(n).id,
        page,
        total: 45,
        updates: (first..(first + 20).min(45))
            .map(|i| update(n, 100_000 + i, Status::Sent))
            .collect(),
    }
}

/// Returns the `i`-th interaction.
pub fn interaction(i: usize, event: &str) -> Interaction {
    Interaction {
        id: format!("i{i}"),
        event: event.to_owned(),
        created_at: NOW.plus(-(i as i64) * 60),
        username: format!("person{i}"),
        followers: i as i64,
    }
}

/// Returns a kept draft.
pub fn draft(text: &str) -> Draft {
    Draft {
        text: text.to_owned(),
        when: "queue".to_owned(),
        profiles: vec![profile(0).id],
        ..Draft::default()
    }
}
