//! Tags: what the prompt does, where they show, and that they are kept and taken back.

use qurate::domain::tag::{Tagged, Tags};
use qurate::protocol::{SyncCommand, SyncEvent};

use crate::harness::{Harness, id};

fn tags(words: &str) -> Tags {
    words.split_whitespace().map(str::to_owned).collect()
}

fn of(h: &Harness, i: usize) -> Tags {
    h.state.tags.of(id(0, i)).cloned().unwrap_or_default()
}

fn kept(h: &Harness) -> usize {
    let is_tag = |c: &&SyncCommand| matches!(c, SyncCommand::Tag(_));
    h.all_commands().filter(is_tag).count()
}

#[test]
fn words_put_tags_on_and_a_minus_takes_them_off() {
    let mut h = Harness::with(5);
    h.keys("TLaunch, blog<enter>");
    assert!(h.in_lists());
    assert_eq!(of(&h, 0), tags("blog launch"));
    assert_eq!(h.notice(), "tagged blog, launch: “update 0”");
    h.keys("T-blog new<enter>");
    assert_eq!(of(&h, 0), tags("launch new"));
    assert_eq!(kept(&h), 2);
    h.keys("Tlaunch -never<enter>");
    assert_eq!(kept(&h), 2, "nothing changed, nothing is kept");
    h.keys("Tother<esc>");
    assert_eq!(of(&h, 0), tags("launch new"));
    assert_eq!(h.changes(), [], "no API hears of it");
}

#[test]
fn the_marked_ones_are_tagged_as_one_thing_and_undone_as_one() {
    let mut h = Harness::with(5);
    h.keys("Tblog<enter>  Tlaunch -blog<enter>");
    assert_eq!((of(&h, 0), of(&h, 1)), (tags("launch"), tags("launch")));
    assert_eq!(of(&h, 2), tags(""));
    h.keys("u");
    assert_eq!((of(&h, 0), of(&h, 1)), (tags("blog"), tags("")));
    h.keys("U");
    assert_eq!((of(&h, 0), of(&h, 1)), (tags("launch"), tags("launch")));
    h.keys("uu");
    assert_eq!(of(&h, 0), tags(""));
    assert!(h.notice().starts_with("took back: tagged blog"));
}

#[test]
fn tab_completes_known_tags_and_behind_a_minus_those_that_are_there() {
    let mut h = Harness::with(5);
    h.keys("Tlab<enter>jTlaunch<enter>jTblog<enter>");
    h.keys("Tx la<tab>");
    assert_eq!(typed(&h), "x lab");
    h.keys("<tab>");
    assert_eq!(typed(&h), "x launch");
    h.keys("<tab><shift-tab>,<shift-tab>");
    assert_eq!(
        typed(&h),
        "x launch,launch",
        "without a word: the last of all"
    );
    h.keys("<enter>");
    assert_eq!(of(&h, 2), tags("blog x launch"));
    h.keys("T-<tab><tab><enter>");
    assert_eq!(of(&h, 2), tags("blog x"));
    h.keys("Tzz<tab><enter>");
    assert_eq!(
        of(&h, 2),
        tags("blog x zz"),
        "what nothing completes stays typed"
    );
}

fn typed(h: &Harness) -> String {
    match &h.state.mode {
        qurate::app::mode::Mode::Prompt(prompt) => prompt.text(),
        other => format!("{other:?}"),
    }
}

#[test]
fn what_another_editor_tagged_shows_and_passes_the_filter() {
    let mut h = Harness::with(5);
    h.keys("/tag:lab<enter>");
    let tagged = |i, words| Tagged {
        update: id(0, i),
        tags: tags(words),
    };
    h.sync(SyncEvent::Tags(vec![tagged(1, "blog"), tagged(3, "lab")]));
    assert_eq!(of(&h, 1), tags("blog"));
    assert_eq!(h.state.entries().len(), 1);
    assert_eq!(kept(&h), 0, "who tagged it keeps it");
    h.sync(SyncEvent::Tags(vec![tagged(3, "")]));
    assert_eq!((of(&h, 3), h.state.entries().len()), (tags(""), 0));
}

#[test]
fn tags_and_their_undo_survive_a_restart() {
    let mut h = Harness::with(5);
    h.keys("Tblog<enter>jTlaunch<enter>");
    let mut again = h.restart();
    assert_eq!(
        (of(&again, 0), of(&again, 1)),
        (tags("blog"), tags("launch"))
    );
    again.keys("u");
    assert_eq!((of(&again, 0), of(&again, 1)), (tags("blog"), tags("")));
    let again = again.restart();
    assert_eq!((of(&again, 0), of(&again, 1)), (tags("blog"), tags("")));
}

#[test]
fn a_filter_by_tag_follows_and_a_point_does_it_again() {
    let mut h = Harness::with(5);
    h.keys("/tag:blog<enter>");
    assert!(h.state.entries().is_empty());
    h.keys("<esc>Tblog<enter>/tag:blog<enter>");
    assert_eq!(h.state.entries().len(), 1);
    h.keys("<esc>jj.");
    assert_eq!(of(&h, 2), tags("blog"));
    assert_eq!(h.notice(), "again: tagged blog: “update 2”");
    h.keys("/tag:blog<enter>");
    assert_eq!(h.state.entries().len(), 2);
    h.keys("T-blog<enter>");
    assert_eq!(h.state.entries().len(), 1, "it leaves the filter at once");
    h.keys("u");
    assert_eq!(h.state.entries().len(), 2);
}

#[test]
fn tags_go_along_to_another_profile_and_with_what_is_made_again() {
    let mut h = Harness::with(5);
    h.keys("Tblog<enter>e here only<ctrl-s>x]pm");
    let there = h.state.cursors().queue.on.unwrap();
    assert_eq!(h.state.tags.of(there), Some(&tags("blog")));
    h.keys("[Tlaunch<enter>d").store().wait(20).ack().settle();
    h.keys("u");
    assert!(h.notice().contains("as a new post"), "{}", h.notice());
    let made = h.state.rows().iter().map(|row| row.update);
    let tagged = made.filter(|id| h.state.tags.of(*id) == Some(&tags("launch")));
    assert_eq!(tagged.count(), 1);
}

#[test]
fn what_was_sent_is_tagged_too() {
    let mut h = Harness::with(2);
    h.keys("gsjTblog<enter>/tag:blog<enter>");
    assert_eq!(h.state.sent_len(), 1);
    h.keys("gpTx<enter>");
    assert!(h.in_lists());
    assert_eq!(h.notice(), "there is no update to tag from here");
}
