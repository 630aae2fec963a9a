//! What is well and what is not: findings, each with a verdict and what to do, under headings.
//!
//! The screen and the command line look at different things, but say them in the same words.

mod terminal;

pub use terminal::{Screen, terminal};

use super::replica::Counts;

/// Whether something is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is.
    Well,
    /// It works, but not as well as it could.
    Look,
    /// It needs the person.
    Act,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub name: &'static str,
    /// How it is.
    pub value: String,
    /// Whether that is well.
    pub verdict: Verdict,
    /// What to do, or what it means.
    pub advice: Option<String>,
}

/// Findings under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The heading.
    pub heading: String,
    /// What was looked at.
    pub findings: Vec<Finding>,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// It, heading by heading.
    pub parts: Vec<Part>,
}

impl Report {
    /// Puts findings under a heading, behind what is there.
    pub fn add(&mut self, heading: &str, findings: impl IntoIterator<Item = Finding>) {
        self.parts.push(Part {
            heading: heading.to_owned(),
            findings: findings.into_iter().collect(),
        });
    }

    /// Returns all findings.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.parts.iter().flat_map(|part| &part.findings)
    }

    /// Returns the worst of it.
    pub fn worst(&self) -> Verdict {
        let verdicts = self.findings().map(|finding| finding.verdict);
        verdicts.max().unwrap_or(Verdict::Well)
    }

    /// Returns it as lines of text, to be read in a shell or sent to somebody.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for part in &self.parts {
            lines.push(part.heading.clone());
            for finding in &part.findings {
                let (name, value) = (finding.name, &finding.value);
                let word = finding.verdict.word();
                lines.push(
                    format!("  {word:<10} {name:<13} {value}")
                        .trim_end()
                        .to_owned(),
                );
                if let Some(advice) = &finding.advice {
                    lines.push(format!("{:26}{advice}", ""));
                }
            }
        }
        lines.join("\n") + "\n"
    }
}

impl Verdict {
    /// Returns it in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Look => "look here",
            Self::Act => "to do",
        }
    }
}

/// Something that is well.
pub fn well(name: &'static str, value: impl Into<String>) -> Finding {
    Finding {
        name,
        value: value.into(),
        verdict: Verdict::Well,
        advice: None,
    }
}

impl Finding {
    /// The same, but not so well, with what to do or what it means.
    #[must_use]
    pub fn but(mut self, verdict: Verdict, advice: impl Into<String>) -> Self {
        self.verdict = verdict;
        self.advice = Some(advice.into());
        self
    }

    /// The same, with something worth knowing.
    #[must_use]
    pub fn note(self, advice: impl Into<String>) -> Self {
        self.but(Verdict::Well, advice)
    }
}

/// What waits in an outbox; `why` says how to see what needs the person.
pub fn outbox(counts: Counts, why: impl FnOnce() -> String) -> Finding {
    let needing = counts.held + counts.failed;
    let value = match (needing, counts.waiting) {
        (0, 0) => "nothing waits".to_owned(),
        (0, waiting) => format!("{waiting} on the way"),
        _ => format!(
            "{} held, {} refused, {} on the way",
            counts.held, counts.failed, counts.waiting
        ),
    };
    let found = well("outbox", value);
    if needing > 0 {
        return found.but(Verdict::Act, why());
    }
    found
}
