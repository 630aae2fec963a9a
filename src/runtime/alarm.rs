//! Waiting for a moment of the wall clock.
//!
//! A timer of the kernel's on that clock rings when the clock shows the moment, also if the machine
//! slept meanwhile, and when somebody sets the clock. The runtime's own timers know of neither; and on
//! the way to a minute they wake the thread up to three times, where this one does once.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, sleep_until};

use super::timers::moment;
use crate::domain::time::Timestamp;

/// If there can be no such timer, the clock is looked at this often: a machine that was asleep tells
/// nobody when it wakes.
const LOOK: Duration = Duration::from_secs(30);

/// A moment of the wall clock that is waited for.
#[derive(Debug)]
pub(super) enum Alarm {
    Kernel(AsyncFd<OwnedFd>),
    Runtime(Instant),
}

/// Waits until the wall clock shows `at`, or is set to another time: whoever waits looks at it again.
pub async fn until(at: Timestamp) {
    Alarm::at(at).rang().await;
}

impl Alarm {
    /// Begins to wait. Called where timers and sockets of the runtime work.
    pub(super) fn at(at: Timestamp) -> Self {
        kernel(at).map_or_else(
            || Self::Runtime(moment(at).min(Instant::now() + LOOK)),
            Self::Kernel,
        )
    }

    /// Waits until it rings, once. Whoever stops to wait before that and begins again misses nothing.
    pub(super) async fn rang(&self) {
        let timer = match self {
            Self::Kernel(timer) => timer,
            Self::Runtime(at) => return sleep_until(*at).await,
        };
        // An error is how it tells that the clock was set.
        let read = |timer: &OwnedFd| match rustix::io::read(timer, &mut [0_u8; 8]) {
            Err(rustix::io::Errno::AGAIN) => Err(std::io::ErrorKind::WouldBlock.into()),
            Ok(_) | Err(_) => Ok(()),
        };
        let _ = timer.async_io(Interest::READABLE, read).await;
    }
}

/// Makes a timer of the kernel's.
fn kernel(at: Timestamp) -> Option<AsyncFd<OwnedFd>> {
    let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
    let timer = timerfd_create(TimerfdClockId::Realtime, flags).ok()?;
    let never = Timespec::default();
    let rings = Itimerspec {
        it_interval: never,
        // 0 would be never.
        it_value: Timespec {
            tv_sec: at.0.max(1),
            tv_nsec: 0,
        },
    };
    let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
    timerfd_settime(&timer, flags, &rings).ok()?;
    #[expect(
        deprecated,
        reason = "it is sound for a descriptor that it owns, and what replaces it is `unsafe`"
    )]
    AsyncFd::with_interest(timer, Interest::READABLE).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::timers::now;

    #[tokio::test]
    async fn it_rings_when_the_clock_shows_the_moment_and_at_once_if_it_did() {
        for at in [
            now().plus(1),
            now().plus(-5),
            Timestamp(0),
            Timestamp(i64::MIN),
        ] {
            until(at).await;
            assert!(now() >= at);
        }
    }

    #[tokio::test]
    async fn who_stops_to_wait_and_begins_again_misses_nothing() {
        let at = now().plus(2);
        let alarm = Alarm::at(at);
        let mut others = 0;
        // Something else happens meanwhile.
        while tokio::select! {
            biased;
            () = alarm.rang() => false,
            () = tokio::task::yield_now() => true,
        } {
            others += 1;
        }
        assert!(now() >= at && others > 0);
    }
}
