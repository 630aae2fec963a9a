//! The log: a file in the state directory, for the person alone.
//!
//! It says what happened, never a text of an update and never a token. `QURATE_LOG` sets how much,
//! as `debug` or `qurate::sync=trace`.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use super::say;

/// An old log is kept aside once, so that the two together stay small.
const SIZE_MAX: u64 = 4 << 20;

/// Sends what the program logs to a file. Without a log the program works as well.
pub(super) fn start(file: &Path, level: Option<&str>) {
    if fs::metadata(file).is_ok_and(|meta| meta.len() > SIZE_MAX) {
        let _ = fs::rename(file, file.with_extension("log.old"));
    }
    let opened = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file);
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => {
            let file = file.display();
            say(&format!("qurate: no log is written to {file}: {error}"));
            return;
        }
    };
    let log = tracing_subscriber::fmt()
        .with_writer(Mutex::new(opened))
        .with_ansi(false)
        .with_env_filter(filter(level))
        .try_init();
    if let Err(error) = log {
        say(&format!("qurate: no log is written: {error}"));
    }
}

/// Other crates may log what they send; only their warnings are wanted, whatever level is asked.
fn filter(level: Option<&str>) -> EnvFilter {
    let wanted = level.unwrap_or("info");
    let text = if wanted.contains(['=', ',']) {
        format!("warn,{wanted}")
    } else {
        format!("warn,qurate={wanted}")
    };
    EnvFilter::try_new(&text).unwrap_or_else(|error| {
        say(&format!("qurate: QURATE_LOG: {error}; using `info`"));
        EnvFilter::new("warn,qurate=info")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_for_this_program_only() {
        assert_eq!(filter(None).to_string(), "qurate=info,warn");
        assert_eq!(filter(Some("debug")).to_string(), "qurate=debug,warn");
        assert_eq!(filter(Some("no level")).to_string(), "qurate=info,warn");
        let directive = filter(Some("qurate::sync=trace")).to_string();
        assert_eq!(directive, "qurate::sync=trace,warn");
    }
}
