//! `qurate doctor`: what the terminal can do and how things stand, said without a screen.
//!
//! It only looks: no directory is made, no store is changed, no server is asked.

mod accounts;
mod places;

use std::collections::BTreeMap;
use std::path::Path;

use super::Exit;
use crate::config::Config;
use crate::config::paths::Paths;
use crate::domain::doctor::{Report, Screen, Verdict, terminal, well};

/// What is looked at.
#[derive(Debug)]
pub struct Patient<'a> {
    /// Which qurate this is.
    pub version: &'a str,
    /// The terminal.
    pub screen: Screen<'a>,
    /// Where everything lies.
    pub paths: &'a Paths,
    /// The config, or the default one if it cannot be used.
    pub config: &'a Config,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// The token of each remote account: where it comes from, or why there is none.
    pub tokens: BTreeMap<String, Result<String, String>>,
    /// A directory for copies, which is removed after.
    pub scratch: &'a Path,
}

/// Looks at everything.
pub async fn report(patient: Patient<'_>) -> Report {
    let mut report = Report::default();
    report.add("Terminal", terminal(&patient.screen));
    let paths = patient.paths;
    let first = [well("version", patient.version)].into_iter();
    let all = first
        .chain(places::config(paths, &patient.problems))
        .chain(places::all(paths));
    report.add("Places", all);
    for account in accounts::all(&patient) {
        let findings = account.findings(&patient).await;
        report.add(&format!("Account {}", account.name), findings);
    }
    report
}

/// Returns what the shell is told.
pub fn exit(report: &Report) -> Exit {
    match report.worst() {
        Verdict::Well | Verdict::Look => Exit::Ok,
        Verdict::Act => Exit::Conflict,
    }
}
