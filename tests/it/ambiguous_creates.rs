//! New updates whose request or reply is lost, each in another way: none is made twice, and none
//! is lost without a word.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use qurate::domain::operation::OperationState;
use qurate::server::Quirks;
use qurate::store::Place;
use qurate::sync::Settings;

use crate::proxy::{Fault, Passing};
use crate::wire::{Wire, is_quiet, personalities, scaled};

/// The look after which a create is given up; so long a request may be late.
const LAST_LOOK: Duration = Duration::from_millis(900);

/// Where what goes wrong goes wrong.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// On the line, while the server is well.
    Line,
    /// In the server, or in what stands before it.
    Server,
}

impl Trouble {
    /// Draws what leaves open whether a create was done. Late ones come well before the last look.
    fn fault(self, random: &mut fastrand::Rng) -> Fault {
        let late = LAST_LOOK.mul_f64(random.f64() / 6.0);
        match (self, random.u8(..8)) {
            (Self::Line, 0..3) => Fault::LoseRequest,
            (Self::Line, 3..5) | (Self::Server, 0) => Fault::SwallowReply,
            (Self::Line, 5) => Fault::Truncate,
            (Self::Line, 6) => Fault::ResetInHead,
            (Self::Line, _) => Fault::LateRequest(late),
            (Self::Server, 1..5) => Fault::FailingAfter([500, 502, 504][random.usize(..3)]),
            (Self::Server, 5 | 6) => Fault::GivenUp(late),
            (Self::Server, _) => Fault::Garbage,
        }
    }
}

/// Meets the first request of each text with something ambiguous, and one in ten later ones; some
/// of the reads are lost.
fn spoil(
    trouble: Trouble,
    seed: u64,
    met: &Arc<Mutex<HashMap<String, usize>>>,
) -> impl FnMut(&Passing) -> Option<Fault> + Send + 'static {
    let mut random = fastrand::Rng::with_seed(seed);
    let met = Arc::clone(met);
    move |request| {
        if !request.is_change() {
            return (random.u8(..20) == 0).then_some(Fault::SwallowReply);
        }
        let mut met = met.lock().unwrap();
        let times = met.entry(request.body.clone()).or_default();
        *times += 1;
        (*times == 1 || random.u8(..10) == 0).then(|| trouble.fault(&mut random))
    }
}

fn unhurried(settings: &mut Settings) {
    settings.pace.looks = [20, 100, 400, 900].map(Duration::from_millis).to_vec();
}

fn run(name: &str, quirks: Quirks, trouble: Trouble, creates: usize) -> usize {
    let seed = creates as u64;
    let dir = tempfile::tempdir().unwrap();
    let wire = Wire::new(Place::Memory, quirks, 4, 1);
    let mut editor = wire.editor(dir.path(), seed, unhurried);
    editor.wait_read(4);
    let met = Arc::default();
    wire.proxy.decide(spoil(trouble, seed, &met));
    let mut all = Vec::new();
    for n in 0..creates {
        let profile = wire.profiles[n % 4].clone();
        let text = format!("create {n} of {name}");
        all.push((editor.create(&profile, &text), profile, text));
        if n % 40 == 39 {
            editor.wait("quiet", is_quiet);
        }
    }
    editor.wait("quiet", is_quiet);
    wire.wait_stragglers();
    assert_eq!(met.lock().unwrap().len(), creates, "each met a fault");
    let made = wire.created();
    let held: HashSet<_> = all
        .iter()
        .filter(|(id, ..)| matches!(editor.state(*id), Some(OperationState::Held { .. })))
        .map(|(id, ..)| *id)
        .collect();
    for (id, profile, text) in &all {
        let times = made.get(text).copied().unwrap_or(0);
        assert!(times < 2, "{name}: {text} was made {times} times");
        assert!(times == 1 || held.contains(id), "{name}: {text} is lost");
        assert!(
            editor.texts(profile).contains(text),
            "{name}: {text} is not shown"
        );
    }
    wire.proxy.calm();
    wire.finish(&mut editor);
    wire.wait_equal(&mut editor);
    let made = wire.created();
    let once = all.iter().all(|(.., text)| made.get(text) == Some(&1));
    assert!(once, "{name}: {made:#?}");
    editor.quit();
    held.len()
}

#[test]
fn ambiguous_creates_are_neither_doubled_nor_lost() {
    let creates = scaled(200) / 8;
    for trouble in [Trouble::Line, Trouble::Server] {
        let mut asked = 0;
        for (name, mut quirks) in personalities() {
            // The server's own guard against doubles must not hide ours being missing.
            quirks.takes_duplicates = true;
            asked += run(name, quirks, trouble, creates);
        }
        let all = creates * 4;
        println!("{trouble:?}: {all} ambiguous creates, 0 doubled, 0 lost, {asked} asked");
    }
}
