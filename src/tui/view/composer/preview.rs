//! What will be sent, network by network.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::parts::meaning_text;
use crate::app::State;
use crate::app::composer::Composer;
use crate::domain::length::{self, Length};
use crate::domain::profile::Service;
use crate::domain::shown::{Shown, wrap};
use crate::domain::update::Media;
use crate::tui::theme::Theme;
use crate::tui::view::frame;

/// Names of profiles told for one network.
const NAMED: usize = 3;

/// Draws what will be sent, from line `from` on; says whether it is longer than its place.
pub(super) fn draw(
    state: &State,
    theme: &Theme,
    composer: &Composer,
    from: usize,
    area: Rect,
    buffer: &mut Buffer,
) -> bool {
    let inner = frame::open(buffer, area, "What will be sent", "", theme.border);
    let mut lines = Lines {
        width: inner.width.into(),
        all: Vec::new(),
    };
    for (service, length) in composer.lengths() {
        network(composer, theme, &service, length, &mut lines);
        lines.add("", theme.text);
    }
    if lines.all.is_empty() {
        lines.add("No profile is chosen yet.", theme.dim);
    } else if let Some(when) = meaning_text(state, composer) {
        lines.add(&when, theme.dim);
    }
    frame::scrolled(buffer, inner, from, &lines.all, theme, |line, mut row| {
        row.say(&line.0, line.1);
    });
    lines.all.len() > usize::from(inner.height)
}

struct Lines {
    width: usize,
    all: Vec<(Shown, Style)>,
}

impl Lines {
    fn add(&mut self, raw: &str, style: Style) {
        let lines = wrap(&Shown::multiline(raw), self.width);
        self.all.extend(lines.into_iter().map(|line| (line, style)));
    }
}

fn network(
    composer: &Composer,
    theme: &Theme,
    service: &Service,
    length: Length,
    lines: &mut Lines,
) {
    let of_it = || composer.targets.chosen().filter(|t| t.service == *service);
    let names: Vec<&str> = of_it().take(NAMED).map(|t| t.name.as_str()).collect();
    let more = match of_it().count().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let heading = format!("{}: {}{more}", service.title(), names.join(", "));
    lines.add(&heading, theme.heading);
    let content = composer.content(service);
    match length.limit {
        Some(limit) if length.is_over() => {
            let end = length::fitting(service, &content.text, limit);
            let (fits, over) = content.text.split_at(end);
            lines.add(fits, theme.text);
            let cut = format!("── {} too many from here on ──", length.used - limit);
            lines.add(&cut, theme.bad);
            lines.add(over, theme.bad);
        }
        _ => lines.add(&content.text, theme.text),
    }
    media(&content.media, composer, theme, lines);
}

fn media(media: &Media, composer: &Composer, theme: &Theme, lines: &mut Lines) {
    for (word, text) in [
        ("link", &media.link),
        ("title", &media.title),
        ("about", &media.description),
        ("picture", &media.picture),
    ] {
        if !text.is_empty() {
            lines.add(&format!("{word}: {text}"), theme.dim);
        }
    }
    if composer.shorten == Some(true) {
        lines.add("links are shortened by the server", theme.dim);
    }
}
