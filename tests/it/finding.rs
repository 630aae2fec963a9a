//! Finding things: palette and help, what follows a prefix, zoom, what was done and going back to
//! it, the config while the editor runs, and what is copied.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use qurate::app::action::{Action, CopyWay, Copying, Mouse, Part};
use qurate::app::command::COMMANDS;
use qurate::app::effect::Effect;
use qurate::app::keymap::{Binding, Keymap};
use qurate::app::layout::layout;
use qurate::app::mode::Mode;
use qurate::app::preferences::Preferences;
use qurate::app::state::Pane;
use qurate::config::Config;
use qurate::domain::look::{Look, ThemeName};
use qurate::domain::operation::{Change, OperationState};
use qurate::domain::terminal::{Call, Colors, Line};
use rustix::process::Signal;

use crate::harness::{Harness, id};
use crate::pty::{ENTER, Start};
use crate::served::command;

fn binding(command: &str, key: &str) -> Binding {
    Binding {
        command: command.to_owned(),
        keys: vec![key.to_owned()],
        at: "config.toml:1".to_owned(),
    }
}

fn configure(h: &mut Harness, found: Result<Preferences, &str>) {
    let (found, now) = (found.map_err(str::to_owned), h.now);
    h.act(Action::Configured { found, now });
}

fn found(h: &Harness) -> Vec<&'static str> {
    let Mode::Palette(palette) = &h.state.mode else {
        panic!("no palette is open");
    };
    let found = palette.found.iter();
    found.map(|found| found.command.entry().name).collect()
}

#[test]
fn some_letters_find_a_command_and_enter_runs_it() {
    let mut h = Harness::with(9);
    h.keys(":sh");
    assert_eq!(found(&h)[..2], ["share", "shuffle"]);
    h.keys("uf<enter>");
    assert!(matches!(h.state.mode, Mode::Shuffle(_)));
    h.keys("<esc>:totop<enter>");
    assert!(h.in_lists());
    h.keys("3j:tbtm");
    assert_eq!(found(&h)[0], "to-bottom");
    h.keys("<enter>");
    assert_eq!(h.order(), [0, 1, 2, 4, 5, 6, 7, 8, 3]);
    h.keys(":zzz<enter>");
    assert!(!h.in_lists(), "where nothing fits nothing is run");
}

#[test]
fn a_key_finds_what_it_does_here_also_one_of_the_persons_own() {
    let mut h = Harness::with(3);
    h.keys(":X");
    assert_eq!(found(&h)[0], "shuffle");
    h.keys("<esc>");
    let keys = vec![binding("pin", "ctrl-g")];
    let preferences = Preferences {
        keys,
        ..Preferences::default()
    };
    configure(&mut h, Ok(preferences));
    h.keys("?ctrl-g");
    assert_eq!(found(&h), ["pin"]);
    h.keys("<enter>");
    assert!(matches!(h.changes()[..], [Change::Edit { .. }]), "it ran");
}

#[test]
fn a_prefix_waits_and_any_key_ends_it() {
    let mut h = Harness::with(30);
    h.keys("5jg");
    let token = h.effects.iter().rev().find_map(|effect| match effect {
        Effect::ChordTimer { token } => Some(*token),
        _ => None,
    });
    let token = token.expect("a rest is waited for");
    h.act(Action::Lingered(token - 1));
    assert!(!h.state.pending.lingers, "an old timer means nothing");
    h.act(Action::Lingered(token));
    assert!(h.state.pending.lingers);
    h.keys("<esc>");
    assert_eq!((h.state.pending.keys.len(), h.row()), (0, 5));
    h.act(Action::Lingered(token));
    assert!(!h.state.pending.lingers, "nothing is begun any more");
    h.keys("gxgg");
    assert_eq!(h.row(), 0, "a key that does not fit ends it too");
}

#[test]
fn zoom_gives_a_pane_the_screen_and_escape_takes_it_back() {
    let mut h = Harness::with(50).size(120, 40);
    let rows = |h: &Harness| layout(h.state.viewport, &h.state).rows(h.state.focus);
    let before = rows(&h);
    h.keys("z");
    assert!(rows(&h) > before + 10);
    h.keys("gs");
    let regions = layout(h.state.viewport, &h.state);
    assert!(regions.sent.is_some() && regions.queue.is_none());
    h.keys("<esc>");
    assert!(!h.state.zoomed);
    h.keys("gqzz");
    assert_eq!(rows(&h), before);
    h.keys(" z<esc>");
    assert!(h.state.zoomed && h.state.marks.is_empty(), "marks first");
}

#[test]
fn detail_and_interactions_can_be_hidden() {
    let mut h = Harness::with(9).size(120, 40);
    h.keys("gii");
    let regions = layout(h.state.viewport, &h.state);
    assert_eq!((regions.detail, regions.interactions), (None, None));
    assert_eq!(
        h.state.focus,
        Pane::Sent,
        "the keys are where one sees them"
    );
    h.keys("gi");
    let regions = layout(h.state.viewport, &h.state);
    assert!(regions.interactions.is_some(), "who goes there sees them");
}

#[test]
fn one_goes_back_to_any_moment_and_forward_again() {
    let mut h = Harness::with(6);
    h.keys("Jgg");
    let one = h.order();
    h.wait(60).keys("3jt");
    let two = h.order();
    h.wait(60).keys("gjGd");
    h.keys("GK");
    let three = h.texts();
    let last = h.state.history.undo_len();
    // The cursor begins where things stand; below are older moments.
    h.keys("gh");
    assert!(matches!(&h.state.mode, Mode::History(past) if past.cursor == 0));
    h.keys(&format!("{}j<enter>", last - 2));
    assert!(h.in_lists());
    assert_eq!(h.order(), two);
    assert_eq!(h.notice(), format!("took back {}", many(last - 2)));
    h.keys("ghj<enter>");
    assert_eq!(
        (h.order(), h.notice()),
        (one, "took back 1 thing".to_owned())
    );
    h.keys("ghG<enter>");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5], "before all of it");
    h.keys("ghgg<enter>");
    assert_eq!(h.texts(), three);
    assert_eq!(h.notice(), format!("did {} again", many(last)));
    h.keys("gh<enter>");
    assert_eq!(h.notice(), "that is where you are");
}

fn many(things: usize) -> String {
    match things {
        1 => "1 thing".to_owned(),
        many => format!("{many} things"),
    }
}

#[test]
fn what_was_done_is_still_listed_after_a_restart() {
    let mut h = Harness::with(6);
    h.keys("J").store().keys("b").store().keys("u").store();
    let mut again = h.restart();
    assert_eq!(again.state.history.redo_len(), 1);
    again.keys("ghG<enter>");
    assert_eq!(again.order(), [0, 1, 2, 3, 4, 5]);
    again.keys("ghgg<enter>");
    assert_eq!(again.order(), [1, 2, 3, 4, 5, 0]);
}

#[test]
fn going_back_says_what_cannot_be_taken_back_and_does_the_rest() {
    let mut h = Harness::with(6);
    h.keys("J").store().ack();
    h.keys("GSy").wait(20).ack().settle();
    h.keys("gg2jt").store().ack();
    h.keys("ghG<enter>");
    assert!(
        h.notice()
            .starts_with("took back 2 things, but not 1 thing: "),
        "{}",
        h.notice()
    );
    let mut order = h.order();
    order.retain(|update| *update != 5);
    assert_eq!(order, [0, 1, 2, 3, 4]);
}

#[test]
fn what_is_just_being_sent_ends_the_way_back() {
    let mut h = Harness::with(6);
    h.keys("J").store();
    h.keys("Gd").wait(20).all_become(&OperationState::InFlight);
    h.keys("ghG<enter>");
    assert!(
        h.notice().contains("press undo again in a moment"),
        "{}",
        h.notice()
    );
    assert_eq!(h.state.history.undo_len(), 2, "it is asked again later");
}

#[test]
fn the_wheel_turns_what_was_done() {
    let mut h = Harness::with(30);
    for _ in 0..8 {
        h.wait(60).keys("J");
        h.keys("j");
    }
    h.keys("gh");
    let (column, row, now) = (10, 10, h.now);
    let mouse = Mouse::ScrollDown;
    h.act(Action::Mouse {
        mouse,
        column,
        row,
        now,
    });
    assert!(matches!(&h.state.mode, Mode::History(past) if past.cursor == 3));
}

#[test]
fn an_empty_history_says_what_it_is_for() {
    let mut h = Harness::with(2);
    h.keys("ghjjk<enter>");
    assert!(h.in_lists());
    h.keys("gh<esc>");
    assert!(h.in_lists());
}

#[test]
fn the_config_is_taken_over_while_the_editor_runs() {
    let mut h = Harness::with(6);
    let preferences = Preferences {
        window: 3,
        look: Look {
            theme: ThemeName::HighContrast,
            ..Look::default()
        },
        mouse: true,
        links: true,
        call: Call::Bell,
        line: Line {
            sparing: false,
            byte_rate: Some(4_000),
        },
        keys: vec![binding("move-down", "n"), binding("shuffel", "X")],
        customs: Vec::new(),
        problems: vec!["config.toml:9: odd".to_owned()],
    };
    configure(&mut h, Ok(preferences));
    let said: Vec<&str> = h
        .state
        .notices
        .past()
        .iter()
        .map(|n| n.text.as_str())
        .collect();
    let hint = "config.toml:1: there is no command `shuffel`; did you mean `shuffle`?";
    assert_eq!(said, ["config.toml:9: odd", hint]);
    h.keys("n");
    assert_eq!(h.order(), [1, 0, 2, 3, 4, 5]);
    h.keys("J");
    assert_eq!(h.order(), [1, 0, 2, 3, 4, 5], "the old key is free");
    h.keys("d");
    let end = h
        .operations()
        .last()
        .and_then(|operation| operation.not_before);
    assert_eq!(end, Some(h.now.plus(3)));
    assert_eq!(h.state.settings.look.theme, ThemeName::HighContrast);
    assert!(h.state.mouse && h.effects.contains(&Effect::Mouse(true)));
    assert!(h.effects.contains(&Effect::WatchSight(true)));
    assert_eq!(h.state.settings.line.byte_rate, Some(4_000));
    configure(&mut h, Err("config.toml:1: no"));
    assert_eq!(h.notice(), "config.toml:1: no; all stays as it was");
    h.keys("n");
    assert_eq!(h.state.settings.window, 3);
    configure(&mut h, Ok(Preferences::default()));
    assert_eq!(h.notice(), "took over config.toml");
}

#[test]
fn the_mouse_that_was_switched_by_hand_stays_until_the_file_says_something_else() {
    let mut h = Harness::with(6);
    h.keys(":mouse<enter>");
    configure(&mut h, Ok(Preferences::default()));
    assert!(h.state.mouse, "the file says what it said before");
    let on = Preferences {
        mouse: true,
        ..Preferences::default()
    };
    configure(&mut h, Ok(on));
    let told = |h: &Harness| {
        let all = h.effects.iter();
        all.filter(|effect| matches!(effect, Effect::Mouse(_)))
            .count()
    };
    assert_eq!((h.state.mouse, told(&h)), (true, 1), "it is on already");
    configure(&mut h, Ok(Preferences::default()));
    assert_eq!((h.state.mouse, told(&h)), (false, 2));
}

#[test]
fn without_colours_a_theme_is_no_reason_to_complain() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    fs::write(&file, "theme = \"dark\"\nwindow = 3\n").unwrap();
    let arguments = ["--config", file.to_str().unwrap(), "demo"];
    let complaint = "needs more than sixteen colours";
    let mut terminal = Start::new(home.path(), &arguments)
        .env("NO_COLOR", "1")
        .run();
    terminal.wait_for("24 updates");
    assert!(!terminal.screen().contains(complaint));
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
    let mut terminal = Start::new(home.path(), &arguments).run();
    terminal.wait_for(complaint);
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
}

#[test]
fn a_theme_the_terminal_cannot_show_is_passed_over() {
    let mut h = Harness::with(1);
    h.keys(":theme<enter>");
    assert_eq!(h.state.settings.look.theme, ThemeName::HighContrast);
    h.state.settings.terminal.colors = Colors::True;
    h.keys(":theme<enter>:theme<enter>:theme<enter>");
    assert_eq!(h.state.settings.look.theme, ThemeName::Dark);
    assert_eq!(
        h.notice(),
        "`theme = \"dark\"` in config.toml keeps this one"
    );
}

#[test]
fn copying_says_which_way_it_went_and_nothing_before() {
    let mut h = Harness::with(2);
    let copied = |h: &Harness| match h.effects.last() {
        Some(Effect::Copy { what, text }) if what.count == 1 => Some((what.part, text.clone())),
        _ => None,
    };
    h.keys("y");
    assert_eq!(copied(&h), Some((Part::Text, "update 0".to_owned())));
    assert_eq!(h.notice(), "");
    let ways = [
        (
            CopyWay::Terminal,
            "copied the text: your terminal was told to take it (OSC 52)",
        ),
        (
            CopyWay::Tmux,
            "copied the text: tmux has it and tells your terminal",
        ),
        (
            CopyWay::TooLong { bytes: 90_000 },
            "the text is too long for terminals (90 KB, they take about 55): nothing was copied",
        ),
    ];
    for (way, text) in ways {
        let (part, count, now) = (Part::Text, 1, h.now);
        let what = Copying { part, count };
        h.act(Action::Copied { what, way, now });
        assert_eq!(h.notice(), text);
    }
    let (what, way, now) = (
        Copying {
            part: Part::Link,
            count: 3,
        },
        CopyWay::Tmux,
        h.now,
    );
    h.act(Action::Copied { what, way, now });
    assert_eq!(
        h.notice(),
        "copied 3 links: tmux has it and tells your terminal"
    );
    h.keys("Yl");
    assert_eq!(h.notice(), "it has no link");
    let remote = h
        .state
        .update(id(0, 0))
        .and_then(|update| update.remote.clone());
    h.keys("Yi");
    let remote = remote.map(|remote| (Part::Id, remote.to_string()));
    assert_eq!(copied(&h), remote);
    h.keys("Yj");
    let (_, json) = copied(&h).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["body"]["content"]["text"], "update 0");
}

/// Takes the `#` away from the options, as a person would from all of them.
fn active(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => rest.to_owned() + "\n",
        _ => line.to_owned() + "\n",
    };
    text.lines().map(line).collect()
}

#[test]
fn the_printed_config_is_what_holds_without_one() {
    let home = tempfile::tempdir().unwrap();
    // Who asks may want to mend a file that is broken.
    let broken = home.path().join("broken.toml");
    fs::write(&broken, "a = [").unwrap();
    let printed = command(home.path())
        .args(["config", "--config"])
        .arg(&broken)
        .output()
        .unwrap();
    assert!(printed.status.success());
    let text = String::from_utf8(printed.stdout).unwrap();
    let file = home.path().join("config.toml");
    let mut config = Config::parse(&active(&text), &file).unwrap();
    let keys = std::mem::take(&mut config.keys);
    assert_eq!(config, Config::default());
    let bindings: Vec<Binding> = keys
        .into_iter()
        .map(|keys| Binding {
            command: keys.command,
            keys: keys.keys,
            at: keys.at,
        })
        .collect();
    assert_eq!(bindings.len(), COMMANDS.len());
    let (keymap, errors) = Keymap::with_bindings(&bindings);
    assert_eq!(errors, []);
    for entry in COMMANDS {
        assert_eq!(keymap.keys_of(entry.command), entry.keys, "{}", entry.name);
    }
    let schema = command(home.path())
        .args(["config", "--schema"])
        .output()
        .unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    let commands = schema["properties"]["keys"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(commands.len(), COMMANDS.len());
}

#[test]
fn a_changed_config_reaches_the_running_editor_by_a_signal_and_by_a_command() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    fs::write(&file, "[keys]\nhistory = \"ctl-g\"\n").unwrap();
    let arguments = ["--config", file.to_str().unwrap(), "demo"];
    let mut terminal = Start::new(home.path(), &arguments).run();
    terminal
        .wait_for("config.toml:2: keys of `history`: `ctl-g` is no key: did you mean `ctrl-g`?");
    terminal.wait_for("24 updates");
    fs::write(&file, "[keys]\nhistory = \"ctrl-g\"\n").unwrap();
    terminal.signal(Signal::USR1);
    terminal.wait_for("took over config.toml");
    terminal.press("\x07");
    terminal.wait_for("What was done");
    terminal.press("q");
    fs::write(&file, "account = \"work\"\n").unwrap();
    terminal.press(":reload");
    terminal.press(ENTER);
    terminal.wait_for("config.toml:1: there is no account `work`");
    terminal.press("\x07");
    terminal.wait_for("What was done");
    terminal.press("qq");
    assert_eq!(terminal.wait_end(), 0);
}

#[test]
fn a_wrong_value_neither_stops_the_start_nor_what_else_the_file_says() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    let wrong = "theme = \"drak\"\nascii = 3\n[keys]\nhistory = \"ctrl-g\"\n";
    fs::write(&file, wrong).unwrap();
    let arguments = ["--config", file.to_str().unwrap(), "demo"];
    let mut terminal = Start::new(home.path(), &arguments).run();
    terminal.wait_for("24 updates");
    terminal.press("\x07");
    terminal.wait_for("What was done");
    terminal.press("qgl");
    terminal.wait_for("config.toml:1: `theme` is \"terminal\", \"dark\"");
    terminal
        .wait_for("config.toml:2: `ascii` is true, false or \"auto\", not 3; \"auto\" is taken");
    terminal.press("q");
    fs::write(&file, "window = -3\n[keys]\nhistory = \"ctrl-t\"\n").unwrap();
    terminal.signal(Signal::USR1);
    terminal.wait_for("config.toml:1: `window` is a whole number");
    terminal.press("\x14");
    terminal.wait_for("What was done");
    terminal.press("qq");
    assert_eq!(terminal.wait_end(), 0);
}

#[test]
fn in_tmux_the_text_goes_to_tmux_and_no_token_does() {
    let home = tempfile::tempdir().unwrap();
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let script = format!(
        "#!/bin/sh\n[ \"$*\" = 'load-buffer -w -' ] || exit 1\nset > {0}/environment\ncat > {0}/copied\n",
        home.path().display()
    );
    fs::write(bin.join("tmux"), script).unwrap();
    fs::set_permissions(bin.join("tmux"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let mut terminal = Start::new(home.path(), &["demo"])
        .env("TMUX", "/tmp/none,1,0")
        .env("QURATE_SERVER_TOKEN", "0123456789secret0123456789")
        .env("PATH", &path)
        .run();
    terminal.wait_for("24 updates");
    terminal.press("y");
    terminal.wait_for("tmux has it and tells your terminal");
    assert!(
        !fs::read_to_string(home.path().join("copied"))
            .unwrap()
            .is_empty()
    );
    let environment = fs::read_to_string(home.path().join("environment")).unwrap();
    assert!(
        environment.contains("TMUX='/tmp/none,1,0'") || environment.contains("TMUX=/tmp/none,1,0")
    );
    assert!(!environment.contains("secret"), "{environment}");
    fs::remove_file(bin.join("tmux")).unwrap();
    terminal.press("y");
    terminal.wait_for("went through tmux to your terminal");
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
}
