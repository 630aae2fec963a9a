//! What a key costs on the line: bytes and writes, exact, on the default layout.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use qurate::tui::backend::FrameBackend;
use qurate::tui::links::Links;
use qurate::tui::theme::Theme;
use qurate::tui::view::view;
use ratatui::Terminal;
use ratatui::layout::Size;

use super::editor::Editor;

/// Keeps each write.
#[derive(Debug, Clone, Default)]
struct Writes(Rc<RefCell<Vec<Vec<u8>>>>);

impl io::Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Line {
    editor: Editor,
    terminal: Terminal<FrameBackend<Writes>>,
    writes: Writes,
    theme: Theme,
}

impl Line {
    fn new(updates: usize, (width, height): (u16, u16)) -> Self {
        // As people write: no two alike, most of them as wide as a row.
        let mut editor = Editor::with_texts(updates, |i| {
            let words = [
                "tide", "query", "planner", "harbour", "index", "release", "two",
            ];
            let words: Vec<&str> = (0..18)
                .map(|w| words[(i * 7 + w * (i % 5 + 1)) % 7])
                .collect();
            format!("{i}: {}", words.join(" "))
        });
        editor.size(width, height).look().rest();
        let writes = Writes::default();
        let backend = FrameBackend::new(writes.clone(), Size::new(width, height));
        let mut line = Self {
            editor,
            terminal: Terminal::new(backend).unwrap(),
            writes,
            theme: Theme::ansi(),
        };
        line.frame();
        line
    }

    /// Draws; returns each write.
    fn frame(&mut self) -> Vec<Vec<u8>> {
        let (state, theme) = (&self.editor.state, &self.theme);
        self.terminal
            .draw(|frame| view(state, theme, &Links::default(), frame))
            .unwrap();
        std::mem::take(&mut self.writes.0.borrow_mut())
    }

    /// The bytes of the frame after these keys, before the detail follows.
    fn cost(&mut self, keys: &str) -> usize {
        self.editor.press(keys);
        let writes = self.frame();
        assert_eq!(writes.len(), 1, "{keys}: one write for a frame");
        self.editor.look().rest();
        self.frame();
        writes[0].len()
    }

    fn worst(&mut self, keys: &str, times: usize) -> usize {
        (0..times).map(|_| self.cost(keys)).max().unwrap()
    }
}

/// The most that a key may cost in bytes.
struct Budget {
    size: (u16, u16),
    /// A step of the cursor within a page.
    step: usize,
    /// A step that scrolls by a line.
    scroll: usize,
    page: usize,
    /// An update that changes places with its neighbour.
    moved: usize,
}

/// That of a usual terminal, and of a large one, whose rows are longer and more.
const BUDGETS: [Budget; 2] = [
    Budget {
        size: (120, 40),
        step: 60,
        scroll: 350,
        page: 3_500,
        moved: 350,
    },
    Budget {
        size: (200, 60),
        step: 60,
        scroll: 350,
        page: 5_000,
        moved: 500,
    },
];

#[test]
fn a_step_costs_a_few_cells_and_an_unchanged_frame_nothing() {
    for Budget { size, step, .. } in BUDGETS {
        for updates in [100, 2_000] {
            let mut line = Line::new(updates, size);
            assert_eq!(line.frame(), [[0; 0]; 0], "nothing changed");
            let cost = line.worst("j", 8).max(line.worst("k", 8));
            assert!(cost <= step, "{size:?}, {updates}: {cost} bytes a step");
        }
    }
}

#[test]
fn a_list_that_scrolls_sends_the_row_that_comes_in() {
    for budget in BUDGETS {
        let size = budget.size;
        let mut line = Line::new(1_000, size);
        let page = line.worst("ctrl-f", 5);
        assert!(page <= budget.page, "{size:?}: {page} bytes a page");
        let mut line = Line::new(1_000, size);
        line.cost("5 0 j");
        let scroll = line.worst("j", 20);
        assert!(scroll <= budget.scroll, "{size:?}: {scroll} bytes a line");
        line.cost("5 0 0 j");
        line.cost("5 0 k");
        let back = line.worst("k", 20);
        assert!(back <= budget.scroll, "{size:?}: {back} bytes a line");
    }
}

#[test]
fn a_moved_row_costs_little_more_than_its_text() {
    for budget in BUDGETS {
        let size = budget.size;
        let mut line = Line::new(1_000, size);
        line.cost("J");
        let moved = line.worst("J", 8);
        assert!(moved <= budget.moved, "{size:?}: {moved} bytes a moved row");
    }
}
