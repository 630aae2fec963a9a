//! One frame of the queue, from the state to the bytes of its one write.

use std::io;

use criterion::Criterion;
use qurate::tui::backend::FrameBackend;
use qurate::tui::links::Links;
use qurate::tui::theme::Theme;
use qurate::tui::view::view;
use ratatui::Terminal;
use ratatui::layout::Size;

use crate::editor::{Editor, LateEditor, keys};
use crate::there_and_back;

/// The screens that are drawn.
const SCREENS: [(u16, u16); 2] = [(120, 40), (200, 60)];

/// What is measured: a name, the keys before the frame, and those that make up for them.
const FRAMES: [(&str, &str, &str); 3] = [
    ("step", "j", "k"),
    ("page", "pagedown", "pageup"),
    ("moved-row", "J", "u"),
];

/// An editor and its screen.
struct Screen<'a> {
    editor: &'a mut Editor,
    terminal: Terminal<FrameBackend<io::Sink>>,
    links: Links,
}

impl<'a> Screen<'a> {
    fn new(late: &'a mut LateEditor, size: (u16, u16)) -> Self {
        let links = Links::default();
        let backend = FrameBackend::new(io::sink(), Size::from(size)).with_links(links.clone());
        let mut screen = Self {
            editor: late.on(size),
            terminal: Terminal::new(backend).expect("a screen"),
            links,
        };
        screen.draw();
        screen
    }

    fn draw(&mut self) {
        let (state, theme, links) = (&self.editor.state, Theme::ansi(), &self.links);
        self.terminal
            .draw(|frame| view(state, &theme, links, frame))
            .expect("nothing can fail in a sink");
    }
}

/// Measures the frames that follow keys, and that of a screen that shows nothing yet.
pub(crate) fn measure(criterion: &mut Criterion, late: &mut LateEditor) {
    let updates = late.updates;
    for size in SCREENS {
        let name = |what: &str| format!("view/{what}/{}x{}/{updates}", size.0, size.1);
        for (what, before, back) in FRAMES {
            let (before, back) = (keys(before), keys(back));
            criterion.bench_function(&name(what), |bencher| {
                let mut screen = Screen::new(late, size);
                screen.editor.press(&before);
                there_and_back(bencher, &mut screen, Screen::draw, |screen| {
                    screen.editor.press(&back);
                    screen.editor.catch_up();
                    screen.draw();
                    screen.editor.press(&before);
                });
                screen.editor.press(&back);
                screen.editor.catch_up();
            });
        }
        criterion.bench_function(&name("whole"), |bencher| {
            let mut screen = Screen::new(late, size);
            there_and_back(bencher, &mut screen, Screen::draw, |screen| {
                screen.terminal.clear().expect("nothing can fail in a sink");
            });
        });
    }
}
