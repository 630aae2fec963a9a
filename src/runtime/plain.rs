//! The loop of the editor without a screen: it takes a line, lets the state change, waits for what
//! the line itself has to wait for, and says what came of it.
//!
//! The next line is only read when the one before was answered, so a program that the line started
//! has the terminal, and what the worker tells comes between answers and never inside of one.

mod lines;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitStatus;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::child::{Programs, Told};
use super::editor::Editing;
use super::line::Line;
use super::signals::{Asked, Signals};
use super::timers::{Rang, Timers, now};
use super::watch::{Found, Reading, Watch};
use super::{Desk, Exit, WORKER_GONE, Wiring};
use crate::app::action::{Edited, Opened};
use crate::app::plain::{Host, Plain};
use crate::app::{Action, Effect, State, reduce};
use crate::domain::operation::OperationState;
use crate::domain::shown::Shown;
use crate::domain::time::Timestamp;
use crate::protocol::{Leaving, SyncCommand, SyncEvent};
use lines::{Heard, Lines};

/// So long the first line waits for what the account has; then it is done on what is known.
const PATIENCE_AT_START: Duration = Duration::from_secs(10);
/// So long a line that changed something waits for the disk; it takes some milliseconds as a rule.
const PATIENCE_FOR_DISK: Duration = Duration::from_secs(1);

/// Runs the editor line by line until it ends. As with the screen, [`SyncCommand::Quit`] was sent.
pub async fn run(state: State, wiring: Wiring, desk: Desk) -> (Exit, Option<State>) {
    match start(state, wiring, desk).await {
        Ok((exit, state)) => (exit, Some(state)),
        Err(error) => {
            let reason = format!("standard input and output cannot be used: {error}");
            (Exit::Failed(reason), None)
        }
    }
}

async fn start(state: State, wiring: Wiring, desk: Desk) -> io::Result<(Exit, State)> {
    let (watch, configs) = Watch::open(wiring.config)?;
    let (told, tells) = unbounded_channel();
    let signals = Signals::take()?;
    let mut session = Session {
        front: Plain::default(),
        performing: Performing {
            state,
            commands: wiring.commands,
            watch,
            timers: Timers::default(),
            programs: Programs::default(),
            told,
            text: None,
            copies: Vec::new(),
            continues: false,
            asks: 0,
            exit: None,
        },
        around: Around {
            events: wiring.events,
            configs,
            tells,
            signals,
            editing: None,
        },
        desk,
        out: Line::open()?,
        stops_at_failure: !io::stdin().is_terminal(),
        number: 0,
    };
    let exit = session.serve().await?;
    session.finish().await;
    Ok((exit, session.performing.state))
}

/// One run.
#[derive(Debug)]
struct Session {
    front: Plain,
    performing: Performing,
    around: Around,
    desk: Desk,
    out: Line,
    /// Nobody sees what a line of a script did before the next one is done.
    stops_at_failure: bool,
    /// How many lines were read.
    number: usize,
}

/// What happens besides lines.
#[derive(Debug)]
struct Around {
    events: UnboundedReceiver<SyncEvent>,
    configs: UnboundedReceiver<Found>,
    tells: UnboundedReceiver<Told>,
    signals: Signals,
    /// The person's own editor, while it has the terminal.
    editing: Option<Editing>,
}

/// The state, and what performs what it asks for.
#[derive(Debug)]
struct Performing {
    state: State,
    commands: UnboundedSender<SyncCommand>,
    watch: Watch,
    timers: Timers,
    programs: Programs,
    /// Where it is told what came of them.
    told: UnboundedSender<Told>,
    /// A text for the person's own editor.
    text: Option<String>,
    /// Texts for a clipboard.
    copies: Vec<String>,
    continues: bool,
    /// Requests that the worker has not answered.
    asks: usize,
    exit: Option<Exit>,
}

impl Host for Performing {
    fn state(&self) -> &State {
        &self.state
    }

    fn act(&mut self, action: Action) {
        if self.exit.is_some() {
            return;
        }
        let mut rests = None;
        for effect in reduce(&mut self.state, action) {
            match effect {
                Effect::RestTimer { token } => rests = Some(token),
                effect => self.perform(effect),
            }
        }
        // A line is a rest: there is no next key to wait for.
        if let Some(token) = rests {
            self.act(Action::Rested(token));
        }
        while std::mem::take(&mut self.continues) {
            self.act(Action::Continue);
        }
    }

    fn now(&self) -> Timestamp {
        now()
    }
}

impl Performing {
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Sync(command) => {
                self.asks += usize::from(matches!(command, SyncCommand::Ask(_)));
                if self.commands.send(command).is_err() {
                    self.exit = Some(Exit::Failed(WORKER_GONE.to_owned()));
                }
            }
            Effect::Continue => self.continues = true,
            Effect::WakeAt(at) => self.timers.wake_at(at),
            Effect::ReadConfig => self.watch.look(Reading::InAnyCase),
            Effect::EditText(text) => self.text = Some(text),
            Effect::Copy { text, .. } => self.copies.push(text),
            // As where no browser can be opened: the address is told.
            Effect::Open(url) => self.act(Action::Opened {
                url,
                outcome: Opened::Nowhere,
                now: now(),
            }),
            Effect::Run(errand) => self.programs.run(errand, self.told.clone()),
            Effect::Quit => self.exit = Some(Exit::Quit),
            // A rest is answered at once, see `act`; the others are of a screen, and there is none.
            Effect::RestTimer { .. }
            | Effect::ChordTimer { .. }
            | Effect::Redraw
            | Effect::Suspend
            | Effect::AskTmux
            | Effect::CountBytes(_)
            | Effect::WatchSight(_)
            | Effect::Call { .. }
            | Effect::Mouse(_) => {}
        }
    }

    /// Says whether the disk has not answered yet for a change.
    fn is_storing(&self) -> bool {
        let replica = &self.state.replica;
        let asked = |how: &OperationState| matches!(how, OperationState::Unsaved { reason: None });
        replica.counts_in_all().unsaved > 0
            && replica.operations().iter().any(|(_, how)| asked(how))
    }

    /// Ends from outside: what is being written is kept, the worker is told.
    fn end(&mut self, exit: Exit) {
        if self.exit.is_some() {
            return;
        }
        // A question may be open about it, or a preview that hides the fields.
        for _ in 0..3 {
            if let Some(leave) = self.state.mode.leaves_writing() {
                self.act(leave.action(None, now()));
            }
        }
        // The end of what was written is a `quit` like any other.
        let leaving = match exit {
            Exit::Quit => Leaving::MaySend,
            _ => Leaving::AtOnce,
        };
        let _ = self.commands.send(SyncCommand::Quit(leaving));
        self.exit = Some(exit);
    }
}

impl Session {
    async fn serve(&mut self) -> io::Result<Exit> {
        self.performing.act(Action::Tick(now()));
        let until = Instant::now() + PATIENCE_AT_START;
        while !Plain::can_begin(&self.performing.state) && Instant::now() < until {
            if let Some(exit) = self.performing.exit.take() {
                return Ok(exit);
            }
            tokio::select! {
                () = sleep_until(until) => {}
                () = self.around.next(&mut self.performing) => {}
            }
        }
        let greeting = self.front.greet(&self.performing.state);
        self.say(&greeting);
        let mut lines = Lines::open()?;
        lines.ask();
        loop {
            if let Some(exit) = self.performing.exit.take() {
                return Ok(exit);
            }
            if self.out.is_broken() {
                self.performing.end(Exit::HangUp);
                continue;
            }
            tokio::select! {
                biased;
                // As with keys: what is done to a part of a queue would be done to that alone.
                heard = lines.heard(), if !self.performing.state.is_awaiting() => {
                    self.line(heard).await;
                    lines.ask();
                }
                () = self.around.next(&mut self.performing) => {
                    let news = self.front.news(&self.performing.state);
                    self.say(&news);
                }
                () = self.out.changed() => {}
            }
        }
    }

    /// Performs a line, and waits for what belongs to it.
    async fn line(&mut self, heard: Heard) {
        self.number += 1;
        let line = match heard {
            Heard::Line(line) => line,
            Heard::Bad(why) => return self.failed(&Shown::new(&why)),
            Heard::End => {
                self.front.end(&mut self.performing);
                return self.performing.end(Exit::Quit);
            }
        };
        self.front.hear(&mut self.performing, &line);
        if let Some(text) = self.performing.text.take() {
            self.edit(text).await;
        }
        self.store().await;
        self.programs().await;
        while self.performing.exit.is_none() {
            let (state, asks) = (&self.performing.state, self.performing.asks);
            if !self.front.must_wait(state, asks, now()) {
                break;
            }
            self.around.next(&mut self.performing).await;
        }
        for text in self.performing.copies.drain(..) {
            self.front.copied(&text);
        }
        let answer = self.front.answer(&self.performing.state);
        self.say(&answer.lines);
        if let Some(why) = answer.failed {
            self.stop(&why);
        }
    }

    /// Waits for the programs that run: the next line may be about what they said.
    async fn programs(&mut self) {
        while self.performing.exit.is_none() && self.performing.state.customs.is_running() {
            self.around.next(&mut self.performing).await;
        }
        self.front.program_ended(&mut self.performing);
    }

    /// Waits a little until what the line changed is on disk: else it would be told as not saved.
    async fn store(&mut self) {
        let until = Instant::now() + PATIENCE_FOR_DISK;
        while self.performing.exit.is_none()
            && self.performing.is_storing()
            && Instant::now() < until
        {
            tokio::select! {
                () = sleep_until(until) => {}
                () = self.around.next(&mut self.performing) => {}
            }
        }
    }

    /// A line that could not even be read.
    fn failed(&mut self, why: &Shown) {
        self.say(std::slice::from_ref(why));
        self.stop(why);
    }

    /// The lines after one that failed may be about something else than the person thinks.
    fn stop(&mut self, why: &Shown) {
        if self.stops_at_failure {
            let number = self.number;
            let reason = format!("line {number}: {why} The lines after it were not done.");
            self.performing.end(Exit::Failed(reason));
        }
    }

    /// Gives a text to the person's own editor, and waits for it.
    async fn edit(&mut self, text: String) {
        let outcome = match Editing::begin(&self.desk, text) {
            Ok(editing) => {
                self.around.editing = Some(editing);
                loop {
                    let ended = self.around.next_or_edited(&mut self.performing).await;
                    let over = self.performing.exit.is_some();
                    match (ended, self.around.editing.take()) {
                        (Some(status), Some(editing)) => break editing.end(status),
                        (None, Some(editing)) if over => break editing.interrupt(),
                        (_, editing) => self.around.editing = editing,
                    }
                }
            }
            Err(why) => Edited::Failed(why),
        };
        let exit = self.performing.exit.take();
        let now = now();
        self.performing.act(Action::Edited { outcome, now });
        if let Some(exit) = exit {
            self.performing.end(exit);
        }
    }

    /// Says lines, in one piece.
    fn say(&mut self, lines: &[Shown]) {
        if lines.is_empty() {
            return;
        }
        let mut text = String::new();
        for line in lines {
            text.push_str(line.as_str());
            text.push('\n');
        }
        // A reader that is gone is noticed by the loop.
        let _ = self.out.write_all(text.as_bytes());
    }

    /// Waits until all that was said is read, or a signal ends it.
    async fn finish(&mut self) {
        while !self.out.is_idle() && !self.out.is_broken() {
            tokio::select! {
                () = self.out.changed() => {}
                asked = self.around.signals.next() => {
                    if matches!(asked, Asked::End(_)) {
                        return;
                    }
                }
            }
        }
    }
}

impl Around {
    /// Waits for the next thing that is no line, and lets the state know.
    async fn next(&mut self, performing: &mut Performing) {
        let _ended = self.next_or_edited(performing).await;
    }

    /// The same; returns how the person's own editor ended, if that is what happened.
    async fn next_or_edited(
        &mut self,
        performing: &mut Performing,
    ) -> Option<io::Result<ExitStatus>> {
        let is_away = self.editing.is_some();
        let editing = &mut self.editing;
        let ended = async {
            match editing {
                Some(editing) => editing.wait().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            asked = self.signals.next() => signal(performing, asked, is_away),
            event = self.events.recv() => match event {
                Some(event) => {
                    if matches!(event, SyncEvent::Answered(_)) {
                        performing.asks = performing.asks.saturating_sub(1);
                    }
                    performing.act(Action::Sync { event, now: now() });
                }
                None => performing.exit = Some(Exit::Failed(WORKER_GONE.to_owned())),
            },
            Some(found) = self.configs.recv() => performing.act(Action::Configured { found, now: now() }),
            Some(told) = self.tells.recv() => performing.act(told.action(now())),
            status = ended => return Some(status),
            rang = performing.timers.next() => match rang {
                Rang::Minute => {
                    performing.watch.look(Reading::IfChanged);
                    performing.act(Action::Tick(now()));
                }
                Rang::Tick | Rang::Lingered(_) | Rang::Rested(_) | Rang::Settled => {
                    performing.act(Action::Tick(now()));
                }
            },
        }
        None
    }
}

fn signal(performing: &mut Performing, asked: Asked, is_away: bool) {
    use rustix::process::{Signal, getpid, kill_process};
    match asked {
        asked if is_away && asked.is_typed() => {}
        Asked::End(number) if is_away => performing.exit = Some(Exit::Signal(number)),
        Asked::End(number) => performing.end(Exit::Signal(number)),
        Asked::Suspend => {
            let _ = kill_process(getpid(), Signal::STOP);
        }
        Asked::Continue => performing.act(Action::Tick(now())),
        Asked::Resize => {}
        Asked::Config => performing.watch.look(Reading::InAnyCase),
    }
}
