//! One run of the editor: the loop itself and what it does for the state.

mod calling;
mod children;
mod copying;
mod counting;
mod patience;
mod stopping;

use std::io;
use std::process::ExitStatus;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::child::{Opener, Programs, Told};
use super::editor::Editing;
use super::frames::Frames;
use super::input::{self, Gate, Heard};
use super::line::Line;
use super::record::Recorder;
use super::signals::{Asked, Signals};
use super::timers::{Rang, Timers, now};
use super::tmux::{Handed, Tmux};
use super::watch::{Found, Reading, Watch};
use super::{Desk, Exit, WORKER_GONE};
use crate::app::action::Edited;
use crate::app::doctor::TmuxSays;
use crate::app::{Action, Effect, State, reduce};
use crate::domain::look::Look;
use crate::protocol::{Leaving, SyncCommand, SyncEvent};
use crate::tui::input::Input;
use crate::tui::links::Links;
use crate::tui::terminal;
use crate::tui::theme::{Colors, Theme};
use crate::tui::view;
use patience::{
    LAST_PATIENCE, PATIENCE_AT_END, PATIENCE_AT_START, PATIENCE_FOR_EDITOR, PATIENCE_OF_KEYS,
};

/// So much of the worker's news is taken before a key is looked for again.
const NEWS_AT_ONCE: usize = 64;

/// What is around the editor, besides its terminal.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) watch: Watch,
    pub(super) recorder: Option<Recorder>,
    pub(super) tmux: Option<Tmux>,
    pub(super) opener: Option<Opener>,
    pub(super) colors: Colors,
    pub(super) desk: Desk,
}

/// One run of the editor.
#[derive(Debug)]
pub(super) struct Session {
    state: State,
    commands: UnboundedSender<SyncCommand>,
    around: Around,
    /// Texts that tmux was handed, when it answers.
    handed: (UnboundedSender<Handed>, UnboundedReceiver<Handed>),
    /// What tmux says of itself, when it answers.
    said: (UnboundedSender<TmuxSays>, UnboundedReceiver<TmuxSays>),
    /// The custom commands that run.
    programs: Programs,
    /// What other programs did.
    told: (UnboundedSender<Told>, UnboundedReceiver<Told>),
    /// What `theme` was made for.
    look: Look,
    theme: Box<Theme>,
    links: Links,
    frames: Frames<Line>,
    line: Line,
    timers: Timers,
    /// What the terminal was given away for.
    editing: Option<Editing>,
    gate: Option<Gate>,
    /// Whether the state has work for when nothing else waits.
    continues: bool,
    exit: Option<Exit>,
}

impl Session {
    pub(super) fn new(
        state: State,
        commands: UnboundedSender<SyncCommand>,
        around: Around,
    ) -> io::Result<Self> {
        let line = Line::open()?;
        let links = Links::default();
        let size = terminal::size();
        let frames = Frames::new(line.clone(), size, links.clone(), Instant::now())?;
        let look = state.settings.look;
        Ok(Self {
            state,
            commands,
            theme: Box::new(Theme::of(look, around.colors)),
            around,
            handed: unbounded_channel(),
            said: unbounded_channel(),
            programs: Programs::default(),
            told: unbounded_channel(),
            look,
            links,
            frames,
            line,
            timers: Timers::default(),
            editing: None,
            gate: None,
            continues: false,
            exit: None,
        })
    }

    /// Returns what the editor knew last.
    pub(super) fn into_state(self) -> State {
        self.state
    }

    /// Runs until something ends the editor.
    pub(super) async fn serve(
        &mut self,
        mut events: UnboundedReceiver<SyncEvent>,
        mut configs: UnboundedReceiver<Found>,
    ) -> Exit {
        let (mut signals, mut heard) = match (Signals::take(), input::listen()) {
            (Ok(signals), Ok((heard, gate))) => {
                self.gate = Some(gate);
                (signals, heard)
            }
            (Err(error), _) | (_, Err(error)) => return Exit::Failed(error.to_string()),
        };
        self.measure();
        let begun = Instant::now();
        let _ = timeout_at(begun + PATIENCE_AT_START, async {
            if let Some(event) = events.recv().await {
                self.news(event, &mut events);
            }
        })
        .await;
        loop {
            if let Some(exit) = self.exit.take() {
                return exit;
            }
            if let Err(error) = self.draw() {
                return Exit::Failed(format!("the screen cannot be drawn: {error}"));
            }
            tokio::select! {
                biased;
                asked = signals.next() => self.signal(asked),
                heard = heard.recv(), if self.takes_keys(begun) => match heard {
                    Some(Heard::Inputs(inputs)) => self.inputs(inputs),
                    Some(Heard::HangUp) | None => self.end(Exit::HangUp),
                },
                event = events.recv() => match event {
                    Some(event) => self.news(event, &mut events),
                    None => self.exit = Some(Exit::Failed(WORKER_GONE.to_owned())),
                },
                Some(found) = configs.recv() => {
                    self.act(Action::Configured { found, now: now() });
                }
                Some(handed) = self.handed.1.recv() => self.was_handed(handed),
                why = Recorder::trouble(&mut self.around.recorder) => {
                    self.act(Action::NotRecorded { why, now: now() });
                }
                Some(says) = self.said.1.recv() => self.act(Action::TmuxSaid(says)),
                Some(told) = self.told.1.recv() => self.was_told(told),
                () = self.line.changed() => {}
                () = until(self.frames.due_at(Instant::now())) => {}
                () = until(self.frames.counted_at()) => self.counted(),
                () = sleep_until(begun + PATIENCE_OF_KEYS), if !self.takes_keys(begun) => {}
                status = ended(&mut self.editing) => self.edited(status),
                rang = self.timers.next() => self.rang(rang),
                // It lets all the others look whether there is something before it goes on.
                () = yield_now(), if self.continues => self.go_on(),
            }
            // More of what was typed may wait: it comes before the frame.
            while self.takes_keys(begun)
                && let Ok(more) = heard.try_recv()
            {
                match more {
                    Heard::Inputs(inputs) => self.inputs(inputs),
                    Heard::HangUp => self.end(Exit::HangUp),
                }
            }
        }
    }

    /// Gives the terminal back, however slow or dead the line is.
    pub(super) fn leave(&self) {
        if !self.line.finish(PATIENCE_AT_END) {
            terminal::drop_waiting_output();
            if !self.line.finish(LAST_PATIENCE) {
                terminal::never_wait();
            }
        }
        let restoring = thread::spawn(terminal::restore);
        let begun = std::time::Instant::now();
        while !restoring.is_finished() && begun.elapsed() < PATIENCE_AT_END {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Draws, if there is something new and the line is free and may carry it. Until then the news
    /// is kept: what is drawn then is newer still.
    fn draw(&mut self) -> io::Result<()> {
        if self.line.is_broken() {
            self.end(Exit::HangUp);
        }
        let now = Instant::now();
        self.frames.set_rate(self.state.settings.line.byte_rate);
        let may_draw = self.frames.is_due(now) && self.line.is_idle();
        if !may_draw || self.exit.is_some() || !terminal::is_entered() {
            return Ok(());
        }
        if self.look != self.state.settings.look {
            self.look = self.state.settings.look;
            *self.theme = Theme::of(self.look, self.around.colors);
        }
        if self.state.settings.links {
            terminal::writes_links();
        }
        let (state, theme, links) = (&self.state, self.theme.as_ref(), &self.links);
        self.frames
            .draw(now, |frame| view::view(state, theme, links, frame))
    }

    fn inputs(&mut self, inputs: Vec<Input>) {
        let now = now();
        for input in inputs {
            self.act(match input {
                Input::Key(key) => Action::Key { key, now },
                Input::Paste(text) => Action::Paste { text, now },
                Input::Sight(here) => Action::Sight { here, now },
                Input::Mouse { mouse, column, row } => Action::Mouse {
                    mouse,
                    column,
                    row,
                    now,
                },
            });
        }
    }

    fn news(&mut self, first: SyncEvent, events: &mut UnboundedReceiver<SyncEvent>) {
        let now = now();
        let mut next = Some(first);
        for _ in 0..NEWS_AT_ONCE {
            let Some(event) = next else { return };
            self.act(Action::Sync { event, now });
            next = events.try_recv().ok();
        }
        if let Some(event) = next {
            self.act(Action::Sync { event, now });
        }
    }

    fn rang(&mut self, rang: Rang) {
        match rang {
            Rang::Tick => self.act(Action::Tick(now())),
            Rang::Minute => {
                self.around.watch.look(Reading::IfChanged);
                self.act(Action::Tick(now()));
            }
            Rang::Lingered(token) => self.act(Action::Lingered(token)),
            Rang::Rested(token) => self.act(Action::Rested(token)),
            Rang::Settled => self.measure(),
        }
    }

    fn signal(&mut self, asked: Asked) {
        use rustix::process::{Signal, getpid, kill_process};
        let is_away = self.editing.is_some();
        match asked {
            asked if is_away && asked.is_typed() => {}
            Asked::End(number) => self.end(Exit::Signal(number)),
            Asked::Suspend if is_away => {
                let _ = kill_process(getpid(), Signal::STOP);
            }
            Asked::Suspend => self.suspend(),
            Asked::Continue if is_away => {}
            Asked::Continue => self.proceed(),
            Asked::Resize => self.timers.settle(),
            Asked::Config => self.around.watch.look(Reading::InAnyCase),
        }
    }

    /// Gives the terminal to the person's own editor.
    fn edit(&mut self, text: String) {
        if let Some(gate) = &mut self.gate {
            gate.close();
        }
        self.line.finish(PATIENCE_FOR_EDITOR);
        terminal::restore();
        match Editing::begin(&self.around.desk, text) {
            Ok(editing) => self.editing = Some(editing),
            Err(why) => self.take_back(Edited::Failed(why)),
        }
    }

    /// The person's own editor ended.
    fn edited(&mut self, status: io::Result<ExitStatus>) {
        if let Some(editing) = self.editing.take() {
            self.take_back(editing.end(status));
        }
    }

    fn take_back(&mut self, outcome: Edited) {
        self.proceed();
        if let Some(gate) = &mut self.gate {
            gate.open();
        }
        self.act(Action::Edited {
            outcome,
            now: now(),
        });
    }

    /// Ends from outside: what is being written is kept, the worker is told.
    fn end(&mut self, exit: Exit) {
        if self.exit.is_some() {
            return;
        }
        if let Some(editing) = self.editing.take() {
            let outcome = editing.interrupt();
            self.act(Action::Edited {
                outcome,
                now: now(),
            });
        }
        // A question may be open about it, or a preview that hides the fields.
        for _ in 0..3 {
            if let Some(leave) = self.state.mode.leaves_writing() {
                self.act(leave.action(None, now()));
            }
        }
        let _ = self.commands.send(SyncCommand::Quit(Leaving::AtOnce));
        self.exit = Some(exit);
    }

    fn act(&mut self, action: Action) {
        if self.exit.is_some() {
            return;
        }
        if let Some(recorder) = &self.around.recorder {
            recorder.write(&self.state, &action);
        }
        for effect in reduce(&mut self.state, action) {
            self.perform(effect);
        }
        self.frames.change();
    }

    /// Goes on with what was put off. There is nothing new to draw until it is over.
    fn go_on(&mut self) {
        self.continues = false;
        let changed = self.frames.has_changed();
        self.act(Action::Continue);
        if !changed && self.continues {
            self.frames.unchange();
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Continue => self.continues = true,
            Effect::Sync(command) => {
                if self.commands.send(command).is_err() {
                    self.exit = Some(Exit::Failed(WORKER_GONE.to_owned()));
                }
            }
            Effect::RestTimer { token } => self.timers.rest(token),
            Effect::ChordTimer { token } => self.timers.linger(token),
            Effect::ReadConfig => self.around.watch.look(Reading::InAnyCase),
            Effect::WakeAt(at) => self.timers.wake_at(at),
            Effect::Redraw => self.redraw(),
            Effect::Suspend => self.suspend(),
            Effect::EditText(text) => self.edit(text),
            Effect::Copy { what, text } => self.copy(what, text),
            Effect::Open(url) => self.open(url),
            Effect::Run(errand) => self.run(errand),
            Effect::Mouse(on) => self.tell(terminal::mouse(on)),
            Effect::CountBytes(on) => self.frames.count(on),
            Effect::AskTmux => {
                if let Some(tmux) = &self.around.tmux {
                    tmux.ask(self.said.0.clone());
                }
            }
            Effect::WatchSight(on) => self.tell(terminal::sight(on)),
            Effect::Call { how, text } => self.call(how, &text),
            Effect::Quit => self.exit = Some(Exit::Quit),
        }
    }

    /// Tells the terminal something between two frames.
    fn tell(&mut self, bytes: &str) {
        use std::io::Write as _;
        // A line that is gone is noticed by the next frame.
        let _ = self.line.write_all(bytes.as_bytes());
        self.frames.spend(bytes.len() as u64, Instant::now());
    }

    /// Takes over the size the terminal has now.
    fn measure(&mut self) {
        let size = terminal::size();
        self.frames.resize(size);
        self.act(Action::Resize {
            width: size.width,
            height: size.height,
        });
    }

    fn redraw(&mut self) {
        self.frames.redraw();
    }
}

/// Waits until then; for ever if there is nothing to wait for.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Waits for the person's own editor, for ever if there is none.
async fn ended(editing: &mut Option<Editing>) -> io::Result<ExitStatus> {
    match editing {
        Some(editing) => editing.wait().await,
        None => std::future::pending().await,
    }
}
