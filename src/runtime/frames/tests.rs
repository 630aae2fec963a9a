//! A line of known speed, by a clock of the test's own.

use ratatui::widgets::Paragraph;

use super::*;

const RATE: u32 = 8_000;
/// A key that is held.
const REPEAT: Duration = Duration::from_millis(33);

/// A line: what was handed over, and how much of it is still on its way.
struct Slow {
    frames: Frames<Vec<u8>>,
    began: Instant,
    sent: u64,
    /// The most that was ever on its way.
    most: u64,
    largest: u64,
    shown: u64,
}

impl Slow {
    fn new(rate: Option<u32>) -> Self {
        let began = Instant::now();
        let size = Size::new(120, 40);
        let mut frames = Frames::new(Vec::new(), size, Links::default(), began).unwrap();
        frames.set_rate(rate);
        Self {
            frames,
            began,
            sent: 0,
            most: 0,
            largest: 0,
            shown: 0,
        }
    }

    /// Draws the state `number`, if a frame may be drawn by now.
    fn turn(&mut self, number: u64, now: Instant) {
        if !self.frames.is_due(now) {
            return;
        }
        self.frames
            .draw(now, |frame| {
                let noise = |row| u128::from(number * 1_000 + row).wrapping_mul(u128::MAX / 7_919);
                let lines = (0..40).map(|row| format!("{:>80}", noise(row)));
                let text = lines.collect::<Vec<_>>().join("\n");
                frame.render_widget(Paragraph::new(text), frame.area());
            })
            .unwrap();
        let sent = self.frames.screen.backend().sent();
        self.largest = self.largest.max(sent - self.sent);
        (self.sent, self.shown) = (sent, number);
        let carried = now.duration_since(self.began).as_millis() * u128::from(RATE) / 1_000;
        let carried = u64::try_from(carried).unwrap();
        self.most = self.most.max(sent.saturating_sub(carried));
    }
}

/// Holds a key for five seconds, each of which changes most of the screen, and releases it.
fn hold(rate: Option<u32>) -> Slow {
    let mut line = Slow::new(rate);
    let mut now = line.began;
    for number in 1..=150 {
        line.frames.change();
        line.turn(number, now);
        // What had to wait is drawn when it may, as the loop does.
        let next = now + REPEAT;
        if let Some(at) = line.frames.due_at(now).filter(|at| *at < next) {
            line.turn(number, at);
        }
        now = next;
    }
    if let Some(at) = line.frames.due_at(now) {
        line.turn(150, at);
    }
    line
}

#[test]
fn a_held_key_builds_no_backlog_and_the_last_frame_is_the_newest_state() {
    let line = hold(Some(RATE));
    let (ahead, millisecond) = (u64::from(RATE) / 4, u64::from(RATE) / 1_000);
    assert!(
        line.most <= ahead + line.largest + millisecond,
        "{} bytes were on their way, a frame has {}",
        line.most,
        line.largest
    );
    assert_eq!(line.shown, 150, "the screen is right after the release");
    // As much is drawn as the line carries: it is not left idle.
    assert!(line.sent > 4 * u64::from(RATE), "{}", line.sent);
}

#[test]
fn without_a_rate_every_change_is_drawn_at_once() {
    let line = hold(None);
    assert!(line.most > 5 * u64::from(RATE), "{}", line.most);
    assert_eq!(line.shown, 150);
}

#[test]
fn a_rate_that_is_set_later_counts_from_then_on() {
    let mut line = Slow::new(None);
    let now = line.began;
    line.turn(1, now);
    line.frames.set_rate(Some(10));
    line.frames.change();
    assert!(line.frames.is_due(now), "what went before is not counted");
    line.turn(2, now);
    line.frames.change();
    assert!(!line.frames.is_due(now));
    let at = line.frames.due_at(now).unwrap();
    assert!(at > now + Duration::from_mins(1), "600 bytes and more");
    assert!(line.frames.is_due(at));
    line.frames.set_rate(None);
    assert!(line.frames.is_due(now));
}

#[test]
fn what_goes_over_the_line_is_told_each_second_and_then_once_that_nothing_does() {
    let mut line = Slow::new(None);
    let began = line.began;
    line.turn(1, began);
    assert_eq!(line.frames.counted_at(), None, "nobody asked");
    line.frames.count(true);
    line.frames.change();
    line.turn(2, began);
    let frame = line.frames.screen.backend().sent();
    line.frames.spend(60, began);
    let at = line.frames.counted_at().unwrap();
    assert_eq!(at, began + SECOND);
    let read = line.frames.read_count(at);
    assert!(read > 60 && read < frame, "{read}");
    // The frame that shows it is not counted: it would keep itself going.
    line.frames.change_what_is_said();
    line.turn(3, at);
    let at = line.frames.counted_at().unwrap();
    assert_eq!(line.frames.read_count(at), 0);
    assert_eq!(line.frames.counted_at(), None);
    line.frames.change();
    line.frames.change_what_is_said();
    line.turn(4, at);
    assert!(
        line.frames.counted_at().is_some(),
        "that frame had news too"
    );
    line.frames.count(false);
    assert_eq!(line.frames.counted_at(), None);
}
