//! The terminal's modes: set once, undone by one path whatever ends the program.
//!
//! A normal end, an error, a panic, a signal and a suspend all call [`restore`]; it undoes every
//! mode [`enter`] set and does nothing when there is nothing to undo. It writes to the terminal
//! directly and not through the standard library's buffer, so it works from a panic hook.

use std::io;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use ratatui::layout::Size;

use rustix::termios;

use super::pen::END_LINK;

/// Alternate screen, bracketed paste, hidden cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?2004h\x1b[?25l";
/// Ends a frame that was cut off, then undoes every mode of [`ENTER`] and whatever a frame sets.
const RESTORE: &str = "\x1b[?2026l\x1b[r\x1b[m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// Buttons, dragging and the wheel, with columns beyond 223. Never every motion (1003): that floods
/// a slow line.
const MOUSE: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const NO_MOUSE: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Tells when the terminal gets the keys, and when it loses them.
const SIGHT: &str = "\x1b[?1004h";
const NO_SIGHT: &str = "\x1b[?1004l";

/// Whether [`enter`] asks whether the terminal is in sight.
static WANTS_SIGHT: AtomicBool = AtomicBool::new(false);
/// Whether links were written: one may be open where a frame was cut off.
static WROTE_LINKS: AtomicBool = AtomicBool::new(false);
/// Whether [`enter`] asks for the mouse.
static WANTS_MOUSE: AtomicBool = AtomicBool::new(false);
static ENTERED: AtomicBool = AtomicBool::new(false);
static LOST: Mutex<Option<String>> = Mutex::new(None);

/// Puts the terminal into raw mode and shows the alternate screen.
pub fn enter() -> io::Result<()> {
    crossterm::terminal::enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    write_all(ENTER.as_bytes())?;
    if WANTS_MOUSE.load(Ordering::SeqCst) {
        write_all(MOUSE.as_bytes())?;
    }
    if WANTS_SIGHT.load(Ordering::SeqCst) {
        write_all(SIGHT.as_bytes())?;
    }
    Ok(())
}

/// Has the terminal tell of the mouse, or not, whenever it is entered from now on; returns what
/// tells one that is entered already.
pub fn mouse(on: bool) -> &'static str {
    WANTS_MOUSE.store(on, Ordering::SeqCst);
    if on { MOUSE } else { NO_MOUSE }
}

/// Has the terminal tell whether it is in sight, or not, whenever it is entered from now on;
/// returns what tells one that is entered already.
pub fn sight(on: bool) -> &'static str {
    WANTS_SIGHT.store(on, Ordering::SeqCst);
    if on { SIGHT } else { NO_SIGHT }
}

/// Has [`restore`] end a link, too.
pub fn writes_links() {
    WROTE_LINKS.store(true, Ordering::SeqCst);
}

/// Enters again after a stop, whatever the modes are now.
pub fn enter_again() -> io::Result<()> {
    // Raw mode that was on is taken off first: else it would be believed to be still on.
    let _ = crossterm::terminal::disable_raw_mode();
    enter()
}

/// Puts everything back as it was. Safe to call at any time, from any thread, and twice.
pub fn restore() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        // Nothing can be done about an error; the one that cannot hang on a slow line comes first.
        let _ = crossterm::terminal::disable_raw_mode();
        let _ = write_all(RESTORE.as_bytes());
        if WROTE_LINKS.load(Ordering::SeqCst) {
            let _ = write_all(END_LINK.as_bytes());
        }
    }
}

/// Says whether the terminal is in the editor's modes.
pub fn is_entered() -> bool {
    ENTERED.load(Ordering::SeqCst)
}

/// Throws away what waits to be sent to the terminal, so that a slow line cannot hold up the end.
pub fn drop_waiting_output() {
    let _ = termios::tcflush(rustix::stdio::stdout(), termios::QueueSelector::OFlush);
}

/// From now on a write to the terminal fails rather than waits. For the end of a process whose
/// terminal takes nothing any more: else its last words would hold it up for ever.
pub fn never_wait() {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    for place in [rustix::stdio::stdout(), rustix::stdio::stderr()] {
        if let Ok(flags) = fcntl_getfl(place) {
            let _ = fcntl_setfl(place, flags | OFlags::NONBLOCK);
        }
    }
}

/// Asks the terminal how large it is; 80×24 if it does not know.
pub fn size() -> Size {
    match termios::tcgetwinsize(rustix::stdio::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size::new(size.ws_col, size.ws_row),
        _ => Size::new(80, 24),
    }
}

/// Writes all of `bytes` to the terminal, in one call if it takes them at once.
pub fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(rustix::stdio::stdout(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => wait_for_room()?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Another program may have left the terminal in non-blocking mode.
fn wait_for_room() -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdout = rustix::stdio::stdout();
    let mut wanted = [PollFd::new(&stdout, PollFlags::OUT)];
    match poll(&mut wanted, None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The editor's modes, for as long as this lives.
#[derive(Debug)]
pub struct TerminalGuard(());

impl TerminalGuard {
    /// Enters the editor's modes, and from now on a panic leaves them before it says anything.
    pub fn new() -> io::Result<Self> {
        install_panic_hook(thread::current().id());
        let guard = Self(());
        enter()?;
        Ok(guard)
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        restore();
    }
}

/// A panic of the thread that draws ends the program: the terminal goes back before the message.
/// The message of another thread would tear the screen: it is kept until the terminal is back.
fn install_panic_hook(drawing: ThreadId) {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == drawing || !is_entered() {
            restore();
            usual(info);
        } else {
            tracing::error!("{info}");
            if let Ok(mut lost) = LOST.lock() {
                lost.get_or_insert_with(|| info.to_string());
            }
        }
    }));
}

/// Returns what a thread beside the drawing one panicked with, once.
pub fn lost_panic() -> Option<String> {
    LOST.lock().ok().and_then(|mut lost| lost.take())
}
