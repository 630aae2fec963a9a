//! The real program in a pseudo-terminal: start, keys, floods, slow lines, rest and memory.
//!
//! `cargo bench --bench terminal -- [--updates 100,10000,100000] [--sizes 120x40,200x60]
//! [--rounds 3] [--rest 60] [--json FILE]`
//!
//! The queue is read once from a server inside this benchmark; then each start finds it in the store,
//! as it does in ordinary use. All times are taken where the terminal reads: a key's time ends with
//! the last byte of the first synchronized update after it. What follows that (the detail beside the
//! list, 80 ms later) is counted apart. Other work on the machine shows in the higher percentiles:
//! the echo of the terminal itself is measured in the same run, to be read beside them.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]

mod figures;
mod measure;
mod server;
mod terminal;

use std::error::Error;
use std::fs;
use std::time::Duration;

use figures::Report;
use measure::Plan;
use server::Server;
use terminal::{Size, size_of};

/// What is measured.
struct Arguments {
    updates: Vec<usize>,
    sizes: Vec<Size>,
    rounds: usize,
    rest: Duration,
    json: Option<String>,
}

impl Arguments {
    fn read() -> Result<Self, Box<dyn Error>> {
        let mut arguments = Self {
            updates: vec![100, 10_000, 100_000],
            sizes: vec![size_of("120x40")?, size_of("200x60")?],
            rounds: 3,
            rest: Duration::from_mins(1),
            json: None,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--updates" => {
                    let value = value()?;
                    let numbers = value.split(',').map(str::parse);
                    arguments.updates = numbers.collect::<Result<_, _>>()?;
                }
                "--sizes" => {
                    arguments.sizes = value()?.split(',').map(size_of).collect::<Result<_, _>>()?;
                }
                "--rounds" => arguments.rounds = value()?.parse()?,
                "--rest" => arguments.rest = Duration::from_secs(value()?.parse()?),
                "--json" => arguments.json = Some(value()?),
                // What cargo itself hands over.
                "--bench" => {}
                _ => {
                    return Err(format!(
                        "{word}: not known; see the head of benches/terminal/main.rs"
                    )
                    .into());
                }
            }
        }
        Ok(arguments)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read()?;
    let mut report = Report::begin();
    report.add("echo of the terminal itself", "", measure::echo()?);
    for &updates in &arguments.updates {
        let server = Server::start(updates)?;
        let home = tempfile::tempdir()?;
        measure::fill(home.path(), server.address, updates)?;
        for &size in &arguments.sizes {
            let plan = Plan {
                home: home.path(),
                server: &server,
                updates,
                size,
                rounds: arguments.rounds,
                rest: arguments.rest,
            };
            plan.run(&mut report)?;
        }
    }
    if let Some(file) = arguments.json {
        fs::write(file, report.json())?;
    }
    Ok(())
}
