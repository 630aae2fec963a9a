//! An editor without a world around it: three profiles, a long queue in the first, keys by script.

use qurate::app::key::Key;
use qurate::app::keymap::Keymap;
use qurate::app::state::{Account, AccountKind, Settings};
use qurate::app::{Action, Effect, State, reduce};
use qurate::domain::id::{IdSource, LocalId, ProfileId, RemoteId};
use qurate::domain::profile::{Profile, Service};
use qurate::domain::replica::QueueSnapshot;
use qurate::domain::time::Timestamp;
use qurate::domain::update::{Body, Content, Status, Update};
use qurate::protocol::{Link, SyncCommand, SyncEvent};

/// Monday 2026-11-23 09:00 in Berlin.
pub(crate) const NOW: Timestamp = Timestamp(1_795_420_800);

const WORDS: [&str; 40] = [
    "release", "harbour", "planner", "index", "query", "tide", "notes", "road", "learnt", "twice",
    "garden", "silver", "early", "paper", "quiet", "glass", "winter", "signal", "velvet", "copper",
    "summer", "hollow", "mirror", "canyon", "ember", "orbit", "marble", "lantern", "feather",
    "cinder", "meadow", "vessel", "crimson", "echo", "north", "river", "static", "people",
    "answer", "morning",
];

/// The editor, in which everything was looked at that is put off while somebody types.
pub(crate) struct Editor {
    pub(crate) state: State,
    rest: Option<u64>,
    continues: bool,
    cancelled: Vec<SyncEvent>,
}

/// An editor that is made when it is first needed: that takes a while, and not all is measured in
/// each run.
pub(crate) struct LateEditor {
    pub(crate) updates: usize,
    editor: Option<Editor>,
}

impl LateEditor {
    pub(crate) fn with(updates: usize) -> Self {
        let editor = None;
        Self { updates, editor }
    }

    /// Returns it with the cursor in the midst of a page, on a screen of this size.
    pub(crate) fn on(&mut self, (width, height): (u16, u16)) -> &mut Editor {
        let make = || Editor::with(self.updates);
        let editor = self.editor.get_or_insert_with(make);
        editor.act(Action::Resize { width, height });
        editor.press(&keys("esc g g 4 0 j"));
        editor.catch_up();
        editor
    }
}

impl Editor {
    /// An editor whose first profile has so many updates, and the others a few.
    fn with(updates: usize) -> Self {
        let account = Account {
            name: "bench".to_owned(),
            kind: AccountKind::Demo,
        };
        let mut editor = Self {
            state: State::new(account, Settings::default(), Keymap::default(), 7),
            rest: None,
            continues: false,
            cancelled: Vec::new(),
        };
        editor.act(Action::Tick(NOW));
        editor.tell(SyncEvent::Restored {
            profiles: (0..3).map(profile).collect(),
            queues: (0..3)
                .map(|n| (profile_id(n), queue(n, if n == 0 { updates } else { 24 })))
                .collect(),
            rest: Vec::new(),
            sent: Vec::new(),
            operations: Vec::new(),
            drafts: Vec::new(),
            history: Vec::new(),
            tags: Vec::new(),
        });
        editor.tell(SyncEvent::Link(Link::Online { since: NOW }));
        editor.catch_up();
        editor
    }

    pub(crate) fn act(&mut self, action: Action) {
        for effect in reduce(&mut self.state, action) {
            match effect {
                Effect::RestTimer { token } => self.rest = Some(token),
                Effect::Continue => self.continues = true,
                Effect::Sync(SyncCommand::Cancel(ids)) => {
                    self.cancelled
                        .extend(ids.into_iter().map(SyncEvent::Cancelled));
                }
                _ => {}
            }
        }
    }

    pub(crate) fn tell(&mut self, event: SyncEvent) {
        self.act(Action::Sync { event, now: NOW });
    }

    pub(crate) fn press(&mut self, keys: &[Key]) {
        for &key in keys {
            self.act(Action::Key { key, now: NOW });
        }
    }

    /// Lets the worker answer what was taken back, and does all that was put off.
    pub(crate) fn catch_up(&mut self) {
        for event in std::mem::take(&mut self.cancelled) {
            self.tell(event);
        }
        while std::mem::take(&mut self.continues) {
            self.act(Action::Continue);
        }
        if let Some(token) = self.rest.take() {
            self.act(Action::Rested(token));
        }
    }
}

/// Returns the keys of a script, as `g g`.
pub(crate) fn keys(script: &str) -> Vec<Key> {
    Key::parse_chord(script).expect("keys")
}

pub(crate) fn profile_id(n: usize) -> ProfileId {
    ProfileId::parse(&format!("{n:024x}")).expect("an id")
}

/// Returns the `n`-th profile, which posts once an hour.
pub(crate) fn profile(n: usize) -> Profile {
    let hours: Vec<String> = (0..24).map(|hour| format!("{hour:02}:00")).collect();
    let schedule = format!("daily {}", hours.join(" "));
    Profile {
        id: profile_id(n),
        service: Service::Mastodon,
        username: format!("acme{n}"),
        formatted_username: format!("@acme{n}"),
        timezone: chrono_tz::Europe::Berlin,
        schedule: schedule.parse().expect("a schedule"),
        paused: false,
        pending: 0,
        sent: 0,
        connection: None,
        character_limit: None,
    }
}

/// Returns a queue as people write it: no two texts alike, most of them as wide as a row.
pub(crate) fn queue(n: usize, len: usize) -> QueueSnapshot {
    let profile = profile(n);
    let mut ids = IdSource::new(n as u64);
    let slots = profile.schedule.slots_after(profile.timezone, NOW);
    let update = |(i, at)| Update {
        id: LocalId::from(ids.ulid(NOW)),
        remote: RemoteId::parse(&format!("{n:08x}{i:016x}")).ok(),
        body: body(n, &text(i), at),
    };
    QueueSnapshot {
        read_at: NOW,
        updates: (0..len).zip(slots).map(update).collect(),
        failed: Vec::new(),
    }
}

/// Returns the `i`-th text.
pub(crate) fn text(i: usize) -> String {
    let mut random = fastrand::Rng::with_seed(i as u64);
    let count = random.usize(10..18);
    let words = (0..count).map(|_| WORDS[random.usize(..WORDS.len())]);
    let words: Vec<&str> = words.collect();
    format!("{i}: {}", words.join(" "))
}

/// Returns what the API says of a pending update of the `n`-th profile.
pub(crate) fn body(n: usize, text: &str, at: Timestamp) -> Body {
    Body {
        profile: profile_id(n),
        content: Content {
            text: text.to_owned(),
            ..Content::default()
        },
        status: Status::Pending,
        created_at: NOW.plus(-86_400),
        due_at: Some(at),
        own_time: None,
        outcome: qurate::domain::rare::Rare::default(),
    }
}
