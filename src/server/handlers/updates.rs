//! Updates: lists, order, and everything that is done to one.

use serde::Serialize;

use super::params::storable;
use super::{Asked, Reply};
use crate::domain::update::{Content, Media};
use crate::server::Server;
use crate::server::connection::demo;
use crate::server::error::{Code, Refusal};
use crate::server::keeper::{Edit, Keeper, Listing, NewUpdates, Place};
use crate::server::model::{ObjectId, Reaction, Stage};
use crate::server::present::{self, View};
use crate::server::route::Endpoint;
use crate::wire::form::When;
use crate::wire::json::{InteractionsDto, UpdateDto, UpdatesDto};

#[derive(Serialize)]
struct Ordered {
    success: bool,
    updates: Vec<UpdateDto>,
}

#[derive(Serialize)]
struct Created {
    success: bool,
    buffer_count: u64,
    buffer_percentage: u64,
    updates: Vec<UpdateDto>,
}

#[derive(Serialize)]
struct Edited {
    success: bool,
    buffer_count: u64,
    buffer_percentage: u64,
    update: UpdateDto,
}

/// An update as a reply to a change: its fields, and the same under a name, as clients differ.
#[derive(Serialize)]
struct Changed {
    success: bool,
    #[serde(flatten)]
    fields: UpdateDto,
    update: UpdateDto,
}

pub(super) async fn one(server: &Server, asked: &Asked) -> Reply {
    let view = asked.view(server)?;
    let listed = server.keeper().await.update(asked.update()?).await?;
    asked.reply(&present::update(&listed, &view))
}

pub(super) async fn list(server: &Server, asked: &Asked) -> Reply {
    let (id, view) = (asked.profile()?, asked.view(server)?);
    let quirks = server.quirks();
    let part = quirks.part(asked.part()?);
    let mut keeper = server.keeper().await;
    let listing = match asked.endpoint {
        Endpoint::Sent => keeper.history(id, Stage::Sent, part).await?,
        Endpoint::Failed => keeper.history(id, Stage::Failed, part).await?,
        _ => keeper.pending(id, part).await?,
    };
    drop(keeper);
    asked.reply(&UpdatesDto {
        total: listing.total,
        revision: u64::try_from(listing.revision)
            .ok()
            .filter(|_| !quirks.plain),
        updates: shown(&listing, &view),
    })
}

pub(super) async fn reorder(server: &Server, asked: &Asked) -> Reply {
    let (id, view) = (asked.profile()?, asked.view(server)?);
    let order = asked.ids("order")?;
    let offset = usize::try_from(asked.form.int("offset")?.unwrap_or(0))
        .map_err(|_| Refusal::bounds("`offset` is a place in the queue and counts from 0"))?;
    let quirks = server.quirks();
    let count = if quirks.plain {
        usize::MAX
    } else {
        returned(asked)?
    };
    let listing = server
        .keeper()
        .await
        .reorder(id, &order, (offset, count), quirks, asked.now)
        .await?;
    server.queue_changed();
    asked.reply(&Ordered {
        success: true,
        updates: shown(&listing, &view),
    })
}

pub(super) async fn shuffle(server: &Server, asked: &Asked) -> Reply {
    let (id, view) = (asked.profile()?, asked.view(server)?);
    let count = returned(asked)?;
    let listing = server.keeper().await.shuffle(id, count, asked.now).await?;
    server.queue_changed();
    asked.reply(&Ordered {
        success: true,
        updates: shown(&listing, &view),
    })
}

pub(super) async fn create(server: &Server, asked: &Asked) -> Reply {
    let view = asked.view(server)?;
    let profiles = asked.ids("profile_ids")?;
    let content = Content {
        text: storable(
            &server
                .quirks()
                .new_text(&asked.form, asked.form.text("text").unwrap_or(""))?,
        ),
        media: asked.media()?.unwrap_or_default().into(),
    };
    check(&content)?;
    let new = NewUpdates {
        profiles,
        content,
        place: place(asked)?,
        via: via(asked),
    };
    let mut keeper = server.keeper().await;
    let (listed, jobs) = keeper.create(&new, asked.now).await?;
    let (buffer_count, buffer_percentage) = listed
        .first()
        .map_or((0, 0), |listed| keeper.fill(listed.profile.id));
    drop(keeper);
    server.start(jobs);
    server.queue_changed();
    asked.reply(&Created {
        success: true,
        buffer_count,
        buffer_percentage,
        updates: listed.iter().map(|l| present::update(l, &view)).collect(),
    })
}

pub(super) async fn edit(server: &Server, asked: &Asked) -> Reply {
    let (id, view) = (asked.update()?, asked.view(server)?);
    let Some(new_text) = asked.form.text("text") else {
        // Who asks for nobody's update learns that first.
        server.keeper().await.update(id).await?;
        return Err(Refusal::missing("text"));
    };
    let mut keeper = server.keeper().await;
    let before = keeper.update(id).await?.update;
    let media = server.quirks().edited_media(asked.media()?);
    check(&Content {
        text: new_text.to_owned(),
        media: media.clone().map_or(before.content.media, Into::into),
    })?;
    let edit = Edit {
        text: storable(server.quirks().text(new_text)),
        media,
        when: asked.form.time("scheduled_at")?,
        pinned: asked.form.flag("pinned")?,
        now: asked.form.flag("now")?.unwrap_or(false),
    };
    let (listed, job) = keeper.edit(id, edit, asked.now).await?;
    let (buffer_count, buffer_percentage) = keeper.fill(listed.profile.id);
    drop(keeper);
    server.start(job);
    server.queue_changed();
    asked.reply(&Edited {
        success: true,
        buffer_count,
        buffer_percentage,
        update: present::update(&listed, &view),
    })
}

pub(super) async fn share(server: &Server, asked: &Asked) -> Reply {
    let id = asked.update()?;
    let mut keeper = server.keeper().await;
    match keeper.share(id, asked.now).await {
        Ok(job) => server.start(job),
        Err(refusal) => of_sent(server, &mut keeper, id, refusal).await?,
    }
    drop(keeper);
    server.queue_changed();
    asked.done(None)
}

pub(super) async fn destroy(server: &Server, asked: &Asked) -> Reply {
    let id = asked.update()?;
    let mut keeper = server.keeper().await;
    if let Err(refusal) = keeper.destroy(id, asked.now).await {
        of_sent(server, &mut keeper, id, refusal).await?;
    }
    drop(keeper);
    server.queue_changed();
    asked.done(Some("Update deleted successfully"))
}

/// Says what is said of an update that went out, if it was refused because it did.
async fn of_sent(
    server: &Server,
    keeper: &mut Keeper,
    id: ObjectId,
    refusal: Refusal,
) -> Result<(), Refusal> {
    let listed = keeper.update(id).await?;
    if listed.update.stage != Stage::Sent {
        return Err(refusal);
    }
    server.quirks().refused_of_sent(refusal).map_or(Ok(()), Err)
}

pub(super) async fn move_to_top(server: &Server, asked: &Asked) -> Reply {
    let (id, view) = (asked.update()?, asked.view(server)?);
    let listed = server.keeper().await.move_to_top(id, asked.now).await?;
    server.queue_changed();
    changed(asked, present::update(&listed, &view))
}

pub(super) async fn requeue(server: &Server, asked: &Asked) -> Reply {
    let (id, view) = (asked.update()?, asked.view(server)?);
    let listed = server.keeper().await.requeue(id, asked.now).await?;
    server.queue_changed();
    changed(asked, present::update(&listed, &view))
}

pub(super) async fn interactions(server: &Server, asked: &Asked) -> Reply {
    let (id, part, event) = (asked.update()?, asked.part()?, asked.event()?);
    let mut keeper = server.keeper().await;
    let listed = keeper.update(id).await?;
    let update = &listed.update;
    let mut all: Vec<Reaction> = match update.sent_at {
        Some(sent_at) if update.statistics.as_deref() == Some(demo::MARK) => {
            demo::reactions(id, &listed.profile.service, sent_at, asked.now)
        }
        Some(_) => keeper.reactions(id).await?,
        None => Vec::new(),
    };
    drop(keeper);
    all.retain(|reaction| event.is_none_or(|event| reaction.event == event));
    all.retain(|reaction| part.since.is_none_or(|since| reaction.created_at > since));
    asked.reply(&InteractionsDto {
        total: all.len() as u64,
        interactions: all
            .iter()
            .skip(part.offset)
            .take(part.count)
            .map(present::interaction)
            .collect(),
    })
}

/// Returns how many of the queue come back; all, unless the request says how many.
fn returned(asked: &Asked) -> Result<usize, Refusal> {
    match asked.form.int("count")? {
        None => Ok(usize::MAX),
        Some(count) => usize::try_from(count)
            .ok()
            .filter(|count| *count > 0)
            .ok_or_else(|| Refusal::bounds("`count` must be at least 1")),
    }
}

fn changed(asked: &Asked, update: UpdateDto) -> Reply {
    asked.reply(&Changed {
        success: true,
        fields: update.clone(),
        update,
    })
}

fn shown(listing: &Listing, view: &View) -> Vec<UpdateDto> {
    listing
        .updates
        .iter()
        .map(|listed| present::update(listed, view))
        .collect()
}

/// Returns where a new update goes: a time of its own wins over `now`, and `now` over `top`.
fn place(asked: &Asked) -> Result<Place, Refusal> {
    let (now, top) = (asked.form.flag("now")?, asked.form.flag("top")?);
    let pinned = asked.form.flag("pinned")?.unwrap_or(false);
    Ok(match asked.form.time("scheduled_at")? {
        When::At(at) => Place::At { at, pinned },
        When::Absent | When::Cleared if now == Some(true) => Place::Now,
        When::Absent | When::Cleared if top == Some(true) => Place::Top,
        When::Absent | When::Cleared => Place::End,
    })
}

/// Returns what made the update, if it says so in a word.
fn via(asked: &Asked) -> String {
    asked
        .form
        .text("via")
        .filter(|via| (1..=20).contains(&via.len()))
        .filter(|via| via.bytes().all(|b| b.is_ascii_alphanumeric()))
        .unwrap_or("api")
        .to_owned()
}

/// Refuses an update of nothing, and addresses that are none of a page.
fn check(content: &Content) -> Result<(), Refusal> {
    if content.text.trim().is_empty() && content.media.is_empty() {
        return Err(Refusal::missing("text"));
    }
    let Media {
        link,
        picture,
        thumbnail,
        ..
    } = &*content.media;
    for (name, address) in [
        ("link", link),
        ("picture", picture),
        ("thumbnail", thumbnail),
    ] {
        if !is_web_address(address) {
            return Err(Refusal::new(
                Code::OutOfBounds,
                format!("`media[{name}]` must be an http or https address"),
            ));
        }
    }
    Ok(())
}

/// Says whether an address is empty, of the web, or without a scheme (then the web is meant).
fn is_web_address(address: &str) -> bool {
    let lower = address.trim().to_ascii_lowercase();
    match lower.split_once(':') {
        Some(("http" | "https", rest)) => rest.starts_with("//"),
        // `example.com:8080/x` has a port and no scheme.
        Some((before, after)) => {
            before.contains('.') && after.starts_with(|c: char| c.is_ascii_digit())
        }
        None => true,
    }
}
