//! Where everything lies, and whether it can be read and written there.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Access, access};

use crate::config::paths::Paths;
use crate::domain::doctor::{Finding, Verdict, well};
use crate::sync::{self, Holder};

/// The config file, and each thing that is wrong with it.
pub(super) fn config(paths: &Paths, problems: &[String]) -> Vec<Finding> {
    let file = paths.config.display();
    if problems.is_empty() {
        let found = if paths.config.exists() {
            well("config", file.to_string())
        } else {
            well("config", format!("{file}: not there"))
                .note("all is as by default; `qurate config` prints a file to start from")
        };
        return vec![found];
    }
    let what = if problems.len() == 1 {
        "problem"
    } else {
        "problems"
    };
    let value = format!("{file}: {} {what}", problems.len());
    let all = std::iter::once(well("config", value));
    all.chain(problems.iter().map(|problem| well("", problem)))
        .map(|finding| Finding {
            verdict: Verdict::Act,
            ..finding
        })
        .collect()
}

/// Everything else.
pub(super) fn all(paths: &Paths) -> Vec<Finding> {
    let mut findings = vec![
        directory("state", &paths.state),
        directory("data", &paths.data),
        file("log", &paths.log()),
    ];
    if let Some(parent) = paths.socket.parent() {
        findings.push(directory("sockets", parent));
    }
    findings.push(server(paths));
    findings
}

/// The server of this machine: who publishes what is queued in it.
fn server(paths: &Paths) -> Finding {
    let database = paths.database();
    if !database.exists() {
        return well("server", "no local queue so far");
    }
    match sync::holder(&database) {
        Ok(Holder::Nobody) => well("server", "does not run")
            .note("nothing of the local queues goes out until `qurate serve` or the editor runs"),
        Ok(holder) => well("server", format!("runs in {}", process(holder))),
        Err(error) => well("server", format!("nobody knows whether it runs: {error}"))
            .but(Verdict::Act, "check the rights of its directory"),
    }
}

/// Names the process that has something.
pub(super) fn process(holder: Holder) -> String {
    match holder {
        Holder::Nobody => "none".to_owned(),
        Holder::Process(Some(id)) => format!("process {id}"),
        Holder::Process(None) => "another process".to_owned(),
    }
}

/// A directory of ours; one that is not there must be one that can be made.
fn directory(name: &'static str, path: &Path) -> Finding {
    let at = path.display();
    let found = well(name, at.to_string());
    let Ok(meta) = fs::metadata(path) else {
        return if can_be_made(path) {
            well(name, format!("{at}: made when it is needed"))
        } else {
            found.but(
                Verdict::Act,
                "it is not there and cannot be made: check the rights above it, or use --state-dir DIR",
            )
        };
    };
    if !meta.is_dir() || meta.uid() != rustix::process::geteuid().as_raw() {
        return found.but(
            Verdict::Act,
            "it belongs to somebody else or is no directory; remove it, or use --state-dir DIR",
        );
    }
    if access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return found.but(
            Verdict::Act,
            "it cannot be read and written: check its rights, or use --state-dir DIR",
        );
    }
    if meta.mode() & 0o077 != 0 {
        return found.but(
            Verdict::Look,
            "others may look into it; the next start keeps them out",
        );
    }
    found
}

fn can_be_made(path: &Path) -> bool {
    let there = path.ancestors().find(|above| above.exists());
    there.is_some_and(|above| {
        above.is_dir() && access(above, Access::WRITE_OK | Access::EXEC_OK).is_ok()
    })
}

/// A file of ours; one that is not there is made when it is needed.
fn file(name: &'static str, path: &Path) -> Finding {
    let found = well(name, path.display().to_string());
    if path.exists() && access(path, Access::WRITE_OK).is_err() {
        return found.but(Verdict::Act, "it cannot be written: check its rights");
    }
    found
}
