//! Copying: what of an update, and what is said of the way it went.

use super::commands::say;
use crate::app::action::{CopyWay, Copying, Part};
use crate::app::effect::Effect;
use crate::app::notice::Severity;
use crate::app::state::{Pane, State};
use crate::domain::text::links;
use crate::domain::update::{Content, Update};

impl Copying {
    /// Names it, with the verb that is next.
    fn words(self) -> (String, &'static str) {
        let (one, many) = match self.part {
            Part::Text => ("the text", "texts"),
            Part::Link => ("the link", "links"),
            Part::LinkToOpen => ("the link, to open where you sit", "links"),
            Part::Output => ("what it said", "outputs"),
            Part::Id => ("the id", "ids"),
            Part::Json => ("the update as JSON", "updates as JSON"),
            Part::Markdown => ("the update as Markdown", "updates as Markdown"),
            Part::Report => ("the report", "reports"),
        };
        match self.count {
            0 | 1 => (one.to_owned(), "is"),
            count => (format!("{count} {many}"), "are"),
        }
    }
}

impl Part {
    /// Says what is missing where there is nothing of it to copy.
    fn missing(self) -> &'static str {
        match self {
            Self::Link => "it has no link",
            Self::Id => "it has no id yet: the API has not confirmed it",
            Self::Text
            | Self::Json
            | Self::Markdown
            | Self::LinkToOpen
            | Self::Output
            | Self::Report => "there is nothing to copy",
        }
    }
}

/// Copies a part of the marked updates, with a blank line between them, else of the one under the
/// cursor. What came of it is said when it is known.
pub(super) fn copy(state: &mut State, out: &mut Vec<Effect>, part: Part) {
    let marked = match state.focus {
        Pane::Queue => state.marked(),
        Pane::Profiles | Pane::Sent | Pane::Interactions => Vec::new(),
    };
    let updates: Vec<&Update> = if marked.is_empty() {
        state.under_cursor().into_iter().collect()
    } else {
        marked.iter().filter_map(|id| state.update(*id)).collect()
    };
    if updates.is_empty() {
        let text = "there is no update to copy from here";
        return say(state, Severity::Done, text);
    }
    let texts = updates.iter().filter_map(|update| text_of(update, part));
    let texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        return say(state, Severity::Warning, part.missing());
    }
    let count = texts.len();
    let what = Copying { part, count };
    let text = texts.join("\n\n");
    out.push(Effect::Copy { what, text });
}

/// Says what came of it.
pub(super) fn copied(state: &mut State, what: Copying, way: CopyWay) {
    let (what, is) = what.words();
    match way {
        CopyWay::Terminal => {
            let text = format!("copied {what}: your terminal was told to take it (OSC 52)");
            say(state, Severity::Done, text);
        }
        CopyWay::Tmux => {
            let text = format!("copied {what}: tmux has it and tells your terminal");
            say(state, Severity::Done, text);
        }
        CopyWay::ThroughTmux => {
            let text = format!(
                "{what} went through tmux to your terminal; it arrives with `allow-passthrough on`"
            );
            say(state, Severity::Warning, text);
        }
        CopyWay::TooLong { bytes } => {
            let text = format!(
                "{what} {is} too long for terminals ({} KB, they take about 55): nothing was copied",
                bytes / 1000
            );
            say(state, Severity::Warning, text);
        }
    }
}

fn text_of(update: &Update, part: Part) -> Option<String> {
    let content = &update.body.content;
    match part {
        Part::Text => Some(content.text.clone()),
        Part::Link | Part::LinkToOpen => link(content),
        Part::Id => update.remote.as_ref().map(ToString::to_string),
        Part::Json => serde_json::to_string_pretty(update).ok(),
        Part::Markdown => Some(markdown(content)),
        // They are of no update.
        Part::Output | Part::Report => None,
    }
}

/// The attached link, else the first one in the text.
fn link(content: &Content) -> Option<String> {
    if !content.media.link.is_empty() {
        return Some(content.media.link.clone());
    }
    let first = links(&content.text).into_iter().next()?;
    content.text.get(first.range).map(str::to_owned)
}

/// The text as it is; link and picture below it.
fn markdown(content: &Content) -> String {
    let mut lines = vec![content.text.clone()];
    let media = &content.media;
    if !media.link.is_empty() {
        let link = &media.link;
        let title = Some(&media.title).filter(|title| !title.is_empty());
        let title = title.unwrap_or(link);
        lines.push(format!("[{}]({link})", title.replace(['[', ']'], "")));
    }
    if !media.picture.is_empty() {
        lines.push(format!("![]({})", media.picture));
    }
    lines.join("\n\n")
}
