//! What a key costs before anything is drawn.

use criterion::Criterion;

use crate::editor::{Editor, LateEditor, keys};
use crate::there_and_back;

const SCREEN: (u16, u16) = (120, 40);

/// What is measured: a name, its keys, the keys that make up for them.
const KEYS: [(&str, &str, &str); 5] = [
    ("j", "j", "k"),
    ("page", "pagedown", "pageup"),
    ("to-the-end", "G", "g g 4 0 j"),
    ("J", "J", "u"),
    ("mark", "space", "k space k"),
];

/// Measures keys in the midst of a page, and letters of a filter.
pub(crate) fn measure(criterion: &mut Criterion, late: &mut LateEditor) {
    let updates = late.updates;
    let name = |what: &str| format!("reduce/{what}/{updates}");
    for (what, script, back) in KEYS {
        criterion.bench_function(&name(what), |bencher| {
            let editor = late.on(SCREEN);
            there_and_back(bencher, editor, press(script), press_and_rest(back));
        });
    }
    criterion.bench_function(&name("undo"), |bencher| {
        let editor = late.on(SCREEN);
        press_and_rest("J")(editor);
        there_and_back(bencher, editor, press("u"), |editor| {
            editor.catch_up();
            press_and_rest("J")(editor);
        });
        press_and_rest("u")(editor);
    });
    // Without what is looked for behind it: that takes long, and no key waits for it.
    criterion.bench_function(&name("switch-profile"), |bencher| {
        there_and_back(bencher, late.on(SCREEN), press("]"), press("["));
    });
    let clear = || press_and_rest("backspace");
    criterion.bench_function(&name("filter-letter"), |bencher| {
        let editor = late.on(SCREEN);
        press("/")(editor);
        there_and_back(bencher, editor, press("t"), clear());
    });
    criterion.bench_function(&name("filter-to-its-end"), |bencher| {
        let editor = late.on(SCREEN);
        press("/")(editor);
        there_and_back(bencher, editor, press_and_rest("t"), clear());
    });
}

fn press(script: &str) -> impl Fn(&mut Editor) + use<> {
    let keys = keys(script);
    move |editor| editor.press(&keys)
}

/// Presses keys, and does all that is put off for as long as somebody types.
fn press_and_rest(script: &str) -> impl Fn(&mut Editor) + use<> {
    let keys = keys(script);
    move |editor| {
        editor.press(&keys);
        editor.catch_up();
    }
}
