//! Which message a datagram of communication management carries.

use zerocopy::{FromBytes, transmute_ref};

use super::{
    AlternatePathResponse, AlternatePathResponseView, COMMUNICATION_DATA_LENGTH, ConnectReject,
    ConnectRejectView, ConnectReply, ConnectReplyView, ConnectRequest, ConnectRequestView, DisconnectReply,
    DisconnectReplyView, DisconnectRequest, DisconnectRequestView, LoadAlternatePath, LoadAlternatePathView,
    MsgRcptAck, MsgRcptAckView, ReadyToUse, ReadyToUseView, ServiceIdResolutionRequest,
    ServiceIdResolutionRequestView, ServiceIdResolutionResponse, ServiceIdResolutionResponseView,
};
use crate::wire::{Attribute, AttributeId, ClassPortInfoView};

/// A message of communication management, in its owned form.
pub trait CmMessage: Attribute {
    /// Its attribute.
    const ATTRIBUTE: AttributeId;
}

macro_rules! messages {
    ($($(#[$doc:meta])* $message:ident, $view:ident, $id:ident;)+) => {
        $(
            impl CmMessage for $message {
                const ATTRIBUTE: AttributeId = AttributeId::$id;
            }

            // That the layout has no room to spare is what makes the view of any data infallible.
            const _: () = assert!(size_of::<$view>() == COMMUNICATION_DATA_LENGTH);
        )+

        /// What a datagram of communication management carries.
        #[derive(Clone, Copy, Debug)]
        #[non_exhaustive]
        pub enum CmMessageView<'a> {
            $($(#[$doc])* $message(&'a $view),)+
            /// What the class can do at a port: Get and GetResp carry it.
            ClassPortInfo(&'a ClassPortInfoView),
            /// Something that this crate has no layout for.
            Other(AttributeId, &'a [u8; COMMUNICATION_DATA_LENGTH]),
        }

        impl<'a> CmMessageView<'a> {
            /// View `data`, which follows a common header that names `attribute`.
            pub fn new(attribute: AttributeId, data: &'a [u8; COMMUNICATION_DATA_LENGTH]) -> Self {
                match attribute {
                    $(AttributeId::$id => Self::$message(transmute_ref!(data)),)+
                    AttributeId::CLASS_PORT_INFO => match ClassPortInfoView::ref_from_prefix(data) {
                        Ok((info, _)) => Self::ClassPortInfo(info),
                        Err(_) => Self::Other(attribute, data),
                    },
                    other => Self::Other(other, data),
                }
            }

            /// Name of the message; `None` for one without a layout.
            pub fn name(&self) -> Option<&'static str> {
                match self {
                    $(Self::$message(_) => Some($message::NAME),)+
                    Self::ClassPortInfo(_) => Some("ClassPortInfo"),
                    Self::Other(..) => None,
                }
            }
        }
    };
}

messages! {
    /// REQ.
    ConnectRequest, ConnectRequestView, CONNECT_REQUEST;
    /// MRA.
    MsgRcptAck, MsgRcptAckView, MSG_RCPT_ACK;
    /// REJ.
    ConnectReject, ConnectRejectView, CONNECT_REJECT;
    /// REP.
    ConnectReply, ConnectReplyView, CONNECT_REPLY;
    /// RTU.
    ReadyToUse, ReadyToUseView, READY_TO_USE;
    /// DREQ.
    DisconnectRequest, DisconnectRequestView, DISCONNECT_REQUEST;
    /// DREP.
    DisconnectReply, DisconnectReplyView, DISCONNECT_REPLY;
    /// SIDR_REQ.
    ServiceIdResolutionRequest, ServiceIdResolutionRequestView, SERVICE_ID_RESOLUTION_REQUEST;
    /// SIDR_REP.
    ServiceIdResolutionResponse, ServiceIdResolutionResponseView, SERVICE_ID_RESOLUTION_RESPONSE;
    /// LAP.
    LoadAlternatePath, LoadAlternatePathView, LOAD_ALTERNATE_PATH;
    /// APR.
    AlternatePathResponse, AlternatePathResponseView, ALTERNATE_PATH_RESPONSE;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ManagementClass;

    #[test]
    fn attributes_are_told_apart() {
        let data = [0; COMMUNICATION_DATA_LENGTH];
        for id in [0x01].into_iter().chain(0x10..=0x1A).map(AttributeId) {
            let name = CmMessageView::new(id, &data).name();
            assert!(name.is_some() && name == id.name(ManagementClass::COMMUNICATION), "{id} {name:?}");
        }
        assert!(matches!(
            CmMessageView::new(AttributeId(0x1B), &data),
            CmMessageView::Other(AttributeId(0x1B), rest) if rest.len() == 232
        ));
    }
}
