//! The form of a profile: what the first start asks for, and how a schedule is changed.

use chrono_tz::Tz;
use tui_textarea::TextArea;

use super::composer::{area, line_of, press_line};
use super::key::{Code, Key};
use crate::domain::id::ProfileId;
use crate::domain::profile::{NewProfile, Profile, Service};
use crate::domain::schedule::Schedule;
use crate::protocol::Request;

/// A profile being made, or one being changed.
#[derive(Debug, Clone)]
pub struct ProfileForm {
    /// The profile being changed; none for a new one.
    pub editing: Option<ProfileId>,
    /// The field with the cursor.
    pub field: FormField,
    /// The networks to choose from.
    pub services: Vec<Service>,
    /// The chosen one.
    pub service: usize,
    /// The account's name.
    pub name: TextArea<'static>,
    /// The IANA zone.
    pub zone: TextArea<'static>,
    /// The posting times (`mon-fri 09:00 13:30; sat 11:00`).
    pub times: TextArea<'static>,
    /// The connections to choose from.
    pub connections: Vec<String>,
    /// The chosen one.
    pub connection: usize,
    /// What keeps it from being saved.
    pub problem: Option<String>,
    /// Whether the answer of the server is awaited.
    pub waiting: bool,
}

/// The fields of the form, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormField {
    /// The network; left and right choose.
    Service,
    /// The account's name.
    Name,
    /// The zone.
    Zone,
    /// The posting times.
    Times,
    /// How the server publishes; left and right choose.
    Connection,
}

impl FormField {
    const ALL: [Self; 5] = [
        Self::Service,
        Self::Name,
        Self::Zone,
        Self::Times,
        Self::Connection,
    ];
    const OF_ONE_THERE_IS: [Self; 3] = [Self::Name, Self::Zone, Self::Connection];
}

impl ProfileForm {
    /// Opens an empty form for a new profile.
    pub fn new(zone: &str, mut connections: Vec<String>) -> Self {
        if connections.is_empty() {
            connections.push("demo".to_owned());
        }
        Self {
            editing: None,
            field: FormField::Service,
            services: Service::known().collect(),
            service: 0,
            name: area(""),
            zone: area(zone),
            times: area("mon-fri 09:00 13:30; sat 11:00"),
            connections,
            connection: 0,
            problem: None,
            waiting: false,
        }
    }

    /// Opens the form of a profile that there is. What network it is for stays, and its posting
    /// times have a table of their own.
    pub fn of(profile: &Profile, mut connections: Vec<String>) -> Self {
        let connection = profile.connection.clone().unwrap_or_default();
        // The server names a connection with its kind; it is chosen by its name.
        let name = connection.strip_prefix("command:").unwrap_or(&connection);
        if !connections.iter().any(|known| known == name) {
            connections.insert(0, name.to_owned());
        }
        let chosen = connections.iter().position(|known| known == name);
        Self {
            editing: Some(profile.id.clone()),
            field: FormField::Name,
            services: vec![profile.service.clone()],
            service: 0,
            name: area(&profile.username),
            zone: area(profile.timezone.name()),
            times: area(&profile.schedule.to_string()),
            connections,
            connection: chosen.unwrap_or(0),
            problem: None,
            waiting: false,
        }
    }

    /// Goes to another field, around the ends.
    pub fn step(&mut self, by: isize) {
        let all: &[FormField] = if self.editing.is_some() {
            &FormField::OF_ONE_THERE_IS
        } else {
            &FormField::ALL
        };
        let at = all.iter().position(|f| *f == self.field).unwrap_or(0);
        self.field = all[at.wrapping_add_signed(by + all.len().cast_signed()) % all.len()];
    }

    /// Takes a key that is not bound to a command.
    pub fn press(&mut self, key: Key) {
        let changed = match self.field {
            FormField::Service => choose(&mut self.service, self.services.len(), key),
            FormField::Connection => choose(&mut self.connection, self.connections.len(), key),
            FormField::Name => press_line(&mut self.name, key),
            FormField::Zone => press_line(&mut self.zone, key),
            FormField::Times => press_line(&mut self.times, key),
        };
        if changed {
            self.problem = None;
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        let area = match self.field {
            FormField::Service | FormField::Connection => return,
            FormField::Name => &mut self.name,
            FormField::Zone => &mut self.zone,
            FormField::Times => &mut self.times,
        };
        if area.insert_str(line_of(text)) {
            self.problem = None;
        }
    }

    /// Returns what to ask of the server, or the field that is wrong and why.
    pub fn request(&self) -> Result<Request, (FormField, String)> {
        let name = text(&self.name);
        let name = name.trim_start_matches('@').to_owned();
        if name.is_empty() {
            let why = "write the name of the account".to_owned();
            return Err((FormField::Name, why));
        }
        let zone = text(&self.zone);
        let zone: Tz = zone.parse().map_err(|_| {
            let why = format!("`{zone}` is no time zone: write one like Europe/Berlin");
            (FormField::Zone, why)
        })?;
        let connection = self.connections.get(self.connection).cloned();
        if let Some(profile) = self.editing.clone() {
            return Ok(Request::ChangeProfile {
                profile,
                name,
                timezone: zone.name().to_owned(),
                connection: connection.filter(|name| !name.is_empty()),
            });
        }
        let schedule: Schedule = text(&self.times)
            .parse()
            .map_err(|error| (FormField::Times, format!("{error}")))?;
        let service = self.services.get(self.service).cloned();
        Ok(Request::CreateProfile(NewProfile {
            service: service.unwrap_or(Service::Mastodon),
            name,
            timezone: zone.name().to_owned(),
            schedule,
            connection: connection.unwrap_or_else(|| "demo".to_owned()),
        }))
    }
}

fn text(area: &TextArea<'static>) -> String {
    area.lines().join("").trim().to_owned()
}

/// Left and right choose, around the ends; Space goes on too.
fn choose(at: &mut usize, len: usize, key: Key) -> bool {
    let by = match key.code {
        Code::Left | Code::Char('h') => len.saturating_sub(1),
        Code::Right | Code::Char('l' | ' ') => 1,
        _ => return false,
    };
    *at = (*at + by) % len.max(1);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_form_asks_for_the_profile_it_shows() {
        let mut form = ProfileForm::new("Europe/Berlin", vec!["demo".to_owned()]);
        form.press(Key::plain(Code::Right));
        form.step(1);
        form.paste("@acme\n");
        let Ok(Request::CreateProfile(profile)) = form.request() else {
            unreachable!("{:?}", form.request());
        };
        assert_eq!(profile.service, Service::Mastodon);
        assert_eq!(profile.name, "acme");
        assert_eq!(profile.timezone, "Europe/Berlin");
        assert!(!profile.schedule.is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let mut form = ProfileForm::new("Mars/Olympus", Vec::new());
        assert_eq!(form.request().unwrap_err().0, FormField::Name);
        form.name = area("acme");
        assert_eq!(form.request().unwrap_err().0, FormField::Zone);
        form.zone = area("Europe/Berlin");
        form.times = area("never");
        assert_eq!(form.request().unwrap_err().0, FormField::Times);
    }
}
