//! The contract of `qurate serve` on the command line.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;

use rustix::process::Signal;

use crate::served::{Served, command, hang_ups_must_count};

#[test]
fn serve_says_one_line_answers_and_ends_on_a_signal() {
    hang_ups_must_count();
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let home = tempfile::tempdir().unwrap();
        let mut served = Served::start(home.path(), &["--demo"]);
        let port = served.address.port();
        assert_eq!(
            served.line,
            format!("listening on http://127.0.0.1:{port}/1/\n")
        );
        assert_ne!(port, 0);
        assert_eq!(served.profiles().len(), 3);
        let (ended, rest) = served.stop(signal);
        assert_eq!((ended, rest.as_str()), (Some(code), ""));
        let left: Vec<_> = fs::read_dir(home.path()).unwrap().collect();
        assert!(
            left.is_empty(),
            "the throw-away directory is gone: {left:?}"
        );
    }
}

#[test]
fn the_sample_data_is_the_same_each_time() {
    let home = tempfile::tempdir().unwrap();
    let read = || {
        let served = Served::start(home.path(), &["--demo", "--updates", "30"]);
        let texts = |id: &String| served.texts(id, "pending");
        let profiles = served.profiles();
        (profiles.iter().map(texts).collect::<Vec<_>>(), profiles)
    };
    let (first, profiles) = read();
    assert_eq!(read(), (first.clone(), profiles));
    assert!(first.iter().all(|texts| texts.len() == 30));
}

#[test]
fn a_wrong_token_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let served = Served::start(home.path(), &["--demo"]);
    let (status, body) = served.ask("GET", "user.json?access_token=wrong", "");
    assert_eq!(status, 401, "{body}");
    assert!(body["error"].is_string(), "{body}");
}

#[test]
fn a_token_is_made_once_and_kept_in_a_private_file_that_is_named() {
    let home = tempfile::tempdir().unwrap();
    let start = || {
        let mut child = command(home.path())
            .args(["serve", "--state-dir", "s", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
        assert!(line.starts_with("listening on "), "{line}");
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let said = start();
    let file = said.trim().rsplit(' ').next().unwrap();
    assert_eq!(fs::metadata(file).unwrap().mode() & 0o777, 0o600);
    let token = fs::read_to_string(file).unwrap();
    assert!(token.trim().len() >= 32, "it cannot be guessed");
    assert!(!said.contains(token.trim()), "it is never printed");
    assert_eq!(start(), said);
    assert_eq!(fs::read_to_string(file).unwrap(), token);
    for entry in fs::read_dir(home.path().join("s")).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = command(home.path())
        .args(["serve", "--state-dir", "s", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty());
}

#[test]
fn two_servers_do_not_share_a_database_and_a_killed_one_holds_nothing_up() {
    let home = tempfile::tempdir().unwrap();
    let mut first = Served::start(home.path(), &["--database", "q.db"]);
    let second = command(home.path())
        .args(["serve", "--listen", "127.0.0.1:0", "--database", "q.db"])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("q.db"), "{said}");
    first.stop(Signal::KILL);
    first.start_again();
    assert_eq!(first.profiles().len(), 0);
}

#[test]
fn a_named_demo_database_is_filled_once_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let mut served = Served::start(home.path(), &["--demo", "--database", "q.db"]);
    let profile = served.profiles().remove(0);
    let texts = served.texts(&profile, "pending");
    served.post(
        "updates/create.json",
        &format!("profile_ids[]={profile}&text=kept"),
    );
    served.stop(Signal::TERM);
    served.start_again();
    let again = served.texts(&profile, "pending");
    assert_eq!(again.len(), texts.len() + 1);
    assert!(again.contains(&"kept".to_owned()));
}

#[test]
fn what_cannot_be_served_is_a_usage_error_that_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    for (arguments, word) in [
        (&["serve", "--listen", "0.0.0.0:0"][..], "loopback"),
        (&["serve", "--listen", "nowhere"], "127.0.0.1"),
        (&["serve", "--updates", "3"], "--demo"),
        (&["serv"], "serve"),
    ] {
        let output = command(home.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}

#[test]
fn the_editor_without_a_terminal_says_what_it_needs() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["demo"]] {
        let output = command(home.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("terminal"), "{said}");
    }
}

#[test]
fn a_program_of_the_config_publishes_and_never_sees_a_token() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path().display();
    let config = format!(
        "[server.connections.blog]\ncommand = [\"/bin/sh\", \"-c\", \
         \"env > {here}/seen; cat > {here}/given; echo id-1\"]\n"
    );
    let file = home.path().join("config.toml");
    fs::write(&file, config).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let served = Served::start(
        home.path(),
        &["--database", "q.db", "--config", "config.toml"],
    );
    let profile = served.post(
        "profiles/create.json",
        "service=mastodon&name=blog&timezone=UTC&connection=blog",
    );
    let profile = profile["profile"]["id"]
        .as_str()
        .or(profile["id"].as_str())
        .unwrap_or_else(|| panic!("no id: {profile}"));
    served.post(
        "updates/create.json",
        &format!("profile_ids[]={profile}&text=hello&now=true"),
    );
    served.wait_texts(profile, "sent", |texts| texts == ["hello"]);
    let seen = fs::read_to_string(home.path().join("seen")).unwrap();
    assert!(!seen.contains(crate::served::TOKEN), "{seen}");
    let given = fs::read_to_string(home.path().join("given")).unwrap();
    assert!(given.contains("\"hello\""), "{given}");
    drop(served);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    let refused = command(home.path())
        .args([
            "serve",
            "--config",
            "config.toml",
            "--listen",
            "127.0.0.1:0",
        ])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("chmod"), "{said}");
}

#[test]
fn an_option_that_nobody_knows_is_said_when_the_server_starts() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("a.toml");
    fs::write(&config, "[conections.x]\ncommand = [\"true\"]\n").unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    let mut child = command(home.path())
        .args(["serve", "--listen", "127.0.0.1:0", "--demo", "--config"])
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut stderr, &mut said).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.contains("conections"), "{said:?}");
}
