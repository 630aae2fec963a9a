//! How the API shows what the server keeps: day and time in words, text as HTML, numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{Datelike as _, Timelike as _};
use chrono_tz::Tz;

use super::connection::demo;
use super::keeper::{Counted, Listed};
use super::model::{Profile, Reaction, Stage, Update};
use crate::domain::profile::Service;
use crate::domain::text::{EntityKind, entities};
use crate::domain::time::Timestamp;
use crate::domain::update::Media;
use crate::wire::json::{
    InteractionDto, InteractionUserDto, MediaDto, ProfileDto, UpdateDto, schedule_to_dto,
};

/// What `day` says of an update without a time because its profile has no posting times.
const NO_SLOTS: &str = "No scheduled days or times";
/// What `day` says of an update without a time because its profile is paused.
const PAUSED: &str = "The queue is paused";

/// The one application behind every token of this server, as `client_id` names it.
const CLIENT: &str = "000000000000000071757261";

/// For whom and when something is shown.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) now: Timestamp,
    /// Days and times in UTC and not in the profile's zone.
    pub(super) utc: bool,
    pub(super) user: String,
}

/// Shows an update.
pub(super) fn update(listed: &Listed, view: &View) -> UpdateDto {
    let (u, profile) = (&listed.update, &listed.profile);
    let zone = if view.utc { Tz::UTC } else { profile.zone };
    let due = match u.stage {
        Stage::Pending | Stage::Sending => listed.due_at,
        Stage::Sent | Stage::Failed => u.due_at.or(u.sent_at),
    };
    let (day, due_time) = match due {
        Some(at) => (day(at, view.now, zone), time(at, zone)),
        None if profile.paused => (PAUSED.to_owned(), String::new()),
        None => (NO_SLOTS.to_owned(), String::new()),
    };
    UpdateDto {
        mongo_id: u.id.to_string(),
        id: u.id.to_string(),
        client_id: (u.via == "api").then(|| CLIENT.to_owned()),
        created_at: u.created_at.0,
        updated_at: Some(u.updated_at.0),
        day,
        due_at: due.map_or(0, |at| at.0),
        due_time,
        scheduled_at: u.own_time.map(|own| own.at.0),
        pinned: u.own_time.is_some_and(|own| own.pinned),
        media: media(&u.content.media),
        profile_id: u.profile.to_string(),
        profile_service: profile.service.as_str().to_owned(),
        sent_at: u.sent_at.map(|at| at.0),
        service_update_id: u.service_update_id.clone(),
        shared_now: u.shared_now,
        statistics: statistics(u, &profile.service, view.now),
        status: u.stage.status().to_owned(),
        text: u.content.text.clone(),
        text_formatted: formatted(&u.content.text, &profile.service),
        kind: Some(kind(&u.content.media).to_owned()),
        user_id: view.user.clone(),
        via: u.via.clone(),
        error: u.error.clone().map(serde_json::Value::String),
    }
}

/// Shows a profile.
pub(super) fn profile(counted: &Counted, first: bool, user: &str) -> ProfileDto {
    let p = &counted.profile;
    let formatted = match &p.service {
        Service::Twitter | Service::Mastodon | Service::Bluesky | Service::Threads => {
            format!("@{}", p.name.trim_start_matches('@'))
        }
        _ => p.name.clone(),
    };
    let number = |n: i64| serde_json::Value::from(n);
    let pending = i64::try_from(counted.pending).unwrap_or(i64::MAX);
    ProfileDto {
        mongo_id: p.id.to_string(),
        id: p.id.to_string(),
        counts: BTreeMap::from([
            ("pending".to_owned(), number(pending)),
            ("sent".to_owned(), number(counted.sent)),
            ("drafts".to_owned(), number(0)),
        ]),
        created_at: p.created_at.0,
        is_default: first,
        formatted_service: p.service.title().to_owned(),
        formatted_username: formatted,
        paused: p.paused,
        schedules: schedule_to_dto(&p.schedule),
        service: p.service.as_str().to_owned(),
        service_id: p.id.to_string(),
        service_type: "profile".to_owned(),
        service_username: p.name.clone(),
        statistics: BTreeMap::from([("followers".to_owned(), number(p.followers))]),
        timezone: p.zone.name().to_owned(),
        user_id: user.to_owned(),
        connection: Some(p.connection.clone()),
        ..ProfileDto::default()
    }
}

/// Shows an interaction.
pub(super) fn interaction(reaction: &Reaction) -> InteractionDto {
    InteractionDto {
        mongo_id: reaction.id.clone(),
        created_at: reaction.created_at.0,
        event: reaction.event.clone(),
        id: reaction.id.clone(),
        interaction_id: reaction.interaction_id.clone(),
        user: InteractionUserDto {
            username: reaction.username.clone(),
            followers: reaction.followers,
            avatar: reaction.avatar.replacen("https://", "http://", 1),
            avatar_https: reaction.avatar.clone(),
            twitter_id: Some(reaction.person_id.clone()),
        },
    }
}

/// Returns the numbers of a sent update.
fn statistics(
    update: &Update,
    service: &Service,
    now: Timestamp,
) -> Option<BTreeMap<String, serde_json::Value>> {
    if update.stage != Stage::Sent {
        return None;
    }
    let stored = update.statistics.as_deref().unwrap_or("{}");
    if stored == demo::MARK {
        let sent_at = update.sent_at.unwrap_or(update.created_at);
        let numbers = demo::statistics(update.id, service, sent_at, now);
        return Some(numbers.into_iter().map(|(k, n)| (k, n.into())).collect());
    }
    Some(serde_json::from_str(stored).unwrap_or_default())
}

fn media(media: &Media) -> Option<MediaDto> {
    if media.is_empty() {
        return None;
    }
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Some(MediaDto {
        link: some(&media.link),
        title: some(&media.title).or_else(|| host(&media.link)),
        description: some(&media.description),
        picture: some(&media.picture),
        thumbnail: some(&media.thumbnail).or_else(|| some(&media.picture)),
    })
}

fn kind(media: &Media) -> &'static str {
    if !media.link.is_empty() {
        "link"
    } else if !media.picture.is_empty() {
        "picture"
    } else {
        "text"
    }
}

/// Returns the host of an address, which stands for a title that was not sent: no page is fetched.
fn host(link: &str) -> Option<String> {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = host.rsplit('@').next().unwrap_or("");
    Some(host.trim_start_matches("www.").to_owned()).filter(|host| !host.is_empty())
}

/// Writes a day as people say it: `Today`, `Tomorrow`, `Thursday 3rd March`, with the year if it
/// is another one.
fn day(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let (there, today) = (
        at.in_zone(&zone).date_naive(),
        now.in_zone(&zone).date_naive(),
    );
    if there == today {
        return "Today".to_owned();
    }
    if today.succ_opt() == Some(there) {
        return "Tomorrow".to_owned();
    }
    let number = there.day();
    let ending = match (number % 10, number) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    let mut words = format!(
        "{} {number}{ending} {}",
        there.format("%A"),
        there.format("%B")
    );
    if there.year() != today.year() {
        // Writing to a String cannot fail.
        let _ = write!(words, " {}", there.year());
    }
    words
}

/// Writes a time of day as `6:13 am`.
fn time(at: Timestamp, zone: Tz) -> String {
    let at = at.in_zone(&zone);
    let (afternoon, hour) = at.hour12();
    let half = if afternoon { "pm" } else { "am" };
    format!("{hour}:{:02} {half}", at.minute())
}

/// Writes a text as HTML: links, mentions and hashtags as anchors, everything else escaped.
fn formatted(text: &str, service: &Service) -> String {
    let mut html = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for entity in entities(text) {
        escape(&mut html, &text[done..entity.range.start]);
        let word = &text[entity.range.clone()];
        let (class, address) = match entity.kind {
            EntityKind::Link => ("url", link_address(word)),
            EntityKind::Mention => ("username", page(service, word, "")),
            EntityKind::Hashtag => ("hashtag", page(service, word, "hashtag/")),
        };
        html.push_str("<a class=\"");
        html.push_str(class);
        if let Some(address) = address {
            html.push_str("\" href=\"");
            escape(&mut html, &address);
        }
        html.push_str("\" rel=\"nofollow noopener\" target=\"_blank\">");
        escape(&mut html, word);
        html.push_str("</a>");
        done = entity.range.end;
    }
    escape(&mut html, &text[done..]);
    html
}

/// Returns the address a link in a text leads to; only http and https ever become an anchor.
fn link_address(word: &str) -> Option<String> {
    match word.split_once("://") {
        None => Some(format!("http://{word}")),
        Some((scheme, _))
            if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
        {
            Some(word.to_owned())
        }
        Some(_) => None,
    }
}

/// Returns the page of a person or hashtag, where the network has one under a known address.
fn page(service: &Service, word: &str, below: &str) -> Option<String> {
    let name = word.trim_start_matches(['@', '#', '＃', '＠']);
    let base = match service {
        Service::Twitter => "https://twitter.com/",
        Service::Bluesky if below.is_empty() => "https://bsky.app/profile/",
        Service::Bluesky => "https://bsky.app/",
        Service::Facebook => "https://www.facebook.com/",
        _ => return None,
    };
    Some(format!("{base}{below}{name}"))
}

fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
}

/// Writes an update as a command gets it.
pub(super) fn for_command(u: &Update, profile: &Arc<Profile>, now: Timestamp) -> String {
    let listed = Listed {
        update: u.clone(),
        profile: Arc::clone(profile),
        due_at: u.due_at,
    };
    let view = View {
        now,
        utc: false,
        user: String::new(),
    };
    let update = update(&listed, &view);
    let body = serde_json::json!({
        "id": update.id,
        "text": update.text,
        "media": update.media,
        "profile_id": update.profile_id,
        "service": update.profile_service,
        "username": profile.name,
        "due_at": update.due_at,
        "created_at": update.created_at,
        "sent_at": update.sent_at,
        "service_update_id": update.service_update_id,
    });
    format!("{body}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tuesday 3 March 2026, 12:00 UTC.
    const NOW: Timestamp = Timestamp(1_772_539_200);
    const DAY: i64 = 86_400;

    #[test]
    fn days_are_said_as_people_say_them() {
        let said = |days: i64| day(NOW.plus(days * DAY), NOW, Tz::UTC);
        assert_eq!(said(0), "Today");
        assert_eq!(said(1), "Tomorrow");
        assert_eq!(said(-1), "Monday 2nd March");
        assert_eq!(said(8), "Wednesday 11th March");
        assert_eq!(said(18), "Saturday 21st March");
        assert_eq!(said(19), "Sunday 22nd March");
        assert_eq!(said(20), "Monday 23rd March");
        assert_eq!(said(365), "Wednesday 3rd March 2027");
        assert_eq!(day(NOW, NOW.plus(-12 * 3600 - 1), Tz::UTC), "Tomorrow");
    }

    #[test]
    fn times_have_no_leading_zero_and_twelve_is_twelve() {
        let said = |seconds: i64| time(NOW.plus(seconds), Tz::UTC);
        assert_eq!(said(0), "12:00 pm");
        assert_eq!(said(-12 * 3600), "12:00 am");
        assert_eq!(said(-5 * 3600 - 47 * 60), "6:13 am");
        assert_eq!(said(11 * 3600 + 8 * 60), "11:08 pm");
        assert_eq!(time(NOW, Tz::Asia__Tokyo), "9:00 pm");
    }

    #[test]
    fn a_title_that_was_not_sent_is_the_host() {
        assert_eq!(
            host("https://www.example.com:80/a?b"),
            Some("example.com:80".to_owned())
        );
        assert_eq!(host("http://a@b.example"), Some("b.example".to_owned()));
        assert_eq!(host("example.org/x"), Some("example.org".to_owned()));
        assert_eq!(host(""), None);
    }
}
