//! What was measured: medians, percentiles and spreads, as a table and as JSON.

use serde_json::{Value, json};

/// Samples of one thing, in one unit.
#[derive(Debug, Default, Clone)]
pub(crate) struct Samples {
    pub(crate) unit: &'static str,
    pub(crate) values: Vec<f64>,
}

impl Samples {
    pub(crate) fn new(unit: &'static str) -> Self {
        Self {
            unit,
            values: Vec::new(),
        }
    }

    pub(crate) fn one(unit: &'static str, value: f64) -> Self {
        Self {
            unit,
            values: vec![value],
        }
    }

    pub(crate) fn add(&mut self, value: f64) {
        self.values.push(value);
    }

    /// Returns the value that `part` of all are not above.
    fn percentile(&self, part: f64) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list that is far from large"
        )]
        let at = (part * last as f64).round() as usize;
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }
}

/// All that was measured: a table, as Markdown, of which each row is printed as soon as it is known. All
/// of it takes many minutes.
#[derive(Debug)]
pub(crate) struct Report {
    rows: Vec<(String, String, Samples)>,
}

impl Report {
    /// Prints the head of the table.
    pub(crate) fn begin() -> Self {
        println!("| what | on | median | p95 | p99 | least to most | of |");
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        Self { rows: Vec::new() }
    }

    /// Adds what was measured; nothing, if it could not be: a short list does not scroll.
    pub(crate) fn add(&mut self, what: &str, on: &str, samples: Samples) {
        if samples.values.is_empty() {
            return;
        }
        let [least, median, p95, p99, most] =
            [0.0, 0.5, 0.95, 0.99, 1.0].map(|part| shown(samples.percentile(part)));
        println!(
            "| {what} | {on} | {median} {} | {p95} | {p99} | {least} to {most} | {} |",
            samples.unit,
            samples.values.len()
        );
        self.rows.push((what.to_owned(), on.to_owned(), samples));
    }

    pub(crate) fn json(&self) -> String {
        let row = |(what, on, samples): &(String, String, Samples)| {
            json!({
                "what": what, "on": on, "unit": samples.unit,
                "median": samples.percentile(0.5), "p95": samples.percentile(0.95),
                "p99": samples.percentile(0.99), "samples": samples.values,
            })
        };
        Value::Array(self.rows.iter().map(row).collect()).to_string()
    }
}

fn shown(value: f64) -> String {
    if value >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}
