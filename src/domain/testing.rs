//! What the tests of this layer share: small ids and the number of cases.

use chrono_tz::Tz;
use ulid::Ulid;

use super::id::{LocalId, ProfileId};
use super::profile::{Profile, Service};
use super::rare::Rare;
use super::time::Timestamp;
use super::update::{Body, Content, Status, Update};

/// Returns the local id number `n`.
pub(crate) fn id(n: u128) -> LocalId {
    LocalId::from(Ulid::from(n))
}

/// Returns the number a local id was made of.
pub(crate) fn number(id: LocalId) -> u128 {
    id.ulid().into()
}

/// Returns the update number `n`, which says nothing.
pub(crate) fn update(n: u128) -> Update {
    Update {
        id: id(n),
        remote: None,
        body: Body {
            profile: ProfileId::parse("p").expect("it is an id"),
            content: Content::default(),
            status: Status::Pending,
            created_at: Timestamp(0),
            due_at: None,
            own_time: None,
            outcome: Rare::default(),
        },
    }
}

/// Returns a profile in Berlin that posts at these times.
pub(crate) fn profile(schedule: &str) -> Profile {
    Profile {
        id: ProfileId::parse("1").expect("it is an id"),
        service: Service::Mastodon,
        username: "acme".to_owned(),
        formatted_username: "@acme".to_owned(),
        timezone: Tz::Europe__Berlin,
        schedule: schedule.parse().expect("it is a schedule"),
        paused: false,
        pending: 0,
        sent: 0,
        connection: None,
        character_limit: None,
    }
}

/// 256 cases, times what `QURATE_TEST_SCALE` says.
pub(crate) fn cases() -> proptest::prelude::ProptestConfig {
    let scale = std::env::var("QURATE_TEST_SCALE")
        .ok()
        .and_then(|scale| scale.parse::<u32>().ok())
        .unwrap_or(1);
    proptest::prelude::ProptestConfig {
        cases: 256 * scale.max(1),
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..Default::default()
    }
}
