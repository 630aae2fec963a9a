//! What each kind of answer must hold, and in which shapes other servers write it.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::api::ApiError;
use crate::domain::id::{ProfileId, RemoteId};
use crate::domain::profile::Profile;
use crate::domain::update::RemoteUpdate;
use crate::wire::json::{
    BadField, ListedDto, OursDto, ProfileDto, ProfilesDto, Said, UpdateDto, UpdatesDto, each, read,
    read_object,
};

/// An answer with one update: it alone, or under `update`.
pub(super) fn update(body: &[u8], asked: &RemoteId) -> Result<RemoteUpdate, ApiError> {
    #[derive(Deserialize)]
    struct Wrapped {
        #[serde(default)]
        update: Option<UpdateDto>,
        #[serde(default)]
        success: Option<IgnoredAny>,
    }
    let wrapped: Wrapped = read_object(body)?;
    let update = match wrapped.update {
        Some(dto) => dto.into_domain().map_err(|error| error.below("update"))?,
        None => read_object::<UpdateDto>(body)?
            .into_domain()
            .map_err(|error| match wrapped.success {
                Some(_) if error.path == "id" => BadField::new("update", "missing"),
                _ => error,
            })?,
    };
    if update.id != *asked {
        return Err(BadField::new("id", "not the update that was asked for").into());
    }
    Ok(update)
}

/// A page of one profile's updates.
pub(super) fn page(body: &[u8], profile: &ProfileId) -> Result<super::UpdatePage, ApiError> {
    let page: UpdatesDto = read_object(body)?;
    Ok(super::UpdatePage {
        total: page.total,
        updates: of_profile(page.updates, profile)?,
        revision: page.revision,
    })
}

/// The queue that a reorder or a shuffle made.
pub(super) fn queue(body: &[u8], profile: &ProfileId) -> Result<Vec<RemoteUpdate>, ApiError> {
    Ok(of_profile(listed(body)?, profile)?)
}

/// What a create made: at least one update, each for another one of the profiles it was for.
pub(super) fn created(body: &[u8], profiles: &[ProfileId]) -> Result<Vec<RemoteUpdate>, ApiError> {
    let updates = once_each(listed(body)?)?;
    if updates.is_empty() {
        return Err(BadField::new("updates", "empty").into());
    }
    let mut open: HashSet<&ProfileId> = profiles.iter().collect();
    for (at, update) in updates.iter().enumerate() {
        if !open.remove(&update.body.profile) {
            let path = format!("updates[{at}].profile_id");
            return Err(BadField::new(path, "not one it was made for").into());
        }
    }
    Ok(updates)
}

/// An answer that only says yes.
pub(super) fn done(body: &[u8]) -> Result<(), ApiError> {
    read_object::<IgnoredAny>(body)?;
    match Said::read(body).and_then(|said| said.success) {
        Some(true) => Ok(()),
        _ => Err(BadField::new("success", "missing").into()),
    }
}

/// An answer with one profile: it alone, or under `profile`.
pub(super) fn profile(body: &[u8]) -> Result<Profile, ApiError> {
    #[derive(Deserialize)]
    struct Wrapped {
        #[serde(default)]
        profile: Option<ProfileDto>,
    }
    match read_object::<Wrapped>(body)?.profile {
        Some(dto) => Ok(dto.into_domain().map_err(|error| error.below("profile"))?),
        None => Ok(read_object::<ProfileDto>(body)?.into_domain()?),
    }
}

/// All profiles: a bare list.
pub(super) fn profiles(body: &[u8]) -> Result<Vec<Profile>, ApiError> {
    let profiles = each("", read::<ProfilesDto>(body)?.0, ProfileDto::into_domain)?;
    let mut seen = HashSet::new();
    match profiles
        .iter()
        .position(|profile| !seen.insert(&profile.id))
    {
        Some(at) => Err(BadField::new(format!("[{at}].id"), "twice").into()),
        None => Ok(profiles),
    }
}

/// What is ours in a configuration.
pub(super) fn ours(body: &[u8]) -> Result<Option<OursDto>, ApiError> {
    #[derive(Deserialize)]
    struct Configuration {
        #[serde(default)]
        qurate: Option<OursDto>,
    }
    Ok(read_object::<Configuration>(body)?.qurate)
}

/// How often a link was shared.
pub(super) fn shares(body: &[u8]) -> Result<u64, ApiError> {
    #[derive(Deserialize)]
    struct Named {
        shares: u64,
    }
    let read = if body.trim_ascii_start().starts_with(b"{") {
        read::<Named>(body).map(|named| named.shares)
    } else {
        read::<u64>(body)
    };
    read.map_err(|error| match ApiError::from(error) {
        ApiError::Malformed { .. } => BadField::new("shares", "not a number of shares").into(),
        other => other,
    })
}

fn listed(body: &[u8]) -> Result<Vec<UpdateDto>, ApiError> {
    let listed = read_object::<ListedDto>(body)?.updates;
    Ok(listed.into_iter().map(|pending| pending.0).collect())
}

fn of_profile(updates: Vec<UpdateDto>, profile: &ProfileId) -> Result<Vec<RemoteUpdate>, BadField> {
    let updates = once_each(updates)?;
    match updates
        .iter()
        .position(|update| update.body.profile != *profile)
    {
        Some(at) => Err(BadField::new(
            format!("updates[{at}].profile_id"),
            "not the profile that was asked for",
        )),
        None => Ok(updates),
    }
}

fn once_each(updates: Vec<UpdateDto>) -> Result<Vec<RemoteUpdate>, BadField> {
    let updates = each("updates", updates, UpdateDto::into_domain)?;
    let mut seen = HashSet::new();
    match updates.iter().position(|update| !seen.insert(&update.id)) {
        Some(at) => Err(BadField::new(format!("updates[{at}].id"), "twice")),
        None => Ok(updates),
    }
}
