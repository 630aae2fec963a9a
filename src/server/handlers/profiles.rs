//! Profiles and their posting times.

use chrono_tz::Tz;
use serde::Serialize;

use super::{Asked, Reply};
use crate::domain::profile::Service;
use crate::server::Server;
use crate::server::connection::DEMO;
use crate::server::error::Refusal;
use crate::server::keeper::{Counted, NewProfile, ProfileChange};
use crate::server::present;
use crate::wire::json::{ProfileDto, schedule_to_dto};

/// Longest name of a profile, in characters.
const NAME: usize = 100;

/// A profile as a reply to a change: its fields, and the same under a name.
#[derive(Serialize)]
struct Changed {
    success: bool,
    #[serde(flatten)]
    fields: ProfileDto,
    profile: ProfileDto,
}

pub(super) async fn all(server: &Server, asked: &Asked) -> Reply {
    let user = server.user();
    let profiles: Vec<ProfileDto> = server
        .keeper()
        .await
        .profiles()
        .await?
        .iter()
        .enumerate()
        .map(|(i, counted)| present::profile(counted, i == 0, &user))
        .collect();
    asked.reply(&profiles)
}

pub(super) async fn one(server: &Server, asked: &Asked) -> Reply {
    let id = asked.profile()?;
    let user = server.user();
    let profiles = server.keeper().await.profiles().await?;
    let (i, counted) = profiles
        .iter()
        .enumerate()
        .find(|(_, counted)| counted.profile.id == id)
        .ok_or_else(Refusal::no_profile)?;
    asked.reply(&present::profile(counted, i == 0, &user))
}

pub(super) async fn create(server: &Server, asked: &Asked) -> Reply {
    let service = asked.required("service")?;
    let word = service.len() <= 32 && service.bytes().all(|b| b.is_ascii_alphanumeric());
    if !word {
        return Err(Refusal::bounds("`service` must be the name of a network"));
    }
    let new = NewProfile {
        service: Service::from(service.to_ascii_lowercase()),
        name: name(asked.required("name")?)?,
        zone: zone(asked.form.text("timezone").unwrap_or("UTC"))?,
        schedule: asked.form.schedules()?.unwrap_or_default(),
        connection: given(asked, "connection").unwrap_or_else(|| DEMO.to_owned()),
    };
    let made = server.keeper().await.create_profile(new, asked.now).await?;
    changed(server, asked, &made)
}

pub(super) async fn update(server: &Server, asked: &Asked) -> Reply {
    let id = asked.profile()?;
    let change = ProfileChange {
        name: given(asked, "name").map(|text| name(&text)).transpose()?,
        zone: given(asked, "timezone")
            .map(|text| zone(&text))
            .transpose()?,
        connection: given(asked, "connection"),
        ..ProfileChange::default()
    };
    let counted = server
        .keeper()
        .await
        .change_profile(id, change, asked.now)
        .await?;
    server.queue_changed();
    changed(server, asked, &counted)
}

pub(super) async fn destroy(server: &Server, asked: &Asked) -> Reply {
    let id = asked.profile()?;
    server.keeper().await.destroy_profile(id).await?;
    asked.done(None)
}

pub(super) async fn paused(server: &Server, asked: &Asked) -> Reply {
    let id = asked.profile()?;
    let paused = asked
        .form
        .flag("paused")?
        .ok_or_else(|| Refusal::missing("paused"))?;
    let change = ProfileChange {
        paused: Some(paused),
        ..ProfileChange::default()
    };
    server
        .keeper()
        .await
        .change_profile(id, change, asked.now)
        .await?;
    server.queue_changed();
    asked.done(None)
}

pub(super) async fn schedules(server: &Server, asked: &Asked) -> Reply {
    let counted = server.keeper().await.profile(asked.profile()?).await?;
    asked.reply(&schedule_to_dto(&counted.profile.schedule))
}

pub(super) async fn set_schedules(server: &Server, asked: &Asked) -> Reply {
    let id = asked.profile()?;
    let schedule = asked
        .form
        .schedules()?
        .ok_or_else(|| Refusal::missing("schedules"))?;
    let change = ProfileChange {
        schedule: Some(schedule),
        ..ProfileChange::default()
    };
    server
        .keeper()
        .await
        .change_profile(id, change, asked.now)
        .await?;
    server.queue_changed();
    asked.done(Some("Schedule saved successfully"))
}

fn changed(server: &Server, asked: &Asked, counted: &Counted) -> Reply {
    let profile = present::profile(counted, false, &server.user());
    asked.reply(&Changed {
        success: true,
        fields: profile.clone(),
        profile,
    })
}

/// Returns a parameter that is there and not empty.
fn given(asked: &Asked, name: &str) -> Option<String> {
    asked
        .form
        .text(name)
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn name(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() > NAME || text.chars().any(char::is_control) {
        return Err(Refusal::bounds(
            "`name` may have 100 characters and no control characters",
        ));
    }
    Ok(text.to_owned())
}

fn zone(text: &str) -> Result<Tz, Refusal> {
    text.trim().parse().map_err(|_| {
        Refusal::bounds("`timezone` must be an IANA zone such as Europe/London or UTC")
    })
}
