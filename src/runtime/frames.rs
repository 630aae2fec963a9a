//! When a frame is drawn: when something changed and the line may carry more.
//!
//! On a line of known speed frames are paced. The buffers on the way to a terminal take far more than
//! a slow line carries in a second, and what is in them cannot be called back; so what is handed over
//! is held to what the line can have carried by then. While a frame must wait, the changes that come
//! go into it, and it is drawn from what is newest: a key that is held builds no backlog.

use std::io::{self, Write};
use std::time::Duration;

use ratatui::layout::Size;
use ratatui::{Frame, Terminal};
use tokio::time::Instant;

use crate::tui::backend::FrameBackend;
use crate::tui::links::Links;

/// So much of the line may be taken in advance: single keys are answered at once.
const AHEAD: Duration = Duration::from_millis(250);
const SECOND: Duration = Duration::from_secs(1);

/// The screen, and whether it is to be drawn.
#[derive(Debug)]
pub(super) struct Frames<W: Write> {
    screen: Terminal<FrameBackend<W>>,
    pace: Pace,
    meter: Meter,
    /// Whether something happened since the last frame.
    changed: bool,
    /// Whether that is only what is said of the line: it would keep itself going.
    only_said: bool,
}

impl<W: Write> Frames<W> {
    /// Draws on `out`, the first frame at once.
    pub(super) fn new(out: W, size: Size, links: Links, now: Instant) -> io::Result<Self> {
        let backend = FrameBackend::new(out, size).with_links(links);
        Ok(Self {
            screen: Terminal::new(backend)?,
            pace: Pace::new(now),
            meter: Meter::default(),
            changed: true,
            only_said: false,
        })
    }

    /// Sets how many bytes a second the line carries; none: as many as it takes.
    pub(super) fn set_rate(&mut self, rate: Option<u32>) {
        self.pace.rate = rate;
    }

    /// Has a frame drawn when it may.
    pub(super) fn change(&mut self) {
        self.changed = true;
        self.only_said = false;
    }

    /// The same, for what is said of the line.
    pub(super) fn change_what_is_said(&mut self) {
        self.only_said |= !self.changed;
        self.changed = true;
    }

    /// Counts from now on what goes over the line, or no more.
    pub(super) fn count(&mut self, on: bool) {
        self.meter = Meter {
            on,
            ..Meter::default()
        };
    }

    /// Returns when the count is to be read.
    pub(super) fn counted_at(&self) -> Option<Instant> {
        self.meter.since.map(|since| since + SECOND)
    }

    /// Returns the bytes a second since the count was read last.
    pub(super) fn read_count(&mut self, now: Instant) -> u64 {
        self.meter.read(now)
    }

    /// Says whether a frame is to be drawn, now or later.
    pub(super) fn has_changed(&self) -> bool {
        self.changed
    }

    /// Takes back that there is something new to draw.
    pub(super) fn unchange(&mut self) {
        self.changed = false;
    }

    /// Says whether a frame is to be drawn now.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.changed && self.pace.opens_at(now).is_none()
    }

    /// Returns when the frame that waits for the pace may be drawn.
    pub(super) fn due_at(&self, now: Instant) -> Option<Instant> {
        self.pace.opens_at(now).filter(|_| self.changed)
    }

    /// Draws a frame.
    pub(super) fn draw(
        &mut self,
        now: Instant,
        view: impl FnOnce(&mut Frame<'_>),
    ) -> io::Result<()> {
        self.changed = false;
        let before = self.screen.backend().sent();
        self.screen.draw(view)?;
        let sent = self.screen.backend().sent() - before;
        self.pace.spend(sent, now);
        if !std::mem::take(&mut self.only_said) {
            self.meter.count(sent, now);
        }
        Ok(())
    }

    /// Counts bytes that went over the same line.
    pub(super) fn spend(&mut self, bytes: u64, now: Instant) {
        self.pace.spend(bytes, now);
        self.meter.count(bytes, now);
    }

    /// Draws all of the next frame.
    pub(super) fn redraw(&mut self) {
        let _ = self.screen.clear();
        self.change();
    }

    /// Takes over the size that the terminal has now, and draws all of it: also if it is the same again.
    /// A terminal that was smaller in between has cut off what did not fit.
    pub(super) fn resize(&mut self, size: Size) {
        self.screen.backend_mut().forget(size);
        self.redraw();
    }

    /// Says that the terminal was left and entered again.
    pub(super) fn entered_again(&mut self, size: Size) {
        self.screen.backend_mut().entered_again(size);
    }
}

/// Counts bytes while somebody wants to know. Once a second is told what went, and once more that
/// nothing did; a line that is idle wakes nobody.
#[derive(Debug, Default)]
struct Meter {
    on: bool,
    bytes: u64,
    /// Since when there is something to tell.
    since: Option<Instant>,
}

impl Meter {
    fn count(&mut self, bytes: u64, now: Instant) {
        if self.on && bytes > 0 {
            self.bytes += bytes;
            self.since.get_or_insert(now);
        }
    }

    fn read(&mut self, now: Instant) -> u64 {
        let passed = self.since.map(|since| now.duration_since(since));
        let millis = passed.unwrap_or_default().max(SECOND).as_millis();
        let bytes = std::mem::take(&mut self.bytes);
        self.since = (bytes > 0).then_some(now);
        u64::try_from(u128::from(bytes) * 1_000 / millis).unwrap_or(u64::MAX)
    }
}

/// A bucket of bytes that a line of known speed fills.
///
/// It is kept as the moment at which all that was handed over will have been carried.
#[derive(Debug)]
struct Pace {
    rate: Option<u32>,
    carried_at: Instant,
}

impl Pace {
    fn new(now: Instant) -> Self {
        Self {
            rate: None,
            carried_at: now,
        }
    }

    /// Returns when the next frame may go; none: now.
    fn opens_at(&self, now: Instant) -> Option<Instant> {
        self.rate?;
        let opens = self.carried_at.checked_sub(AHEAD)?;
        (opens > now).then_some(opens)
    }

    fn spend(&mut self, bytes: u64, now: Instant) {
        let Some(rate) = self.rate else {
            return;
        };
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate.max(1));
        let takes = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let from = self.carried_at.max(now);
        self.carried_at = from.checked_add(takes).unwrap_or(from);
    }
}

#[cfg(test)]
mod tests;
