//! An editor without a world around it, driven by keys, and a demo to put into it.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a fixture with small numbers: what is wrong in it shall end the test"
)]

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use qurate::app::action::CopyWay;
use qurate::app::key::{Code, Key};
use qurate::app::keymap::Keymap;
use qurate::app::state::{Account, AccountKind, Settings};
use qurate::app::{Action, Effect, State, reduce};
use qurate::domain::id::{LocalId, ProfileId, RemoteId};
use qurate::domain::operation::OperationState;
use qurate::domain::profile::{Profile, Service};
use qurate::domain::replica::QueueSnapshot;
use qurate::domain::schedule::{Entry, Schedule};
use qurate::domain::time::Timestamp;
use qurate::domain::update::{Body, Content, Media, OwnTime, Sent, Status, Update};
use qurate::protocol::{Capabilities, Link, SentPage, SyncCommand, SyncEvent};
use qurate::tui::links::Links;
use qurate::tui::theme::Theme;
use qurate::tui::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth as _};
use ulid::Ulid;

/// Mon 23 Nov 2026, 07:30 in Berlin.
pub(super) const NOW: Timestamp = Timestamp(1_795_415_400);

pub(super) const TEXTS: [&str; 6] = [
    "Release 2.4 is out: faster search, and the import no longer forgets the tags.",
    "How we cut the cold start by half, in three small steps",
    "日本語の投稿もきちんと揃います。全角文字は二桁です。",
    "Tea or coffee? ☕ Vote below!",
    "We are hiring a maintainer for the documentation. Remote, part time.\n\nAll details behind the link.",
    "Thread: what we learned from ten years of release notes.",
];

pub(super) fn id(n: u128) -> LocalId {
    LocalId::from(Ulid::from(n))
}

pub(super) fn profile_id(n: usize) -> ProfileId {
    ProfileId::parse(&format!("{n:024x}")).unwrap()
}

pub(super) fn profile(n: usize, service: Service, name: &str) -> Profile {
    let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
    Profile {
        id: profile_id(n),
        service,
        username: name.trim_start_matches('@').to_owned(),
        formatted_username: name.to_owned(),
        timezone: Tz::Europe__Berlin,
        schedule: Schedule(vec![Entry {
            days: vec![
                Weekday::Mon,
                Weekday::Tue,
                Weekday::Wed,
                Weekday::Thu,
                Weekday::Fri,
            ],
            times: vec![time(9), time(12), time(17)],
        }]),
        paused: false,
        pending: 24,
        sent: 3,
        connection: Some("demo".to_owned()),
        character_limit: None,
    }
}

pub(super) fn update(number: u128, profile: usize, text: &str) -> Update {
    Update {
        id: id(number),
        remote: Some(RemoteId::parse(&format!("{number:024x}")).unwrap()),
        body: Body {
            profile: profile_id(profile),
            content: Content {
                text: text.to_owned(),
                media: Media::default().into(),
            },
            status: Status::Pending,
            created_at: NOW.plus(-86_400),
            due_at: None,
            own_time: None,
            outcome: qurate::domain::rare::Rare::default(),
        },
    }
}

/// A queue over the slots of the profile, with a bit of everything in it.
pub(super) fn queue(
    profile: &Profile,
    number: usize,
    count: usize,
    text: impl Fn(usize) -> String,
) -> QueueSnapshot {
    let slots = profile.schedule.slots_after(profile.timezone, NOW);
    let mut updates: Vec<Update> = slots
        .take(count)
        .enumerate()
        .map(|(i, at)| {
            let mut update = update((number * 1_000_000 + i) as u128, number, &text(i));
            update.body.due_at = Some(at);
            match i % 6 {
                1 => update
                    .body
                    .content
                    .media
                    .link
                    .push_str("https://example.org/cold-start"),
                4 => update
                    .body
                    .content
                    .media
                    .picture
                    .push_str("https://example.org/p.png"),
                5 if i < 6 => update.body.own_time = Some(OwnTime { at, pinned: true }),
                _ => {}
            }
            update
        })
        .collect();
    if count > 3 {
        updates[3].body.content.text = "A long one. ".repeat(22);
    }
    QueueSnapshot {
        read_at: NOW,
        updates,
        failed: Vec::new(),
    }
}

pub(super) fn sent(number: usize, count: u128) -> SentPage {
    let updates = (0..count)
        .map(|i| {
            let text = format!("Sent earlier: {}", TEXTS[i as usize % TEXTS.len()]);
            let mut update = update(9_000_000 + number as u128 * 1000 + i, number, &text);
            let at = NOW.plus(-40_000 * (i as i64 + 1));
            update.body.status = Status::Sent;
            update.body.due_at = Some(at);
            update.body.outcome.sent = Some(Sent {
                at,
                service_update_id: "1".to_owned(),
            });
            for (name, value) in [("likes", 12), ("retweets", 3), ("clicks", 14_250)] {
                let value = value * (i as i64 + 1);
                update
                    .body
                    .outcome
                    .statistics
                    .insert(name.to_owned(), value);
            }
            update
        })
        .collect();
    SentPage {
        profile: profile_id(number),
        page: 1,
        total: count as u64,
        updates,
    }
}

/// What the store of the demo held.
pub(super) fn restored(count: usize, text: impl Fn(usize) -> String) -> SyncEvent {
    let profiles = vec![
        profile(1, Service::Twitter, "@acme"),
        profile(2, Service::Mastodon, "@acme@fosstodon.org"),
        profile(3, Service::Bluesky, "acme.bsky.social"),
    ];
    let queues = (1..=3)
        .map(|n| (profile_id(n), queue(&profiles[n - 1], n, count, &text)))
        .collect();
    SyncEvent::Restored {
        profiles,
        queues,
        rest: Vec::new(),
        sent: (1..=3).map(|n| sent(n, 5)).collect(),
        operations: Vec::new(),
        drafts: Vec::new(),
        history: Vec::new(),
        tags: Vec::new(),
    }
}

/// The editor without a world around it.
pub(super) struct Editor {
    pub(super) state: State,
    pub(super) now: Timestamp,
    pub(super) rest: Option<u64>,
    chord: Option<u64>,
    pub(super) commands: Vec<SyncCommand>,
    /// Whether it put something off.
    continues: bool,
}

impl Editor {
    pub(super) fn new(kind: AccountKind) -> Self {
        let account = Account {
            name: "demo".to_owned(),
            kind,
        };
        let settings = Settings::default();
        let mut editor = Self {
            state: State::new(account, settings, Keymap::default(), 7),
            now: NOW,
            rest: None,
            chord: None,
            commands: Vec::new(),
            continues: false,
        };
        editor.act(Action::Tick(NOW));
        editor
    }

    /// Three profiles, a queue of `count` updates for each, and what was sent.
    pub(super) fn demo(count: usize) -> Self {
        Self::with_texts(count, |i| TEXTS[i % TEXTS.len()].to_owned())
    }

    pub(super) fn with_texts(count: usize, text: impl Fn(usize) -> String) -> Self {
        let mut editor = Self::new(AccountKind::Demo);
        editor.tell(restored(count, text));
        editor.tell(SyncEvent::Link(Link::Online { since: NOW }));
        editor.tell(SyncEvent::Capabilities(Capabilities {
            manage_profiles: true,
            pause: true,
            failed: true,
            local: true,
            connections: vec!["demo".to_owned()],
            requests_per_minute: None,
        }));
        editor.size(80, 24);
        editor.rest();
        editor
    }

    pub(super) fn act(&mut self, action: Action) {
        for effect in reduce(&mut self.state, action) {
            match effect {
                Effect::RestTimer { token } => self.rest = Some(token),
                Effect::Continue => self.continues = true,
                Effect::ChordTimer { token } => self.chord = Some(token),
                // As a terminal that is told.
                Effect::Copy { what, .. } => {
                    let (way, now) = (CopyWay::Terminal, self.now);
                    self.act(Action::Copied { what, way, now });
                }
                Effect::Sync(command) => self.commands.push(command),
                _ => {}
            }
        }
    }

    pub(super) fn tell(&mut self, event: SyncEvent) {
        let now = self.now;
        self.act(Action::Sync { event, now });
    }

    pub(super) fn press(&mut self, keys: &str) -> &mut Self {
        for key in Key::parse_chord(keys).unwrap() {
            let now = self.now;
            self.act(Action::Key { key, now });
        }
        self
    }

    pub(super) fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let code = if c == '\n' {
                Code::Enter
            } else {
                Code::Char(c)
            };
            let (key, now) = (Key::plain(code), self.now);
            self.act(Action::Key { key, now });
        }
        self
    }

    /// Lets it do all that it put off, as when nobody types.
    pub(super) fn look(&mut self) -> &mut Self {
        while std::mem::take(&mut self.continues) {
            self.act(Action::Continue);
        }
        self
    }

    pub(super) fn rest(&mut self) -> &mut Self {
        if let Some(token) = self.rest.take() {
            self.act(Action::Rested(token));
        }
        self
    }

    /// The begin of a chord stands for a while.
    pub(super) fn linger(&mut self) -> &mut Self {
        if let Some(token) = self.chord.take() {
            self.act(Action::Lingered(token));
        }
        self
    }

    pub(super) fn size(&mut self, width: u16, height: u16) -> &mut Self {
        self.act(Action::Resize { width, height });
        self
    }

    /// The worker stores everything that was asked of it.
    pub(super) fn store_all(&mut self) -> &mut Self {
        let states: Vec<_> = self
            .commands
            .drain(..)
            .filter_map(|command| match command {
                SyncCommand::Enqueue(operations) => Some(operations),
                _ => None,
            })
            .flatten()
            .map(|operation| (operation.id, OperationState::Queued))
            .collect();
        self.tell(SyncEvent::States(states));
        self
    }

    pub(super) fn buffer(&self, theme: &Theme) -> Buffer {
        let (width, height) = self.state.viewport;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| view(&self.state, theme, &Links::default(), frame))
            .unwrap();
        terminal.backend().buffer().clone()
    }

    pub(super) fn screen(&self) -> String {
        text(&self.buffer(&Theme::ansi()))
    }

    pub(super) fn at(&mut self, width: u16, height: u16) -> String {
        self.size(width, height);
        self.screen()
    }
}

/// The buffer as lines; a wide character stands for both its cells.
pub(super) fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += symbol.cell_width().max(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
