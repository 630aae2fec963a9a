//! The architecture as a test: who may use whom, what pure code never says, how long a file may be.
//!
//! Sources are read as text: comments, strings and test modules are taken out, and what is left is
//! searched for `crate::…` paths. That is coarse but sees every way to name another module.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The layer table: what each module may use besides itself.
const LAYERS: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("config", &["domain"]),
    ("protocol", &["domain"]),
    ("wire", &["domain"]),
    ("store", &[]),
    ("app", &["domain", "protocol"]),
    ("api", &["domain", "wire"]),
    ("server", &["domain", "wire", "store"]),
    ("sync", &["domain", "protocol", "api", "store"]),
    ("tui", &["domain", "app"]),
    ("runtime", &["domain", "protocol", "app", "tui"]),
    ("cli", &["domain", "protocol", "api", "sync", "config"]),
    ("launch", &EVERYTHING),
];

const EVERYTHING: [&str; 12] = [
    "domain", "config", "protocol", "wire", "store", "app", "api", "server", "sync", "tui",
    "runtime", "cli",
];

/// What code without a clock, files, chance or threads never says. A generator seeded from outside
/// is no chance.
const IMPURE: [&str; 17] = [
    "Utc::now",
    "Local::now",
    "SystemTime",
    "Instant",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::thread",
    "std::process",
    "tokio",
    "Rng::new",
    "fastrand::u64",
    "fastrand::usize",
    "fastrand::bool",
    "fastrand::shuffle",
    "Ulid::new",
];

/// Words a layer never says, besides what its row of [`LAYERS`] leaves out.
const FORBIDDEN: [(&str, &[&str]); 9] = [
    ("domain", &IMPURE),
    (
        "domain",
        &[
            "async",
            "ratatui",
            "crossterm",
            "sqlx",
            "serde_json",
            "HashSet::iter",
        ],
    ),
    ("app", &IMPURE),
    ("app", &["async", "crossterm", "sqlx", "reqwest", "axum"]),
    ("protocol", &IMPURE),
    ("wire", &IMPURE),
    (
        "tui",
        &[
            "tokio", "std::fs", "std::env", "std::net", "sqlx", "reqwest",
        ],
    ),
    ("api", &["sqlx", "ratatui", "axum"]),
    ("store", &["ratatui", "reqwest", "axum"]),
];

/// Of ratatui the app may only use shapes (and the text area of its own crate).
const RATATUI_IN_APP: [&str; 3] = [
    "ratatui::layout::Rect",
    "ratatui::layout::Position",
    "ratatui::layout::{Position, Rect}",
];

const LINES_MAX: usize = 450;

#[test]
fn no_module_uses_one_above_it() {
    let found: Vec<String> = sources().iter().flat_map(upward).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn pure_code_has_no_clock_no_io_and_no_chance() {
    let found: Vec<String> = sources().iter().flat_map(impure).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn files_stay_readable_and_no_module_hides_in_mod_rs() {
    let mut found = String::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > LINES_MAX {
            let _ = writeln!(found, "{}: {lines} lines", source.path.display());
        }
        if source.path.ends_with("mod.rs") {
            let _ = writeln!(found, "{}: name it after its module", source.path.display());
        }
        if !source.text.starts_with("//!") {
            let _ = writeln!(found, "{}: says not what it is", source.path.display());
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn every_module_of_the_crate_has_its_row_in_the_layer_table() {
    let root = read(&src().join("lib.rs"));
    let modules: Vec<&str> = root
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let mut rows: Vec<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    rows.sort_unstable();
    assert_eq!(modules, rows);
}

#[test]
fn the_table_itself_has_no_circle() {
    for (index, (name, uses)) in LAYERS.iter().enumerate() {
        for used in *uses {
            let at = LAYERS.iter().position(|(n, _)| n == used);
            let below = at.is_some_and(|at| at < index);
            // `cli` and `config` stand in reading order; what counts is that nobody below uses them.
            assert!(below, "{name} may use {used}, which stands above it");
        }
    }
}

#[test]
fn a_planted_upward_use_is_caught() {
    let planted = [
        "use crate::app::State;",
        "use crate::{app::State, domain::id};",
        "use crate::{\n    domain::id,\n    tui::{draw, theme},\n};",
        "fn f() { crate::runtime::run(); }",
        "pub(crate) type S = Vec<crate :: app :: State>;",
        "use super::super::app::State;",
    ];
    for text in planted {
        let source = Source::new("src/domain/planted.rs", text);
        assert_eq!(upward(&source).len(), 1, "{text}");
    }
}

#[test]
fn what_only_looks_like_an_upward_use_is_left_alone() {
    let innocent = [
        "// use crate::app::State;",
        "/* crate::app */ /// see [`crate::app::State`]\n//! crate::tui",
        "const HINT: &str = \"crate::app \\\" crate::tui\";",
        "const RAW: &str = r#\"crate::app\"#;",
        "const CHAR: (char, &str) = ('\"', \"crate::app\");",
        "#[cfg(test)]\nmod tests {\n    use crate::app::State;\n}",
        "use crate::domain::app;",
        "use super::app;",
        "pub(crate) fn f() {}",
        "fn f<'a>(x: &'a str) -> &'a str { x }",
    ];
    for text in innocent {
        let source = Source::new("src/domain/innocent.rs", text);
        assert_eq!(upward(&source), [""; 0], "{text}");
    }
}

#[test]
fn a_planted_clock_is_caught() {
    for text in [
        "fn f() { let now = chrono::Utc::now(); }",
        "use std::time::Instant;",
        "use std::{fs, time::Duration};",
        "async fn f() {}",
    ] {
        let source = Source::new("src/domain/planted.rs", text);
        assert_eq!(impure(&source).len(), 1, "{text}");
    }
    let source = Source::new("src/app/planted.rs", "use ratatui::style::Style;");
    assert_eq!(impure(&source).len(), 1);
    let source = Source::new("src/app/fine.rs", "use ratatui::layout::Rect;");
    assert_eq!(impure(&source), [""; 0]);
}

/// A source file.
struct Source {
    path: PathBuf,
    text: String,
    /// The text without comments, strings and test modules; as many lines.
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.into(),
            text: text.to_owned(),
            code: without_tests(&bare(text)),
        }
    }

    /// The top-level module it belongs to; none for `lib.rs` and `main.rs`.
    fn layer(&self) -> Option<&'static str> {
        let below = self.path.strip_prefix("src").ok()?;
        let first = below.components().next()?.as_os_str().to_str()?;
        let name = first.strip_suffix(".rs").unwrap_or(first);
        LAYERS.iter().map(|(n, _)| *n).find(|n| *n == name)
    }
}

/// Says each use of a module that the file's layer may not use.
fn upward(source: &Source) -> Vec<String> {
    let Some(layer) = source.layer() else {
        return Vec::new();
    };
    let allowed = LAYERS
        .iter()
        .find(|(name, _)| *name == layer)
        .map_or(&[][..], |(_, uses)| *uses);
    let mut found = Vec::new();
    for (line, module) in modules_named(&source.path, &source.code) {
        let known = LAYERS.iter().any(|(name, _)| *name == module);
        if known && module != layer && !allowed.contains(&module.as_str()) {
            found.push(format!(
                "{}:{line}: `{layer}` may not use `{module}`",
                source.path.display()
            ));
        }
    }
    found
}

/// Says each word in the file that its layer never says.
fn impure(source: &Source) -> Vec<String> {
    let Some(layer) = source.layer() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (number, line) in source.code.lines().enumerate() {
        let said = opened(line);
        let words = FORBIDDEN.iter().filter(|(name, _)| *name == layer);
        let hit = words
            .flat_map(|(_, words)| words.iter())
            .find(|word| says(&said, word))
            .copied();
        let style = layer == "app"
            && says(&said, "ratatui")
            && !RATATUI_IN_APP.iter().any(|shape| said.contains(shape))
            && !said.contains("ratatui::crossterm");
        if let Some(word) = hit.or(style.then_some("ratatui")) {
            found.push(format!(
                "{}:{}: `{layer}` never says `{word}`",
                source.path.display(),
                number + 1
            ));
        }
    }
    found
}

/// `use std::{fs, time::Duration}` also says `std::fs`.
fn opened(line: &str) -> String {
    let Some((before, list)) = line.split_once("std::{") else {
        return line.to_owned();
    };
    let items: Vec<String> = list
        .split([',', '{', '}'])
        .map(|item| format!("std::{}", item.trim()))
        .collect();
    format!("{before} {}", items.join(" "))
}

/// Whether a line says a word, as a word of its own.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part)
    })
}

/// Finds the top-level modules that code names through `crate::` (or as many `super::` as lead
/// there from its file), with the line.
fn modules_named(path: &Path, code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let supers = vec!["super"; path.components().count() - 1].join("::");
    for root in ["crate", &supers] {
        for (at, _) in code.match_indices(root) {
            let before = &code[..at];
            if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let Some(path) = code[at + root.len()..].trim_start().strip_prefix("::") else {
                continue;
            };
            let line = before.matches('\n').count() + 1;
            found.extend(heads(path).into_iter().map(|head| (line, head)));
        }
    }
    found
}

/// The first names of a path, or of each path of a braced list.
fn heads(path: &str) -> Vec<String> {
    let path = path.trim_start();
    let Some(list) = path.strip_prefix('{') else {
        let name = path
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        return name.map(|n| vec![n.to_owned()]).unwrap_or_default();
    };
    let (mut depth, mut item, mut items) = (0, String::new(), Vec::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            _ if depth == 0 => item.push(c),
            _ => {}
        }
    }
    items.push(item);
    items.iter().flat_map(|item| heads(item)).collect()
}

/// Takes comments, strings and characters out of a source text; lines stay where they are.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = skip(
            rest,
            out.ends_with(|c: char| c.is_alphanumeric() || c == '_'),
        );
        if skipped == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        out.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
        out.push(' ');
        rest = &rest[skipped..];
    }
    out
}

/// The length of the comment, string or character that a text starts with; 0 for none.
fn skip(text: &str, in_word: bool) -> usize {
    let until = |end: &str, from: usize| {
        text[from..]
            .find(end)
            .map_or(text.len(), |at| from + at + end.len())
    };
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return until("*/", 2);
    }
    if text.starts_with('"') {
        return quoted(text, 1);
    }
    if !in_word && (text.starts_with("r\"") || text.starts_with("r#")) {
        let hashes = text[1..].bytes().take_while(|b| *b == b'#').count();
        if text[1 + hashes..].starts_with('"') {
            return until(&format!("\"{}", "#".repeat(hashes)), 2 + hashes);
        }
    }
    // A character, not a lifetime: 'x' or '\n'.
    let mut chars = text.chars();
    if chars.next() == Some('\'') {
        match (chars.next(), chars.next()) {
            (Some('\\'), _) => return until("'", 3),
            (Some(c), Some('\'')) => return 2 + c.len_utf8(),
            _ => {}
        }
    }
    0
}

fn quoted(text: &str, from: usize) -> usize {
    let mut escaped = false;
    for (at, c) in text[from..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return from + at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Takes what is only compiled for tests out of a bare source text.
fn without_tests(code: &str) -> String {
    let Some(at) = code.find("#[cfg(test)]") else {
        return code.to_owned();
    };
    let (before, tests) = code.split_at(at);
    let block = tests.find('{').unwrap_or(tests.len());
    let statement = tests.find(';').map_or(tests.len(), |at| at + 1);
    let end = if statement < block {
        statement
    } else {
        closing(tests, block)
    };
    let lines = "\n".repeat(tests[..end].matches('\n').count());
    format!("{before}{lines}{}", without_tests(&tests[end..]))
}

/// The end of the block that opens at `open`.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    collect(&src(), &mut files);
    assert!(files.len() > 20, "the sources were not found");
    files.sort();
    // `#[cfg(test)] mod tests;` in a file of its own is a test module like any other.
    files.retain(|file| !(file.ends_with("tests.rs") || file.ends_with("testing.rs")));
    files
        .iter()
        .map(|file| {
            let below = file.strip_prefix(src()).expect("it was found there");
            let path = Path::new("src").join(below);
            Source::new(path.to_str().expect("names are ASCII"), &read(file))
        })
        .collect()
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("sources can be read") {
        let path = entry.expect("sources can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).expect("sources can be read")
}
