//! The posting times of a profile as a table of days and times, being changed, with what the queue
//! would become.

use std::collections::BTreeSet;

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use tui_textarea::TextArea;

use super::composer::{area, line_of, press_line};
use super::key::Key;
use super::state::State;
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::profile::Profile;
use crate::domain::queue::{Queue, free_slots};
use crate::domain::schedule::{Entry, Schedule, parse_time, time_text};
use crate::domain::time::Timestamp;

/// So many rows of the queue are laid out anew to be looked at.
const PREVIEWED: usize = 100;
/// So many steps can be taken back.
const STEPS: usize = 100;

/// The weekdays, as columns.
pub const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// One time of day, and on which days it is posted at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The time on the wall clock of the profile's zone.
    pub time: NaiveTime,
    /// For each day from Monday, whether it is posted at.
    pub days: [bool; 7],
}

/// The posting times of a profile, being changed.
#[derive(Debug, Clone)]
pub struct Timetable {
    /// Whose.
    pub profile: ProfileId,
    /// The zone of the times.
    pub zone: Tz,
    /// The times, ascending.
    pub lines: Vec<Line>,
    /// Which line the cursor is on.
    pub line: usize,
    /// Which day the cursor is on, from Monday.
    pub day: usize,
    /// A time being typed.
    pub adding: Option<TextArea<'static>>,
    /// What the next updates of the queue would become, in their order.
    pub preview: Vec<Change>,
    /// What is wrong, or what the server said.
    pub problem: Option<String>,
    /// Whether the answer of the server is awaited.
    pub waiting: bool,
    /// Whether leaving was asked for once, with changes that are not saved.
    pub(crate) leaving: bool,
    before: Vec<Line>,
    /// Steps that can be taken back.
    steps: Vec<Vec<Line>>,
}

/// What a changed schedule makes of one update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub update: LocalId,
    /// When it goes out as things are.
    pub from: Option<Timestamp>,
    /// When it would go out.
    pub to: Option<Timestamp>,
}

impl Timetable {
    /// Opens the posting times of a profile.
    pub fn of(profile: &Profile) -> Self {
        let lines = lines_of(&profile.schedule);
        Self {
            profile: profile.id.clone(),
            zone: profile.timezone,
            before: lines.clone(),
            lines,
            line: 0,
            day: 0,
            adding: None,
            preview: Vec::new(),
            problem: None,
            waiting: false,
            leaving: false,
            steps: Vec::new(),
        }
    }

    /// Returns the schedule as it stands: days with the same times together.
    pub fn schedule(&self) -> Schedule {
        let times_of = |day: usize| -> Vec<NaiveTime> {
            let posts = self.lines.iter().filter(|line| line.days[day]);
            posts.map(|line| line.time).collect()
        };
        let mut entries: Vec<Entry> = Vec::new();
        for (day, weekday) in WEEK.into_iter().enumerate() {
            let times = times_of(day);
            if times.is_empty() {
                continue;
            }
            match entries.iter_mut().find(|entry| entry.times == times) {
                Some(entry) => entry.days.push(weekday),
                None => entries.push(Entry {
                    days: vec![weekday],
                    times,
                }),
            }
        }
        Schedule(entries)
    }

    /// Says whether it differs from what the profile has.
    pub fn is_changed(&self) -> bool {
        let posts = |lines: &[Line]| -> Vec<Line> {
            let lines = lines.iter().filter(|line| line.days.contains(&true));
            lines.copied().collect()
        };
        posts(&self.lines) != posts(&self.before)
    }

    /// Returns how many slots a week has.
    pub fn slots_a_week(&self) -> usize {
        let days = self.lines.iter().flat_map(|line| line.days);
        days.filter(|posts| *posts).count()
    }

    /// Moves the cursor to another day, around the ends.
    pub fn step_day(&mut self, by: isize) {
        let days = WEEK.len().cast_signed();
        self.day = (self.day.cast_signed() + by % days)
            .rem_euclid(days)
            .unsigned_abs();
    }

    /// Moves the cursor to another time.
    pub fn step_line(&mut self, by: isize) {
        let last = self.lines.len().saturating_sub(1);
        self.line = self.line.saturating_add_signed(by).min(last);
    }

    /// Posts at the time on the day of the cursor, or not any more.
    pub fn toggle(&mut self) {
        let (line, day) = (self.line, self.day);
        self.change(|lines| {
            if let Some(line) = lines.get_mut(line) {
                line.days[day] = !line.days[day];
            }
        });
    }

    /// Posts at the time on every day, or, if it does, on none.
    pub fn toggle_line(&mut self) {
        let line = self.line;
        self.change(|lines| {
            if let Some(line) = lines.get_mut(line) {
                line.days = [line.days != [true; 7]; 7];
            }
        });
    }

    /// Takes the time of the cursor out.
    pub fn remove_line(&mut self) {
        let line = self.line;
        self.change(|lines| {
            if line < lines.len() {
                lines.remove(line);
            }
        });
        self.step_line(0);
    }

    /// Takes the last change back; says whether there was one.
    pub fn take_back(&mut self) -> bool {
        let Some(lines) = self.steps.pop() else {
            return false;
        };
        self.lines = lines;
        self.problem = None;
        self.step_line(0);
        true
    }

    /// Begins to type a time.
    pub fn begin_add(&mut self) {
        self.problem = None;
        self.adding = Some(area(""));
    }

    /// Takes in the time that was typed; what cannot be read is said and stays.
    pub fn end_add(&mut self) {
        let Some(adding) = &self.adding else { return };
        let text = adding.lines().join("").trim().to_owned();
        if text.is_empty() {
            self.adding = None;
            return;
        }
        // `9` and `930` are what fingers write.
        let written = match text.len() {
            1 | 2 if text.bytes().all(|b| b.is_ascii_digit()) => format!("{text}:00"),
            3 | 4 if text.bytes().all(|b| b.is_ascii_digit()) => {
                let (hours, minutes) = text.split_at(text.len() - 2);
                format!("{hours}:{minutes}")
            }
            _ => text.replace('.', ":"),
        };
        match parse_time(&written) {
            Err(error) => self.problem = Some(error.to_string()),
            Ok(time) => self.add(time),
        }
    }

    fn add(&mut self, time: NaiveTime) {
        self.adding = None;
        if let Some(at) = self.lines.iter().position(|line| line.time == time) {
            self.line = at;
            self.problem = Some(format!("{} is there already", time_text(time)));
            return;
        }
        // On the days that are posted on so far; on all, if there are none.
        let mut days = [false; 7];
        for line in &self.lines {
            for (day, posts) in days.iter_mut().zip(line.days) {
                *day |= posts;
            }
        }
        if days == [false; 7] {
            days = [true; 7];
        }
        self.change(|lines| {
            lines.push(Line { time, days });
            lines.sort_by_key(|line| line.time);
        });
        let at = self.lines.iter().position(|line| line.time == time);
        self.line = at.unwrap_or(0);
    }

    /// Takes a key that is not bound to a command: into the time being typed.
    pub fn press(&mut self, key: Key) {
        if let Some(adding) = &mut self.adding
            && press_line(adding, key)
        {
            self.problem = None;
        }
    }

    /// Takes pasted text: into the time being typed.
    pub fn paste(&mut self, text: &str) {
        if let Some(adding) = &mut self.adding {
            adding.insert_str(line_of(text));
        }
    }

    fn change(&mut self, how: impl FnOnce(&mut Vec<Line>)) {
        let before = self.lines.clone();
        how(&mut self.lines);
        if self.lines != before {
            self.steps.push(before);
            if self.steps.len() > STEPS {
                self.steps.remove(0);
            }
        }
        self.problem = None;
    }
}

/// Returns the lines of a schedule, ascending.
fn lines_of(schedule: &Schedule) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (day, times) in schedule.week().iter().enumerate() {
        for time in times {
            if let Some(line) = lines.iter_mut().find(|line| line.time == *time) {
                line.days[day] = true;
            } else {
                let mut days = [false; 7];
                days[day] = true;
                lines.push(Line { time: *time, days });
            }
        }
    }
    lines.sort_by_key(|line| line.time);
    lines
}

/// Returns what `schedule` would make of the next updates of a profile's queue.
pub(super) fn preview(state: &State, profile: &Profile, schedule: &Schedule) -> Vec<Change> {
    let Some(shown) = state.replica.queue(&profile.id) else {
        return Vec::new();
    };
    let rows = shown.rows();
    let own = |id: LocalId| state.replica.update(id)?.body.own_time;
    let fixed = || rows.iter().filter(|row| row.fixed);
    let pinned: BTreeSet<Timestamp> = fixed()
        .filter_map(|row| own(row.update))
        .filter(|own| own.pinned)
        .map(|own| own.at)
        .collect();
    let slots = (!profile.paused).then(|| schedule.slots_after(profile.timezone, state.now));
    let next = Queue::arrange(
        shown.queue.movable().take(PREVIEWED),
        free_slots(slots.into_iter().flatten(), pinned),
        fixed().filter_map(|row| Some((row.update, row.due_at?))),
    );
    let was = |id: LocalId| Some(rows.get(shown.queue.find(id)?)?.due_at);
    let changes = next.rows().iter().take(PREVIEWED).filter_map(|row| {
        Some(Change {
            update: row.update,
            from: was(row.update)?,
            to: row.due_at,
        })
    });
    changes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::profile;

    fn timetable(schedule: &str) -> Timetable {
        Timetable::of(&profile(schedule))
    }

    fn typed(table: &mut Timetable, text: &str) {
        table.begin_add();
        table.paste(text);
        table.end_add();
    }

    #[test]
    fn a_schedule_is_a_table_and_a_table_a_schedule() {
        for schedule in ["mon-fri 09:00 13:30; sat 11:00", "daily 08:00", ""] {
            let table = timetable(schedule);
            assert_eq!(table.schedule().to_string(), schedule);
            assert!(!table.is_changed());
        }
        assert_eq!(
            timetable("mon-fri 09:00 13:30; sat 11:00").slots_a_week(),
            11
        );
    }

    #[test]
    fn days_and_times_are_switched_and_each_step_is_taken_back() {
        let mut table = timetable("mon-fri 09:00; sat 11:00");
        table.step_day(-1);
        table.toggle();
        assert_eq!(table.schedule().to_string(), "mon-fri,sun 09:00; sat 11:00");
        table.step_line(5);
        table.toggle_line();
        assert_eq!(
            table.schedule().to_string(),
            "mon-fri,sun 09:00 11:00; sat 11:00"
        );
        table.toggle_line();
        assert_eq!(table.schedule().to_string(), "mon-fri,sun 09:00");
        table.remove_line();
        assert_eq!((table.lines.len(), table.line), (1, 0));
        assert!(table.is_changed());
        for _ in 0..4 {
            assert!(table.take_back());
        }
        assert!(!table.take_back());
        assert!(!table.is_changed());
    }

    #[test]
    fn a_new_time_is_for_the_days_that_are_posted_on() {
        let mut table = timetable("mon,wed 09:00");
        typed(&mut table, "1330");
        typed(&mut table, "7");
        assert_eq!(table.schedule().to_string(), "mon,wed 07:00 09:00 13:30");
        assert_eq!(table.line, 0);
        let mut empty = timetable("");
        typed(&mut empty, "8.15");
        assert_eq!(empty.schedule().to_string(), "daily 08:15");
    }

    #[test]
    fn what_is_no_time_is_said_and_stays_written() {
        let mut table = timetable("daily 09:00");
        typed(&mut table, "25:00");
        assert!(table.problem.as_ref().unwrap().contains("25:00"));
        assert!(table.adding.is_some());
        let mut table = timetable("daily 09:00");
        typed(&mut table, "9:00");
        assert_eq!(table.problem.as_deref(), Some("09:00 is there already"));
        assert!(!table.is_changed());
    }
}
