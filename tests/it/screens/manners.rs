//! Screens for terminals that have not all: borders and signs in ASCII, emoji in plain forms, and links
//! where they are taken.

use super::editor::{Editor, TEXTS, text};
use super::snapshot;
use qurate::app::action::Action;
use qurate::app::doctor::{About, TmuxSays};
use qurate::domain::look::{Borders, Emoji, Letters, Look, ThemeName};
use qurate::domain::terminal::{Colors, Inside, Locale};
use qurate::tui::backend::FrameBackend;
use qurate::tui::links::Links;
use qurate::tui::theme::Theme;
use qurate::tui::view::view;
use ratatui::Terminal;
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};

/// Ways to a screen each, from the lists.
const WAYS: [&str; 17] = [
    "j",
    "g s",
    "g i",
    "g p",
    "enter",
    "J d j x j space g h",
    "j m j j",
    "X",
    ":",
    "?",
    "w",
    "#",
    "g f",
    "@",
    "c",
    "r",
    ": e d i t - s c h e d enter l",
];

fn demo(letters: Letters, emoji: Emoji) -> Editor {
    let mut editor = Editor::demo(24);
    editor.state.settings.look.letters = letters;
    editor.state.settings.look.emoji = emoji;
    editor
}

#[test]
fn borders_and_signs_are_ascii_and_texts_stay() {
    let mut editor = demo(Letters::Signs, Emoji::Full);
    editor.press("j m j j");
    snapshot("ascii_grab_80x24", &editor.at(80, 24));
    editor.press("esc j d f k x k");
    snapshot("ascii_120x40", &editor.at(120, 40));
    editor.press("?");
    snapshot("ascii_help_40x12", &editor.at(40, 12));
    let texts = TEXTS.concat();
    for way in WAYS {
        let mut editor = demo(Letters::Signs, Emoji::Full);
        editor.press(way).rest().look();
        for (width, height) in [(80, 24), (120, 40), (40, 12)] {
            let screen = editor.at(width, height);
            let foreign = screen
                .chars()
                .find(|c| !c.is_ascii() && !texts.contains(*c));
            assert_eq!(foreign, None, "after {way:?}:\n{screen}");
        }
    }
}

/// The bytes of a first frame.
fn cost(editor: &Editor, theme: &Theme) -> u64 {
    let (width, height) = editor.state.viewport;
    let mut out = Vec::new();
    let backend = FrameBackend::new(&mut out, Size::new(width, height));
    let mut terminal = Terminal::new(backend).unwrap();
    terminal
        .draw(|frame| view(&editor.state, theme, &Links::default(), frame))
        .unwrap();
    terminal.backend().sent()
}

#[test]
fn on_a_slow_line_there_are_no_borders_and_every_screen_costs_less() {
    let slow = |editor: &mut Editor| {
        editor.state.settings.look.borders = Borders::Blank;
        Theme::of(editor.state.settings.look, Colors::Sixteen)
    };
    for (name, keys, (width, height)) in [
        ("slow_80x24", "j", (80, 24)),
        ("slow_120x40", "j", (120, 40)),
        ("slow_help_80x24", "?", (80, 24)),
        ("slow_composer_80x24", "c", (80, 24)),
    ] {
        let mut editor = demo(Letters::Signs, Emoji::Full);
        editor.press(keys).rest().look().size(width, height);
        let theme = slow(&mut editor);
        snapshot(name, &text(&editor.buffer(&theme)));
    }
    for way in WAYS {
        let mut editor = demo(Letters::Signs, Emoji::Full);
        editor.press(way).rest().look().size(120, 40);
        let drawn = cost(&editor, &Theme::ansi());
        let theme = slow(&mut editor);
        let buffer = editor.buffer(&theme);
        let is_marked = |cell: &ratatui::buffer::Cell| cell.modifier.contains(Modifier::HIDDEN);
        assert!(!buffer.content.iter().any(is_marked), "after {way:?}");
        let blank = cost(&editor, &theme);
        assert!(blank < drawn, "after {way:?}: {blank} and {drawn} bytes");
    }
}

#[test]
fn lines_that_a_person_wrote_are_no_borders() {
    let mut editor = Editor::with_texts(3, |_| "a table: ┌─┐ │x│".to_owned());
    editor.state.settings.look.borders = Borders::Blank;
    let theme = Theme::of(editor.state.settings.look, Colors::Sixteen);
    editor.size(80, 24);
    let screen = text(&editor.buffer(&theme));
    assert!(screen.contains("a table: ┌─┐ │x│"), "{screen}");
    assert!(!screen.contains("──"), "{screen}");
}

#[test]
fn where_the_locale_has_no_other_letters_none_is_drawn_and_columns_stay() {
    for way in WAYS {
        let mut plain = demo(Letters::Ascii, Emoji::Full);
        let mut full = demo(Letters::Unicode, Emoji::Full);
        for (width, height) in [(80, 24), (120, 40)] {
            let of = |editor: &mut Editor| {
                editor.press(way).rest().look().size(width, height);
                editor.buffer(&Theme::ansi())
            };
            let (plain, full) = (of(&mut plain), of(&mut full));
            let screen = text(&plain);
            assert!(screen.is_ascii(), "after {way:?}:\n{screen}");
            for (plain, full) in plain.content.iter().zip(&full.content) {
                assert_eq!(plain.style(), full.style());
                if full.symbol().is_ascii() && full.symbol() != " " {
                    assert_eq!(plain.symbol(), full.symbol());
                }
            }
        }
    }
    let mut editor = Editor::with_texts(4, |_| "Größe “1 km” — ½ 漢字 end".to_owned());
    editor.state.settings.look.letters = Letters::Ascii;
    let screen = editor.at(80, 24);
    assert!(screen.contains("Gro?e \"1 km\" - 1 ???? end"), "{screen}");
}

#[test]
fn safe_emoji_are_as_wide_everywhere_and_the_rest_stays_in_its_columns() {
    let emoji = "👍🏽 👩‍👩‍👧 🇩🇪 ❤️ 1️⃣ 🫠 ☕ done";
    let screens = [Emoji::Full, Emoji::Safe].map(|way| {
        let mut editor = Editor::with_texts(6, |_| emoji.to_owned());
        editor.state.settings.look.emoji = way;
        editor.at(120, 40);
        editor.buffer(&Theme::ansi())
    });
    let [full, safe] = &screens;
    let row = |y: u16| {
        let symbols = (0..60).map(|x| safe[(x, y)].symbol());
        symbols.collect::<String>()
    };
    assert!(
        text(safe).contains("👍 👩 DE ❤  1  [] ☕ done"),
        "{}",
        row(3)
    );
    for (full, safe) in full.content.iter().zip(&safe.content) {
        if full.symbol().is_ascii() && full.symbol() != " " {
            assert_eq!(full, safe, "what is beside does not move");
        }
        assert!(safe.symbol().chars().count() <= 1, "{}", safe.symbol());
    }
}

/// What the terminal gets of a frame as links: where each leads, and what is written in it.
fn links_of(editor: &Editor) -> Vec<(String, String)> {
    let (width, height) = editor.state.viewport;
    let links = Links::default();
    let backend = FrameBackend::new(Vec::new(), Size::new(width, height)).with_links(links.clone());
    let mut terminal = Terminal::new(backend).unwrap();
    terminal
        .draw(|frame| view(&editor.state, &Theme::ansi(), &links, frame))
        .unwrap();
    let bytes = String::from_utf8(terminal.backend().out().clone()).unwrap();
    let mut found = Vec::new();
    for part in bytes.split("\x1b]8;").skip(1) {
        let (head, tail) = part.split_once("\x1b\\").unwrap();
        let url = head.split_once(';').unwrap().1;
        if !url.is_empty() {
            let written = tail.split("\x1b]8;").next().unwrap();
            found.push((url.to_owned(), without_looks(written)));
        }
    }
    found
}

/// Leaves out control sequences.
fn without_looks(bytes: &str) -> String {
    let mut parts = bytes.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        plain
            + part
                .trim_start_matches(|c: char| !c.is_ascii_alphabetic())
                .get(1..)
                .unwrap_or("")
    })
}

#[test]
fn links_lead_where_the_whole_of_them_leads_also_where_they_are_cut_or_broken() {
    let long = format!("https://example.org/{}", "path/".repeat(20));
    let texts = [
        format!("Read it: {long} now"),
        "Two: https://example.org/a and https://example.org/ab.".to_owned(),
        "No link: javascript://x file:///etc example.org".to_owned(),
        "Bad: https://example.org/\u{1b}]0;x\u{7}".to_owned(),
    ];
    let mut editor = Editor::with_texts(4, |i| texts[i].clone());
    editor.size(80, 24);
    assert_eq!(links_of(&editor), [], "nobody wants them");
    editor.state.settings.links = true;
    let found = links_of(&editor);
    let to = |url: &str, written: &str| {
        let is = |(to, text): &&(String, String)| to == url && text == written;
        found.iter().filter(is).count()
    };
    // The first row is cut off, and the detail breaks the text over lines.
    let of_long: Vec<&String> = found
        .iter()
        .filter(|(to, _)| *to == long)
        .map(|(_, text)| text)
        .collect();
    assert!(of_long.len() >= 2, "{found:#?}");
    assert!(
        of_long.iter().all(|part| long.contains(part.as_str())),
        "{of_long:?}"
    );
    let in_detail: String = of_long[1..].iter().map(|part| part.as_str()).collect();
    assert_eq!(in_detail, long);
    assert_eq!(to("https://example.org/a", "https://example.org/a"), 1);
    assert_eq!(to("https://example.org/ab", "https://example.org/ab"), 1);
    assert_eq!(to("https://example.org/cold-start", "link"), 1);
    let known = ["https://example.org/", &long];
    assert!(
        found
            .iter()
            .all(|(url, _)| url.starts_with(known[0]) && !url.contains('\x1b'))
    );
}

#[test]
fn sent_and_the_detail_lead_to_their_links_too() {
    let mut editor = Editor::demo(6);
    editor.state.settings.links = true;
    editor.press("j").rest().size(120, 40);
    let url = "https://example.org/cold-start".to_owned();
    let found = links_of(&editor);
    assert_eq!(
        found,
        [
            (url.clone(), "link".to_owned()),
            ("https://example.org/p.png".to_owned(), "pic".to_owned()),
            (url.clone(), url.clone())
        ]
    );
    editor.press("enter");
    assert!(links_of(&editor).contains(&(url.clone(), url)));
}

#[test]
fn the_doctor_tells_what_the_terminal_can_do_and_how_things_stand() {
    let mut editor = Editor::demo(6);
    let settings = &mut editor.state.settings;
    settings.about = About {
        version: "1.2.3".to_owned(),
        config: "/home/ada/.config/qurate/config.toml".to_owned(),
        store: "/home/ada/.local/state/qurate/accounts/demo.db".to_owned(),
        log: "/home/ada/.local/state/qurate/qurate.log".to_owned(),
        api: String::new(),
    };
    settings.terminal.name = "tmux-256color".to_owned();
    settings.terminal.locale = Locale::Unset;
    settings.terminal.inside = Inside::Tmux;
    editor.press(": d o c t o r enter");
    editor.act(Action::TmuxSaid(TmuxSays {
        version: Some("tmux 3.3a".to_owned()),
        clipboard: Some("off".to_owned()),
        ..TmuxSays::default()
    }));
    snapshot("doctor_120x40", &editor.at(120, 40));
    snapshot("doctor_80x24", &editor.at(80, 24));
    snapshot("doctor_40x12", &editor.at(40, 12));
}

/// Ways to what people look at longest, each with words that are there then.
const VIEWS: [(&str, &str); 9] = [
    ("j", "today"),
    ("/ r e l enter", "rel"),
    ("F G", "free slot"),
    ("}", "the same text"),
    (": l i n t enter", "Findings"),
    (": e d i t - s c h e d enter l", "Posting times"),
    ("#", "Numbers"),
    ("J g h", "What was done"),
    (": d o c t o r enter", "Doctor"),
];

#[test]
fn on_dark_and_light_and_without_colours_every_view_says_the_same() {
    let theme = |theme, colors| {
        let look = Look {
            theme,
            ..Look::default()
        };
        Theme::of(look, colors)
    };
    let sixteen = theme(ThemeName::Terminal, Colors::Sixteen);
    let none = theme(ThemeName::Terminal, Colors::None);
    let others = [
        theme(ThemeName::Dark, Colors::True),
        theme(ThemeName::Light, Colors::True),
        theme(ThemeName::HighContrast, Colors::Sixteen),
    ];
    for (way, words) in VIEWS {
        let mut editor = Editor::demo(24);
        editor.press(way).rest().look();
        for (width, height) in [(80, 24), (120, 40), (40, 12)] {
            let screen = editor.at(width, height);
            assert!(width < 80 || screen.contains(words), "{way:?}:\n{screen}");
            let buffers = others.map(|theme| editor.buffer(&theme));
            for buffer in buffers.iter().chain([&editor.buffer(&none)]) {
                assert_eq!(text(buffer), screen, "{way:?}");
            }
            let colors = |theme: &Theme| -> Vec<Color> {
                let buffer = editor.buffer(theme);
                assert!(buffer.content.iter().all(|cell| cell.bg == Color::Reset));
                buffer.content.iter().map(|cell| cell.fg).collect()
            };
            assert!(colors(&none).iter().all(|color| *color == Color::Reset));
            // Each of these is readable on white and on black; green only fills bars and signs.
            let readable = [Color::Reset, Color::Red, Color::Magenta, Color::Green];
            assert!(
                colors(&sixteen)
                    .iter()
                    .all(|color| readable.contains(color)),
                "{way:?}"
            );
            for theme in &others[..2] {
                let is_own = |color: &Color| matches!(color, Color::Reset | Color::Rgb(..));
                assert!(colors(theme).iter().all(is_own), "{way:?}");
            }
        }
    }
}

#[test]
fn without_colours_one_sees_where_the_keys_go() {
    let none = Theme::ansi().without_colors();
    for (way, stands) in [
        ("", Modifier::REVERSED),
        ("g s", Modifier::REVERSED),
        ("g h", Modifier::BOLD),
    ] {
        let mut editor = Editor::demo(24);
        editor.press(format!("J {way}").trim_end()).rest();
        let buffer = editor.buffer(&none);
        let seen = buffer
            .content
            .iter()
            .filter(|cell| cell.modifier.contains(stands));
        assert!(seen.count() >= 3, "{way:?}");
    }
}
