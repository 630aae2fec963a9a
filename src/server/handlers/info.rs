//! Who is signed in, what the server can do, how often a link was shared.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Asked, Reply};
use crate::domain::length;
use crate::domain::profile::Service;
use crate::server::Server;
use crate::server::keeper::SCHEDULE_LIMIT;
use crate::wire::json::{OursDto, UserDto};

#[derive(Serialize)]
struct Configuration {
    services: BTreeMap<String, ServiceLimits>,
    media: MediaLimits,
    #[serde(skip_serializing_if = "Option::is_none")]
    qurate: Option<OursDto>,
}

#[derive(Serialize)]
struct ServiceLimits {
    types: BTreeMap<&'static str, TypeLimits>,
    urls: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct TypeLimits {
    name: String,
    character_limit: Option<u32>,
    schedule_limit: usize,
    icons: BTreeMap<&'static str, String>,
    supported_interactions: Vec<&'static str>,
    link_attachments: bool,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
struct MediaLimits {
    picture_size_min: u32,
    picture_size_max: u32,
    picture_filetypes: [&'static str; 4],
}

#[derive(Serialize)]
struct Shares {
    shares: i64,
}

pub(super) async fn user(server: &Server, asked: &Asked) -> Reply {
    let mut keeper = server.keeper().await;
    let (id, since) = keeper.user();
    let timezone = keeper
        .profiles()
        .await?
        .first()
        .map_or("UTC", |counted| counted.profile.zone.name());
    asked.reply(&UserDto {
        mongo_id: id.to_string(),
        id: id.to_string(),
        name: "You".to_owned(),
        plan: "local".to_owned(),
        timezone: timezone.to_owned(),
        activity_at: asked.now.0,
        created_at: since.0,
        twentyfour_hour_time: false,
    })
}

/// The token is no good any more until the server starts again.
pub(super) fn deauthorize(server: &Server, asked: &Asked) -> Reply {
    server.revoke();
    asked.done(Some("Access successfully revoked!"))
}

/// Counts what was sent from here: no other server is ever asked.
pub(super) async fn link_shares(server: &Server, asked: &Asked) -> Reply {
    let url = asked.required("url")?;
    let shares = server.keeper().await.link_count(&without_www(url)).await?;
    asked.reply(&Shares { shares })
}

/// Returns an address without `www.`, which is how links are counted; other hosts stay apart.
fn without_www(url: &str) -> String {
    url.replacen("://www.", "://", 1)
}

pub(super) fn configuration(server: &Server, asked: &Asked) -> Reply {
    let services = Service::known()
        .map(|service| (service.as_str().to_owned(), limits(&service)))
        .collect();
    asked.reply(&Configuration {
        services,
        media: MediaLimits {
            picture_size_min: 1,
            picture_size_max: 5_242_880,
            picture_filetypes: ["jpeg", "jpg", "gif", "png"],
        },
        qurate: (!server.quirks().plain).then(|| OursDto {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: ["manage_profiles", "pause", "failed", "revision"]
                .map(str::to_owned)
                .to_vec(),
            connections: server.connection_names(),
            requests_per_minute: server.rate_limit(),
        }),
    })
}

fn limits(service: &Service) -> ServiceLimits {
    let kind = TypeLimits {
        name: service.title().to_owned(),
        character_limit: length::measure(service, "", None).limit,
        schedule_limit: SCHEDULE_LIMIT,
        icons: ["16", "32", "64"].map(|size| (size, String::new())).into(),
        supported_interactions: vec!["retweet", "favorite", "like", "comment", "mention", "share"],
        link_attachments: true,
    };
    ServiceLimits {
        types: BTreeMap::from([("profile", kind)]),
        urls: BTreeMap::new(),
    }
}
