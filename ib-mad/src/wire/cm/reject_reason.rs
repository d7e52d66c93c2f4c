use core::fmt;

/// Why a connection was refused or ended, in a [`ConnectReject`](super::ConnectReject). The codes
/// and their names are those of Linux's `enum ib_cm_rej_reason`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RejectReason(pub u16);

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)+) => {
        impl RejectReason {
            $($(#[$doc])* pub const $name: Self = Self($code);)+

            /// What the code says; `None` for one without a meaning.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($text),)+
                    _ => None,
                }
            }
        }
    };
}

reasons! {
    /// No queue pair is left.
    NO_QP = 1, "no queue pair";
    /// No end-to-end context is left.
    NO_EEC = 2, "no end-to-end context";
    /// Something else is used up.
    NO_RESOURCES = 3, "no resources";
    /// No answer came in time.
    TIMEOUT = 4, "timeout";
    /// The request asks for something that is not supported.
    UNSUPPORTED = 5, "unsupported request";
    /// There is no connection with this communication id.
    INVALID_COMMUNICATION_ID = 6, "invalid communication id";
    /// The communication ids and queue pairs do not belong together.
    INVALID_COMMUNICATION_INSTANCE = 7, "invalid communication instance";
    /// Nobody listens to the service.
    INVALID_SERVICE_ID = 8, "invalid service id";
    /// The service has another kind of connection.
    INVALID_TRANSPORT_TYPE = 9, "invalid transport service type";
    /// There is an old connection of the same queue pair.
    STALE_CONNECTION = 10, "stale connection";
    /// The reliable datagram channel does not exist.
    RDC_NOT_EXIST = 11, "no such reliable datagram channel";
    /// The primary path's GID of the receiver is wrong.
    INVALID_GID = 12, "invalid primary GID";
    /// The primary path's LID of the receiver is wrong.
    INVALID_LID = 13, "invalid primary LID";
    /// The primary path's service level is wrong.
    INVALID_SERVICE_LEVEL = 14, "invalid primary service level";
    /// The primary path's traffic class is wrong.
    INVALID_TRAFFIC_CLASS = 15, "invalid primary traffic class";
    /// The primary path's hop limit is wrong.
    INVALID_HOP_LIMIT = 16, "invalid primary hop limit";
    /// The primary path's rate is wrong.
    INVALID_PACKET_RATE = 17, "invalid primary packet rate";
    /// The alternate path's GID of the receiver is wrong.
    INVALID_ALTERNATE_GID = 18, "invalid alternate GID";
    /// The alternate path's LID of the receiver is wrong.
    INVALID_ALTERNATE_LID = 19, "invalid alternate LID";
    /// The alternate path's service level is wrong.
    INVALID_ALTERNATE_SERVICE_LEVEL = 20, "invalid alternate service level";
    /// The alternate path's traffic class is wrong.
    INVALID_ALTERNATE_TRAFFIC_CLASS = 21, "invalid alternate traffic class";
    /// The alternate path's hop limit is wrong.
    INVALID_ALTERNATE_HOP_LIMIT = 22, "invalid alternate hop limit";
    /// The alternate path's rate is wrong.
    INVALID_ALTERNATE_PACKET_RATE = 23, "invalid alternate packet rate";
    /// Another port, and another communication manager, has the service.
    PORT_CM_REDIRECT = 24, "redirected to another port and manager";
    /// Another port has the service.
    PORT_REDIRECT = 25, "redirected to another port";
    /// The payload is too large.
    INVALID_MTU = 26, "invalid path MTU";
    /// The sender answers too few reads at once.
    INSUFFICIENT_RESPONDER_RESOURCES = 27, "insufficient responder resources";
    /// The users of the connection know.
    CONSUMER_DEFINED = 28, "refused by the consumer";
    /// The receiver-not-ready retry count is wrong.
    INVALID_RNR_RETRY = 29, "invalid RNR retry count";
    /// The sender has another connection with this communication id.
    DUPLICATE_LOCAL_COMMUNICATION_ID = 30, "duplicate local communication id";
    /// The class version is another one.
    INVALID_CLASS_VERSION = 31, "invalid class version";
    /// The primary path's flow label is wrong.
    INVALID_FLOW_LABEL = 32, "invalid primary flow label";
    /// The alternate path's flow label is wrong.
    INVALID_ALTERNATE_FLOW_LABEL = 33, "invalid alternate flow label";
    /// The vendor's options are not supported.
    VENDOR_OPTION_NOT_SUPPORTED = 35, "vendor option not supported";
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.name().unwrap_or("unknown reason"))
    }
}

impl fmt::Debug for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RejectReason({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_named() {
        assert_eq!(alloc::format!("{}", RejectReason::STALE_CONNECTION), "10 stale connection");
        assert_eq!(alloc::format!("{:?}", RejectReason(34)), "RejectReason(34 unknown reason)");
        assert_eq!((0..=u16::MAX).filter(|code| RejectReason(*code).name().is_some()).count(), 34);
    }
}
