//! A session of edits over a very bad line, with a server that goes away, an editor that is killed,
//! a reply that is swallowed: in the end the server is what the screen shows, and what was meant.

use qurate::domain::id::{LocalId, ProfileId};
use qurate::domain::operation::{Change, Move, OperationState, Place as Spot, Placement};
use qurate::protocol::{SyncCommand, SyncEvent};
use qurate::server::Quirks;
use qurate::store::Place;
use tempfile::TempDir;

use crate::proxy::{Fault, bad_line};
use crate::sync_harness::Editor;
use crate::wire::{Wire, is_quiet, personalities, scaled};

const EDITED: &str = "Edited on a bad line";
const COMPOSED: &str = "Composed for two profiles";

/// What happens in the middle.
#[derive(Debug, Clone, Copy)]
enum Event {
    ServerGone,
    EditorKilled,
    ReplySwallowed,
}

struct Session {
    dir: TempDir,
    wire: Wire,
    editor: Editor,
    seed: u64,
}

/// What the session leaves.
struct Meant {
    edited: String,
    shared: String,
    deleted: String,
}

impl Session {
    fn start(quirks: Quirks, seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = Place::File(dir.path().join("server.db"));
        let wire = Wire::new(database, quirks, 3, 12);
        wire.proxy.decide(bad_line(seed));
        let mut editor = wire.editor(dir.path(), seed, |_| {});
        editor.wait_read(3);
        Self {
            dir,
            wire,
            editor,
            seed,
        }
    }

    fn profile(&self, number: usize) -> ProfileId {
        self.wire.profiles[number].clone()
    }

    /// Moves one row, carries one far, draws a new order of all.
    fn first_half(&mut self) {
        let home = self.profile(0);
        self.editor.carry(&home, 0, Some(1));
        self.editor.carry(&home, 0, Some(10));
        let rows = self.editor.rows(&home);
        let mut updates: Vec<LocalId> = (0..rows).map(|row| self.editor.row(&home, row)).collect();
        fastrand::Rng::with_seed(self.seed).shuffle(&mut updates);
        let top = Spot {
            after: None,
            before: None,
        };
        let moves = vec![Move {
            updates,
            place: top,
        }];
        self.editor.act(&home, Change::Reorder { moves });
    }

    /// Edits the first, composes for two profiles, shares one, deletes one, and takes a move back.
    fn second_half(&mut self) -> Meant {
        let home = self.profile(0);
        let editor = &mut self.editor;
        let texts = editor.texts(&home);
        editor.edit(&home, 0, EDITED);
        for profile in &self.wire.profiles[..2] {
            editor.create_at(profile, COMPOSED, Placement::Queue);
        }
        editor.share(&home, 2);
        // What is shared is not in the queue any more.
        let deleted = texts[3].clone();
        let row = editor.texts(&home).iter().position(|t| *t == deleted);
        editor.destroy(&home, row.unwrap());
        let moved = editor.row(&home, 0);
        let id = editor.carry(&home, 0, Some(1));
        editor.send(SyncCommand::Cancel(vec![id]));
        editor.wait("an answer to the undo", |e| {
            e.seen
                .iter()
                .any(|event| *event == SyncEvent::Cancelled(id) || *event == SyncEvent::TooLate(id))
        });
        if editor.state(id).is_some() {
            let row = (0..editor.rows(&home)).find(|row| editor.row(&home, *row) == moved);
            editor.carry(&home, row.unwrap(), None);
        }
        Meant {
            edited: texts[0].clone(),
            shared: texts[2].clone(),
            deleted,
        }
    }

    fn wait_saved(&mut self) {
        self.editor.wait("all saved", |e| {
            let unsaved = |state: &OperationState| matches!(state, OperationState::Unsaved { .. });
            !e.replica
                .operations()
                .iter()
                .any(|(_, state)| unsaved(state))
        });
    }

    fn run(mut self, event: Event) {
        let home = self.profile(0);
        let before = self.editor.texts(&home);
        self.first_half();
        let meant = match event {
            Event::ServerGone => {
                self.wire.stop();
                let meant = self.second_half();
                self.wire.start_again();
                meant
            }
            Event::EditorKilled => {
                let meant = self.second_half();
                self.wait_saved();
                self.editor.crash();
                self.seed += 1000;
                self.editor = self.wire.editor(self.dir.path(), self.seed, |_| {});
                meant
            }
            Event::ReplySwallowed => {
                self.wire.proxy.plan("updates/create", Fault::SwallowReply);
                self.second_half()
            }
        };
        self.editor.wait("quiet", is_quiet);
        self.wire.proxy.calm();
        self.wire.finish(&mut self.editor);
        self.wire.wait_equal(&mut self.editor);
        self.check(&meant, before);
        self.editor.quit();
    }

    /// Nothing is lost, doubled, or done that nobody asked for.
    fn check(&self, meant: &Meant, before: Vec<String>) {
        let (home, next) = (self.profile(0), self.profile(1));
        let mut want = before;
        want.retain(|text| *text != meant.shared && *text != meant.deleted);
        for text in &mut want {
            if *text == meant.edited {
                EDITED.clone_into(text);
            }
        }
        want.push(COMPOSED.to_owned());
        want.sort();
        let mut texts = self.wire.texts(&home, "pending");
        texts.sort();
        assert_eq!(texts, want);
        assert_eq!(self.wire.texts(&home, "sent"), [meant.shared.as_str()]);
        for (profile, times) in [(&home, 1), (&next, 1), (&self.profile(2), 0)] {
            let made = self.wire.truth.done("updates/create.json");
            let made = made.iter().filter(|request| {
                request.text.as_deref() == Some(COMPOSED) && request.ids == [profile.to_string()]
            });
            assert_eq!(made.count(), times, "{profile}");
        }
        let destroyed = self.wire.truth.done("destroy.json");
        assert_eq!(destroyed.len(), 1, "{destroyed:#?}");
    }
}

#[test]
fn a_session_on_a_very_bad_line_ends_with_server_and_screen_the_same() {
    let events = [
        Event::ServerGone,
        Event::EditorKilled,
        Event::ReplySwallowed,
    ];
    let personalities = personalities();
    let only = std::env::var("QURATE_TEST_RUN").ok();
    let only = only.and_then(|run| run.parse::<usize>().ok());
    for run in only.map_or(0..scaled(12), |run| run..run + 1) {
        let (name, quirks) = personalities[run % 4].clone();
        let event = events[run % 3];
        println!("run {run}: {event:?}, {name}");
        Session::start(quirks, run as u64).run(event);
    }
}
