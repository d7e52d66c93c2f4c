//! Waits that end when they are due. The timers of tokio go by milliseconds, rounded up: two time-outs of a failover would
//! cost two more than they have to. A timer of the kernel is as exact as the processor is soon awake, which takes from 50 to some
//! hundreds of microseconds, unless it does not go to sleep.

use core::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

/// So long before a time the timers of tokio are left for a better one: more than they are late.
const FINISH: Duration = Duration::from_millis(2);

/// Wait until `due`, and hardly longer. The last part of the wait, `busy`, is not slept through: whatever else the runtime has
/// to do is done meanwhile, and what its sockets receive is noticed at once.
pub(crate) async fn wait_until(due: Instant, busy: Duration) {
    if busy.is_zero() {
        return sleep(due).await;
    }
    if let Some(before) = due.checked_sub(busy) {
        sleep(before).await;
    }
    stay_awake(due).await;
}

/// Wait until `end` without sleeping. Others who want the processor get it, such as the one who is to answer.
pub(crate) async fn stay_awake(end: Instant) {
    while Instant::now() < end {
        std::thread::yield_now();
        yield_now().await;
    }
}

/// Wait until `due`, by timers.
async fn sleep(due: Instant) {
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
    use super::*;

    #[tokio::test]
    async fn a_wait_ends_when_it_is_due_and_not_before() {
        for busy in [0, 200, 10_000].map(Duration::from_micros) {
            for microseconds in [0, 300, 1500, 2000, 7300] {
                let due = Instant::now() + Duration::from_micros(microseconds);
                wait_until(due, busy).await;
                assert!(Instant::now() >= due, "{microseconds} microseconds, {busy:?} of them busy");
            }
        }
    }

    #[tokio::test]
    async fn others_go_on_during_a_busy_wait() {
        let (told, mut heard) = tokio::sync::oneshot::channel();
        let other = tokio::spawn(async { told.send(()) });
        // It ends long before it is due: it is dropped.
        let due = Instant::now() + Duration::from_secs(3600);
        tokio::select! {
            heard = &mut heard => heard.unwrap(),
            () = wait_until(due, Duration::from_secs(7200)) => panic!("an hour has passed"),
        }
        other.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_of_a_test_goes_on() {
        let start = Instant::now();
        wait_until(start + Duration::from_secs(3600), Duration::ZERO).await;
        assert_eq!(start.elapsed(), Duration::from_secs(3600));
    }
}
