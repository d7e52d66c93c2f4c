//! Why packets do not arrive.

use core::fmt;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// Why a packet was dropped.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum DropReason {
            $($(#[doc = $doc])+ $name,)+
        }

        impl DropReason {
            /// All reasons.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The reason in a few words.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

reasons! {
    /// The node that was to send it is switched off.
    NodeDown = "node is down",
    /// The port that it was to leave by has no link.
    PortDown = "port is down",
    /// The link went down while it was on the way.
    LinkCut = "link went down",
    /// A port on its way is not in the state Active, and it is no subnet management.
    PortNotActive = "port is not active",
    /// The switch has no entry for its LID, or one that leads to no port.
    NoRoute = "no entry in the forwarding table",
    /// The switch has no port for its multicast LID besides the one that it came in by.
    NoMulticastRoute = "no port in the multicast forwarding table",
    /// The forwarding table leads back to the port that it came in by.
    Looping = "output port is the input port",
    /// It passed as many links as [`Settings::hop_limit`](crate::Settings::hop_limit) allows.
    HopLimit = "too many hops",
    /// Its service level has no lane here, or a lane that is not in operation.
    NoLane = "service level has no lane",
    /// It is larger than the link takes.
    TooLarge = "larger than the link's MTU",
    /// It waited for credits longer than HOQLife allows.
    HeadOfQueue = "waited too long for credits",
    /// The receiving port has neither its base LID nor one of the LIDs that its LMC gives it.
    DestinationLid = "destination LID is not the port's",
    /// The receiving port or queue pair is not in its partition.
    PKey = "P_Key does not match",
    /// A port of a switch that enforces partitions is not in its partition.
    PKeyAtSwitch = "P_Key does not match at a switch",
    /// The receiving queue pair has another Q_Key.
    QKey = "Q_Key does not match",
    /// No queue pair of the receiving port is attached to its group.
    UnattachedMgid = "no queue pair is attached to the group",
    /// There is no such queue pair.
    NoQueuePair = "no such queue pair",
    /// It is for a subnet manager, and none runs there.
    NoManager = "no subnet manager at the port",
    /// A directed route that cannot be followed.
    DirectedRoute = "directed route cannot be followed",
    /// No datagram of a version and a method that an agent would answer.
    Malformed = "not a datagram that anybody handles",
    /// Its M_Key is wrong.
    MKey = "M_Key does not match",
    /// The agent was told not to answer.
    Silent = "agent was told not to answer",
    /// The link was told to lose it.
    Lost = "lost on a link",
    /// The link was told to corrupt it, and the receiver's check found that.
    Corrupted = "corrupted on a link",
    /// The fabric holds as many packets as [`Settings::packet_limit`](crate::Settings::packet_limit) allows.
    PacketLimit = "too many packets in the fabric",
    /// Nobody took what the end port received before.
    ReceiveLimit = "too many packets nobody received",
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How many packets were dropped, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Drops {
    counts: [u64; DropReason::ALL.len()],
}

impl Drops {
    /// Packets dropped for a reason.
    pub fn count(&self, reason: DropReason) -> u64 {
        self.counts[reason as usize]
    }

    /// All packets dropped.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The reasons for which packets were dropped, and how many.
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        DropReason::ALL.iter().map(|reason| (*reason, self.count(*reason))).filter(|(_, count)| *count > 0)
    }

    pub(crate) fn add(&mut self, reason: DropReason) {
        let count = &mut self.counts[reason as usize];
        *count = count.saturating_add(1);
    }
}
