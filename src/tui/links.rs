//! Links on the screen (OSC 8). A cell says which link it belongs to by bits of its look that mean
//! nothing else, so a frame's differences, and rows that move, know links without being told; the
//! addresses stand in a table beside. They take no column, and the back end writes them.

use std::cell::RefCell;
use std::rc::Rc;

use ratatui::style::{Modifier, Style};

/// Longer addresses are not handed to a terminal.
const LONGEST: usize = 2_000;
/// How many links two frames in a row can hold.
const MOST: usize = 127;
/// The bits of a look that hold the number of a link.
const SHIFT: u32 = 9;

/// The links of the screen: the view says what a cell leads to, the back end asks for it.
#[derive(Debug, Clone, Default)]
pub struct Links(Rc<RefCell<Table>>);

#[derive(Debug, Default)]
struct Table {
    on: bool,
    /// The address of each number, from 1.
    urls: Vec<String>,
    /// The numbers that this frame uses, and the frame before: what is still on the screen.
    now: u128,
    before: u128,
}

impl Links {
    /// Begins a frame; in it cells can be links, or not.
    pub fn begin(&self, on: bool) {
        let mut table = self.0.borrow_mut();
        table.on = on;
        table.before = std::mem::take(&mut table.now);
    }

    /// Says whether cells can be links.
    pub(super) fn are_on(&self) -> bool {
        self.0.borrow().on
    }

    /// Returns what makes a cell lead to `url`: nothing where that is off, too long, or no address
    /// of the web.
    pub(super) fn to(&self, url: &str) -> Style {
        let mut table = self.0.borrow_mut();
        let number = clean(url).filter(|_| table.on);
        let number = number.and_then(|url| table.number(url)).unwrap_or(0);
        Style::new().add_modifier(Modifier::from_bits_retain(number << SHIFT))
    }

    /// Returns the number of the link a cell of this look belongs to; 0 for none.
    pub(super) fn number(modifier: Modifier) -> u16 {
        modifier.bits() >> SHIFT
    }

    /// Returns the address of a number.
    pub(super) fn url(&self, number: u16) -> Option<String> {
        let table = self.0.borrow();
        table.urls.get(usize::from(number).checked_sub(1)?).cloned()
    }
}

impl Table {
    fn number(&mut self, url: String) -> Option<u16> {
        let known = self.urls.iter().position(|known| *known == url);
        let free = |used: u128| (0..MOST).find(|at| used & 1 << at == 0);
        let at = known.or_else(|| free(self.now | self.before))?;
        self.now |= 1 << at;
        if known.is_none() {
            if at >= self.urls.len() {
                self.urls.resize(at + 1, String::new());
            }
            self.urls[at] = url;
        }
        u16::try_from(at + 1).ok()
    }
}

/// Returns an address as it may stand in a control sequence: of the web, and only what is printed.
/// Letters beyond ASCII are written in percents; with a blank or a control character it is none.
fn clean(url: &str) -> Option<String> {
    use std::fmt::Write as _;
    let scheme = url.split_once("://")?.0;
    if !["http", "https"]
        .iter()
        .any(|s| scheme.eq_ignore_ascii_case(s))
    {
        return None;
    }
    let mut clean = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'!'..=b'~' => clean.push(char::from(byte)),
            0x80.. => {
                let _ = write!(clean, "%{byte:02X}");
            }
            _ => return None,
        }
    }
    // Some control characters stand beyond ASCII.
    let is_hidden = url.chars().any(char::is_control);
    (clean.len() <= LONGEST && !is_hidden).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(links: &Links, url: &str) -> u16 {
        Links::number(links.to(url).add_modifier)
    }

    #[test]
    fn only_addresses_of_the_web_become_links_and_nothing_in_them_acts() {
        let cases = [
            (
                "https://example.org/a?b=c",
                Some("https://example.org/a?b=c"),
            ),
            ("HTTP://example.org", Some("HTTP://example.org")),
            ("https://example.org/ü", Some("https://example.org/%C3%BC")),
            ("https://example.org/\x1b]0;x\x07", None),
            ("https://example.org/\u{9c}", None),
            ("https://example.org/a b", None),
            ("javascript:alert(1)", None),
            ("file:///etc/passwd", None),
            ("example.org", None),
        ];
        for (url, wanted) in cases {
            assert_eq!(clean(url).as_deref(), wanted, "{url:?}");
        }
        assert_eq!(clean(&format!("https://{}", "a".repeat(LONGEST))), None);
    }

    #[test]
    fn a_number_is_not_given_away_while_it_is_on_the_screen() {
        let links = Links::default();
        assert_eq!(number(&links, "https://a"), 0, "they are off");
        links.begin(true);
        let first = number(&links, "https://a");
        assert_eq!(number(&links, "https://a"), first);
        links.begin(true);
        for i in 0..MOST - 1 {
            assert_ne!(number(&links, &format!("https://{i}")), first);
        }
        assert_eq!(number(&links, "https://more"), 0, "there is none left");
        assert_eq!(links.url(first).as_deref(), Some("https://a"));
        links.begin(true);
        assert_eq!(number(&links, "https://more"), first);
    }
}
