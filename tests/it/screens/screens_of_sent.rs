//! What is seen of the numbers of sent updates and of the people who reacted.

use qurate::domain::interaction::Interaction;
use qurate::domain::time::Timestamp;
use qurate::protocol::{SentPage, SyncCommand, SyncEvent};

use super::editor::{Editor, NOW, profile_id, sent};
use super::snapshot;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// 30 sent updates: those at 9 on Mondays did best, one at 22 was lucky once.
fn a_month(page: u32, total: u64) -> SentPage {
    let mut month = sent(1, 30);
    // Mon 23 Nov 2026, 09:00 in Berlin.
    let monday = NOW.plus(HOUR + HOUR / 2);
    for (i, update) in (0i64..).zip(&mut month.updates) {
        let (at, clicks): (Timestamp, i64) = match i {
            7 => (monday.plus(13 * HOUR - 7 * DAY), 900),
            _ if i % 5 == 0 => (monday.plus(-(i / 5 + 1) * 7 * DAY), 400 + i),
            _ => (monday.plus(3 * HOUR - i * DAY), 20 + i),
        };
        update.body.outcome.sent.as_mut().unwrap().at = at;
        update
            .body
            .outcome
            .statistics
            .insert("clicks".to_owned(), clicks);
    }
    month.updates.sort_by_key(|update| {
        let at = update.body.outcome.sent.as_ref().map(|sent| sent.at);
        std::cmp::Reverse(at)
    });
    month.page = page;
    month.total = total;
    month
}

fn with_a_month() -> Editor {
    let mut editor = Editor::demo(4);
    editor.tell(SyncEvent::Sent(a_month(1, 30)));
    editor.press("g s").rest();
    editor
}

fn clicks(editor: &Editor) -> Vec<i64> {
    let rows = (0..5).filter_map(|i| editor.state.sent_row(i));
    rows.map(|update| update.body.outcome.statistics["clicks"])
        .collect()
}

#[test]
fn the_numbers_show_their_trend_and_the_best_hours_of_the_week() {
    let mut editor = with_a_month();
    editor.press("# s s");
    snapshot("numbers_80x24", &editor.at(80, 24));
    snapshot("numbers_120x40", &editor.at(120, 40));
    snapshot("numbers_40x12", &editor.at(40, 12));
    let screen = editor.at(120, 40);
    let best = screen.find("Mon 09:00").unwrap();
    assert!(
        !screen.contains("Mon 22:00"),
        "one lucky update is no best hour"
    );
    assert!(best > screen.find("Best hours by clicks").unwrap());
    editor.press("q");
    assert!(!editor.screen().contains("Best hours"));
}

#[test]
fn few_sent_updates_say_nothing_of_hours_and_that_is_told() {
    let mut editor = Editor::demo(4);
    editor.press("#");
    let screen = editor.at(120, 40);
    assert!(screen.contains("From 20 sent updates on"), "{screen}");
    assert!(screen.contains("5 were read"), "{screen}");
}

#[test]
fn a_profile_that_sent_nothing_is_told_so_in_its_numbers() {
    let mut editor = Editor::demo(4);
    let mut none = sent(1, 0);
    none.total = 0;
    editor.state.sent.clear();
    editor.tell(SyncEvent::Sent(none));
    editor.press("#");
    let screen = editor.at(80, 24);
    assert!(screen.contains("Nothing was sent yet."), "{screen}");
}

#[test]
fn what_a_trend_needs_is_read_while_it_is_looked_at() {
    let mut editor = Editor::demo(4);
    editor.state.sent.clear();
    editor.tell(SyncEvent::Sent(a_month(1, 400)));
    editor.commands.clear();
    editor.press("#");
    let second_page = SyncCommand::LoadSent {
        profile: profile_id(1),
        page: 2,
    };
    assert!(
        editor.commands.contains(&second_page),
        "{:?}",
        editor.commands
    );
}

#[test]
fn sent_updates_are_sorted_by_each_number_and_by_time_again() {
    let mut editor = with_a_month();
    let by_time = clicks(&editor);
    editor.press("s");
    assert!(editor.at(120, 40).contains("by likes, of the 30 read"));
    editor.press("s s");
    assert!(editor.at(120, 40).contains("by clicks, of the 30 read"));
    assert_eq!(clicks(&editor), [900, 425, 420, 415, 410]);
    snapshot("sent_by_clicks_120x40", &editor.at(120, 40));
    // A page that comes meanwhile is sorted in.
    let mut more = sent(2, 1);
    more.profile = profile_id(1);
    more.page = 2;
    more.updates[0].body.profile = profile_id(1);
    more.updates[0]
        .body
        .outcome
        .statistics
        .insert("clicks".to_owned(), 777);
    editor.tell(SyncEvent::Sent(more));
    assert_eq!(clicks(&editor), [900, 777, 425, 420, 415]);
    editor.press("s");
    assert_eq!(clicks(&editor), by_time);
}

#[test]
fn the_cursor_of_a_sorted_list_is_on_what_its_row_shows() {
    let mut editor = with_a_month();
    editor.press("s s s j").rest();
    let row = editor.state.sent_row(1).map(|update| update.id);
    assert_eq!(editor.state.cursors().sent.on, row);
    assert_eq!(editor.state.detail, row);
}

#[test]
fn people_who_reacted_are_sorted_by_followers_and_kinds_are_counted() {
    let mut editor = with_a_month();
    let update = editor.state.detail.unwrap();
    let interactions: Vec<Interaction> = [(5, "retweet"), (90, "favorite"), (7, "retweet")]
        .into_iter()
        .enumerate()
        .map(|(i, (followers, event))| Interaction {
            id: i.to_string(),
            event: event.to_owned(),
            created_at: NOW.plus(-60 * i64::try_from(i).unwrap()),
            username: format!("@reader{i}"),
            followers,
        })
        .collect();
    editor.tell(SyncEvent::Interactions {
        update,
        event: None,
        page: 1,
        total: 3,
        interactions,
    });
    editor.press("g i");
    let screen = editor.at(80, 24);
    assert!(screen.contains("retweet 2"), "{screen}");
    assert!(screen.contains("favorite 1"), "{screen}");
    let place = |screen: &str, who: &str| screen.find(who).unwrap();
    assert!(place(&screen, "@reader0") < place(&screen, "@reader1"));
    editor.press("s");
    let screen = editor.screen();
    assert!(screen.contains("by followers"), "{screen}");
    let order = ["@reader1", "@reader2", "@reader0"].map(|who| place(&screen, who));
    assert!(order.is_sorted(), "{screen}");
    editor.press("s");
    let screen = editor.screen();
    assert!(place(&screen, "@reader0") < place(&screen, "@reader1"));
}

#[test]
fn a_list_that_is_longer_than_what_was_read_says_how_far_it_is() {
    let mut editor = with_a_month();
    let screen = editor.at(120, 40);
    assert!(screen.contains("─ 30 sent ─"), "{screen}");
    editor.tell(SyncEvent::Sent(a_month(1, 50_000)));
    let screen = editor.at(120, 40);
    assert!(screen.contains("─ 50000 sent, 30 read ─"), "{screen}");
}
