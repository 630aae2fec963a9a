//! The default config as a file to start from, and the schema of the file; both from the table of
//! options and the command table.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::options::{Choice, Kind, LONGEST_WINDOW, SECTIONS, Usual, options_of};

/// One command and its keys, as the command table has them.
#[derive(Debug, Clone, Copy)]
pub struct KeyRow<'a> {
    /// The heading it stands under.
    pub heading: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its default keys.
    pub keys: &'a [&'a str],
    /// What it does, in one line.
    pub doc: &'a str,
}

/// Lines of the file are about this long.
const WIDTH: usize = 100;

const HEAD: &str = "\
# The configuration of qurate: every option as it is without this file.
#
# Take the `#` away in front of a line to change it. What is misspelt is said with the nearest right
# name, and the rest counts. A running editor takes a changed file over within a minute, at once with
# `:reload-config`; accounts and the server's options count from the next start.
";

/// Returns a config file that says everything and changes nothing: all of it is commented out.
/// A `#` with a space behind it is an explanation, one without is an option.
pub fn default_text(keys: &[KeyRow<'_>]) -> String {
    let mut text = HEAD.to_owned();
    for (section, doc) in SECTIONS {
        // The head of a section says nothing by itself, and with it a line needs no other. A
        // section of a name of one's own is an example, and so is all that is in it.
        let sign = if section.contains("NAME") { "# " } else { "" };
        if !section.is_empty() {
            text.push('\n');
            explain(&mut text, doc);
            let name = section.replace("NAME", "name");
            let _ = writeln!(text, "{sign}[{name}]");
        }
        if section == "keys" {
            print_keys(&mut text, keys);
        }
        for option in options_of(section) {
            print_option(&mut text, option);
        }
    }
    text
}

fn print_option(text: &mut String, option: &Choice) {
    if option.section.is_empty() {
        text.push('\n');
    }
    explain(text, option.doc);
    let _ = match option.value {
        // All of an example is one.
        Usual::Is(value) if option.section.contains("NAME") => {
            writeln!(text, "# {} = {value}", option.name)
        }
        Usual::Is(value) => writeln!(text, "#{} = {value}", option.name),
        Usual::As(value) => writeln!(text, "# {} = {value}", option.name),
    };
}

fn print_keys(text: &mut String, keys: &[KeyRow<'_>]) {
    let mut heading = "";
    for row in keys {
        if row.heading != heading {
            heading = row.heading;
            let _ = writeln!(text, "\n# {heading}");
        }
        let list = json!(row.keys).to_string().replace("\",\"", "\", \"");
        let setting = format!("#{} = {list}", row.name);
        let _ = writeln!(text, "{setting:<44} # {}", row.doc);
    }
}

fn explain(text: &mut String, doc: &str) {
    let mut line = String::from("#");
    for word in doc.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

/// Returns the schema of the file, for editors that complete and check TOML.
pub fn schema(keys: &[KeyRow<'_>]) -> String {
    let section = |name: &str| -> Map<String, Value> {
        let options = options_of(name);
        options
            .map(|option| (option.name.to_owned(), describe(option)))
            .collect()
    };
    let mut top = section("");
    let commands: Map<String, Value> = keys
        .iter()
        .map(|row| {
            let keys = json!({
                "description": row.doc,
                "default": row.keys,
                "oneOf": [
                    { "type": "string" },
                    { "type": "array", "items": { "type": "string" } },
                ],
            });
            (row.name.to_owned(), keys)
        })
        .collect();
    let named = |name: &str, needs: &str| {
        json!({
            "type": "object",
            "additionalProperties": object(&section(name), &[needs]),
        })
    };
    let mut server = section("server");
    server.insert(
        "connections".to_owned(),
        named("server.connections.NAME", "command"),
    );
    top.insert("keys".to_owned(), object(&commands, &[]));
    top.insert("commands".to_owned(), named("commands.NAME", "run"));
    top.insert("server".to_owned(), object(&server, &[]));
    top.insert("accounts".to_owned(), named("accounts.NAME", "url"));
    let mut whole = object(&top, &[]);
    whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    whole["title"] = json!("qurate config.toml");
    format!("{whole:#}\n")
}

fn object(properties: &Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn describe(option: &Choice) -> Value {
    let strings = json!({ "type": "string" });
    let mut value = match option.kind {
        Kind::Text => strings,
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Switch => json!({ "enum": [true, false, "auto", "on", "off"] }),
        Kind::Seconds => json!({ "type": "integer", "minimum": 0, "maximum": LONGEST_WINDOW }),
        Kind::Count => json!({ "type": "integer", "minimum": 1 }),
        Kind::Word(words) => json!({ "enum": words() }),
        Kind::Texts => json!({ "type": "array", "items": strings }),
        Kind::Program => json!({ "type": "array", "items": strings, "minItems": 1 }),
    };
    value["description"] = json!(option.doc);
    // The values that are written in the table are JSON as well as TOML.
    if let Usual::Is(text) = option.value
        && let Ok(usual) = serde_json::from_str::<Value>(text)
    {
        value["default"] = usual;
    }
    value
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    const ROWS: [KeyRow<'_>; 2] = [
        KeyRow {
            heading: "Queue",
            name: "move-down",
            keys: &["J", "alt-down"],
            doc: "Move it.",
        },
        KeyRow {
            heading: "Queue",
            name: "odd",
            keys: &["\"", "\\"],
            doc: "Odd keys.",
        },
    ];

    /// Takes the `#` away from the options.
    fn active(text: &str) -> String {
        let line = |line: &str| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest.to_owned() + "\n",
            _ => line.to_owned() + "\n",
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn as_it_is_it_changes_nothing_and_all_of_it_is_the_default() {
        let text = default_text(&ROWS);
        let file = Path::new("config.toml");
        assert_eq!(Config::parse(&text, file).unwrap(), Config::default());
        let mut all = Config::parse(&active(&text), file).unwrap();
        let keys = std::mem::take(&mut all.keys);
        assert_eq!(all, Config::default());
        assert_eq!(keys.len(), ROWS.len());
        assert_eq!(
            (keys[1].command.as_str(), &keys[1].keys[..]),
            ("odd", &["\"".to_owned(), "\\".to_owned()][..])
        );
    }

    #[test]
    fn what_is_an_example_can_be_used() {
        let text = default_text(&[]).replace("# ", "");
        let wanted = [
            "url = ",
            "token_file = ",
            "[accounts.name]",
            "[server.connections.name]",
            "command = [\"",
            "interactions = [\"",
            "[commands.name]",
            "run = [\"",
            "key = ",
            "input = ",
            "output = ",
            "[server]",
            "pending_limit = ",
            "rate_limit = ",
        ];
        let lines = text
            .lines()
            .filter(|line| wanted.iter().any(|w| line.starts_with(w)));
        let text = lines.collect::<Vec<_>>().join("\n");
        let config = Config::parse(&text, Path::new("/x/config.toml")).expect(&text);
        assert_eq!(config.warnings, [""; 0]);
        assert_eq!(config.server.pending_limit, Some(100));
        assert!(
            config.accounts.contains_key("name") && config.server.connections.contains_key("name")
        );
    }

    #[test]
    fn the_schema_knows_every_option_and_every_command() {
        let schema: Value = serde_json::from_str(&schema(&ROWS)).unwrap();
        let top = &schema["properties"];
        for name in super::super::options::known("") {
            assert!(top[name].is_object(), "{name}");
        }
        assert_eq!(top["window"]["default"], 10);
        assert_eq!(
            top["keys"]["properties"]["odd"]["default"],
            json!(["\"", "\\"])
        );
        let connection = &top["server"]["properties"]["connections"]["additionalProperties"];
        assert_eq!(connection["required"], json!(["command"]));
    }
}
