//! Orders of one queue: merged three ways, compared, and turned into moves.
//!
//! The server stores nothing of a queue but the order its updates stand in, and others change that
//! order too. So a reorder is not sent as it was made: the order it was made on, the order it led to
//! and the order the server has now are merged by id, and only what was moved here is moved.

mod increasing;
mod margins;
mod rebase;

use std::hash::Hash;
use std::ops::Range;

use super::id::{IdMap, IdSet, LocalId};
use super::operation::{Move, Place};
use increasing::heaviest;
pub use rebase::rebase;

/// What [`merge3`] made of three orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged<Id> {
    /// The order: what is there now, less what was deleted here, and what was created here.
    pub order: Vec<Id>,
    /// How many members others had moved too, to places that are not theirs in `order`: the place
    /// they were given here won.
    pub overruled: usize,
}

/// Merges the order `local`, which was made from `base`, with `remote`, which others made from it.
///
/// What was moved or created here stands beside a neighbour it has in `local`; "at the top" and "at
/// the end" are meant as such. Everything else keeps the order of `remote`. Members that are not in
/// `base` are new where they appear; members of `base` that are missing were deleted there. `touched`
/// names what was moved here, where that is known; else as few as possible are taken as moved. Of an
/// id given twice in one list the first counts.
#[expect(
    clippy::implicit_hasher,
    reason = "our own ids have a hasher of their own"
)]
pub fn merge3<Id: Copy + Eq + Hash>(
    base: &[Id],
    local: &[Id],
    remote: &[Id],
    touched: Option<&IdSet<Id>>,
) -> Merged<Id> {
    let mut numbers = Numbers::default();
    let base = numbers.of_all(base);
    // A number below this is a rank in `base`.
    let bases = base.len();
    let is_base = |x: u32| (x as usize) < bases;
    let local = numbers.of_all(local);
    let remote = numbers.of_all(remote);
    let is_local = numbers.flags(&local);
    let is_remote = numbers.flags(&remote);

    let local: Vec<u32> = local
        .into_iter()
        .filter(|&x| is_remote[x as usize] || !is_base(x))
        .collect();
    let common: Vec<u32> = local.iter().copied().filter(|&x| is_base(x)).collect();
    let heavy = common.len() as u64 + 1;
    let stays = heaviest(&common, bases, |i| match touched {
        Some(touched) if !touched.contains(&numbers.ids[common[i] as usize]) => heavy,
        _ => 1,
    });
    let mut floats = vec![false; numbers.ids.len()];
    for (&x, stays) in common.iter().zip(stays) {
        floats[x as usize] = !stays;
    }
    for &x in local.iter().filter(|&&x| !is_base(x)) {
        floats[x as usize] = true;
    }

    let remote: Vec<u32> = remote
        .into_iter()
        .filter(|&x| is_local[x as usize] || !is_base(x))
        .collect();
    let skeleton: Vec<u32> = remote
        .iter()
        .copied()
        .filter(|&x| !floats[x as usize])
        .collect();
    let moved_remotely = moved(&skeleton, bases, numbers.ids.len());
    let order = Runs::of(&local, &floats, &moved_remotely).put_into(&skeleton, &local);
    let overruled = overruled(&remote, &order, &floats, bases);
    Merged {
        order: order.iter().map(|&x| numbers.ids[x as usize]).collect(),
        overruled,
    }
}

/// Small numbers for ids, in the order they were first seen.
struct Numbers<Id> {
    of: IdMap<Id, u32>,
    ids: Vec<Id>,
}

impl<Id> Default for Numbers<Id> {
    fn default() -> Self {
        Self {
            of: IdMap::default(),
            ids: Vec::new(),
        }
    }
}

impl<Id: Copy + Eq + Hash> Numbers<Id> {
    /// Returns the numbers of `list`, each once.
    fn of_all(&mut self, list: &[Id]) -> Vec<u32> {
        self.of.reserve(list.len().saturating_sub(self.of.len()));
        let mut numbers = Vec::with_capacity(list.len());
        let mut seen = vec![false; self.ids.len()];
        for &id in list {
            let next = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
            let number = *self.of.entry(id).or_insert(next);
            if number == next {
                self.ids.push(id);
                seen.push(false);
            }
            if !std::mem::replace(&mut seen[number as usize], true) {
                numbers.push(number);
            }
        }
        numbers
    }

    fn flags(&self, list: &[u32]) -> Vec<bool> {
        let mut flags = vec![false; self.ids.len()];
        for &x in list {
            flags[x as usize] = true;
        }
        flags
    }
}

/// Flags those of `list` that are not where `base` has them, as few as possible. Numbers below
/// `bases` are ranks in it; all are below `all`.
fn moved(list: &[u32], bases: usize, all: usize) -> Vec<bool> {
    let ranks: Vec<u32> = list
        .iter()
        .copied()
        .filter(|&x| (x as usize) < bases)
        .collect();
    let mut moved = vec![false; all];
    // Most often nobody else moved anything.
    if !ranks.is_sorted() {
        for (&x, stays) in ranks.iter().zip(heaviest(&ranks, bases, |_| 1)) {
            moved[x as usize] = !stays;
        }
    }
    moved
}

/// The runs of floating members of a local order, by what they are put beside.
struct Runs {
    top: Range<usize>,
    end: Range<usize>,
    before: Vec<Range<usize>>,
    after: Vec<Range<usize>>,
}

impl Runs {
    fn of(local: &[u32], floats: &[bool], moved_remotely: &[bool]) -> Self {
        let mut runs = Self {
            top: 0..0,
            end: 0..0,
            before: vec![0..0; floats.len()],
            after: vec![0..0; floats.len()],
        };
        let mut from = 0;
        while from < local.len() {
            if !floats[local[from] as usize] {
                from += 1;
                continue;
            }
            let rest = local[from..].iter();
            let to = from + rest.take_while(|&&x| floats[x as usize]).count();
            let above = from.checked_sub(1).map(|i| local[i] as usize);
            let below = local.get(to).map(|&x| x as usize);
            match (above, below) {
                (None, _) => runs.top = from..to,
                (_, None) => runs.end = from..to,
                // The neighbour that stayed tells the place better than the one that was moved away.
                (Some(p), Some(q)) if moved_remotely[p] && !moved_remotely[q] => {
                    runs.before[q] = from..to;
                }
                (Some(p), Some(_)) => runs.after[p] = from..to,
            }
            from = to;
        }
        runs
    }

    fn put_into(&self, skeleton: &[u32], local: &[u32]) -> Vec<u32> {
        let mut order = Vec::with_capacity(skeleton.len() + local.len());
        order.extend_from_slice(&local[self.top.clone()]);
        for &k in skeleton {
            order.extend_from_slice(&local[self.before[k as usize].clone()]);
            order.push(k);
            order.extend_from_slice(&local[self.after[k as usize].clone()]);
        }
        order.extend_from_slice(&local[self.end.clone()]);
        order
    }
}

/// Counts what was moved here and also by others, and ended elsewhere than they put it.
fn overruled(remote: &[u32], order: &[u32], floats: &[bool], bases: usize) -> usize {
    let common: Vec<u32> = remote
        .iter()
        .copied()
        .filter(|&x| (x as usize) < bases)
        .collect();
    if common.is_sorted() {
        return 0;
    }
    let heavy = common.len() as u64 + 1;
    let weight = |x: u32| if floats[x as usize] { 1 } else { heavy };
    let stays = heaviest(&common, bases, |i| weight(common[i]));
    let mut theirs = vec![false; floats.len()];
    let mut place = vec![0; floats.len()];
    for ((&x, stays), at) in common.iter().zip(stays).zip(0_u32..) {
        theirs[x as usize] = floats[x as usize] && !stays;
        place[x as usize] = at;
    }
    let order: Vec<u32> = order
        .iter()
        .copied()
        .filter(|&x| (x as usize) < bases)
        .collect();
    let ranks: Vec<u32> = order.iter().map(|&x| place[x as usize]).collect();
    let stays = heaviest(&ranks, common.len(), |i| weight(order[i]));
    let both = order.iter().zip(stays);
    both.filter(|&(&x, stays)| !stays && theirs[x as usize])
        .count()
}

/// Returns the shortest part of `want` that must be asked for, at its own place, to turn `current`
/// into it; none if they are the same.
///
/// `want[..range.end]` at the top does the same and stays right when the head goes out meanwhile.
/// Orders of different length have no such part: all of `want` is asked for.
pub fn window<Id: Eq>(current: &[Id], want: &[Id]) -> Option<Range<usize>> {
    if current.len() != want.len() {
        return (!want.is_empty()).then_some(0..want.len());
    }
    let differs = |(a, b): (&Id, &Id)| a != b;
    let start = current.iter().zip(want).position(differs)?;
    let same = current.iter().rev().zip(want.iter().rev());
    let same = same.take_while(|(a, b)| a == b).count();
    Some(start..want.len() - same)
}

/// Returns a short list of moves that, one after the other, turn the order `from` into `to`.
///
/// It moves as few updates as possible, what stands together in `to` together. What is only in one
/// of the two is left alone.
pub fn moves_between(from: &[LocalId], to: &[LocalId]) -> Vec<Move> {
    moves(from, to, None)
}

/// As [`moves_between`], but moves only what is `touched` where that is enough, and also what is
/// touched and not in `from`.
fn moves(from: &[LocalId], to: &[LocalId], touched: Option<&IdSet<LocalId>>) -> Vec<Move> {
    let mut numbers = Numbers::default();
    let ranks = numbers.of_all(from).len();
    let is_touched = |id: &LocalId| touched.is_some_and(|touched| touched.contains(id));
    let to: Vec<u32> = {
        let known = |id: &LocalId| numbers.of.contains_key(id) || is_touched(id);
        let to: Vec<LocalId> = to.iter().copied().filter(known).collect();
        numbers.of_all(&to)
    };
    let common: Vec<u32> = to
        .iter()
        .copied()
        .filter(|&x| (x as usize) < ranks)
        .collect();
    let heavy = common.len() as u64 + 1;
    let stays = heaviest(&common, ranks, |i| {
        let light = touched.is_none() || is_touched(&numbers.ids[common[i] as usize]);
        if light { 1 } else { heavy }
    });
    let mut moving = vec![true; numbers.ids.len()];
    for (&x, stays) in common.iter().zip(stays) {
        moving[x as usize] = !stays;
    }
    let id = |x: &u32| numbers.ids[*x as usize];
    let mut moves: Vec<Move> = Vec::new();
    let mut from = 0;
    for run in to.chunk_by(|&a, &b| moving[a as usize] == moving[b as usize]) {
        let end = from + run.len();
        if run.first().is_some_and(|&x| moving[x as usize]) {
            moves.push(Move {
                updates: run.iter().map(id).collect(),
                place: Place {
                    after: from.checked_sub(1).map(|i| id(&to[i])),
                    before: to.get(end).map(id),
                },
            });
        }
        from = end;
    }
    moves
}

#[cfg(test)]
mod tests;
