//! What the README says of keys is what the command table says.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use qurate::app::command::COMMANDS;
use qurate::app::key::Key;

#[test]
fn the_key_table_is_the_command_table() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(file).expect("the README is there");
    let written = text
        .split_once("<!-- keys -->\n")
        .and_then(|(_, rest)| rest.split_once("<!-- /keys -->"))
        .map(|(table, _)| table);
    let table = table();
    assert!(
        written == Some(&table),
        "the README shall say, between its two marks:\n{table}"
    );
}

#[test]
fn each_file_the_readme_shows_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("README.md")).expect("the README is there");
    let shown = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    for path in shown.filter(|path| !path.starts_with("http")) {
        assert!(root.join(path).exists(), "{path}");
    }
}

fn table() -> String {
    let mut table = String::new();
    let mut scope = None;
    for entry in COMMANDS {
        if scope != Some(entry.scope) {
            scope = Some(entry.scope);
            let gap = if table.is_empty() { "" } else { "\n" };
            let title = entry.scope.title();
            let _ = write!(
                table,
                "{gap}| {title} | command | does |\n| --- | --- | --- |\n"
            );
        }
        let keys: Vec<String> = entry
            .keys
            .iter()
            .map(|key| format!("`{}`", printed(key)))
            .collect();
        let _ = writeln!(
            table,
            "| {} | `{}` | {} |",
            keys.join(" "),
            entry.name,
            entry.doc.replace('|', "\\|")
        );
    }
    table
}

fn printed(key: &str) -> String {
    let chord = Key::parse_chord(key).expect("the table holds only keys");
    Key::print_chord(&chord)
}
