//! Stopping with the job, and going on.

use super::{PATIENCE_AT_END, Session};
use crate::app::Action;
use crate::runtime::Exit;
use crate::runtime::timers::now;
use crate::runtime::watch::Reading;
use crate::tui::terminal;

impl Session {
    /// Gives the terminal back and stops the whole job, as a shell expects it. A session leader
    /// has no shell that could let it go on.
    pub(super) fn suspend(&mut self) {
        use rustix::process::{Signal, getpid, getsid, kill_current_process_group};
        if getsid(None).is_ok_and(|leader| leader == getpid()) {
            return;
        }
        self.line.finish(PATIENCE_AT_END);
        terminal::restore();
        if kill_current_process_group(Signal::STOP).is_err() {
            self.proceed();
        }
        // Going on is told by a signal, see `proceed`.
    }

    /// Goes on after a stop of any kind: whoever had the terminal may have changed all of it.
    pub(super) fn proceed(&mut self) {
        if let Err(error) = terminal::enter_again() {
            self.end(Exit::Failed(format!(
                "the terminal cannot be used: {error}"
            )));
            return;
        }
        let size = terminal::size();
        self.frames.entered_again(size);
        self.redraw();
        self.act(Action::Resize {
            width: size.width,
            height: size.height,
        });
        self.around.watch.look(Reading::IfChanged);
        self.act(Action::Resumed(now()));
    }
}
