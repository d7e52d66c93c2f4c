//! The cut of a link, and when it is.

use core::time::Duration;
use std::net::UdpSocket;
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use peers::Namespaces;

use crate::arrivals::PATIENCE;
use crate::enter;

/// How a link is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// The sender is not told. It happens at the beginning of a second of the time of day, which the rule that does it names
    /// beforehand: so it is known exactly, and nothing else is done at that moment.
    Silent,
    /// The sender's kernel sees its device go down. Nobody knows when within the call that does it.
    DeviceDown,
}

/// When a link is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// Then.
    At(Instant),
    /// Not before then.
    After(Instant),
}

/// How long it may take at most until messages flow and a rule is in place.
const PREPARATION: Duration = Duration::from_millis(500);
/// How long it takes at least.
const RULE: Duration = Duration::from_millis(200);

impl Cut {
    /// Wait until a round may begin.
    pub(crate) fn prepare(self) {
        if let Self::Silent = self {
            let left = Duration::from_secs(1) - Duration::from_nanos(time_of_day().subsec_nanos().into());
            thread::sleep(left.saturating_sub(PREPARATION));
        }
    }

    /// Cut the first link.
    pub(crate) fn begin(self, namespaces: &Namespaces) -> Moment {
        match self {
            Self::Silent => loop {
                let (now, time) = both_clocks();
                let second = (time + RULE).as_secs() + 1;
                let cut = now + (Duration::from_secs(second) - time);
                namespaces.silence_from(0, second).expect("the link can be cut");
                if Instant::now() < cut {
                    return Moment::At(cut);
                }
                // It came after its time: it may be in place in the middle of something.
                namespaces.end_silence().expect("the link can be restored");
            },
            Self::DeviceDown => {
                let before = Instant::now();
                namespaces.cut(0).expect("the link can be cut");
                Moment::After(before)
            }
        }
    }

    pub(crate) fn end(self, namespaces: &Namespaces) {
        let restored = match self {
            Self::Silent => namespaces.end_silence(),
            Self::DeviceDown => namespaces.restore(0),
        };
        restored.expect("the link can be restored");
        wait_until_carried(namespaces);
    }
}

/// Wait until the first link carries datagrams: a device that goes up takes some to itself.
fn wait_until_carried(namespaces: &Namespaces) {
    let socket = |end| {
        let bind = move || {
            enter(namespaces, end);
            UdpSocket::bind((Namespaces::address(0, end), 0)).expect("a free port")
        };
        thread::scope(|scope| scope.spawn(bind).join().expect("the link has an address"))
    };
    let (from, to) = (socket(0), socket(1));
    to.set_read_timeout(Some(Duration::from_millis(1))).expect("an option of every socket");
    let (address, start) = (to.local_addr().expect("it is bound"), Instant::now());
    loop {
        // While the device is not up there is no way.
        let _ = from.send_to(&[0], address);
        if to.recv(&mut [0]).is_ok() {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "the link does not come back");
    }
}

/// The same moment by both clocks, as nearly as they can be read.
fn both_clocks() -> (Instant, Duration) {
    let readings = (0..100).map(|_| {
        let (before, time, after) = (Instant::now(), time_of_day(), Instant::now());
        (after - before, before, time)
    });
    let (_, now, time) = readings.min().expect("there are some");
    (now, time)
}

fn time_of_day() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970")
}
