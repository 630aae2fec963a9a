//! What keeps an update from being saved, told beside the field where it can be mended.

use super::{Composer, Field};
use crate::domain::lint::is_address;
use crate::domain::operation::Placement;
use crate::domain::time::Timestamp;

/// What keeps an update from being saved, and which field says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it can be mended.
    pub field: Field,
    /// What it is and what to do.
    pub text: String,
}

impl Composer {
    /// Says what keeps it from being saved.
    pub fn check(&self, now: Timestamp) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut add = |field, text: String| problems.push(Problem { field, text });
        if self.is_empty() {
            let text = "there is nothing to post yet: write a text";
            add(Field::Text, text.to_owned());
        }
        for (service, length) in self.lengths() {
            let name = service.title();
            if self.texts.has_own(&service) && self.content(&service).text.is_empty() {
                let text = format!("the own text for {name} is empty: write one, or give it up");
                add(Field::Text, text);
            }
            if length.is_over() {
                let (used, limit) = (length.used, length.limit.unwrap_or_default());
                let text = format!("{used} of {limit} characters for {name}: shorten it");
                add(Field::Text, text);
            }
        }
        if self.targets.chosen().next().is_none() {
            let text = "choose at least one profile: Space, with the cursor here";
            add(Field::Profiles, text.to_owned());
        }
        match self.placement(now) {
            Err(error) => add(Field::When, error.to_string()),
            Ok(Placement::Now) if self.editing.is_some() => {
                add(
                    Field::When,
                    "save it first, then S shares it now".to_owned(),
                );
            }
            Ok(Placement::Top) if self.editing.is_some() => {
                add(
                    Field::When,
                    "save it first, then t moves it to the top".to_owned(),
                );
            }
            Ok(_) => {}
        }
        for (field, word, area) in [
            (Field::Link, "link", &self.link),
            (Field::Picture, "picture", &self.picture),
        ] {
            let address = area.lines().join("");
            if !address.trim().is_empty() && !is_address(address.trim()) {
                add(
                    field,
                    format!("the {word} must begin with http:// or https://"),
                );
            }
        }
        problems
    }
}
