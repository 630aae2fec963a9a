//! The one table of commands: it feeds the keymap, the help, the palette and the README.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::action::Action;
pub use super::scope::Scope;
use crate::domain::time::Timestamp;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub command: Command,
    /// Its name in `config.toml` and the palette.
    pub name: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Where its keys hold.
    pub scope: Scope,
    /// Its keys, if the config says nothing.
    pub keys: &'static [&'static str],
}

macro_rules! commands {
    ($($scope:ident { $($command:ident $name:literal [$($key:literal),*] $doc:literal;)* })*) => {
        /// What a person can ask of the editor.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Command {
            $($(
                #[doc = $doc]
                $command,
            )*)*
        }

        /// The table, in the order the help shows it.
        pub const COMMANDS: &[Entry] = &[
            $($(Entry {
                command: Command::$command,
                name: $name,
                doc: $doc,
                scope: Scope::$scope,
                keys: &[$($key),*],
            },)*)*
        ];
    };
}

commands! {
    List {
        Down "down" ["j", "down"] "One row down; with a count, that many.";
        Up "up" ["k", "up"] "One row up; with a count, that many.";
        Top "top" ["g g", "home"] "To the first row; with a count, to that row.";
        Bottom "bottom" ["G", "end"] "To the last row; with a count, to that row.";
        HalfPageDown "half-page-down" ["ctrl-d"] "Half a page down.";
        HalfPageUp "half-page-up" ["ctrl-u"] "Half a page up.";
        PageDown "page-down" ["pagedown", "ctrl-f"] "A page down.";
        PageUp "page-up" ["pageup", "ctrl-b"] "A page up.";
    }
    Queue {
        MoveDown "move-down" ["J", "alt-down"] "Move the update, or the marked ones, one place later: swap it with the next.";
        MoveUp "move-up" ["K", "alt-up"] "Move the update, or the marked ones, one place earlier: swap it with the one before.";
        Grab "grab" ["m"] "Grab: carry it with the keys that move the cursor; Enter drops it.";
        ToTop "to-top" ["t"] "Move to the top: the next to go out.";
        ToBottom "to-bottom" ["b"] "Move to the end of the queue.";
        Shuffle "shuffle" ["X"] "Shuffle the marked span, or all: look at the new order, then Enter.";
        Reschedule "reschedule" ["r"] "Give it, or the marked ones, a time of their own, spread them over a week, or their slots back.";
        Pin "pin" ["f"] "Fix it, or the marked ones, to the time they have, or let them go again.";
        FreeSlots "free-slots" ["F"] "Show the free slots of the schedule between the updates, or hide them.";
        Mark "mark" ["space"] "Mark it and step down, or mark the open range; what follows acts on the marked ones.";
        Range "range" ["v"] "Begin or end a range of marks; with a count, of that many rows.";
        RangeDown "range-down" ["shift-down"] "Stretch a range down; a key that moves the cursor ends it.";
        RangeUp "range-up" ["shift-up"] "Stretch a range up; a key that moves the cursor ends it.";
        MarkAll "mark-all" ["ctrl-a"] "Mark all that show, or none.";
        InvertMarks "invert-marks" ["*"] "Mark those that show and are not marked, and no others that show.";
        Cut "cut" ["x"] "Cut it, or the marked ones: p puts them elsewhere, in another profile too.";
        PasteAfter "paste-after" ["p"] "Put what was cut after this update.";
        PasteBefore "paste-before" ["P"] "Put what was cut before this update.";
        Edit "edit" ["e"] "Edit text, time, link and picture; of several that are marked, find and replace in all.";
        EditOutside "edit-outside" ["E"] "Edit the text in your own editor ($VISUAL, $EDITOR).";
        Delete "delete" ["d", "delete"] "Delete it, or the marked ones; u takes it back while it counts down.";
        Share "share" ["S"] "Share it, or the marked ones, now: asks, then counts down; u stops it.";
        NextFinding "next-finding" ["}"] "To the next update with a finding (‼ or ~): too long, there twice, too late, too close.";
        PreviousFinding "previous-finding" ["{"] "To the update with a finding before.";
        Replace "replace" ["%"] "Find and replace in the marked updates, or in all, with a preview.";
    }
    Sent {
        Requeue "requeue" ["r"] "Put a failed update back into the queue.";
        DeleteFailed "delete-failed" ["d", "delete"] "Delete a failed update.";
        SortSent "sort-sent" ["s"] "Sort by a number, then by the next; after the last by time again.";
    }
    Interactions {
        NextEvent "next-event" ["f"] "Show only the next kind of interaction.";
        PreviousEvent "previous-event" ["F"] "Show only the kind before.";
        SortInteractions "sort-interactions" ["s"] "Sort by followers, or by time again.";
    }
    Profiles {
        ChooseProfile "choose-profile" ["enter"] "Go to the queue of this profile.";
        EditProfile "edit-profile" ["e"] "Change its name, zone and how it is published.";
        RemoveProfile "remove-profile" ["d", "delete"] "Remove it with all that is queued; asks first.";
    }
    Global {
        Compose "compose" ["c"] "Write a new update (a post), for one network or several, or go on with a kept draft.";
        OpenLink "open-link" ["o"] "Open its link, or the page of what was sent; asks which if there are several.";
        RunCommand "run-command" ["!"] "Run a program on it: a command of yours, or what you type.";
        Output "output" [] "What the last program that was run said.";
        Tags "tags" ["T"] "Tags of it, or of the marked ones: words put on, -word takes off; Tab completes.";
        AddAgain "add-again" ["a"] "Write a new update from the text of this one.";
        CopyText "copy-text" ["y", "Y t"] "Copy the text to the clipboard.";
        CopyLink "copy-link" ["Y l"] "Copy the link.";
        CopyId "copy-id" ["Y i"] "Copy the id that the API gave it.";
        CopyJson "copy-json" ["Y j"] "Copy the whole update as JSON.";
        CopyMarkdown "copy-markdown" ["Y m"] "Copy text, link and picture as Markdown.";
        Filter "filter" ["/"] "Show only what matches: words, tag:x, has:link, before:fri, is:pinned, dup:, -not.";
        NextMatch "next-match" ["n"] "To the next match.";
        PreviousMatch "previous-match" ["N"] "To the match before.";
        Detail "detail" ["enter"] "Show the whole update.";
        Undo "undo" ["u"] "Take back the last thing done.";
        Redo "redo" ["U"] "Do again what was taken back.";
        Repeat "repeat" ["."] "Do the last change once more, on what is selected now.";
        Zoom "zoom" ["z"] "Give the pane the whole screen, or take it back.";
        ToggleDetail "toggle-detail" ["i"] "Show or hide the detail and the interactions.";
        NextPane "next-pane" ["tab"] "To the next pane.";
        PreviousPane "previous-pane" ["shift-tab"] "To the pane before.";
        PaneLeft "pane-left" ["h", "left"] "To the pane to the left or above.";
        PaneRight "pane-right" ["l", "right"] "To the pane to the right or below.";
        FocusProfiles "focus-profiles" ["g p", "alt-1"] "To the profiles.";
        FocusQueue "focus-queue" ["g q", "alt-2"] "To the queue.";
        FocusSent "focus-sent" ["g s", "alt-3"] "To what was sent and what failed.";
        FocusInteractions "focus-interactions" ["g i", "alt-4"] "To the interactions of the selected update.";
        NextProfile "next-profile" ["]"] "To the next profile.";
        PreviousProfile "previous-profile" ["["] "To the profile before.";
        NextDue "next-due" ["g n"] "To the update that goes out next.";
        Outbox "outbox" ["w", "g o"] "What waits to be sent, is held or failed, and why.";
        History "history" ["g h"] "What was done, newest first; Enter goes back to there.";
        Messages "messages" ["g l"] "What the editor said so far.";
        Numbers "numbers" ["#"] "How this profile did: the trend of each number, and its best hours.";
        Lint "lint" [] "All findings of this queue: what is twice, too long, too late, too close.";
        Clocks "clocks" [] "Show your own time beside the profile's, or hide it.";
        Calls "calls" ["@"] "The log of requests: each call to the API, its result, how long it took.";
        NewProfile "new-profile" [] "Add a profile.";
        EditSchedule "edit-schedule" [] "Change the posting times of this profile.";
        Pause "pause" [] "Pause or resume the queue of this profile.";
        ServerShuffle "server-shuffle" [] "Let the server shuffle the queue.";
        DiscardDraft "discard-draft" [] "Throw the newest kept draft away; u brings it back.";
        ToggleMouse "mouse" [] "Listen to the mouse, or leave it to the terminal.";
        ReloadConfig "reload-config" [] "Read config.toml again now.";
        Theme "theme" [] "Show the next theme; `theme` in config.toml keeps one.";
        Traffic "traffic" [] "Show what goes over the lines in the status line, or hide it: bytes a second to you, the API's last answer.";
        Doctor "doctor" [] "What the terminal can do and how things stand, and what to do about it.";
        Refresh "refresh" ["R", "ctrl-r"] "Read everything again now.";
        Palette "palette" [":", "ctrl-p"] "All commands by name.";
        Help "help" ["?", "f1"] "The keys that work here; type to filter, Enter runs.";
        Back "back" ["esc"] "Back: ends a range, then clears marks, then what was cut, then a filter, the zoom.";
        Quit "quit" ["q"] "Quit; what waits is kept.";
    }
    Always {
        Redraw "redraw" ["ctrl-l"] "Draw the screen again.";
        Suspend "suspend" ["ctrl-z"] "Suspend, as in a shell.";
        Interrupt "interrupt" ["ctrl-c"] "Back; twice within a second quits.";
    }
    Grab {
        Drop "drop" ["enter", "space"] "Drop it here; in another profile it asks whether to copy or to move.";
        DropAtHome "drop-at-home" ["m"] "Drop it here, if this is its own queue.";
        CarryNext "carry-next" ["]"] "Carry it to the next profile.";
        CarryPrevious "carry-previous" ["["] "Carry it to the profile before.";
        PutBack "put-back" ["esc", "q"] "Put it back where it was.";
    }
    Shuffle {
        ShuffleApply "shuffle-apply" ["enter"] "Take this order.";
        ShuffleAgain "shuffle-again" ["X"] "Draw another order.";
        ShuffleCancel "shuffle-cancel" ["esc", "q"] "Keep the order as it was.";
    }
    Confirm {
        Yes "yes" ["y"] "Yes, do it.";
        No "no" ["n", "esc", "q"] "No.";
    }
    Transfer {
        TransferCopy "transfer-copy" ["c"] "Copy: they stay where they are, too.";
        TransferMove "transfer-move" ["m"] "Move: they are made there and deleted here.";
        TransferNo "transfer-no" ["esc", "n", "q"] "Neither.";
    }
    Outbox {
        OutboxOpen "outbox-open" ["enter"] "Look at both texts of what is held; else go to its update.";
        OutboxRetry "outbox-retry" ["r"] "Send it, or the marked ones, again.";
        OutboxDiscard "outbox-discard" ["x"] "Give it, or the marked ones, up: what it changed is shown as it was.";
        OutboxEdit "outbox-edit" ["e"] "Edit your text of what is held or was refused, and send that.";
        OutboxRetryAll "outbox-retry-all" ["R"] "Send all again that was refused or held; asks first.";
        OutboxMark "outbox-mark" ["space"] "Mark it and step down.";
        OutboxClose "outbox-close" ["esc", "q", "w"] "Close.";
    }
    History {
        HistoryGo "history-go" ["enter"] "Go to here: take back, or do again, one after the other.";
        HistoryClose "history-close" ["esc", "q"] "Close.";
    }
    Conflict {
        ConflictMine "conflict-mine" ["m"] "Take mine: send it over theirs, or do it anyway.";
        ConflictTheirs "conflict-theirs" ["t"] "Take theirs: yours is dropped; u brings it back, or it is kept as a draft.";
        ConflictEdit "conflict-edit" ["e"] "Edit both: write on from yours, with theirs in sight.";
        ConflictNew "conflict-new" ["n"] "A new post from my text, as its update is gone.";
        ConflictClose "conflict-close" ["esc", "q"] "Leave it as it is: it stays held.";
    }
    Numbers {
        NextFigure "next-figure" ["s", "tab", "right"] "Look at the next number.";
        PreviousFigure "previous-figure" ["S", "shift-tab", "left"] "Look at the number before.";
    }
    Doctor {
        CopyReport "copy-report" ["y"] "Copy all of it; no token and no text of an update is in it.";
    }
    Detail {
        DetailDown "detail-down" ["j", "down"] "Scroll down.";
        DetailUp "detail-up" ["k", "up"] "Scroll up.";
        DetailPageDown "detail-page-down" ["pagedown", "ctrl-d", "space"] "A page down.";
        DetailPageUp "detail-page-up" ["pageup", "ctrl-u"] "A page up.";
        DetailClose "detail-close" ["esc", "q", "enter"] "Close.";
    }
    Findings {
        FindingOpen "finding-open" ["enter"] "Go to the update.";
        FindingsClose "findings-close" ["esc", "q"] "Close.";
    }
    Replace {
        ReplaceApply "replace-apply" ["ctrl-s", "alt-enter", "ctrl-enter"] "Change what the preview shows; one u takes all back.";
        ReplaceField "replace-field" ["tab", "shift-tab", "enter"] "To the other field.";
        ReplaceCase "replace-case" ["alt-c"] "Take upper and lower case for the same, or not.";
        ReplaceDown "replace-down" ["down", "ctrl-n"] "Scroll the preview down.";
        ReplaceUp "replace-up" ["up", "ctrl-p"] "Scroll the preview up.";
        ReplacePageDown "replace-page-down" ["pagedown"] "Scroll the preview a page down.";
        ReplacePageUp "replace-page-up" ["pageup"] "Scroll the preview a page up.";
        ReplaceLeave "replace-leave" ["esc"] "Leave; nothing was changed.";
    }
    Palette {
        PaletteDown "palette-down" ["down", "ctrl-n"] "To the next command.";
        PaletteUp "palette-up" ["up", "ctrl-p"] "To the command before.";
        PaletteRun "palette-run" ["enter"] "Run the command.";
        PaletteClose "palette-close" ["esc"] "Close.";
    }
    Filter {
        FilterKeep "filter-keep" ["enter"] "Keep the filter and go back to the list; Esc clears it there.";
        FilterDrop "filter-drop" ["esc"] "Show everything again.";
        FilterDown "filter-down" ["down", "ctrl-n"] "One row down.";
        FilterUp "filter-up" ["up", "ctrl-p"] "One row up.";
    }
    Prompt {
        PromptTake "prompt-take" ["enter"] "Take what is typed.";
        PromptNext "prompt-next" ["tab"] "Complete the word; once more: the next that fits.";
        PromptPrevious "prompt-previous" ["shift-tab"] "The word before that fits.";
        PromptLeave "prompt-leave" ["esc"] "Leave.";
    }
    Links {
        LinkOpen "link-open" ["enter"] "Open this link.";
        LinkCopy "link-copy" ["y"] "Copy this link.";
        LinksClose "links-close" ["esc", "q"] "Close.";
    }
    Output {
        OutputUse "output-use" ["e"] "Write on from it, in the place of the text of the update.";
        OutputCopy "output-copy" ["y"] "Copy it.";
    }
    Composer {
        Save "save" ["ctrl-s", "alt-enter", "ctrl-enter"] "Save.";
        NextField "next-field" ["tab"] "To the next field.";
        PreviousField "previous-field" ["shift-tab"] "To the field before.";
        NextNetwork "next-network" ["ctrl-o"] "Select the next network: its counter, and its text if it has its own.";
        OwnText "own-text" ["ctrl-t"] "Give the selected network a text of its own.";
        CommonText "common-text" ["ctrl-g"] "Give the selected network the common text again.";
        Preview "preview" ["f3", "alt-p"] "Show what will be sent, or hide it.";
        PreviewDown "preview-down" ["alt-down", "alt-j"] "Scroll what will be sent down.";
        PreviewUp "preview-up" ["alt-up", "alt-k"] "Scroll what will be sent up.";
        TextOutside "text-outside" ["ctrl-x ctrl-e"] "Go on with the text in your own editor ($VISUAL, $EDITOR).";
        Leave "leave" ["esc"] "Leave; what was written is kept as a draft.";
    }
    Drafts {
        DraftOpen "draft-open" ["enter"] "Go on with this draft.";
        DraftNew "draft-new" ["n", "c"] "Write a new update.";
        DraftThrow "draft-throw" ["d", "delete"] "Throw this draft away.";
        DraftBack "draft-back" ["u"] "Bring the draft back that was thrown away last.";
        DraftsClose "drafts-close" ["esc", "q"] "Close.";
    }
    Form {
        FormSave "form-save" ["ctrl-s", "alt-enter", "ctrl-enter"] "Save.";
        FormNext "form-next" ["tab", "down", "enter"] "To the next field.";
        FormPrevious "form-previous" ["shift-tab", "up"] "To the field before.";
        FormLeave "form-leave" ["esc"] "Leave without saving.";
    }
    Timetable {
        TimetableToggle "timetable-toggle" ["space", "enter"] "Post at this time on this day, or not any more.";
        TimetableLine "timetable-line" ["*"] "Post at this time on all days, or on none.";
        TimetableAdd "timetable-add" ["a", "+"] "Add a time, as 9, 930 or 13:30.";
        TimetableRemove "timetable-remove" ["d", "delete"] "Take this time out.";
        TimetableDown "timetable-down" ["j", "down"] "To the next time.";
        TimetableUp "timetable-up" ["k", "up"] "To the time before.";
        TimetableLeft "timetable-left" ["h", "left"] "To the day before.";
        TimetableRight "timetable-right" ["l", "right"] "To the next day.";
        TimetableTakeBack "timetable-take-back" ["u"] "Take the last change of the table back.";
        TimetableSave "timetable-save" ["ctrl-s", "alt-enter", "ctrl-enter"] "Save: the queue gets the times that are shown.";
        TimetableLeave "timetable-leave" ["esc", "q"] "Leave; changes that are not saved need a second time.";
    }
    NewTime {
        TimeTake "time-take" ["enter", "ctrl-s"] "Take this time.";
        TimeDrop "time-drop" ["esc"] "Do not.";
    }
}

impl Command {
    /// Returns its row of the table.
    pub fn entry(self) -> &'static Entry {
        COMMANDS
            .iter()
            .find(|entry| entry.command == self)
            .expect("the table and the enum are made from the same rows")
    }

    /// Returns the command of this name.
    pub fn named(name: &str) -> Option<Self> {
        COMMANDS
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.command)
    }

    /// Returns the action that runs it.
    pub fn action(self, count: Option<u32>, now: Timestamp) -> Action {
        Action::Run {
            command: self,
            count,
            now,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry().name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        let names: BTreeSet<_> = COMMANDS.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), COMMANDS.len());
        for entry in COMMANDS {
            assert_eq!(Command::named(entry.name), Some(entry.command));
            assert_eq!(entry.command.entry(), entry);
            assert!(entry.doc.ends_with('.'), "{}", entry.name);
        }
    }

    #[test]
    fn every_command_is_reachable_by_a_key_or_the_palette() {
        for entry in COMMANDS {
            let in_palette = entry.scope == Scope::Global;
            assert!(!entry.keys.is_empty() || in_palette, "{}", entry.name);
        }
    }
}
