//! Undo and redo: what was done, how it is taken back, and how it is done again.

use std::collections::BTreeSet;

use crate::domain::done::{Done, Inverse, Step};
use crate::domain::id::{GroupId, LocalId, OperationId};
use crate::domain::operation::{Change, Move, Operation, Place};
use crate::domain::time::Timestamp;
use crate::protocol::{Kept, Stack, SyncCommand};

/// The stacks of undo and redo, and what of them the store does not have yet.
#[derive(Debug, Clone, Default)]
pub struct History {
    undo: Vec<Entry>,
    redo: Vec<Entry>,
    /// The highest place that was given.
    place: u64,
    changed: BTreeSet<GroupId>,
    gone: BTreeSet<GroupId>,
}

#[derive(Debug, Clone)]
struct Entry {
    done: Done,
    place: u64,
}

/// One thing in the list of what was done.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// What.
    pub done: &'a Done,
    /// Whether it holds now; else it was taken back.
    pub holds: bool,
}

/// Where something stands among what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// It is what undo takes back.
    Last,
    /// It is what redo does again.
    TakenBackLast,
    /// Other things come first.
    Further,
}

/// How many things can be taken back.
const KEPT: usize = 500;

/// Places in one second, so that what two editors of one account did stays in the order of time.
const PLACES_A_SECOND: u64 = 1 << 12;

impl History {
    /// Takes over what was done before the program was started.
    pub(crate) fn restore(&mut self, kept: Vec<Kept>) {
        *self = Self::default();
        for Kept { done, stack, place } in kept {
            self.place = self.place.max(place);
            let entry = Entry { done, place };
            match stack {
                Stack::Undo => self.undo.push(entry),
                Stack::Redo => self.redo.push(entry),
            }
        }
        for stack in [&mut self.undo, &mut self.redo] {
            stack.sort_by_key(|entry| entry.place);
        }
        while self.undo.len() > KEPT {
            self.drop_oldest();
        }
    }

    fn entry(&mut self, done: Done, now: Timestamp) -> Entry {
        let of_now = u64::try_from(now.0).unwrap_or(0) * PLACES_A_SECOND;
        self.place = of_now.max(self.place + 1);
        self.gone.remove(&done.group);
        self.changed.insert(done.group);
        Entry {
            done,
            place: self.place,
        }
    }

    fn is_gone(&mut self, group: GroupId) {
        self.changed.remove(&group);
        self.gone.insert(group);
    }

    fn drop_oldest(&mut self) {
        let group = self.undo.remove(0).done.group;
        self.is_gone(group);
    }

    /// Notes what was done; what was taken back before can no longer be done again.
    pub(crate) fn push(&mut self, done: Done, now: Timestamp) {
        for entry in std::mem::take(&mut self.redo) {
            self.is_gone(entry.done.group);
        }
        self.push_again(done, now);
    }

    /// Notes what was done again, and keeps what else may be.
    pub(crate) fn push_again(&mut self, done: Done, now: Timestamp) {
        if self.undo.len() == KEPT {
            self.drop_oldest();
        }
        let entry = self.entry(done, now);
        self.undo.push(entry);
    }

    /// Notes what was taken back.
    pub(crate) fn push_redo(&mut self, done: Done, now: Timestamp) {
        let entry = self.entry(done, now);
        self.redo.push(entry);
    }

    /// Takes the last thing that was done off its stack.
    pub(crate) fn pop_undo(&mut self) -> Option<Done> {
        let done = self.undo.pop()?.done;
        self.is_gone(done.group);
        Some(done)
    }

    /// Takes the last thing that was taken back off its stack.
    pub(crate) fn pop_redo(&mut self) -> Option<Done> {
        let done = self.redo.pop()?.done;
        self.is_gone(done.group);
        Some(done)
    }

    /// Adds what was found to belong to the last thing that was done.
    pub(crate) fn add_to_last(&mut self, step: Step) {
        if let Some(last) = self.undo.last_mut() {
            self.changed.insert(last.done.group);
            last.done.steps.push(step);
        }
    }

    /// Returns the group of the last thing that was done.
    pub(crate) fn last(&self) -> Option<GroupId> {
        self.undo.last().map(|entry| entry.done.group)
    }

    /// Says where a group stands; none if it is not known.
    pub(crate) fn place_of(&self, group: GroupId) -> Option<Stands> {
        let is_it = |entry: &Entry| entry.done.group == group;
        if self.undo.last().is_some_and(is_it) {
            return Some(Stands::Last);
        }
        if self.redo.last().is_some_and(is_it) {
            return Some(Stands::TakenBackLast);
        }
        self.knows(group).then_some(Stands::Further)
    }

    /// Says whether a group lies on one of the stacks.
    pub(crate) fn knows(&self, group: GroupId) -> bool {
        let mut all = self.undo.iter().chain(&self.redo);
        all.any(|entry| entry.done.group == group)
    }

    /// Returns the newest operation that was noted.
    pub(crate) fn newest(&self) -> Option<OperationId> {
        let all = self.undo.iter().chain(&self.redo);
        let steps = all.flat_map(|entry| &entry.done.steps);
        steps.map(|step| step.operation.id).max()
    }

    /// Forgets an operation that was given up or cancelled otherwise: there is nothing of it to
    /// take back.
    pub(crate) fn forget(&mut self, operation: OperationId) {
        let is_it = |step: &Step| step.operation.id == operation;
        let Some(at) = self
            .undo
            .iter()
            .rposition(|entry| entry.done.steps.iter().any(is_it))
        else {
            return;
        };
        let done = &mut self.undo[at].done;
        let group = done.group;
        done.steps.retain(|step| !is_it(step));
        if done.steps.is_empty() {
            self.undo.remove(at);
            self.is_gone(group);
        } else {
            self.changed.insert(group);
        }
    }

    /// Takes over what an operation became when it was fitted to a newer read.
    pub(crate) fn rebase(&mut self, operation: &Operation) {
        for entry in self.undo.iter_mut().chain(&mut self.redo) {
            for step in &mut entry.done.steps {
                if step.operation.id == operation.id && step.operation != *operation {
                    step.operation = operation.clone();
                    self.changed.insert(entry.done.group);
                }
            }
        }
    }

    /// Returns the step of an operation that was taken back, and its group.
    pub(crate) fn taken_back(&self, operation: OperationId) -> Option<(GroupId, Step)> {
        self.redo.iter().rev().find_map(|Entry { done, .. }| {
            let mut steps = done.steps.iter();
            let step = steps.find(|step| step.operation.id == operation)?;
            Some((done.group, step.clone()))
        })
    }

    /// Says whether undo would bring a draft back.
    pub(crate) fn last_is_draft(&self) -> bool {
        let last = self.undo.last();
        last.is_some_and(|entry| !entry.done.drafts.is_empty())
    }

    /// Returns what was done, newest first: what was taken back and may be done again, then what
    /// holds now and may be taken back.
    pub fn moments(&self) -> impl Iterator<Item = Moment<'_>> {
        let undone = self.redo.iter().map(|entry| (entry, false));
        let holding = self.undo.iter().rev().map(|entry| (entry, true));
        undone.chain(holding).map(|(entry, holds)| Moment {
            done: &entry.done,
            holds,
        })
    }

    /// Returns how many things hold and may be taken back.
    pub fn undo_len(&self) -> usize {
        self.undo.len()
    }

    /// Returns how many things were taken back and may be done again.
    pub fn redo_len(&self) -> usize {
        self.redo.len()
    }

    /// Says what undo would take back.
    pub fn next_undo(&self) -> Option<&str> {
        self.undo.last().map(|entry| entry.done.label.as_str())
    }

    /// Says what redo would do again.
    pub fn next_redo(&self) -> Option<&str> {
        self.redo.last().map(|entry| entry.done.label.as_str())
    }

    /// Notes that an update was made again under another id: whatever names it follows.
    pub(crate) fn rename(&mut self, from: LocalId, to: LocalId) {
        for entry in self.undo.iter_mut().chain(&mut self.redo) {
            let mut renamed = entry.done.clone();
            rename_done(&mut renamed, from, to);
            if renamed != entry.done {
                self.changed.insert(renamed.group);
                entry.done = renamed;
            }
        }
    }

    /// Returns what the store does not have yet, once.
    pub(crate) fn take_changes(&mut self) -> Option<SyncCommand> {
        if self.changed.is_empty() && self.gone.is_empty() {
            return None;
        }
        let changed = std::mem::take(&mut self.changed);
        let gone = std::mem::take(&mut self.gone);
        let of = |stack: Stack, entries: &[Entry]| {
            let entries = entries.iter();
            let found = entries.filter(|entry| changed.contains(&entry.done.group));
            found
                .map(|entry| Kept {
                    done: entry.done.clone(),
                    stack,
                    place: entry.place,
                })
                .collect::<Vec<_>>()
        };
        let mut put = of(Stack::Undo, &self.undo);
        put.extend(of(Stack::Redo, &self.redo));
        Some(SyncCommand::Keep {
            put,
            gone: gone.into_iter().collect(),
        })
    }
}

fn rename_done(done: &mut Done, from: LocalId, to: LocalId) {
    for change in &mut done.tags {
        rename_id(&mut change.update, from, to);
    }
    for step in &mut done.steps {
        rename_change(&mut step.operation.change, from, to);
        match &mut step.inverse {
            Inverse::MoveBack(moves) | Inverse::EditAndMoveBack(moves) => {
                for moved in moves {
                    rename_move(moved, from, to);
                }
            }
            Inverse::CreateAgain {
                place: Some(place), ..
            } => rename_place(place, from, to),
            Inverse::CreateAgain { place: None, .. }
            | Inverse::EditBack
            | Inverse::Destroy
            | Inverse::None => {}
        }
    }
}

fn rename_change(change: &mut Change, from: LocalId, to: LocalId) {
    match change {
        Change::Create { update, .. }
        | Change::Edit { update, .. }
        | Change::Share { update, .. }
        | Change::Destroy { update, .. }
        | Change::Requeue { update } => rename_id(update, from, to),
        Change::Reorder { moves } => {
            for moved in moves {
                rename_move(moved, from, to);
            }
        }
    }
}

fn rename_move(moved: &mut Move, from: LocalId, to: LocalId) {
    for update in &mut moved.updates {
        rename_id(update, from, to);
    }
    rename_place(&mut moved.place, from, to);
}

fn rename_place(place: &mut Place, from: LocalId, to: LocalId) {
    for anchor in [&mut place.after, &mut place.before].into_iter().flatten() {
        rename_id(anchor, from, to);
    }
}

fn rename_id(id: &mut LocalId, from: LocalId, to: LocalId) {
    if *id == from {
        *id = to;
    }
}
