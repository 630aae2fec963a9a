//! What each command does: one line each, or a call.

use super::transfer::How;
use super::{
    carry, compose, composing, configured, conflict, copy, custom, doctor, drafts, filter, forms,
    guard, lint, marks, mouse, nav, numbers, opening, outbox, overlay, past, paste, prompt, queue,
    quit, repeat, replace, saving, share, slots, tags, times, timetable, transfer, undo,
};
use crate::app::action::Part;
use crate::app::command::{Command, Scope};
use crate::app::composer::Field;
use crate::app::effect::Effect;
use crate::app::mode::{Mode, Scroll};
use crate::app::notice::Severity;
use crate::app::repeat::Side;
use crate::app::state::{Loading, Pane, State};
use crate::app::timetable::Timetable;
use crate::protocol::{Request, SyncCommand};

/// Runs a command. One of a pane goes to that pane first; one of a dialog that is not open does
/// nothing.
pub(super) fn run(state: &mut State, out: &mut Vec<Effect>, command: Command, count: Option<u32>) {
    let scope = command.entry().scope;
    if !state.scopes().contains(&scope) {
        let pane = match scope {
            Scope::Profiles => Pane::Profiles,
            Scope::Queue => Pane::Queue,
            Scope::Sent => Pane::Sent,
            Scope::Interactions => Pane::Interactions,
            Scope::Always
            | Scope::Global
            | Scope::List
            | Scope::Grab
            | Scope::Shuffle
            | Scope::Confirm
            | Scope::Transfer
            | Scope::Outbox
            | Scope::History
            | Scope::Conflict
            | Scope::Numbers
            | Scope::Doctor
            | Scope::Detail
            | Scope::Findings
            | Scope::Replace
            | Scope::Palette
            | Scope::Filter
            | Scope::Prompt
            | Scope::Links
            | Scope::Output
            | Scope::Composer
            | Scope::Drafts
            | Scope::Form
            | Scope::Timetable
            | Scope::NewTime => return,
        };
        if !matches!(state.mode, Mode::Lists) {
            return;
        }
        nav::focus(state, pane);
    }
    if command != Command::Interrupt {
        state.pending.interrupted = None;
    }
    if slots::refuses(state, command) {
        return;
    }
    let old = state.notices.current().cloned();
    let at_lists = matches!(state.mode, Mode::Lists);
    let had_marks = has_marks(state);
    let before = state.history.last();
    perform(state, out, command, count);
    repeat::note(state, command, count, before);
    // What was done before is no news beside a question or a dialog that was just opened, nor beside
    // the keys for what was just marked.
    let opened = at_lists && !matches!(state.mode, Mode::Lists);
    let opened = opened || (!had_marks && has_marks(state));
    let is_done = old.as_ref().is_some_and(|n| n.severity == Severity::Done);
    if opened && is_done && state.notices.current() == old.as_ref() {
        state.notices.clear();
    }
}

#[expect(clippy::too_many_lines, reason = "one line for each command")]
fn perform(state: &mut State, out: &mut Vec<Effect>, command: Command, count: Option<u32>) {
    let times = count.unwrap_or(1);
    let by = signed(times);
    match command {
        Command::Down => nav::go(state, out, nav::To::By(signed(times))),
        Command::Up => nav::go(state, out, nav::To::By(-signed(times))),
        Command::Top => nav::go(state, out, nav::row_or(count, nav::To::Top)),
        Command::Bottom => nav::go(state, out, nav::row_or(count, nav::To::Bottom)),
        Command::HalfPageDown => nav::page(state, out, signed(times), 2),
        Command::HalfPageUp => nav::page(state, out, -signed(times), 2),
        Command::PageDown => nav::page(state, out, signed(times), 1),
        Command::PageUp => nav::page(state, out, -signed(times), 1),

        Command::MoveDown => queue::move_by(state, out, signed(times)),
        Command::MoveUp => queue::move_by(state, out, -signed(times)),
        Command::ToTop => queue::to_top(state, out),
        Command::ToBottom => queue::to_bottom(state, out),
        Command::Grab => carry::grab(state),
        Command::Shuffle => carry::shuffle(state),
        Command::Edit if is_of_many(state) => replace::open(state),
        Command::EditOutside if is_of_many(state) => {
            say(state, Severity::Warning, ONE_TEXT);
        }
        Command::Reschedule if guard::asks(state, command, guard::CHANGE_TIME) => {}
        Command::Pin if guard::asks(state, command, "Pin it or let it go all the same?") => {}
        Command::Edit | Command::EditOutside
            if guard::asks(state, command, "Edit it all the same?") => {}
        Command::Reschedule | Command::Pin | Command::Edit | Command::EditOutside => {
            anyway(state, out, command);
        }
        Command::FreeSlots => slots::toggle(state),
        Command::Mark => marks::mark(state, out, times),
        Command::Range => marks::range(state, out, count),
        Command::RangeDown => marks::stretch(state, out, signed(times)),
        Command::RangeUp => marks::stretch(state, out, -signed(times)),
        Command::MarkAll => marks::mark_all(state),
        Command::InvertMarks => marks::invert(state),
        Command::Cut => marks::cut(state),
        Command::PasteAfter => paste::paste(state, out, Side::After),
        Command::PasteBefore => paste::paste(state, out, Side::Before),
        Command::Delete => queue::delete(state, out),
        Command::Share => share::ask(state),
        Command::NextFinding => lint::jump(state, 1, times),
        Command::PreviousFinding => lint::jump(state, -1, times),
        Command::Replace => replace::open(state),

        Command::Requeue => queue::requeue(state, out),
        Command::DeleteFailed => queue::delete_failed(state, out),
        Command::NextEvent => nav::event(state, 1),
        Command::PreviousEvent => nav::event(state, -1),

        Command::SortSent => numbers::sort_sent(state),
        Command::SortInteractions => numbers::sort_interactions(state),
        Command::Numbers => numbers::open(state),
        Command::NextFigure => numbers::step(state, signed(times)),
        Command::PreviousFigure => numbers::step(state, -signed(times)),

        Command::Compose => compose::compose(state),
        Command::Tags => tags::ask(state),
        Command::OpenLink => opening::open(state, out),
        Command::LinkOpen => opening::enter(state, out),
        Command::LinkCopy => opening::copy(state, out),
        Command::RunCommand => custom::ask(state),
        Command::Output => custom::open(state),
        Command::OutputUse => custom::use_as_text(state),
        Command::OutputCopy => custom::copy(state, out),
        Command::AddAgain => compose::add_again(state),
        Command::CopyText => copy::copy(state, out, Part::Text),
        Command::CopyLink => copy::copy(state, out, Part::Link),
        Command::CopyId => copy::copy(state, out, Part::Id),
        Command::CopyJson => copy::copy(state, out, Part::Json),
        Command::CopyMarkdown => copy::copy(state, out, Part::Markdown),
        Command::Filter => filter::open(state),
        Command::NextMatch => filter::step(state, out, signed(times)),
        Command::PreviousMatch => filter::step(state, out, -signed(times)),
        Command::PromptTake => prompt::take(state, out),
        Command::PromptNext => prompt::complete(state, by),
        Command::PromptPrevious => prompt::complete(state, -by),
        Command::FilterKeep => filter::keep(state, out),
        Command::FilterDrop => filter::drop(state),
        Command::FilterDown => filter::go(state, out, signed(times)),
        Command::FilterUp => filter::go(state, out, -signed(times)),
        Command::Detail => overlay::open_detail(state),
        Command::Undo => (0..times.min(100)).for_each(|_| undo::undo(state, out)),
        Command::Redo => (0..times.min(100)).for_each(|_| undo::redo(state, out)),
        Command::Repeat => repeat::again(state, out, count, run),

        Command::Zoom => state.zoomed = !state.zoomed,
        Command::ToggleDetail => nav::toggle_detail(state),
        Command::NextPane => nav::next_pane(state, 1),
        Command::PreviousPane => nav::next_pane(state, -1),
        Command::PaneLeft => nav::beside(state, -1),
        Command::PaneRight => nav::beside(state, 1),
        Command::FocusProfiles => nav::focus(state, Pane::Profiles),
        Command::FocusQueue | Command::ChooseProfile => nav::focus(state, Pane::Queue),
        Command::FocusSent => nav::focus(state, Pane::Sent),
        Command::FocusInteractions => nav::focus(state, Pane::Interactions),
        Command::NextProfile => nav::next_profile(state, out, signed(times)),
        Command::PreviousProfile => nav::next_profile(state, out, -signed(times)),

        Command::NextDue => nav::next_due(state, out),
        Command::Outbox => outbox::open(state),
        Command::History => past::open(state),
        Command::Messages => state.mode = Mode::Messages(Scroll::default()),
        Command::Lint => lint::open(state),
        Command::Clocks => toggle_clocks(state),
        Command::Calls => state.mode = Mode::Calls(Scroll::default()),
        Command::NewProfile => forms::open_new(state),
        Command::EditSchedule => timetable::open(state),
        Command::EditProfile => forms::open_edit(state),
        Command::RemoveProfile => forms::ask_remove(state),
        Command::Pause => forms::pause(state, out),
        Command::ServerShuffle => overlay::ask_server_shuffle(state),
        Command::DiscardDraft => drafts::throw_newest(state, out),
        Command::ToggleMouse => mouse::toggle(state, out),
        Command::ReloadConfig => out.push(Effect::ReadConfig),
        Command::Theme => configured::next_theme(state),
        Command::Traffic => toggle_traffic(state, out),
        Command::Doctor => doctor::open(state, out),
        Command::CopyReport => doctor::copy(state, out),
        Command::Refresh => refresh(state, out),
        Command::Palette => overlay::open_palette(state, crate::app::palette::PaletteKind::Palette),
        Command::Help => overlay::open_palette(state, crate::app::palette::PaletteKind::Help),
        Command::Back => back(state),
        Command::Quit => quit::quit(state, out),

        Command::Redraw => out.push(Effect::Redraw),
        Command::Suspend => out.push(Effect::Suspend),
        Command::Interrupt => interrupt(state, out),

        Command::Drop => carry::drop(state, out),
        Command::DropAtHome => carry::drop_at_home(state, out),
        Command::PutBack => carry::put_back(state, out),
        Command::CarryNext => carry::abroad(state, out, signed(times)),
        Command::CarryPrevious => carry::abroad(state, out, -signed(times)),
        Command::TransferCopy => transfer::answer(state, out, How::Copy),
        Command::TransferMove => transfer::answer(state, out, How::Move),
        Command::ShuffleApply => carry::apply_shuffle(state, out),
        Command::ShuffleAgain => carry::shuffle_again(state),
        Command::Yes => overlay::yes(state, out),
        Command::No | Command::TransferNo => overlay::no(state),
        Command::OutboxOpen => outbox::enter(state, out),
        Command::OutboxRetry => outbox::retry(state, out),
        Command::OutboxDiscard => outbox::discard(state, out),
        Command::OutboxEdit => outbox::edit(state),
        Command::OutboxRetryAll => outbox::retry_all(state),
        Command::OutboxMark => outbox::mark(state, out),
        Command::HistoryGo => past::go(state, out),
        Command::ConflictMine => conflict::mine(state, out),
        Command::ConflictTheirs => conflict::theirs(state, out),
        Command::ConflictEdit => conflict::both(state),
        Command::ConflictNew => conflict::new_post(state, out),
        Command::ConflictClose => conflict::close(state),
        Command::ShuffleCancel => carry::cancel_shuffle(state),
        Command::DetailClose => overlay::close(state),
        Command::FindingOpen => lint::enter(state),
        Command::ReplaceApply => replace::apply(state, out),
        Command::ReplaceField => replace::step(state),
        Command::ReplaceCase => replace::toggle_case(state),
        Command::ReplaceDown => replace::scroll(state, signed(times)),
        Command::ReplaceUp => replace::scroll(state, -signed(times)),
        Command::ReplacePageDown => replace::page(state, 1),
        Command::ReplacePageUp => replace::page(state, -1),
        Command::OutboxClose
        | Command::FindingsClose
        | Command::ReplaceLeave
        | Command::HistoryClose
        | Command::PaletteClose
        | Command::PromptLeave
        | Command::LinksClose
        | Command::FormLeave
        | Command::DraftsClose => {
            state.mode = Mode::Lists;
        }
        Command::DetailDown => overlay::scroll(state, signed(times)),
        Command::DetailUp => overlay::scroll(state, -signed(times)),
        Command::DetailPageDown => overlay::scroll_page(state, 1),
        Command::DetailPageUp => overlay::scroll_page(state, -1),
        Command::PaletteDown => overlay::palette_step(state, 1),
        Command::PaletteUp => overlay::palette_step(state, -1),
        Command::PaletteRun => overlay::palette_run(state, out, run),
        Command::Save => saving::save(state, out),
        Command::NextField => composing::step(state, 1),
        Command::PreviousField => composing::step(state, -1),
        Command::NextNetwork => composing::next_network(state),
        Command::OwnText => composing::split(state),
        Command::CommonText => composing::join(state),
        Command::Preview => composing::preview(state),
        Command::PreviewDown => composing::scroll(state, by * composing::LINES),
        Command::PreviewUp => composing::scroll(state, -by * composing::LINES),
        Command::TextOutside => composing::text_outside(state, out),
        Command::Leave => compose::leave_preview_or_all(state, out),
        Command::DraftOpen => drafts::open(state),
        Command::DraftNew => compose::compose_text(state, ""),
        Command::DraftThrow => drafts::throw(state, out),
        Command::DraftBack => drafts::back(state, out),
        Command::TimetableToggle => timetable::change(state, Timetable::toggle),
        Command::TimetableLine => timetable::change(state, Timetable::toggle_line),
        Command::TimetableAdd => timetable::change(state, Timetable::begin_add),
        Command::TimetableRemove => timetable::change(state, Timetable::remove_line),
        Command::TimetableDown => timetable::change(state, |table| table.step_line(by)),
        Command::TimetableUp => timetable::change(state, |table| table.step_line(-by)),
        Command::TimetableLeft => timetable::change(state, |table| table.step_day(-by)),
        Command::TimetableRight => timetable::change(state, |table| table.step_day(by)),
        Command::TimetableTakeBack => timetable::take_back(state),
        Command::TimetableSave => timetable::save(state, out),
        Command::TimetableLeave => timetable::leave(state),
        Command::TimeTake => timetable::change(state, Timetable::end_add),
        Command::TimeDrop => timetable::drop_time(state),

        Command::FormSave => forms::save(state, out),
        Command::FormNext => forms::step(state, 1),
        Command::FormPrevious => forms::step(state, -1),
    }
}

fn has_marks(state: &State) -> bool {
    !state.marks.is_empty() || state.range.is_some()
}

const ONE_TEXT: &str =
    "your editor takes one text: Esc clears the marks, e finds and replaces in all of them";

fn is_of_many(state: &State) -> bool {
    state.marked().len() > 1
}

/// Runs a command of the queue although its update may be about to go out.
pub(super) fn anyway(state: &mut State, out: &mut Vec<Effect>, command: Command) {
    match command {
        Command::Pin => queue::pin(state, out),
        Command::Reschedule if is_of_many(state) => times::ask(state),
        Command::Reschedule => compose::edit(state, Field::When),
        Command::EditOutside => compose::edit_outside(state, out),
        _ => compose::edit(state, Field::Text),
    }
}

/// Shows what goes over the lines, or hides it. While nobody looks nothing is counted.
fn toggle_traffic(state: &mut State, out: &mut Vec<Effect>) {
    state.traffic = match state.traffic {
        None => Some(0),
        Some(_) => None,
    };
    out.push(Effect::CountBytes(state.traffic.is_some()));
}

fn toggle_clocks(state: &mut State) {
    state.clocks = !state.clocks;
    let zone = state.zone();
    let text = match (state.clocks, state.second_clock(zone, state.now)) {
        (false, _) => "only the profile's time is shown".to_owned(),
        (true, Some(own)) => format!("your time ({}) is shown beside the profile's", own.name()),
        (true, None) => format!("your clock shows the same as {}", zone.name()),
    };
    say(state, Severity::Done, text);
}

fn signed(times: u32) -> isize {
    isize::try_from(times).unwrap_or(isize::MAX)
}

fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    out.push(Effect::Sync(SyncCommand::Refresh));
    state.interactions.clear();
    for sent in state.sent.values_mut() {
        sent.loading = Loading::Idle;
    }
    if let Some(profile) = state.profile.clone() {
        nav::load_sent(state, out, &profile, 1);
    }
    say(state, Severity::Done, "reading everything again");
}

/// Esc in the lists: innermost first.
fn back(state: &mut State) {
    if state.range.take().is_some() {
        return;
    }
    if !state.marks.is_empty() {
        state.marks.clear();
    } else if state.cut.take().is_some() {
        say(state, Severity::Done, "no longer cut");
    } else if filter::clear(state) {
    } else if state.focus == Pane::Interactions && state.event.is_some() {
        state.event = None;
    } else if state.zoomed {
        state.zoomed = false;
    } else if state.notices.current().is_some() {
        state.notices.clear();
    } else if state.focus != Pane::Queue {
        nav::focus(state, Pane::Queue);
    }
}

/// `Ctrl-c`: closes what Esc closes; twice within a second it quits.
fn interrupt(state: &mut State, out: &mut Vec<Effect>) {
    let last = state.pending.interrupted.replace(state.now);
    if last.is_some_and(|at| state.now.0 - at.0 <= 1) {
        return quit::quit(state, out);
    }
    match &state.mode {
        Mode::Lists => {
            back(state);
            say(state, Severity::Done, "press Ctrl-c again to quit");
        }
        Mode::Grab(_) => carry::put_back(state, out),
        Mode::Composer(_) => compose::leave(state, out),
        Mode::Conflict(_) => conflict::close(state),
        Mode::Filter(_) => filter::drop(state),
        Mode::Confirm(_) => overlay::no(state),
        Mode::Shuffle(_) => carry::cancel_shuffle(state),
        Mode::Palette(_)
        | Mode::Outbox(_)
        | Mode::History(_)
        | Mode::Detail(_)
        | Mode::Messages(_)
        | Mode::Calls(_)
        | Mode::Drafts(_)
        | Mode::Numbers(_)
        | Mode::Doctor(_)
        | Mode::Findings(_)
        | Mode::Replace(_)
        | Mode::Prompt(_)
        | Mode::Links(_)
        | Mode::Output(_)
        | Mode::Form(_) => state.mode = Mode::Lists,
        Mode::Timetable(_) => timetable::leave(state),
    }
}

/// Asks the worker for something that needs the line now.
pub(super) fn ask(out: &mut Vec<Effect>, request: Request) {
    out.push(Effect::Sync(SyncCommand::Ask(request)));
}

/// Says something in the status line.
pub(super) fn say(state: &mut State, severity: Severity, text: impl Into<String>) {
    state.notices.say(severity, text, state.now);
}
