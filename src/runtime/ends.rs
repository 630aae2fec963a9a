//! The signals that end a program without a screen.

use std::fs;
use std::future::poll_fn;
use std::io;
use std::task::Poll;

use rustix::process::Signal as Number;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Receives them.
#[derive(Debug)]
pub struct Ends(Vec<(u8, Signal)>);

impl Ends {
    /// Takes the signals over from their usual effect. A hang-up that whoever started the program had
    /// it ignore, as `nohup` does, stays ignored: it shall outlive the terminal. The others are heeded
    /// in any case: a shell without job control has what it starts in the background ignore
    /// interrupts, and who sends one by hand means it.
    pub fn take() -> io::Result<Self> {
        let ignored = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = ignored_in(&ignored);
        let mut taken = Vec::new();
        for number in [Number::TERM, Number::INT, Number::HUP, Number::QUIT] {
            let raw = number.as_raw();
            if number != Number::HUP || ignored & (1_u64 << (raw - 1)) == 0 {
                let heard = signal(SignalKind::from_raw(raw))?;
                taken.push((u8::try_from(raw).unwrap_or_default(), heard));
            }
        }
        Ok(Self(taken))
    }

    /// Waits for the next one and returns its number.
    pub async fn next(&mut self) -> u8 {
        poll_fn(|context| {
            for (number, signal) in &mut self.0 {
                if signal.poll_recv(context).is_ready() {
                    return Poll::Ready(*number);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Reads which signals are ignored, the first in the lowest bit, from what the kernel says of a
/// process; none where it says nothing.
fn ignored_in(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::ignored_in;

    #[test]
    fn the_kernel_says_what_is_ignored() {
        let status = "Name:\tqurate\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        assert_eq!(ignored_in(status), 1 | 1 << 12);
        assert_eq!(ignored_in(""), 0);
    }
}
