//! Frames are sent to a terminal emulator, which must show what was drawn.

use ratatui::Terminal;
use ratatui::style::{Color, Modifier, Style};

use super::*;

/// Keeps each write of its own.
#[derive(Debug, Default)]
struct Writes(Vec<Vec<u8>>);

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(bytes.to_vec());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal of ours beside an emulator that gets the same bytes.
struct Pair {
    ours: Terminal<FrameBackend<Writes>>,
    emulator: vt100::Parser,
    seen: usize,
}

impl Pair {
    fn new(width: u16, height: u16) -> Self {
        let backend = FrameBackend::new(Writes::default(), Size::new(width, height));
        let mut emulator = vt100::Parser::new(cells(height), cells(width), 0);
        emulator.process(b"\x1b[?25l");
        Self {
            ours: Terminal::new(backend).unwrap(),
            emulator,
            seen: 0,
        }
    }

    /// Draws, and returns how many bytes that took; fails unless it was at most one write and
    /// the emulator shows what was drawn.
    fn draw(&mut self, rows: &[(&str, Style)], cursor: Option<(u16, u16)>) -> usize {
        let mut want = Buffer::default();
        self.ours
            .draw(|frame| {
                for (y, (text, style)) in (0_u16..).zip(rows) {
                    let width = frame.area().width.into();
                    frame.buffer_mut().set_stringn(0, y, text, width, *style);
                }
                if let Some(at) = cursor {
                    frame.set_cursor_position(at);
                }
                want = frame.buffer_mut().clone();
            })
            .unwrap();
        let writes = &self.ours.backend().out().0;
        let new = writes.len() - self.seen;
        assert!(new <= 1, "{new} writes");
        let bytes = writes[self.seen..].concat();
        self.seen = writes.len();
        self.emulator.process(&bytes);
        assert_same(&want, self.emulator.screen());
        assert_eq!(self.emulator.screen().hide_cursor(), cursor.is_none());
        if let Some((x, y)) = cursor {
            assert_eq!(self.emulator.screen().cursor_position(), (y, x));
        }
        bytes.len()
    }
}

fn cells(count: u16) -> std::num::NonZeroU16 {
    count.try_into().unwrap()
}

fn assert_same(want: &Buffer, screen: &vt100::Screen) {
    for y in 0..want.area.height {
        let mut x = 0;
        while x < want.area.width {
            let (ours, theirs) = (&want[(x, y)], screen.cell(y, x).unwrap());
            let there = if theirs.has_contents() {
                theirs.contents()
            } else {
                " "
            };
            assert_eq!(ours.symbol(), there, "at {x},{y}");
            assert_eq!(ours.modifier.contains(Modifier::REVERSED), theirs.inverse());
            assert_eq!(ours.modifier.contains(Modifier::BOLD), theirs.bold());
            let red = theirs.fgcolor() == vt100::Color::Idx(1);
            assert_eq!(ours.fg == Color::Red, red, "at {x},{y}");
            x += ours.cell_width().max(1);
        }
    }
}

const PLAIN: Style = Style::new();

#[test]
fn a_frame_is_one_write_and_an_unchanged_one_is_none() {
    let mut pair = Pair::new(20, 4);
    assert!(pair.draw(&[("one", PLAIN), ("two", PLAIN)], None) > 0);
    assert_eq!(pair.draw(&[("one", PLAIN), ("two", PLAIN)], None), 0);
    assert!(pair.draw(&[("one", PLAIN)], Some((3, 0))) > 0);
    assert_eq!(pair.draw(&[("one", PLAIN)], Some((3, 0))), 0);
    let moved = pair.draw(&[("one", PLAIN)], Some((4, 0)));
    assert!((1..20).contains(&moved), "{moved}");
    assert!(pair.draw(&[("one", PLAIN)], None) > 0);
}

#[test]
fn a_row_that_gets_shorter_is_erased_and_not_overwritten() {
    let mut pair = Pair::new(100, 4);
    let long = "x".repeat(100);
    pair.draw(&[(&long, PLAIN)], None);
    let bytes = pair.draw(&[("short", PLAIN)], None);
    assert!(bytes < 40, "{bytes}");
}

#[test]
fn a_list_that_scrolls_is_moved_and_not_sent_again() {
    let rows: Vec<String> = (0..200)
        .map(|i| format!(" 09:{i:02} update {i}, {} and more", "word ".repeat(i % 13)))
        .collect();
    let mut pair = Pair::new(120, 40);
    let draw = |pair: &mut Pair, from: usize, cursor: usize| {
        let marked = format!("▌{}", rows[cursor].trim_start());
        let shown: Vec<(&str, Style)> = std::iter::once(("heading", PLAIN.fg(Color::Red)))
            .chain((from..from + 37).map(|i| {
                let text = if i == cursor { &marked } else { &rows[i] };
                (text.as_str(), PLAIN)
            }))
            .chain([("status", PLAIN), ("hints", PLAIN)])
            .collect();
        pair.draw(&shown, None)
    };
    draw(&mut pair, 0, 36);
    let down = draw(&mut pair, 1, 37);
    assert!(down <= 350, "{down}");
    let up = draw(&mut pair, 0, 36);
    assert!(up <= 350, "{up}");
    assert!(draw(&mut pair, 18, 40) > 0);
    assert!(draw(&mut pair, 3, 5) > 0);
}

#[test]
fn whatever_is_drawn_the_terminal_shows_it() {
    let words = [
        "a",
        "漢字",
        " ",
        "é",
        "👍🏽x",
        "──",
        "▌",
        "⏎",
        "longer words",
        "ﾊﾟ",
        "",
    ];
    let styles = [
        PLAIN,
        PLAIN.fg(Color::Red),
        PLAIN.add_modifier(Modifier::REVERSED),
        PLAIN.fg(Color::Red).add_modifier(Modifier::BOLD),
    ];
    let mut random = fastrand::Rng::with_seed(7);
    let mut pair = Pair::new(31, 12);
    let mut rows: Vec<(String, Style)> = vec![(String::new(), PLAIN); 12];
    for _ in 0..400 {
        match random.u8(..4) {
            0 => rows.rotate_left(1),
            1 => rows.rotate_right(2),
            _ => {}
        }
        for _ in 0..random.usize(..4) {
            let text = (0..random.usize(..9)).map(|_| words[random.usize(..words.len())]);
            rows[random.usize(..12)] = (text.collect(), styles[random.usize(..4)]);
        }
        // The emulator and we differ on the width of joined emoji, as terminals do.
        let drawn: Vec<(&str, Style)> = rows
            .iter()
            .map(|(text, style)| (text.as_str(), *style))
            .filter(|(text, _)| !text.contains('👍') && !text.contains('ﾟ'))
            .collect();
        let cursor = random.bool().then(|| (random.u16(..31), random.u16(..12)));
        pair.draw(&drawn, cursor);
    }
}

/// The links of some bytes: what they lead to, and what is written in them. What does not belong
/// to a link is left out.
fn links_in(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut found = Vec::new();
    for part in text.split("\x1b]8;").skip(1) {
        let (head, tail) = part.split_once("\x1b\\").unwrap();
        let (_, url) = head.split_once(';').unwrap();
        let plain = tail.split('\x1b').next().unwrap();
        if !url.is_empty() {
            found.push((url.to_owned(), plain.to_owned()));
        }
    }
    assert_eq!(text.matches("\x1b]8;").count() % 2, 0, "each one ends");
    found
}

#[test]
fn a_link_is_written_with_its_cells_and_takes_no_column() {
    let links = Links::default();
    let backend = FrameBackend::new(Writes::default(), Size::new(40, 6)).with_links(links.clone());
    let mut ours = Terminal::new(backend).unwrap();
    let mut emulator = vt100::Parser::new(cells(6), cells(40), 0);
    let mut seen = 0;
    let mut draw = |urls: &[&str]| {
        links.begin(true);
        ours.draw(|frame| {
            for (y, url) in (0..).zip(urls) {
                let buffer = frame.buffer_mut();
                buffer.set_string(0, y, format!("row {y}"), PLAIN);
                buffer.set_string(30, y, "link", links.to(url));
                buffer.set_string(35, y, "pic", PLAIN);
            }
        })
        .unwrap();
        let bytes = ours.backend().out().0[seen..].concat();
        seen = ours.backend().out().0.len();
        emulator.process(&bytes);
        let row: String = emulator.screen().rows(0, 40).next().unwrap();
        assert_eq!(row, "row 0                         link pic");
        links_in(&bytes)
    };
    let pair = |url: &str| (url.to_owned(), "link".to_owned());
    let (one, two) = ("https://one.example", "https://two.example");
    assert_eq!(draw(&[one, two, "ftp://x"]), [pair(one), pair(two)]);
    assert_eq!(draw(&[one, two, "ftp://x"]), []);
    assert_eq!(
        draw(&[two, two]),
        [pair(two)],
        "the same words lead elsewhere"
    );
    assert_eq!(draw(&["https://x\x1b\\\x1b]0;y\x07", two]), []);
}

#[test]
fn after_a_new_size_everything_is_drawn_again() {
    let mut pair = Pair::new(20, 4);
    pair.draw(&[("one", PLAIN), ("two", PLAIN)], Some((1, 1)));
    pair.ours.backend_mut().forget(Size::new(9, 3));
    pair.emulator.screen_mut().set_size(cells(3), cells(9));
    assert!(pair.draw(&[("one", PLAIN), ("two", PLAIN)], Some((1, 1))) > 0);
}
