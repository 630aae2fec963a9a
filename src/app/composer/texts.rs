//! The texts of an update: one for all networks, and those of networks that have their own.

use tui_textarea::TextArea;

use super::line::{text_of, wrapped};
use crate::domain::draft::OwnText;
use crate::domain::profile::Service;

/// One text for all networks, and those of networks that have their own.
#[derive(Debug, Clone)]
pub struct Texts {
    common: TextArea<'static>,
    own: Vec<Own>,
    /// The network whose counter is selected.
    selected: Option<Service>,
}

/// A text split off for one network.
#[derive(Debug, Clone)]
struct Own {
    service: Service,
    area: TextArea<'static>,
    /// Whether it is sent; one that was joined again is only remembered.
    is_on: bool,
}

impl Texts {
    pub(super) fn new(common: &str, own: &[OwnText]) -> Self {
        let own = own.iter().map(|own| Own {
            service: own.service.clone(),
            area: wrapped(&own.text),
            is_on: true,
        });
        Self {
            common: wrapped(common),
            own: own.collect(),
            selected: None,
        }
    }

    fn on(&self, service: &Service) -> Option<&Own> {
        let mut all = self.own.iter();
        all.find(|own| own.is_on && own.service == *service)
    }

    /// Returns the text that is being written.
    pub fn area(&self) -> &TextArea<'static> {
        let own = self.selected.as_ref().and_then(|service| self.on(service));
        own.map_or(&self.common, |own| &own.area)
    }

    pub(super) fn area_mut(&mut self) -> &mut TextArea<'static> {
        let selected = self.selected.as_ref();
        let mut all = self.own.iter_mut();
        let own = all.find(|own| own.is_on && Some(&own.service) == selected);
        own.map_or(&mut self.common, |own| &mut own.area)
    }

    /// Returns the network whose own text is being written.
    pub fn writing(&self) -> Option<&Service> {
        let selected = self.selected.as_ref()?;
        self.has_own(selected).then_some(selected)
    }

    /// Returns the network whose counter is selected.
    pub fn selected(&self) -> Option<&Service> {
        self.selected.as_ref()
    }

    /// Says whether a network has a text of its own.
    pub fn has_own(&self, service: &Service) -> bool {
        self.on(service).is_some()
    }

    /// Returns the text for all that have none of their own.
    pub fn common(&self) -> String {
        text_of(&self.common)
    }

    /// Returns the text that a network gets.
    pub fn of(&self, service: &Service) -> String {
        self.on(service)
            .map_or_else(|| self.common(), |own| text_of(&own.area))
    }

    pub(super) fn own(&self) -> Vec<OwnText> {
        let on = self.own.iter().filter(|own| own.is_on);
        on.map(|own| OwnText {
            service: own.service.clone(),
            text: text_of(&own.area),
        })
        .collect()
    }

    /// Selects the next of `networks`, after the last one none.
    pub(super) fn next(&mut self, networks: &[Service]) {
        let at = self
            .selected
            .as_ref()
            .and_then(|selected| networks.iter().position(|service| service == selected));
        let next = at.map_or(0, |at| at + 1);
        self.selected = networks.get(next).cloned();
    }

    /// Forgets a selection that is not among `networks` any more.
    pub(super) fn settle(&mut self, networks: &[Service]) {
        let gone = |selected: &Service| !networks.contains(selected);
        if self.selected.as_ref().is_some_and(gone) {
            self.selected = None;
        }
    }

    /// Gives a network a text of its own: the one it had before, else a copy of the common one.
    pub(super) fn split(&mut self, service: &Service) {
        self.selected = Some(service.clone());
        let mut all = self.own.iter_mut();
        if let Some(own) = all.find(|own| own.service == *service) {
            own.is_on = true;
            return;
        }
        self.own.push(Own {
            service: service.clone(),
            area: wrapped(&self.common()),
            is_on: true,
        });
    }

    /// Gives a network the common text again; says whether it had its own.
    pub(super) fn join(&mut self, service: &Service) -> bool {
        let mut all = self.own.iter_mut();
        let own = all.find(|own| own.is_on && own.service == *service);
        own.map(|own| own.is_on = false).is_some()
    }
}
