//! The `demo` connection: nothing leaves the machine, and the numbers are made up.
//!
//! They follow from the update's id and the time since it was sent alone, so they grow while one
//! looks on, are the same at every look, and need no storage.

use std::collections::BTreeMap;

use crate::domain::profile::Service;
use crate::domain::time::Timestamp;
use crate::server::keeper::Outcome;
use crate::server::model::{ObjectId, Reaction};

/// What stands for the statistics of an update in the database if they are made up.
pub(in crate::server) const MARK: &str = "\"demo\"";

/// Event, its statistic, most of them.
type Kind = (&'static str, &'static str, u64);

const TWITTER: &[Kind] = &[
    ("favorite", "favorites", 34),
    ("retweet", "retweets", 12),
    ("mention", "mentions", 5),
];
const MASTODON: &[Kind] = &[
    ("favorite", "favorites", 28),
    ("share", "shares", 14),
    ("comment", "comments", 6),
    ("mention", "mentions", 3),
];
const FACEBOOK: &[Kind] = &[
    ("like", "likes", 30),
    ("comment", "comments", 8),
    ("share", "shares", 6),
];
const OTHERS: &[Kind] = &[
    ("like", "likes", 30),
    ("share", "shares", 9),
    ("comment", "comments", 7),
    ("mention", "mentions", 3),
];

const PEOPLE: [&str; 24] = [
    "ada_writes",
    "bram",
    "cargo-cult",
    "deniz",
    "elif.codes",
    "fjord",
    "gleam",
    "hanna",
    "ines",
    "jun",
    "kettle",
    "lupin",
    "mirela",
    "nilsson",
    "oyster",
    "pavel",
    "quill",
    "rosa",
    "sudo_sam",
    "tamar",
    "umber",
    "vik",
    "wren",
    "yuki",
];

/// Marks an update as sent, under a made-up id of the network.
pub(in crate::server) fn publish(id: ObjectId) -> Outcome {
    let number = 1_000_000_000_000_000_000 + id.seed() % 800_000_000_000_000_000;
    Outcome::Sent {
        service_update_id: number.to_string(),
        statistics: Some(MARK.to_owned()),
    }
}

/// Returns who has reacted by `now`, newest first.
pub(in crate::server) fn reactions(
    id: ObjectId,
    service: &Service,
    sent_at: Timestamp,
    now: Timestamp,
) -> Vec<Reaction> {
    let mut random = fastrand::Rng::with_seed(id.seed());
    let mut all = Vec::new();
    for (event, _, most) in kinds(service) {
        for i in 0..random.u64(0..=*most) {
            let number = random.u64(..);
            let at = sent_at.plus(delay(&mut random));
            if at <= now {
                all.push(reaction(event, i, number, at));
            }
        }
    }
    all.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    all
}

/// Returns the numbers an update has by `now`; they agree with [`reactions`].
pub(in crate::server) fn statistics(
    id: ObjectId,
    service: &Service,
    sent_at: Timestamp,
    now: Timestamp,
) -> BTreeMap<String, i64> {
    let mut numbers: BTreeMap<String, i64> = kinds(service)
        .iter()
        .map(|(_, statistic, _)| ((*statistic).to_owned(), 0))
        .collect();
    let reactions = reactions(id, service, sent_at, now);
    for reaction in &reactions {
        let kind = kinds(service)
            .iter()
            .find(|(event, ..)| *event == reaction.event);
        if let Some(count) = kind.and_then(|(_, statistic, _)| numbers.get_mut(*statistic)) {
            *count += 1;
        }
    }
    let minutes = (now.0 - sent_at.0).max(0) / 60;
    let seen = i64::try_from(id.seed() % 1900).unwrap_or(0) + 100;
    // Half of all who ever see it do so in the first six hours.
    let reach = seen * minutes / (minutes + 360);
    let clicks = reach / 23;
    numbers.insert("reach".to_owned(), reach);
    numbers.insert("clicks".to_owned(), clicks);
    numbers
}

/// Returns what happens on a network.
fn kinds(service: &Service) -> &'static [Kind] {
    match service {
        Service::Twitter => TWITTER,
        Service::Mastodon => MASTODON,
        Service::Facebook => FACEBOOK,
        _ => OTHERS,
    }
}

/// Returns seconds up to five days, early ones more often than late ones.
fn delay(random: &mut fastrand::Rng) -> i64 {
    let share = random.u64(0..1000);
    let cubed = share * share * share / 1_000_000;
    i64::try_from(40 + cubed * 432 + random.u64(0..400)).unwrap_or(0)
}

fn reaction(event: &str, i: u64, number: u64, at: Timestamp) -> Reaction {
    let person = usize::try_from(number % 24).unwrap_or(0);
    let name = PEOPLE[person];
    Reaction {
        id: ObjectId::new(at, number).to_string(),
        event: event.to_owned(),
        created_at: at,
        interaction_id: (number / 16 + i).to_string(),
        username: name.to_owned(),
        followers: i64::try_from(number % 5000).unwrap_or(0) + 12,
        avatar: String::new(),
        person_id: (7_000_000 + number % 24).to_string(),
    }
}
