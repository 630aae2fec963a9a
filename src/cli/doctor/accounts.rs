//! The accounts: where each one's API is, its token, and what its store holds.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use super::Patient;
use super::places::process;
use crate::config::LOCAL;
use crate::config::paths::account_key;
use crate::domain::doctor::{Finding, Verdict, outbox, well};
use crate::sync::{self, Holder, Inspected, Stands, StoreError};

/// An account that is in the config, or of which there is a store.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) name: String,
    url: Option<String>,
    store: PathBuf,
}

/// All of them: the local one, those of the config, and those that were opened by their address.
pub(super) fn all(patient: &Patient<'_>) -> Vec<Account> {
    let paths = patient.paths;
    let mut accounts = vec![Account {
        name: LOCAL.to_owned(),
        url: None,
        store: paths.store(LOCAL),
    }];
    for (name, account) in &patient.config.accounts {
        accounts.push(Account {
            name: name.clone(),
            url: Some(account.url.clone()),
            store: paths.store(&account_key(Some(name), &account.url)),
        });
    }
    let beside = paths.store(LOCAL);
    let directory = beside.parent().map(fs::read_dir);
    let entries = directory.into_iter().flatten().flatten().flatten();
    let mut others: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(OsStr::new("db")))
        .filter(|path| accounts.iter().all(|known| known.store != *path))
        .collect();
    others.sort();
    accounts.extend(others.into_iter().map(|store| {
        Account {
            name: store
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            url: None,
            store,
        }
    }));
    accounts
}

impl Account {
    pub(super) async fn findings(&self, patient: &Patient<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Some(url) = &self.url {
            findings.push(well("API", format!("{url} (not asked here)")));
            findings.extend(patient.tokens.get(&self.name).map(token));
        }
        match sync::inspect(&self.store, patient.scratch).await {
            Ok(None) => findings.push(well(
                "store",
                format!("{}: nothing kept so far", self.store.display()),
            )),
            Ok(Some(inspected)) => self.inspected(&inspected, &mut findings),
            Err(error) => findings.push(self.store().but(Verdict::Act, error.to_string())),
        }
        findings
    }

    fn store(&self) -> Finding {
        well("store", self.store.display().to_string())
    }

    fn inspected(&self, inspected: &Inspected, findings: &mut Vec<Finding>) {
        let is_held = inspected.holder != Holder::Nobody;
        findings.push(match &inspected.stands {
            Ok(stands) => version(self.store(), stands),
            Err(error) => self.store().but(Verdict::Act, bad(error, is_held)),
        });
        if is_held {
            let process = process(inspected.holder);
            findings.push(well(
                "sending",
                format!("{process} holds the lock and sends"),
            ));
        } else {
            findings.push(well(
                "sending",
                "nobody holds the lock: nothing goes out now",
            ));
        }
        if let Ok(stands) = &inspected.stands
            && stands.is_current()
        {
            findings.push(outbox(stands.counts, || self.why()));
            findings.extend(damage(stands));
            if stands.drafts > 0 {
                let texts = plural(
                    stands.drafts,
                    "text that was begun",
                    "texts that were begun",
                );
                findings.push(well("drafts", texts));
            }
        }
        for aside in &inspected.aside {
            let found = well("set aside", aside.display().to_string());
            findings.push(found.but(
                Verdict::Look,
                "it was damaged, what could be saved of it is in the store; remove it when you miss \
                 nothing",
            ));
        }
    }

    /// How the person sees what needs them.
    fn why(&self) -> String {
        let open = match (self.name.as_str(), &self.url) {
            (LOCAL, _) | (_, None) => "`qurate`".to_owned(),
            (name, Some(_)) => format!("`qurate --account {name}`"),
        };
        format!("{open} and there `w` show why and what you can choose")
    }
}

fn token(token: &Result<String, String>) -> Finding {
    match token {
        Ok(from) => well("token", from),
        Err(why) => well("token", "none that can be used").but(Verdict::Act, why),
    }
}

fn version(found: Finding, stands: &Stands) -> Finding {
    if stands.is_current() {
        return found;
    }
    found.note(format!(
        "of an older qurate (schema {}, this one has {}): the next start brings it up to date",
        stands.version, stands.known
    ))
}

/// What is wrong with a store; one that is damaged is mended at the start.
fn bad(error: &StoreError, is_held: bool) -> String {
    if !error.is_damage() {
        return error.to_string();
    }
    if is_held {
        "it is damaged; the editor that has it open says what became of it".to_owned()
    } else {
        "it is damaged or its last changes are gone: the next start saves what is left, keeps the \
         old file and says what is missing"
            .to_owned()
    }
}

fn damage(stands: &Stands) -> Vec<Finding> {
    let mut findings = Vec::new();
    if stands.damaged > 0 {
        let count = i64::try_from(stands.damaged).unwrap_or(i64::MAX);
        let value = plural(
            count,
            "edit is not as it was stored",
            "edits are not as they were stored",
        );
        let what = "the next start sets them apart and never sends them: look at the queue";
        findings.push(well("damaged", value).but(Verdict::Act, what));
    }
    if stands.quarantined > 0 {
        let value = plural(stands.quarantined, "row was damaged", "rows were damaged");
        let what = "kept apart and never sent: look at the queue and make them again";
        findings.push(well("quarantine", value).but(Verdict::Act, what));
    }
    if stands.missing != 0 {
        let value = plural(stands.missing, "edit is", "edits are");
        let what = "they were made and are in no list; the next start says so: look at the queue";
        findings.push(well("missing", format!("{value} nowhere")).but(Verdict::Act, what));
    }
    findings
}

fn plural(count: i64, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}
