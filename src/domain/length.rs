//! How long a text is by each network's own rule, and how long it may be.
//!
//! | network | unit | limit |
//! | --- | --- | --- |
//! | X | weights: 1 or 2 by range, an emoji 2, a link 23 | 280 |
//! | Mastodon | graphemes; a link 23, `@name@host` as `@name` | 500, or the server's |
//! | Bluesky | graphemes, and not above 3,000 bytes | 300 |
//! | Threads | characters; an emoji its UTF-8 bytes | 500 |
//! | others | UTF-16 units | as Buffer checks them |

use unicode_normalization::UnicodeNormalization;

use super::grapheme::{count, graphemes};
use super::profile::Service;
use super::text::{EntityKind, entities, has_scheme, links};

/// A text's length and the network's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// Its length in the network's own units.
    pub used: u32,
    /// How much is allowed; none: unknown network.
    pub limit: Option<u32>,
}

impl Length {
    /// Says whether the network would refuse it.
    pub fn is_over(self) -> bool {
        self.limit.is_some_and(|limit| self.used > limit)
    }

    /// Returns how much is left, negative if it is over; none: unknown network.
    pub fn left(self) -> Option<i64> {
        self.limit
            .map(|limit| i64::from(limit) - i64::from(self.used))
    }
}

/// What a link counts on X and on Mastodon, however long it is.
const LINK: usize = 23;

/// Bluesky's second limit.
const BLUESKY_BYTES: usize = 3000;

/// Measures `text` by the rule of `service`; `limit` overrides the usual one (a Mastodon server's).
pub fn measure(service: &Service, text: &str, limit: Option<u32>) -> Length {
    let used = match service {
        Service::Twitter => weighted(text),
        Service::Mastodon => mastodon(text),
        Service::Bluesky if text.len() > BLUESKY_BYTES => {
            let graphemes = count(text);
            let limit = limit.or(usual_limit(service));
            // Within the one limit but not within the other: tell the one that is broken.
            if limit.is_some_and(|limit| graphemes <= limit as usize) {
                return length(text.len(), Some(3000));
            }
            graphemes
        }
        Service::Bluesky => count(text),
        Service::Threads => threads(text),
        _ => text.encode_utf16().count(),
    };
    length(used, limit.or(usual_limit(service)))
}

/// Returns how many bytes of `text` a network takes, at the most and whole characters only, if
/// `limit` is what it allows.
pub fn fitting(service: &Service, text: &str, limit: u32) -> usize {
    let ends: Vec<usize> = graphemes(text)
        .map(|(at, grapheme)| at + grapheme.len())
        .collect();
    let fits = |end: &usize| !measure(service, &text[..*end], Some(limit)).is_over();
    let count = ends.partition_point(fits);
    count.checked_sub(1).map_or(0, |last| ends[last])
}

fn length(used: usize, limit: Option<u32>) -> Length {
    Length {
        used: u32::try_from(used).unwrap_or(u32::MAX),
        limit,
    }
}

/// Returns how long a text may be on a network unless the account says otherwise.
pub fn usual_limit(service: &Service) -> Option<u32> {
    match service {
        Service::Twitter => Some(280),
        Service::Bluesky => Some(300),
        Service::Mastodon | Service::Threads | Service::Pinterest => Some(500),
        Service::Instagram => Some(2196),
        Service::LinkedIn => Some(3000),
        Service::TikTok | Service::GoogleBusiness => Some(4000),
        Service::Facebook | Service::YouTube => Some(5000),
        Service::Other(_) => None,
    }
}

/// X: `twitter-text` with its third configuration.
fn weighted(text: &str) -> usize {
    let text: String = text.nfc().collect();
    let found = links(&text);
    let mut used = found.len() * LINK;
    let mut from = 0;
    for link in &found {
        used += weight(&text[from..link.range.start]);
        from = link.range.end;
    }
    used + weight(&text[from..])
}

fn weight(text: &str) -> usize {
    graphemes(text)
        .map(|(_, grapheme)| {
            if is_emoji(grapheme) {
                2
            } else {
                grapheme.chars().map(char_weight).sum()
            }
        })
        .sum()
}

fn char_weight(c: char) -> usize {
    let light = matches!(
        c,
        '\0'..='\u{10FF}' | '\u{2000}'..='\u{200D}' | '\u{2010}'..='\u{201F}' | '\u{2032}'..='\u{2037}'
    );
    if light { 1 } else { 2 }
}

/// Mastodon: links with a scheme count 23, and of a mention only the name.
fn mastodon(text: &str) -> usize {
    let mut used = 0;
    let mut from = 0;
    for entity in entities(text) {
        let part = &text[entity.range.clone()];
        let counted = match entity.kind {
            EntityKind::Link if has_scheme(part) => LINK,
            EntityKind::Mention => {
                let host = part.get(1..).and_then(|name| name.find('@'));
                let Some(host) = host else { continue };
                1 + host
            }
            _ => continue,
        };
        used += count(&text[from..entity.range.start]) + counted;
        from = entity.range.end;
    }
    used + count(&text[from..])
}

fn threads(text: &str) -> usize {
    graphemes(text)
        .map(|(_, grapheme)| {
            if is_emoji(grapheme) {
                grapheme.len()
            } else {
                grapheme.chars().count()
            }
        })
        .sum()
}

/// Says whether a grapheme is drawn as an emoji: by its own nature, as a flag, as a key cap, or
/// because a variation selector asks for it.
pub(super) fn is_emoji(grapheme: &str) -> bool {
    let mut chars = grapheme.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    let asked = chars.clone().any(|c| c == '\u{FE0F}');
    let as_text = chars.next() == Some('\u{FE0E}');
    match first {
        '#' | '*' | '0'..='9' => grapheme.ends_with('\u{20E3}'),
        '\u{1F1E6}'..='\u{1F1FF}' => grapheme.chars().count() > 1,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' => asked,
        _ if as_text => false,
        '\u{1F000}'..='\u{1F0FF}' | '\u{1F170}'..='\u{1F1E5}' | '\u{1F200}'..='\u{1FAFF}' => true,
        _ => is_pictographic(first),
    }
}

/// Says whether a character of the lower plane is one that emoji are made of.
pub(super) fn is_pictographic(c: char) -> bool {
    matches!(
        c,
        '\u{231A}' | '\u{231B}' | '\u{2328}' | '\u{23CF}' | '\u{23E9}'..='\u{23F3}'
            | '\u{23F8}'..='\u{23FA}' | '\u{24C2}' | '\u{25AA}' | '\u{25AB}' | '\u{25B6}'
            | '\u{25C0}' | '\u{25FB}'..='\u{25FE}' | '\u{2600}'..='\u{2604}' | '\u{260E}'
            | '\u{2611}' | '\u{2614}' | '\u{2615}' | '\u{2618}' | '\u{261D}' | '\u{2620}'
            | '\u{2622}' | '\u{2623}' | '\u{2626}' | '\u{262A}' | '\u{262E}' | '\u{262F}'
            | '\u{2638}'..='\u{263A}' | '\u{2640}' | '\u{2642}' | '\u{2648}'..='\u{2653}'
            | '\u{265F}' | '\u{2660}' | '\u{2663}' | '\u{2665}' | '\u{2666}' | '\u{2668}'
            | '\u{267B}' | '\u{267E}' | '\u{267F}' | '\u{2692}'..='\u{2697}' | '\u{2699}'
            | '\u{269B}' | '\u{269C}' | '\u{26A0}' | '\u{26A1}' | '\u{26A7}' | '\u{26AA}'
            | '\u{26AB}' | '\u{26B0}' | '\u{26B1}' | '\u{26BD}' | '\u{26BE}' | '\u{26C4}'
            | '\u{26C5}' | '\u{26C8}' | '\u{26CE}' | '\u{26CF}' | '\u{26D1}' | '\u{26D3}'
            | '\u{26D4}' | '\u{26E9}' | '\u{26EA}' | '\u{26F0}'..='\u{26F5}'
            | '\u{26F7}'..='\u{26FA}' | '\u{26FD}' | '\u{2702}' | '\u{2705}'
            | '\u{2708}'..='\u{270D}' | '\u{270F}' | '\u{2712}' | '\u{2714}' | '\u{2716}'
            | '\u{271D}' | '\u{2721}' | '\u{2728}' | '\u{2733}' | '\u{2734}' | '\u{2744}'
            | '\u{2747}' | '\u{274C}' | '\u{274E}' | '\u{2753}'..='\u{2755}' | '\u{2757}'
            | '\u{2763}' | '\u{2764}' | '\u{2795}'..='\u{2797}' | '\u{27A1}' | '\u{27B0}'
            | '\u{27BF}' | '\u{2934}' | '\u{2935}' | '\u{2194}'..='\u{2199}' | '\u{21A9}'
            | '\u{21AA}' | '\u{2B05}'..='\u{2B07}' | '\u{2B1B}' | '\u{2B1C}' | '\u{2B50}'
            | '\u{2B55}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}'
    )
}

#[cfg(test)]
mod tests;
