//! `Debug` of the views that have keys in them: that of what they hold, in which keys are redacted.

use core::fmt;

use super::{
    Attribute, ClassPortInfo, ClassPortInfoView, CmMadView, ConnectReply, ConnectReplyView, ConnectRequest,
    ConnectRequestView, DirectedRouteSmpView, Mad, McMemberRecord, McMemberRecordView, Notice, NoticeView,
    PerformanceMadView, PortInfo, PortInfoView, SaHeader, SaHeaderView, SaMadView,
    ServiceIdResolutionResponse, ServiceIdResolutionResponseView, ServiceRecord, ServiceRecordView, SmInfo,
    SmInfoView, SmpNotice, SmpNoticeView, SmpView,
};

macro_rules! debug_as {
    ($($view:ident => $owned:ident;)+) => { $(
        impl fmt::Debug for $view {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&$owned::from_view(self), f)
            }
        }
    )+ };
}
debug_as! {
    ClassPortInfoView => ClassPortInfo;
    ConnectReplyView => ConnectReply;
    ConnectRequestView => ConnectRequest;
    McMemberRecordView => McMemberRecord;
    NoticeView => Notice;
    PortInfoView => PortInfo;
    SaHeaderView => SaHeader;
    ServiceIdResolutionResponseView => ServiceIdResolutionResponse;
    ServiceRecordView => ServiceRecord;
    SmInfoView => SmInfo;
    SmpNoticeView => SmpNotice;
}

/// A whole datagram is shown on a line, since only its class tells which of its bytes are keys.
macro_rules! debug_as_mad {
    ($($view:ident => $class:ident;)+) => { $(
        impl fmt::Debug for $view {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($view), "({})"), Mad::$class(self))
            }
        }
    )+ };
}
debug_as_mad! {
    CmMadView => Communication;
    DirectedRouteSmpView => DirectedRoute;
    PerformanceMadView => Performance;
    SaMadView => Sa;
    SmpView => Smp;
}
