//! The custom commands. One that makes no sense is left out, and the others are there.

use super::{Bad, Key, Reader, bad, check_name, named, not, string, table};
use crate::config::options::Kind;
use crate::config::value::{self, Value};
use crate::domain::custom::{Custom, Input, Output};

impl Reader<'_> {
    pub(super) fn commands(&mut self, value: &Value<'_>) -> Vec<Custom> {
        let Some(table) = value.get_ref().as_table() else {
            self.warn(value.span().start, not("commands", "a section", value));
            return Vec::new();
        };
        let mut all = Vec::new();
        for (key, value) in table {
            match self.command(key, value) {
                Ok(command) => all.push((key.span().start, command)),
                Err(bad) => self.warn(bad.at, bad.text + "; the command is left out"),
            }
        }
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, command)| command).collect()
    }

    fn command(&mut self, key: &Key<'_>, value: &Value<'_>) -> Result<Custom, Bad> {
        const SECTION: &str = "commands.NAME";
        check_name(key)?;
        let section = format!("commands.{}", key.get_ref());
        let mut custom = Custom {
            name: key.get_ref().to_string(),
            key: None,
            run: Vec::new(),
            input: Input::default(),
            output: Output::default(),
            at: self.place(key.span().start),
        };
        for (key, value) in table(&section, value)? {
            let name = key.get_ref().as_ref();
            match name {
                "key" => custom.key = Some(string("key", value)?),
                "run" => {
                    let problem = || format!("`run` is {}", Kind::Program.wants());
                    let words = value::program(value);
                    custom.run = words.ok_or_else(|| bad(value.span().start, problem()))?;
                }
                "input" => self.put(&mut custom.input, SECTION, name, value, input),
                "output" => self.put(&mut custom.output, SECTION, name, value, output),
                _ => self.unknown(&section, key),
            }
        }
        if custom.run.is_empty() {
            let problem = format!("`{section}` needs `run`, as [\"tr\", \"a-z\", \"A-Z\"]");
            return Err(bad(key.span().start, problem));
        }
        Ok(custom)
    }
}

fn input(value: &Value<'_>) -> Option<Input> {
    named(&Input::NAMES, value.get_ref().as_str()?)
}

fn output(value: &Value<'_>) -> Option<Output> {
    named(&Output::NAMES, value.get_ref().as_str()?)
}
