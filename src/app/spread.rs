//! Several updates over several days, as evenly as it goes: each on a slot of the schedule that is
//! nobody else's for good, or all at one time of day.
//!
//! Where there are days enough, each gets a day of its own, the first one the first and the last one
//! the last; else the slots of those days are shared out.

use chrono::{Days, NaiveDate};

use super::state::State;
use super::status::name_of;
use super::when::{self, Span};
use crate::domain::id::LocalId;
use crate::domain::profile::Profile;
use crate::domain::schedule::instant;
use crate::domain::time::Timestamp;
use crate::domain::update::OwnTime;

/// Days that can be named at once.
const MOST: usize = 366;

/// Returns the times these updates of the focused profile get if a text names days to spread them
/// over, or why it cannot be; none if it names none.
pub fn spread(
    state: &State,
    text: &str,
    updates: &[LocalId],
) -> Option<Result<Vec<OwnTime>, String>> {
    let profile = state.profile()?;
    let span = when::days(text, profile.timezone, state.now)?;
    let fixed = state.rows().iter().filter(|row| row.fixed);
    let others = fixed.filter(|row| !updates.contains(&row.update));
    let taken: Vec<Timestamp> = others.filter_map(|row| row.due_at).collect();
    Some(times(profile, span, updates.len(), &taken, state.now))
}

fn times(
    profile: &Profile,
    span: Span,
    count: usize,
    taken: &[Timestamp],
    now: Timestamp,
) -> Result<Vec<OwnTime>, String> {
    let all: Vec<NaiveDate> = span
        .first
        .iter_days()
        .take_while(|day| *day <= span.last)
        .take(MOST + 1)
        .collect();
    if all.len() > MOST {
        return Err("that is more than a year".to_owned());
    }
    let Some(time) = span.time else {
        let found = on_slots(profile, span, count, taken, now)?;
        let pinned = |at| OwnTime { at, pinned: true };
        return Ok(found.into_iter().map(pinned).collect());
    };
    // Who posts on some weekdays only does so here too.
    let week = profile.schedule.week();
    let posts = |day: &NaiveDate| {
        use chrono::Datelike as _;
        !week[day.weekday().num_days_from_monday() as usize].is_empty()
    };
    let working: Vec<NaiveDate> = all.iter().copied().filter(posts).collect();
    let days = if working.is_empty() { all } else { working };
    let at = |day: NaiveDate| instant(profile.timezone, day.and_time(time));
    let points: Vec<Timestamp> = days.into_iter().filter_map(at).collect();
    let points: Vec<Timestamp> = points.into_iter().filter(|at| *at > now).collect();
    if points.len() < count {
        return Err(too_few(points.len(), "day", "leave the time out"));
    }
    let own = |at| OwnTime { at, pinned: false };
    Ok(evenly(&points, count).copied().map(own).collect())
}

fn on_slots(
    profile: &Profile,
    span: Span,
    count: usize,
    taken: &[Timestamp],
    now: Timestamp,
) -> Result<Vec<Timestamp>, String> {
    if profile.schedule.is_empty() {
        let name = name_of(profile);
        return Err(format!(
            "{name} has no posting times: say one, as mon..fri 9"
        ));
    }
    let zone = profile.timezone;
    let day = |at: Timestamp| at.in_zone(&zone).date_naive();
    let before = span.first.checked_sub_days(Days::new(1));
    let midnight = before.and_then(|day| instant(zone, day.and_hms_opt(23, 59, 0)?));
    let from = midnight.map_or(now, |midnight| midnight.max(now));
    let slots = profile.schedule.slots_after(zone, from);
    let slots = slots.take_while(|at| day(*at) <= span.last);
    let free: Vec<Timestamp> = slots.filter(|at| !taken.contains(at)).collect();
    let mut firsts = free.clone();
    firsts.dedup_by_key(|at| day(*at));
    let points = if count <= firsts.len() { firsts } else { free };
    if points.len() < count {
        return Err(too_few(points.len(), "slot", "or give a time of day"));
    }
    Ok(evenly(&points, count).copied().collect())
}

fn too_few(there: usize, what: &str, or: &str) -> String {
    let s = if there == 1 { "" } else { "s" };
    match there {
        0 => format!("no {what} is left there: name more days"),
        _ => format!("only {there} {what}{s} there: name more days, {or}"),
    }
}

/// Returns so many of them, from the first to the last, as far apart as it goes.
fn evenly<T>(all: &[T], count: usize) -> impl Iterator<Item = &T> {
    let (steps, last) = (count.saturating_sub(1), all.len().saturating_sub(1));
    let at = move |i: usize| (i * last + steps / 2).checked_div(steps).unwrap_or(0);
    (0..count).filter_map(move |i| all.get(at(i)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::profile;

    // Monday 2026-11-23 09:00 in Berlin.
    const NOW: Timestamp = Timestamp(1_795_420_800);

    fn read(schedule: &str, text: &str, count: usize, taken: &[Timestamp]) -> Vec<String> {
        let profile = profile(schedule);
        let span = when::days(text, profile.timezone, NOW).unwrap();
        match times(&profile, span, count, taken, NOW) {
            Ok(times) => {
                let said = |own: OwnTime| {
                    let at = own.at.in_zone(&profile.timezone).format("%a %-d %H:%M");
                    format!("{at}{}", if own.pinned { "" } else { " own" })
                };
                times.into_iter().map(said).collect()
            }
            Err(why) => vec![why],
        }
    }

    #[test]
    fn each_gets_a_day_of_its_own_where_there_are_days_enough() {
        let weekdays = "mon-fri 10:00 12:00";
        let three = ["Mon 30 10:00", "Wed 2 10:00", "Fri 4 10:00"];
        assert_eq!(read(weekdays, "next week", 3, &[]), three);
        let two = ["Mon 30 10:00", "Fri 4 10:00"];
        assert_eq!(read(weekdays, "next week", 2, &[]), two);
        assert_eq!(read(weekdays, "next week", 1, &[]), ["Mon 30 10:00"]);
        let daily = ["Mon 30 10:00", "Thu 3 10:00", "Sun 6 10:00"];
        assert_eq!(read("daily 10:00", "next week", 3, &[]), daily);
    }

    #[test]
    fn more_than_days_share_the_slots_and_what_others_have_for_good_stays_theirs() {
        let weekdays = "mon-fri 10:00 12:00";
        let six = read(weekdays, "next week", 6, &[]);
        assert_eq!(six.len(), 6);
        assert_eq!(
            (six[0].as_str(), six[5].as_str()),
            ("Mon 30 10:00", "Fri 4 12:00")
        );
        let monday = Timestamp(NOW.0 + 7 * 86_400 + 3_600);
        let past_it = ["Mon 30 12:00", "Fri 4 10:00"];
        assert_eq!(read(weekdays, "next week", 2, &[monday]), past_it);
        let eleven = ["only 10 slots there: name more days, or give a time of day"];
        assert_eq!(read(weekdays, "next week", 11, &[]), eleven);
        // Today at 10 is not over, the days before are.
        assert_eq!(read(weekdays, "this week", 1, &[]), ["Mon 23 10:00"]);
    }

    #[test]
    fn a_time_of_day_holds_on_days_that_post_at_all() {
        let at_nine = ["Mon 30 09:00 own", "Wed 2 09:00 own", "Fri 4 09:00 own"];
        assert_eq!(read("mon-fri 10:00", "next week 9", 3, &[]), at_nine);
        let sixth = ["only 5 days there: name more days, leave the time out"];
        assert_eq!(read("mon-fri 10:00", "next week 9", 6, &[]), sixth);
        // At nine it is nine already.
        assert_eq!(
            read("daily 10:00", "mon..tue 9", 1, &[]),
            ["Tue 24 09:00 own"]
        );
        assert_eq!(
            read("", "sat..sun 9", 2, &[]),
            ["Sat 28 09:00 own", "Sun 29 09:00 own"]
        );
        assert!(read("", "sat..sun", 2, &[])[0].contains("no posting times"));
        assert_eq!(
            read("mon 8:00", "mon..tue", 1, &[]),
            ["no slot is left there: name more days"]
        );
        assert_eq!(
            read("daily 8:00", "2026-12-01..2030-12-01", 1, &[]),
            ["that is more than a year"]
        );
    }
}
