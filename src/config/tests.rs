//! What a config file may say, and what is said of what it may not.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::domain::custom::{Input, Output};

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new("/etc/config.toml")).map_err(|e| e.to_string())
}

#[test]
fn an_empty_file_is_the_defaults() {
    assert_eq!(parse(""), Ok(Config::default()));
}

#[test]
fn every_option_is_read() {
    let config = parse(
        r#"
        account = "work"
        window = 0
        mouse = true
        ascii = "on"
        emoji = "safe"
        hyperlinks = "off"
        notify = "bell"
        free_slots = true
        flush_on_quit = true
        [keys]
        grab = "m"
        quit = ["q", "ctrl-q"]
        help = []
        [accounts.work]
        url = "https://api.bufferapp.com/1/"
        token_file = "work.token"
        [commands.loud]
        key = "ctrl-o"
        run = ["tr", "a-z", "A-Z"]
        output = "text"
        [server]
        allowed_hosts = ["queue.example.org"]
        pending_limit = 100
        rate_limit = 60
        [server.connections.blog]
        command = ["/usr/bin/post", "--site", "x"]
        interactions = ["/usr/bin/seen"]
        "#,
    )
    .unwrap();
    let loud = &config.commands[0];
    assert_eq!((loud.name.as_str(), loud.run.len()), ("loud", 3));
    assert_eq!((loud.input, loud.output), (Input::Text, Output::Text));
    assert_eq!(loud.at, "/etc/config.toml:18");
    assert_eq!(config.account, "work");
    assert_eq!(config.window, 0);
    assert!(config.free_slots);
    assert_eq!((config.ascii, config.emoji), (Switch::On, Emoji::Safe));
    let manners = (config.hyperlinks, config.notify);
    assert_eq!(manners, (Switch::Off, Notify::Bell));
    assert_eq!((config.mouse, config.flush_on_quit), (Switch::On, true));
    let keys: Vec<_> = config
        .keys
        .iter()
        .map(|k| (k.command.as_str(), k.keys.join(" "), k.at.as_str()))
        .collect();
    assert_eq!(
        keys,
        [
            ("grab", "m".to_owned(), "/etc/config.toml:12"),
            ("quit", "q ctrl-q".to_owned(), "/etc/config.toml:13"),
            ("help", String::new(), "/etc/config.toml:14"),
        ]
    );
    assert_eq!(
        config.accounts["work"].token_file.as_deref(),
        Some(Path::new("/etc/work.token"))
    );
    assert_eq!(config.server.pending_limit, Some(100));
    assert_eq!(config.server.connections["blog"].command.len(), 3);
    assert_eq!(config.warnings, [""; 0]);
}

#[test]
fn an_unknown_option_is_a_warning_with_the_nearest_name_and_the_rest_works() {
    let config = parse("mose = true\nwindow = 3\n[server]\nratelimit = 5\n").unwrap();
    assert_eq!(config.window, 3);
    assert_eq!(
        config.warnings,
        [
            "/etc/config.toml:1: there is no option `mose`; did you mean `mouse`?",
            "/etc/config.toml:4: there is no option `server.ratelimit`; did you mean \
             `rate_limit`?",
        ]
    );
}

#[test]
fn a_value_that_makes_no_sense_is_a_warning_with_what_is_right_and_the_rest_works() {
    let cases = [
        (
            "theme = \"drak\"",
            "`theme` is \"terminal\", \"dark\", \"light\", \"high-contrast\" or \"plain\", not \
             \"drak\"; did you mean \"dark\"? \"terminal\" is taken",
        ),
        (
            "emoji = \"save\"",
            "`emoji` is \"full\" or \"safe\", not \"save\"; did you mean \"safe\"? \"full\" is taken",
        ),
        (
            "theme = 3",
            "`theme` is \"terminal\", \"dark\", \"light\", \"high-contrast\" or \"plain\", not 3; \
             \"terminal\" is taken",
        ),
        (
            "ascii = 3",
            "`ascii` is true, false or \"auto\", not 3; \"auto\" is taken",
        ),
        (
            "mouse = 1",
            "`mouse` is true, false or \"auto\", not 1; did you mean true? \"auto\" is taken",
        ),
        (
            "hyperlinks = \"atuo\"",
            "`hyperlinks` is true, false or \"auto\", not \"atuo\"; did you mean \"auto\"? \"auto\" \
             is taken",
        ),
        (
            "free_slots = \"flase\"",
            "`free_slots` is true or false, not \"flase\"; did you mean false? false is taken",
        ),
        (
            "window = -1",
            "`window` is a whole number of seconds from 0 to 3600, not -1; 10 is taken",
        ),
        (
            "window = \"5\"",
            "`window` is a whole number of seconds from 0 to 3600, not \"5\"; did you mean 5? 10 is \
             taken",
        ),
        (
            "[window]\n",
            "`window` is a whole number of seconds from 0 to 3600, not a section; 10 is taken",
        ),
        (
            "[server]\nrate_limit = 0",
            "`rate_limit` is a whole number from 1 (leave it out for none), not 0; it counts as left \
             out",
        ),
        (
            "[server]\nallowed_hosts = \"a.example\"",
            "`allowed_hosts` is a list of texts, as [\"one\", \"two\"], not \"a.example\"; did you mean \
             [\"a.example\"]? [] is taken",
        ),
        (
            "[keys]\ngrab = 3",
            "`grab` is a key or a list of keys, as [\"J\", \"down\"]; it keeps its usual keys",
        ),
        (
            "[commands.x]\nkey = 3",
            "`key` is a text in quotes, not an integer like this; the command is left out",
        ),
        (
            "[commands.x]\nrun = \"tr a b\"",
            "`run` is a list of the program and its arguments, as [\"/path/to/program\", \"argument\"]; \
             no shell reads it; the command is left out",
        ),
        (
            "[commands.x]",
            "`commands.x` needs `run`, as [\"tr\", \"a-z\", \"A-Z\"]; the command is left out",
        ),
        (
            "[commands.\"a b\"]",
            "`a b` is no name: 1 to 32 letters, digits, `-` or `_`; the command is left out",
        ),
        ("keys = 3", "`keys` is a section, not an integer like this"),
        (
            "server = 3",
            "`server` is a section, not an integer like this",
        ),
    ];
    for (text, want) in cases {
        let text = format!("flush_on_quit = true\n{text}");
        let config = parse(&text).expect(&text);
        let line = text.trim_end().lines().count();
        let said = format!("/etc/config.toml:{line}: {want}");
        assert_eq!(config.warnings, [said]);
        let as_if_left_out = Config {
            flush_on_quit: true,
            warnings: config.warnings.clone(),
            ..Config::default()
        };
        assert_eq!(config, as_if_left_out);
    }
    assert_eq!(parse("theme = \"light\"").unwrap().theme, ThemeName::Light);
}

#[test]
fn a_command_with_a_choice_nobody_knows_takes_the_usual_one() {
    let text = "[commands.x]\nrun = [\"a\"]\noutput = \"txt\"\n[commands.y]\nrun = [\"b\"]";
    let config = parse(text).unwrap();
    let said = "/etc/config.toml:3: `output` is \"show\" or \"text\", not \"txt\"; did you mean \
                \"text\"? \"show\" is taken";
    assert_eq!(config.warnings, [said]);
    assert_eq!(
        (config.commands.len(), config.commands[0].output),
        (2, Output::Show)
    );
}

#[test]
fn all_that_is_wrong_is_told_in_the_order_of_the_file() {
    let config = parse("window = -1\nmose = true\n[server]\nrate_limit = 0\n").unwrap();
    let lines: Vec<_> = config.warnings.iter().map(|w| &w[..19]).collect();
    let at = [
        "/etc/config.toml:1:",
        "/etc/config.toml:2:",
        "/etc/config.toml:4:",
    ];
    assert_eq!(lines, at);
    let refused = parse("window = -1\n[accounts.x]\n[accounts.y]\nurl = 3\n").unwrap_err();
    let lines: Vec<_> = refused.lines().map(|w| &w[..19]).collect();
    assert_eq!(lines, at);
}

#[test]
fn what_says_where_updates_go_is_never_guessed() {
    let cases = [
        (
            "account = \"work\"",
            "/etc/config.toml:1: there is no account `work`; there are: local",
        ),
        (
            "account = \"wrok\"\n[accounts.work]\nurl=\"https://a.example/1/\"",
            "/etc/config.toml:1: there is no account `wrok`; there are: work, local; did you mean \
             `work`?",
        ),
        ("account = 3", "/etc/config.toml:1: `account` is a name"),
        (
            "accounts = 3",
            "/etc/config.toml:1: `accounts` is a section",
        ),
        (
            "[accounts.x]\n",
            "/etc/config.toml:1: `accounts.x` needs `url`",
        ),
        (
            "[accounts.x]\nurl = \"https://a.example/1/\"\ntoken_file = 3",
            "/etc/config.toml:3: `token_file` is a text in quotes",
        ),
        (
            "[accounts.local]\nurl = \"http://a/1/\"",
            "/etc/config.toml:1: `local` is the",
        ),
        (
            "[accounts.x]\nurl = \"ftp://a\"",
            "/etc/config.toml:2: `url` starts with",
        ),
        (
            "[server.connections.demo]\ncommand=[\"a\"]",
            "/etc/config.toml:1: `demo` is the",
        ),
        (
            "[server.connections.c]\ncommand=[]",
            "/etc/config.toml:2: `command` is a list",
        ),
        (
            "[server.connections.c]\ncommand=\"sh -c x\"",
            "/etc/config.toml:2: `command` is",
        ),
        ("a = [", "/etc/config.toml:1: "),
        (
            "[accounts.x]\nurl=\"http://u:p@h/\"",
            "/etc/config.toml:2: `url` holds a password",
        ),
        (
            "[accounts.x]\nurl=\"http://h/?access_token=1\"",
            "/etc/config.toml:2: `url` has",
        ),
        (
            "[accounts.x]\nurl=\"http://api.example.org/1/\"",
            "/etc/config.toml:2: `url` would",
        ),
    ];
    for (text, want) in cases {
        let got = parse(text).expect_err(text);
        assert!(got.starts_with(want), "{text:?}: {got}");
    }
}

#[test]
fn a_file_others_can_write_is_refused_once_it_names_commands() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    fs::write(&file, "mouse = true").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(Config::load(&file, true).unwrap().mouse, Switch::On);
    fs::write(&file, "[server.connections.c]\ncommand = [\"true\"]").unwrap();
    let refused = Config::load(&file, true).unwrap_err();
    assert!(matches!(refused, ConfigError::Writable { .. }), "{refused}");
    fs::write(&file, "[commands.c]\nrun = [\"true\"]").unwrap();
    let refused = Config::load(&file, true).unwrap_err();
    assert!(matches!(refused, ConfigError::Writable { .. }), "{refused}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(Config::load(&file, true).is_ok());
}

#[test]
fn a_missing_file_is_only_an_error_when_it_was_asked_for() {
    let file = Path::new("/nowhere/config.toml");
    assert_eq!(Config::load(file, false).unwrap(), Config::default());
    assert!(matches!(
        Config::load(file, true),
        Err(ConfigError::Read { .. })
    ));
}
