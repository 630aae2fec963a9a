//! How much is kept of what a server lists: one that never ends its pages, or sends more of them
//! than any person has updates, must not fill the memory.
//!
//! Every list that is read, and every queue that was read before, takes its share of the account's
//! allowance. A read that comes to more is refused as a whole: nothing of it is kept, so it can
//! neither replace what was read before by a part nor make anything look gone. A queue that is read
//! again may come to as much as it was before, whatever the other queues take.

use std::cell::Cell;
use std::rc::Rc;

use crate::api::ApiError;
use crate::domain::id::RemoteId;
use crate::domain::update::{Body, Media, Outcome, Update};

/// More updates than this no list is believed to have.
pub(super) const MOST_UPDATES: usize = 200_000;
/// Most bytes of all lists of an account: a hundred thousand updates of 200 bytes fit. While a queue is
/// read again it is held twice, with all that is made of it and found of it; so the program stays
/// smaller than 150 MiB, whatever a server lists.
pub(super) const MOST_BYTES: usize = 34 << 20;

/// Why a read was given up.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum NotRead {
    /// The request failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// It is more than is kept.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
}

/// The server lists more than is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum TooMuch {
    /// In number.
    #[error("more than 200,000 updates came for one list")]
    Updates,
    /// In bytes.
    #[error("more than {} MB of updates came", .0 >> 20)]
    Bytes(usize),
}

impl NotRead {
    /// The same as the failure of a request, where one is expected.
    pub(super) fn of_request(self) -> ApiError {
        match self {
            Self::Api(error) => error,
            Self::TooMuch(reason) => ApiError::Malformed {
                path: "updates".to_owned(),
                reason: reason.to_string(),
            },
        }
    }
}

/// How many bytes the lists of an account may take.
#[derive(Debug)]
pub(super) struct Allowance {
    most: usize,
    taken: Cell<usize>,
}

impl Allowance {
    /// Allows so many bytes.
    pub(super) fn new(most: usize) -> Rc<Self> {
        Rc::new(Self {
            most,
            taken: Cell::new(0),
        })
    }

    /// Says whether a list of so many bytes may take the place of one of `replaces`.
    pub(super) fn has_room(&self, bytes: usize, replaces: usize) -> Result<(), TooMuch> {
        let others = self.taken.get().saturating_sub(replaces);
        if others.saturating_add(bytes) > self.most {
            return Err(TooMuch::Bytes(self.most));
        }
        Ok(())
    }
}

/// What one list takes of an allowance; it is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    of: Rc<Allowance>,
    updates: usize,
    bytes: usize,
    /// What the list that this one is to replace takes. So much of this one is not taken: queues that
    /// are read again at the same time would else leave no room for each other.
    replaces: usize,
}

impl Share {
    /// Nothing yet, for a list that will replace one of `replaces` bytes.
    pub(super) fn new(of: &Rc<Allowance>, replaces: usize) -> Self {
        Self {
            of: Rc::clone(of),
            updates: 0,
            bytes: 0,
            replaces,
        }
    }

    /// The share of a queue that is kept and takes so many bytes.
    pub(super) fn kept(of: &Rc<Allowance>, bytes: usize) -> Self {
        let mut share = Self::new(of, 0);
        share.take(bytes);
        share
    }

    /// Takes as much as one more update needs; returns how much that is.
    pub(super) fn add(&mut self, remote: &RemoteId, body: &Body) -> Result<usize, TooMuch> {
        self.updates += 1;
        let bytes = size(Some(remote), body);
        self.take(bytes);
        if self.updates > MOST_UPDATES {
            return Err(TooMuch::Updates);
        }
        self.of.has_room(0, 0)?;
        Ok(bytes)
    }

    fn take(&mut self, bytes: usize) {
        let before = self.taken();
        self.bytes += bytes;
        let more = self.taken() - before;
        self.of.taken.set(self.of.taken.get() + more);
    }

    fn taken(&self) -> usize {
        self.bytes.saturating_sub(self.replaces)
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.taken.set(self.of.taken.get() - self.taken());
    }
}

/// Returns how many bytes an update takes while it is kept.
pub(super) fn kept_size(update: &Update) -> usize {
    size(update.remote.as_ref(), &update.body)
}

fn size(remote: Option<&RemoteId>, body: &Body) -> usize {
    let media = &body.content.media;
    let texts = [
        &body.content.text,
        &media.link,
        &media.title,
        &media.description,
        &media.picture,
        &media.thumbnail,
    ];
    let outcome = &body.outcome;
    let sent = outcome.sent.as_ref().map(|sent| &sent.service_update_id);
    let texts = texts.into_iter().chain(sent).chain(&outcome.error);
    let texts = texts.map(String::len);
    let texts: usize = texts.map(allocated).sum();
    let boxes = [
        (!media.is_empty()).then_some(size_of::<Media>()),
        (**outcome != Outcome::default()).then_some(size_of::<Outcome>()),
    ];
    let boxes: usize = boxes.into_iter().flatten().map(allocated).sum();
    let remote = remote.map_or(0, |id| allocated(id.apart()));
    let number = |name: &String| allocated(name.len()) + NODE;
    let numbers: usize = outcome.statistics.keys().map(number).sum();
    size_of::<Update>() + remote + texts + boxes + numbers
}

/// How many bytes a text takes where it lies: in steps of 16, and 8 more.
fn allocated(length: usize) -> usize {
    if length == 0 {
        0
    } else {
        (length + 8).next_multiple_of(16).max(32)
    }
}

/// What an entry of a map takes besides its name.
const NODE: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ProfileId;
    use crate::domain::update::{Content, Status};

    fn body(text: &str) -> Body {
        Body {
            profile: ProfileId::parse("p").unwrap(),
            content: Content {
                text: text.to_owned(),
                ..Content::default()
            },
            status: Status::Pending,
            created_at: crate::domain::time::Timestamp(0),
            due_at: None,
            own_time: None,
            outcome: crate::domain::rare::Rare::default(),
        }
    }

    /// The smallest update, and how many bytes it takes.
    fn smallest() -> (RemoteId, Body, usize) {
        let (id, body) = (RemoteId::parse("a").unwrap(), body(""));
        let one = size(Some(&id), &body);
        (id, body, one)
    }

    #[test]
    fn an_account_of_a_hundred_thousand_ordinary_updates_fits_and_not_much_more() {
        let (id, body) = (
            RemoteId::parse(&"a".repeat(24)).unwrap(),
            body(&"a".repeat(200)),
        );
        let allowance = Allowance::new(MOST_BYTES);
        let mut share = Share::new(&allowance, 0);
        for _ in 0..100_000 {
            share.add(&id, &body).unwrap();
        }
        let refused = (0..100_000).find_map(|_| share.add(&id, &body).err());
        assert_eq!(refused, Some(TooMuch::Bytes(MOST_BYTES)));
        assert_eq!(
            TooMuch::Bytes(MOST_BYTES).to_string(),
            "more than 34 MB of updates came"
        );
    }

    #[test]
    fn the_smallest_updates_are_counted_too() {
        let (id, body, _) = smallest();
        let mut share = Share::new(&Allowance::new(usize::MAX), 0);
        let refused = (0..).find_map(|n| share.add(&id, &body).err().map(|why| (n, why)));
        assert_eq!(refused, Some((MOST_UPDATES, TooMuch::Updates)));
    }

    #[test]
    fn what_is_let_go_is_given_back_and_what_is_replaced_does_not_count() {
        let (id, body, one) = smallest();
        let allowance = Allowance::new(2 * one);
        let mut first = Share::new(&allowance, 0);
        first.add(&id, &body).unwrap();
        first.add(&id, &body).unwrap();
        let refused = Err(TooMuch::Bytes(2 * one));
        assert_eq!(Share::new(&allowance, 0).add(&id, &body), refused);
        let mut again = Share::new(&allowance, first.bytes());
        again.add(&id, &body).unwrap();
        again.add(&id, &body).unwrap();
        assert_eq!(again.add(&id, &body), refused);
        drop((first, again));
        let mut other = Share::new(&allowance, 0);
        other.add(&id, &body).unwrap();
        other.add(&id, &body).unwrap();
    }

    #[test]
    fn lists_that_are_read_again_at_the_same_time_leave_each_other_their_room() {
        let (id, body, one) = smallest();
        let allowance = Allowance::new(2 * one);
        let kept = [one, one].map(|bytes| Share::kept(&allowance, bytes));
        let mut again = [one, one].map(|replaces| Share::new(&allowance, replaces));
        for share in &mut again {
            share.add(&id, &body).unwrap();
        }
        assert_eq!(allowance.has_room(one, one), Ok(()));
        assert_eq!(again[0].add(&id, &body), Err(TooMuch::Bytes(2 * one)));
        drop((kept, again));
        assert_eq!(allowance.taken.get(), 0);
    }
}
