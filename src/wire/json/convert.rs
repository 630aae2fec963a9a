//! From shapes to the domain and back.
//!
//! A field this program acts on must make sense, or the whole reply is refused with the field's
//! path; one that is only shown may be missing or odd. An unknown zone becomes UTC and a time of a
//! profile's schedule that cannot be read is left out: one odd profile shall not hide the others,
//! and due times come from the server anyway.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use serde_json::Value;

use super::lenient::number;
use super::said::plain_text;
use super::{InteractionDto, MediaDto, ProfileDto, ScheduleDto, UpdateDto, UserDto};
use crate::domain::id::{InvalidId, ProfileId, RemoteId, UserId};
use crate::domain::interaction::Interaction;
use crate::domain::profile::{Profile, Service};
use crate::domain::schedule::{Entry, Schedule};
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Content, Media, Outcome, OwnTime, RemoteUpdate, Sent, Status};

/// A field that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {reason}")]
pub struct BadField {
    /// Where, as `updates[3].due_at`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

impl BadField {
    /// Says what is wrong where.
    pub fn new(path: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self {
            path: path.into(),
            reason: format!("{reason}"),
        }
    }

    /// Returns the same field seen from one level above.
    #[must_use]
    pub fn below(self, parent: &str) -> Self {
        Self {
            path: format!("{parent}.{}", self.path),
            ..self
        }
    }
}

/// Converts each item of the list `name`; an error's path begins with the item, as `updates[3]`.
pub fn each<T, U>(
    name: &str,
    items: Vec<T>,
    convert: impl Fn(T) -> Result<U, BadField>,
) -> Result<Vec<U>, BadField> {
    let one = |(at, item)| convert(item).map_err(|error| error.below(&format!("{name}[{at}]")));
    items.into_iter().enumerate().map(one).collect()
}

impl UpdateDto {
    /// Reads an update.
    pub fn into_domain(self) -> Result<RemoteUpdate, BadField> {
        let id = id(&self.id, &self.mongo_id, RemoteId::parse)?;
        let profile = ProfileId::parse(&self.profile_id)
            .map_err(|error| BadField::new("profile_id", error))?;
        let sent = instant(self.sent_at).map(|at| Sent {
            at,
            service_update_id: self.service_update_id.unwrap_or_default(),
        });
        let status = status(&self.status, sent.is_some())?;
        let own_time = instant(self.scheduled_at).map(|at| OwnTime {
            at,
            pinned: self.pinned,
        });
        let outcome = Outcome {
            sent,
            statistics: numbers(self.statistics.unwrap_or_default()),
            error: self.error.as_ref().and_then(plain_text),
        };
        let body = Body {
            profile,
            content: Content {
                text: self.text,
                media: self.media.map(Media::from).unwrap_or_default().into(),
            },
            status,
            created_at: Timestamp(self.created_at),
            due_at: instant(Some(self.due_at)),
            own_time,
            outcome: outcome.into(),
        };
        Ok(RemoteUpdate { id, body })
    }
}

impl ProfileDto {
    /// Reads a profile.
    pub fn into_domain(self) -> Result<Profile, BadField> {
        let id = id(&self.id, &self.mongo_id, ProfileId::parse)?;
        if self.service.is_empty() {
            return Err(BadField::new("service", "missing"));
        }
        let count = |name| {
            let told = self.counts.get(name).and_then(number);
            told.and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
        };
        let (pending, sent) = (count("pending"), count("sent"));
        let either =
            |first: &str, second: &str| if first.is_empty() { second } else { first }.to_owned();
        Ok(Profile {
            id,
            username: either(&self.service_username, &self.formatted_username),
            formatted_username: either(&self.formatted_username, &self.service_username),
            service: Service::from(self.service),
            timezone: zone(&self.timezone),
            schedule: readable_schedule(&self.schedules),
            paused: self.paused,
            pending,
            sent,
            connection: self.connection,
            character_limit: self.character_limit,
        })
    }
}

impl InteractionDto {
    /// Reads an interaction.
    pub fn into_domain(self) -> Result<Interaction, BadField> {
        if self.event.is_empty() {
            return Err(BadField::new("event", "missing"));
        }
        Ok(Interaction {
            // It is only shown and compared, and never becomes a part of a URL.
            id: if self.id.is_empty() {
                self.mongo_id
            } else {
                self.id
            },
            event: self.event,
            created_at: Timestamp(self.created_at),
            username: self.user.username,
            followers: self.user.followers,
        })
    }
}

impl UserDto {
    /// Reads who is signed in.
    pub fn into_domain(self) -> Result<UserId, BadField> {
        id(&self.id, &self.mongo_id, UserId::parse)
    }
}

impl From<MediaDto> for Media {
    fn from(dto: MediaDto) -> Self {
        let picture = dto.picture.unwrap_or_default();
        Self {
            link: dto.link.unwrap_or_default(),
            title: dto.title.unwrap_or_default(),
            description: dto.description.unwrap_or_default(),
            // Servers repeat the picture where none was sent. Kept, it would survive a change of
            // the picture and show the old one.
            thumbnail: dto
                .thumbnail
                .filter(|small| *small != picture)
                .unwrap_or_default(),
            picture,
        }
    }
}

impl From<&Media> for MediaDto {
    fn from(media: &Media) -> Self {
        let part = |text: &String| (!text.is_empty()).then(|| text.clone());
        Self {
            link: part(&media.link),
            title: part(&media.title),
            description: part(&media.description),
            picture: part(&media.picture),
            thumbnail: part(&media.thumbnail),
        }
    }
}

/// Reads a schedule; the path of an error begins with the entry, as `[1].times[0]`. Days may be
/// written out (`Monday`), times may have seconds or no leading zero.
pub fn schedule_from_dto(entries: &[ScheduleDto]) -> Result<Schedule, BadField> {
    let read = |(at, entry): (usize, &ScheduleDto)| {
        let days = entry.days.iter().enumerate().map(|(i, text)| {
            day(text).ok_or_else(|| BadField::new(format!("[{at}].days[{i}]"), "not a weekday"))
        });
        let times = entry.times.iter().enumerate().map(|(i, text)| {
            time_of_day(text)
                .ok_or_else(|| BadField::new(format!("[{at}].times[{i}]"), "not a time of day"))
        });
        Ok(Entry {
            days: days.collect::<Result<_, _>>()?,
            times: times.collect::<Result<_, _>>()?,
        })
    };
    let entries: Result<_, BadField> = entries.iter().enumerate().map(read).collect();
    entries.map(Schedule)
}

/// Writes a schedule.
pub fn schedule_to_dto(schedule: &Schedule) -> Vec<ScheduleDto> {
    let day = |day: &Weekday| day.to_string().to_ascii_lowercase();
    let time = |time: &NaiveTime| time.format("%H:%M").to_string();
    schedule
        .0
        .iter()
        .map(|entry| ScheduleDto {
            days: entry.days.iter().map(day).collect(),
            times: entry.times.iter().map(time).collect(),
        })
        .collect()
}

fn readable_schedule(entries: &[ScheduleDto]) -> Schedule {
    let read = |entry: &ScheduleDto| Entry {
        days: entry.days.iter().filter_map(|text| day(text)).collect(),
        times: entry
            .times
            .iter()
            .filter_map(|text| time_of_day(text))
            .collect(),
    };
    Schedule(entries.iter().map(read).collect())
}

fn id<T>(
    id: &str,
    mongo_id: &str,
    parse: impl Fn(&str) -> Result<T, InvalidId>,
) -> Result<T, BadField> {
    let id = if id.is_empty() { mongo_id } else { id };
    if id.is_empty() {
        return Err(BadField::new("id", "missing"));
    }
    parse(id).map_err(|error| BadField::new("id", error))
}

/// `service` were posted on the network itself and `notified` by hand after a reminder. A word this
/// program does not know stands for something that still waits, unless it went out.
fn status(word: &str, sent: bool) -> Result<Status, BadField> {
    match word {
        "" => Err(BadField::new("status", "missing")),
        "buffer" => Ok(Status::Pending),
        "sent" | "service" | "notified" => Ok(Status::Sent),
        "error" | "failed" => Ok(Status::Failed),
        "draft" | "needs_approval" => Ok(Status::Draft),
        _ if sent => Ok(Status::Sent),
        _ => Ok(Status::Pending),
    }
}

/// The API writes 0 for no time.
fn instant(seconds: Option<i64>) -> Option<Timestamp> {
    seconds.filter(|&seconds| seconds > 0).map(Timestamp)
}

fn numbers(fields: BTreeMap<String, Value>) -> BTreeMap<String, i64> {
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, number(&value)?)))
        .collect()
}

fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

fn day(text: &str) -> Option<Weekday> {
    text.trim().parse().ok()
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let mut parts = text.trim().split(':');
    let mut part = || {
        let part = parts.next()?;
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten()
    };
    NaiveTime::from_hms_opt(part()?, part()?, 0)
}

#[cfg(test)]
mod tests;
