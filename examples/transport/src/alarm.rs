//! Waits that end when they are due. The timers of tokio go by milliseconds, rounded up: two time-outs of a failover would
//! cost two more than they have to.

use tokio::time::{Instant, sleep_until};

/// So long before a time the timers of tokio are left for a better one: more than they are late.
const FINISH: core::time::Duration = core::time::Duration::from_millis(2);

/// Wait until `due`, and hardly longer.
pub(crate) async fn wait_until(due: Instant) {
    if let Some(before) = due.checked_sub(FINISH) {
        sleep_until(before).await;
    }
    // Where there is nothing better, or the clock is one of a test, the timer of tokio does it.
    tokio::select! {
        () = sleep_until(due) => {}
        Ok(()) = finish(due) => {}
    }
}

/// Wait for a timer of the kernel.
#[allow(unsafe_code, reason = "tokio wants to be told that a descriptor stays the same")]
#[cfg(all(target_os = "linux", feature = "udp"))]
async fn finish(due: Instant) -> std::io::Result<()> {
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::unix::AsyncFd;

    let left = due.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Ok(());
    }
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
    // It is less than FINISH.
    let it_value = Timespec { tv_nsec: left.subsec_nanos().into(), ..zero };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &Itimerspec { it_interval: zero, it_value })?;
    // SAFETY: an `OwnedFd` is the same descriptor until it is dropped, which is when the `AsyncFd` is.
    let timer = unsafe { AsyncFd::register(timer)? };
    timer.readable().await.map(drop)
}

#[cfg(not(all(target_os = "linux", feature = "udp")))]
async fn finish(_due: Instant) -> std::io::Result<()> {
    core::future::pending().await
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_wait_ends_when_it_is_due_and_not_before() {
        for microseconds in [0, 300, 1500, 2000, 7300] {
            let due = Instant::now() + Duration::from_micros(microseconds);
            wait_until(due).await;
            assert!(Instant::now() >= due, "{microseconds} microseconds");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_of_a_test_goes_on() {
        let start = Instant::now();
        wait_until(start + Duration::from_secs(3600)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(3600));
    }
}
