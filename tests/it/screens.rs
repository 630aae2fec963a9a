//! Screens as text, from scripts of keys: what a person sees after pressing them.

mod bytes;
mod composing;
mod editor;
mod finding;
mod manners;
mod screens_of_lint;
mod screens_of_sent;
mod screens_of_sync;
mod screens_of_tools;

use editor::{Editor, NOW, TEXTS, sent, text};
use qurate::app::Action;
use qurate::app::state::AccountKind;
use qurate::domain::interaction::Interaction;
use qurate::domain::profile::Service;
use qurate::protocol::{Link, SyncEvent};
use qurate::tui::links::Links;
use qurate::tui::theme::Theme;
use qurate::tui::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::style::{Color, Modifier};

fn snapshot(name: &str, screen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, screen));
}

/// What a store holds that is new.
fn nothing_kept() -> SyncEvent {
    SyncEvent::Restored {
        profiles: Vec::new(),
        queues: Vec::new(),
        rest: Vec::new(),
        sent: Vec::new(),
        operations: Vec::new(),
        drafts: Vec::new(),
        history: Vec::new(),
        tags: Vec::new(),
    }
}

#[test]
fn the_queue_shows_at_every_size() {
    let mut editor = Editor::demo(24);
    snapshot("queue_80x24", &editor.at(80, 24));
    snapshot("queue_120x40", &editor.at(120, 40));
    snapshot("queue_40x12", &editor.at(40, 12));
}

#[test]
fn a_queue_that_is_not_all_read_yet_shows_its_whole_length() {
    let SyncEvent::Restored {
        profiles,
        mut queues,
        sent,
        ..
    } = editor::restored(40, |i| format!("number {i}"))
    else {
        unreachable!("it is what a store held");
    };
    let whole = queues.clone();
    let rest = queues.iter().map(|(id, _)| (id.clone(), 40)).collect();
    for (_, queue) in &mut queues {
        queue.updates.truncate(30);
    }
    let mut editor = Editor::demo(0);
    editor.tell(SyncEvent::Restored {
        profiles,
        queues,
        rest,
        sent,
        operations: Vec::new(),
        tags: Vec::new(),
        drafts: Vec::new(),
        history: Vec::new(),
    });
    assert!(editor.state.is_awaiting());
    assert_eq!(editor.state.rows().len(), 30);
    let before = editor.at(80, 24);
    assert!(before.contains("40 updates"), "{before}");
    let whole = whole
        .into_iter()
        .map(|(profile, queue)| (profile, queue.into()));
    editor.tell(SyncEvent::Rest(whole.collect()));
    assert!(!editor.state.is_awaiting());
    assert_eq!(editor.state.rows().len(), 40);
    assert_eq!(editor.at(80, 24), before, "nothing on the screen moves");
}

#[test]
fn a_terminal_that_is_too_small_is_told_so() {
    let mut editor = Editor::demo(3);
    snapshot("too_small", &editor.at(39, 9));
}

#[test]
fn sent_and_interactions_show_with_their_numbers() {
    let mut editor = Editor::demo(4);
    editor.press("g s").rest();
    let update = editor.state.detail.unwrap();
    let interactions = (0..5)
        .zip(["retweet", "favorite", "comment"].into_iter().cycle())
        .map(|(i, event)| Interaction {
            id: i.to_string(),
            event: event.to_owned(),
            created_at: NOW.plus(-3_000 * i),
            username: format!("@reader{i}"),
            followers: 1 + 7_000 * i,
        })
        .collect();
    editor.tell(SyncEvent::Interactions {
        update,
        event: None,
        page: 1,
        total: 5,
        interactions,
    });
    snapshot("sent_80x24", &editor.at(80, 24));
    snapshot("sent_120x40", &editor.at(120, 40));
    editor.press("g i");
    snapshot("interactions_80x24", &editor.at(80, 24));
    snapshot("interactions_40x12", &editor.at(40, 12));
}

#[test]
fn a_grabbed_update_shows_the_time_it_would_get_and_those_it_displaces() {
    let mut editor = Editor::demo(24);
    editor.press("j m j j");
    snapshot("grab_80x24", &editor.at(80, 24));
    editor.press("enter");
    editor.store_all();
    snapshot("dropped_80x24", &editor.at(80, 24));
}

#[test]
fn the_detail_says_the_time_of_the_row_also_before_the_api_does() {
    let mut editor = Editor::demo(24);
    let title = |editor: &mut Editor| {
        let screen = editor.at(120, 40);
        let line = screen
            .lines()
            .find(|line| line.contains("─ Update "))
            .unwrap();
        line.split("─ Update ").nth(1).unwrap().to_owned()
    };
    editor.press("j");
    editor.rest();
    let there = title(&mut editor);
    editor.press("k J");
    editor.rest();
    assert_eq!(title(&mut editor)[..20], there[..20]);
}

#[test]
fn posting_times_are_a_table_beside_what_the_queue_becomes() {
    let mut editor = Editor::demo(12);
    editor.press(": e d i t - s c h e d enter l space j d");
    snapshot("timetable_80x24", &editor.at(80, 24));
    snapshot("timetable_120x40", &editor.at(120, 40));
    editor.press("a").type_text("9:");
    snapshot("timetable_40x12", &editor.at(40, 12));
}

#[test]
fn a_shuffle_is_looked_at_before_it_is_taken() {
    let mut editor = Editor::demo(12);
    editor.press("X");
    snapshot("shuffle_80x24", &editor.at(80, 24));
}

#[test]
fn a_filter_shows_what_it_lets_through_and_what_moves_mean_under_it() {
    let mut editor = Editor::demo(24);
    editor.press("/").type_text("release");
    snapshot("filter_typed_80x24", &editor.at(80, 24));
    editor.press("space").type_text("is:pined");
    snapshot("filter_wrong_80x24", &editor.at(80, 24));
    snapshot("filter_wrong_40x12", &editor.at(40, 12));
    editor.press("ctrl-u").type_text("release");
    editor.press("enter J");
    snapshot("filter_120x40", &editor.at(120, 40));
    editor.press("/ ctrl-u").type_text("nowhere");
    snapshot("filter_nothing_80x24", &editor.at(80, 24));
    editor.press("esc g p / ").type_text("fosst");
    snapshot("filter_profiles_80x24", &editor.at(80, 24));
}

#[test]
fn what_a_filter_looks_for_is_underlined_also_without_colours() {
    let mut editor = Editor::demo(6);
    editor.press("/").type_text("CUT 日本");
    editor.press("ctrl-w").type_text("cold");
    for theme in [Theme::ansi(), Theme::ansi().without_colors()] {
        let buffer = editor.buffer(&theme);
        let mut underlined = String::new();
        for y in 0..buffer.area.height {
            for x in 0..buffer.area.width {
                let cell = &buffer[(x, y)];
                if cell.modifier.contains(Modifier::UNDERLINED) {
                    underlined.push_str(cell.symbol());
                }
            }
        }
        assert_eq!(underlined, "cutcold");
    }
}

#[test]
fn free_slots_show_and_an_update_is_carried_onto_one() {
    let mut editor = Editor::demo(5);
    editor.press("F G k k");
    editor.rest();
    snapshot("slots_end_80x24", &editor.at(80, 24));
    editor.press("g g j j j j j");
    editor.rest();
    snapshot("slots_120x40", &editor.at(120, 40));
    snapshot("slots_40x12", &editor.at(40, 12));
    editor.press("g g m 5 j j");
    snapshot("slots_carry_80x24", &editor.at(80, 24));
    editor.press("enter");
    editor.store_all();
    snapshot("slots_dropped_80x24", &editor.at(80, 24));
}

#[test]
fn the_composer_counts_and_has_the_real_cursor() {
    let mut editor = Editor::demo(4);
    editor.press("c").type_text("Hello from a terminal");
    snapshot("composer_80x24", &editor.at(80, 24));
    snapshot("composer_40x12", &editor.at(40, 12));
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    editor.size(80, 24);
    let theme = Theme::ansi();
    terminal
        .draw(|frame| view(&editor.state, &theme, &Links::default(), frame))
        .unwrap();
    let at = terminal.get_cursor_position().unwrap();
    let before = (at.x - 1, at.y);
    assert_eq!(terminal.backend().buffer()[before].symbol(), "l");
}

#[test]
fn a_long_text_goes_on_in_the_next_line_of_the_composer() {
    let mut editor = Editor::demo(4);
    editor.press("j j j e").type_text("\nand 漢字 to the end");
    snapshot("edit_80x24", &editor.at(80, 24));
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let theme = Theme::ansi();
    terminal
        .draw(|frame| view(&editor.state, &theme, &Links::default(), frame))
        .unwrap();
    let at = terminal.get_cursor_position().unwrap();
    let before = (at.x - 1, at.y);
    assert_eq!(terminal.backend().buffer()[before].symbol(), "d");
}

#[test]
fn questions_and_what_counts_down_are_shown() {
    let mut editor = Editor::demo(6);
    editor.press("S");
    snapshot("confirm_80x24", &editor.at(80, 24));
    editor.press("y").store_all();
    editor.now = NOW.plus(3);
    editor.act(Action::Tick(NOW.plus(3)));
    snapshot("sharing_80x24", &editor.at(80, 24));
}

#[test]
fn help_palette_outbox_and_detail_lie_over_the_panes() {
    let mut editor = Editor::demo(6);
    editor.press("?");
    snapshot("help_80x24", &editor.at(80, 24));
    editor.press("esc :").type_text("sh");
    snapshot("palette_80x24", &editor.at(80, 24));
    editor.press("esc J J d w");
    snapshot("outbox_80x24", &editor.at(80, 24));
    editor.press("esc enter");
    snapshot("detail_80x24", &editor.at(80, 24));
    editor.press("esc g");
    snapshot("chord_80x24", &editor.at(80, 24));
}

#[test]
fn the_first_start_teaches_and_the_form_asks() {
    let mut editor = Editor::new(AccountKind::Local);
    editor.tell(nothing_kept());
    editor.tell(SyncEvent::Profiles(Vec::new()));
    snapshot("first_start_80x24", &editor.at(80, 24));
    editor.press(":").type_text("new-profile").press("enter");
    snapshot("form_80x24", &editor.at(80, 24));
}

#[test]
fn a_window_is_counted_down_where_there_is_little_room_too() {
    for keys in ["S y", "d"] {
        let mut editor = Editor::demo(12);
        editor.at(40, 12);
        editor.press(keys);
        let screen = editor.at(40, 12);
        assert!(screen.contains("in 10 s, u takes it back"), "{screen}");
        let names_it = screen.contains("sharing in 10 s: ");
        assert_eq!(names_it, keys == "S y", "{screen}");
    }
}

#[test]
fn what_was_never_read_is_not_called_empty() {
    let mut editor = Editor::new(AccountKind::Remote);
    editor.tell(nothing_kept());
    assert!(editor.at(80, 24).contains("Not read yet"));
    editor.tell(SyncEvent::Profiles(Vec::new()));
    assert!(editor.at(80, 24).contains("This account has no profiles."));
}

#[test]
fn a_connection_that_only_pretends_says_so() {
    let mut editor = Editor::demo(4);
    let says = |editor: &mut Editor| editor.at(80, 24).contains("sends nothing, numbers made up");
    assert!(says(&mut editor));
    let mut profiles = editor.state.profiles().to_vec();
    for profile in &mut profiles {
        profile.connection = Some("command:blog".to_owned());
    }
    editor.tell(SyncEvent::Profiles(profiles));
    assert!(!says(&mut editor));
}

#[test]
fn profiles_open_into_a_list() {
    let mut editor = Editor::demo(4);
    editor.press("g p");
    snapshot("profiles_80x24", &editor.at(80, 24));
}

/// Editors in every mode, so that a test can look at all of them.
fn every_mode(count: usize, text: impl Fn(usize) -> String + Copy) -> Vec<Editor> {
    [
        "",
        "j j",
        "G",
        "m j j",
        "X",
        "S",
        "d",
        "c",
        "e",
        "?",
        ":",
        "w",
        "enter",
        "g",
        "g p",
        "g s",
        "g i",
        "g l",
        "@",
        "#",
        "g s s",
        "v j j",
        "space space J",
        ": n e w - p r o f i l e enter",
        ": e d i t - s c h e d enter d j a",
        "g p e",
        "g p d",
        "}",
        ": l i n t enter",
        "% e tab x",
        "g h",
        ": d o c t o r enter",
    ]
    .into_iter()
    .map(|keys| {
        let mut editor = Editor::with_texts(count, text);
        editor.look();
        if !keys.is_empty() {
            editor.press(keys);
        }
        editor.look().rest();
        editor
    })
    .chain(["w", "w enter", "w e", "w R", "w space x"].map(|keys| {
        let reason = text(0);
        let mut editor = Editor::with_texts(count, text);
        screens_of_sync::held(&mut editor, &text(1), &reason);
        editor.tell(SyncEvent::Called(screens_of_sync::call(
            0, 12, &reason, false,
        )));
        editor.press(keys);
        editor
    }))
    .collect()
}

#[test]
fn no_size_makes_any_screen_panic() {
    for mut editor in every_mode(30, |i| TEXTS[i % TEXTS.len()].to_owned()) {
        for width in [0, 1, 2, 3, 7, 20, 39, 40, 41, 55, 80, 119, 120, 200, 300] {
            for height in [0, 1, 2, 3, 5, 9, 10, 11, 12, 15, 24, 39, 40, 60, 100] {
                // Also before the state has heard of the size.
                let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
                let theme = Theme::ansi();
                terminal
                    .draw(|frame| view(&editor.state, &theme, &Links::default(), frame))
                    .unwrap();
                editor.size(width, height);
                editor.buffer(&theme);
            }
        }
    }
}

#[test]
fn hostile_text_reaches_no_cell_of_any_screen() {
    let hostile = "\u{1b}[31mred\u{1b}]52;c;eA==\u{7}\u{202e}evil\u{200b}\u{feff}\u{9b}2J\u{7f}\tx\r\n\u{2028}y";
    let mut editors = every_mode(9, |_| hostile.to_owned());
    for editor in &mut editors {
        let mut profiles = editor.state.profiles().to_vec();
        for profile in &mut profiles {
            profile.formatted_username = hostile.to_owned();
            profile.username = hostile.to_owned();
            profile.service = Service::Other(hostile.to_owned());
            profile.connection = Some(hostile.into());
        }
        editor.tell(SyncEvent::Profiles(profiles));
        let reason = hostile.to_owned();
        editor.tell(SyncEvent::Link(Link::Offline { since: NOW, reason }));
        editor.tell(SyncEvent::StoreTrouble(hostile.to_owned()));
        let call = screens_of_sync::call(0, 12, hostile, true);
        editor.tell(SyncEvent::Called(call));
        let mut page = sent(1, 3);
        for update in &mut page.updates {
            update.body.content.text = hostile.to_owned();
            update.body.outcome.error = Some(hostile.into());
            update.body.outcome.statistics.insert(hostile.to_owned(), 1);
            update.body.content.media.link = hostile.to_owned();
        }
        editor.tell(SyncEvent::Sent(page));
        if let Some(update) = editor.state.detail {
            editor.tell(SyncEvent::Interactions {
                update,
                event: None,
                page: 1,
                total: 1,
                interactions: vec![Interaction {
                    id: "1".to_owned(),
                    event: hostile.to_owned(),
                    created_at: NOW,
                    username: hostile.to_owned(),
                    followers: 1,
                }],
            });
        }
        for (width, height) in [(80, 24), (120, 40), (40, 12)] {
            editor.size(width, height);
            let buffer = editor.buffer(&Theme::ansi());
            for cell in &buffer.content {
                let bad = |c: char| {
                    c.is_control()
                        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
                };
                let symbol = cell.symbol();
                assert!(!symbol.contains(bad), "{symbol:?}\n{}", text(&buffer));
            }
        }
    }
}

fn changed(before: &Buffer, after: &Buffer) -> usize {
    let cells = before.content.iter().zip(&after.content);
    cells.filter(|(a, b)| a != b).count()
}

#[test]
fn a_step_of_the_cursor_changes_a_mark_and_a_time() {
    let theme = Theme::ansi();
    for size in [(80, 24), (120, 40)] {
        for pane in ["g q", "g s"] {
            let mut editor = Editor::demo(24);
            editor.size(size.0, size.1).press(pane).rest();
            let before = editor.buffer(&theme);
            editor.press("j");
            let cells = changed(&before, &editor.buffer(&theme));
            let time = if pane == "g q" { 5 } else { 12 };
            assert!(
                (2..=2 + 2 * time).contains(&cells),
                "{cells} at {size:?} {pane}"
            );
        }
    }
}

#[test]
fn a_box_over_wide_characters_has_its_edge_in_every_line() {
    let mut editor = Editor::with_texts(12, |_| "漢字".repeat(40));
    editor.press("space space S");
    for width in [120, 121, 122, 123] {
        let screen = editor.at(width, 40);
        let from = screen.lines().skip_while(|line| !line.contains('┌'));
        let inside = from.skip(1).take_while(|line| !line.contains('└'));
        let edges: Vec<usize> = inside.map(|line| line.matches('│').count()).collect();
        assert!(edges.len() > 3, "{screen}");
        assert!(edges.iter().all(|edges| *edges >= 2), "{screen}");
    }
}

#[test]
fn wide_characters_keep_every_column_in_its_place() {
    let mut editor = Editor::with_texts(12, |i| {
        [
            "漢字漢字漢字漢字",
            "👩‍👩‍👧 family 👍🏽",
            "plain",
            "é̂ combining",
            "ﾊﾟ",
        ][i % 5]
            .to_owned()
    });
    editor.press("m j j");
    for (width, height) in [(80, 24), (120, 40), (41, 12)] {
        editor.size(width, height);
        let buffer = editor.buffer(&Theme::ansi());
        for y in 0..height {
            let mut x = 0;
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                let columns = symbol.cell_width();
                assert!(x + columns <= width, "{symbol} hangs over the edge");
                for covered in 1..columns {
                    assert_eq!(buffer[(x + covered, y)].symbol(), " ", "behind {symbol}");
                }
                x += columns.max(1);
            }
        }
    }
}

#[test]
fn without_colours_the_cursor_still_shows() {
    let editor = Editor::demo(6);
    let buffer = editor.buffer(&Theme::ansi().without_colors());
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset));
    assert!(buffer.content.iter().all(|cell| cell.bg == Color::Reset));
    let reversed = |cell: &&ratatui::buffer::Cell| cell.modifier.contains(Modifier::REVERSED);
    assert_eq!(buffer.content.iter().filter(reversed).count(), 5);
}

#[test]
fn what_is_cut_shows_as_cut_also_from_another_profile() {
    let mut editor = Editor::demo(24);
    other_texts(&mut editor);
    editor.press("j 2 space x");
    snapshot("cut_80x24", &editor.at(80, 24));
    snapshot("cut_40x12", &editor.at(40, 12));
    editor.press("]");
    snapshot("cut_elsewhere_120x40", &editor.at(120, 40));
    editor.press("j p");
    snapshot("copy_or_move_80x24", &editor.at(80, 24));
    snapshot("copy_or_move_40x12", &editor.at(40, 12));
}

#[test]
fn what_is_carried_to_another_profile_shows_there_with_the_times_it_would_get() {
    let mut editor = Editor::demo(24);
    other_texts(&mut editor);
    editor.press("j 3 v m ] j j");
    snapshot("carried_elsewhere_80x24", &editor.at(80, 24));
    snapshot("carried_elsewhere_40x12", &editor.at(40, 12));
    editor.press("enter");
    snapshot("carried_elsewhere_asks_120x40", &editor.at(120, 40));
}

/// Gives the second profile texts that the first has not: the same ones are not taken there.
fn other_texts(editor: &mut Editor) {
    let to = editor::profile(2, Service::Mastodon, "@acme@fosstodon.org");
    let text = |i| format!("Tip {i}: read the release notes");
    editor.tell(SyncEvent::Queue {
        profile: to.id.clone(),
        delta: editor::queue(&to, 2, 24, text).into(),
        settled: Vec::new(),
    });
}
