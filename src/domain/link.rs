//! Addresses a person can go to from an update: its links, its own page on the network, the page of
//! somebody who reacted. Only what is surely an address of the web is one.

use super::profile::{Profile, Service};
use super::text::{has_scheme, links};
use super::update::Update;

/// Longer addresses are not given to other programs.
const LONGEST: usize = 2_000;

/// An address, and what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is there, for people.
    pub what: String,
    /// The address, with `http` or `https`.
    pub url: String,
}

impl Link {
    fn new(what: &str, url: &str) -> Option<Self> {
        Some(Self {
            what: what.to_owned(),
            url: web(url)?,
        })
    }
}

/// Returns an address of the web as other programs take it; none of anything else.
pub fn web(url: &str) -> Option<String> {
    let url = url.trim();
    let is_other_scheme = url.contains("://") || (url.contains(':') && !is_host_and_port(url));
    let url = if has_scheme(url) {
        url.to_owned()
    } else if is_other_scheme || url.starts_with(['/', '-', '.']) {
        return None;
    } else {
        format!("https://{url}")
    };
    let host = url.split("://").nth(1)?.split(['/', '?', '#']).next()?;
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace();
    let fits = !host.is_empty() && !host.starts_with('-') && url.len() <= LONGEST;
    (fits && url.chars().all(is_plain)).then_some(url)
}

fn is_host_and_port(url: &str) -> bool {
    let behind = url.split_once(':').map_or("", |(_, behind)| behind);
    behind.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns where one can go from an update: its page on the network first, then what is attached,
/// then the links in its text; each address once.
pub fn of_update(update: &Update, profile: Option<&Profile>) -> Vec<Link> {
    let content = &update.body.content;
    let mut found: Vec<Link> = Vec::new();
    let mut add = |link: Option<Link>| {
        let is_new = |link: &Link| found.iter().all(|known| known.url != link.url);
        if let Some(link) = link.filter(is_new) {
            found.push(link);
        }
    };
    add(profile.and_then(|profile| page(update, profile)));
    add(Link::new("link", &content.media.link));
    for entity in links(&content.text) {
        add(content
            .text
            .get(entity.range)
            .and_then(|url| Link::new("in the text", url)));
    }
    add(Link::new("picture", &content.media.picture));
    found
}

/// The page of a sent update, where the network's own id tells it.
fn page(update: &Update, profile: &Profile) -> Option<Link> {
    let id = update
        .body
        .outcome
        .sent
        .as_ref()?
        .service_update_id
        .as_str();
    let what = format!("on {}", profile.service.title());
    if has_scheme(id) {
        return Link::new(&what, id);
    }
    // What the demo "publishes" is nowhere.
    if id.is_empty() || profile.connection.as_deref() == Some("demo") {
        return None;
    }
    let name = profile.username.trim_start_matches('@');
    let is_number = id.bytes().all(|b| b.is_ascii_digit());
    let url = match &profile.service {
        Service::Twitter if is_number && is_name(name) => {
            format!("https://x.com/{name}/status/{id}")
        }
        Service::Mastodon if is_number => {
            let (name, host) = name.split_once('@')?;
            format!("https://{host}/@{name}/{id}")
        }
        Service::Bluesky => {
            let (did, post) = id
                .strip_prefix("at://")?
                .split_once("/app.bsky.feed.post/")?;
            format!("https://bsky.app/profile/{did}/post/{post}")
        }
        Service::LinkedIn if id.starts_with("urn:li:") => {
            format!("https://www.linkedin.com/feed/update/{id}")
        }
        Service::Facebook if id.bytes().all(|b| b.is_ascii_digit() || b == b'_') => {
            format!("https://www.facebook.com/{id}")
        }
        _ => return None,
    };
    Link::new(&what, &url)
}

/// Returns the page of a person on the network of a profile.
pub fn of_person(name: &str, profile: &Profile) -> Option<Link> {
    let name = name.trim_start_matches('@');
    if profile.connection.as_deref() == Some("demo") {
        return None;
    }
    let url = match &profile.service {
        Service::Twitter if is_name(name) => format!("https://x.com/{name}"),
        Service::Mastodon => {
            // Somebody on the profile's own server is named without it.
            let home = profile.username.trim_start_matches('@').split_once('@');
            let (name, host) = name
                .split_once('@')
                .or(home.map(|(_, host)| (name, host)))?;
            format!("https://{host}/@{name}")
        }
        Service::Bluesky if name.contains('.') => format!("https://bsky.app/profile/{name}"),
        _ => return None,
    };
    Link::new(&format!("@{name} on {}", profile.service.title()), &url)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_ones() {
        for (text, url) in [
            ("https://a.example/x?y#z", Some("https://a.example/x?y#z")),
            (" HTTP://a.example", Some("HTTP://a.example")),
            ("a.example/x", Some("https://a.example/x")),
            ("a.example:8080", Some("https://a.example:8080")),
            ("file:///etc/passwd", None),
            ("javascript:alert(1)", None),
            ("javascript://a.example/%0aalert(1)", None),
            ("mailto:a@b.example", None),
            ("--help", None),
            ("/etc/passwd", None),
            ("https://", None),
            ("https://-x", None),
            ("https://a.example/a b", None),
            ("https://a.example/\u{1b}[0m", None),
            ("", None),
        ] {
            assert_eq!(web(text).as_deref(), url, "{text:?}");
        }
        assert_eq!(
            web(&format!("https://a.example/{}", "x".repeat(LONGEST))),
            None
        );
    }

    fn profile(service: Service, name: &str) -> Profile {
        Profile {
            service,
            username: name.to_owned(),
            ..crate::domain::testing::profile("")
        }
    }

    #[test]
    fn people_have_pages_where_their_names_tell_them() {
        let url = |service, own: &str, name: &str| {
            of_person(name, &profile(service, own)).map(|link| link.url)
        };
        let some = |url: &str| Some(url.to_owned());
        assert_eq!(
            url(Service::Twitter, "acme", "@ada"),
            some("https://x.com/ada")
        );
        assert_eq!(url(Service::Twitter, "acme", "a/../b"), None);
        let own = "acme@a.example";
        assert_eq!(
            url(Service::Mastodon, own, "ada"),
            some("https://a.example/@ada")
        );
        assert_eq!(
            url(Service::Mastodon, own, "ada@b.example"),
            some("https://b.example/@ada")
        );
        assert_eq!(url(Service::Mastodon, "acme", "ada"), None);
        assert_eq!(
            url(Service::Bluesky, "", "ada.example"),
            some("https://bsky.app/profile/ada.example")
        );
    }
}
