//! Communication management (IBTA volume 1, chapter 12): the messages with which two adapters make, change and end a
//! connection, or ask for the queue pair of a datagram service.
//!
//! | message | short name | says |
//! |---|---|---|
//! | [`ConnectRequest`] | REQ | make a connection to a service, along this path |
//! | [`MsgRcptAck`] | MRA | your message is here; the answer takes longer |
//! | [`ConnectReject`] | REJ | no, or no longer, and why |
//! | [`ConnectReply`] | REP | yes, with this queue pair |
//! | [`ReadyToUse`] | RTU | the reply is here; send |
//! | [`DisconnectRequest`] | DREQ | end the connection |
//! | [`DisconnectReply`] | DREP | it has ended |
//! | [`LoadAlternatePath`] | LAP | take this path for the next migration |
//! | [`AlternatePathResponse`] | APR | whether it was taken |
//! | [`ServiceIdResolutionRequest`] | SIDR_REQ | which queue pair has this service? |
//! | [`ServiceIdResolutionResponse`] | SIDR_REP | this one |
//!
//! Each fills the 232 bytes behind the common header; what it has no field for is private data of whoever uses the
//! connection. *Local* is always the sender of the message, *remote* its receiver.
//!
//! The layouts are those of class version 2, as in Linux's `include/rdma/ibta_vol1_c12.h`, which numbers the tables of the
//! specification.

mod additional_information;
mod alternate_path_response;
mod connect_reject;
mod connect_reply;
mod connect_request;
mod disconnect_reply;
mod disconnect_request;
mod lap_path;
mod load_alternate_path;
mod mad;
mod message;
mod msg_rcpt_ack;
mod path;
mod private_data;
mod ready_to_use;
mod reject_reason;
mod service_id_resolution_request;
mod service_id_resolution_response;
mod transport;

pub use additional_information::{ADDITIONAL_INFORMATION_LENGTH, AdditionalInformation};
pub use alternate_path_response::{AlternatePathResponse, AlternatePathResponseView, AlternatePathStatus};
pub use connect_reject::{ConnectReject, ConnectRejectView, MessageRejected};
pub use connect_reply::{ConnectReply, ConnectReplyView, FailoverAccepted};
pub use connect_request::{ConnectRequest, ConnectRequestView};
pub use disconnect_reply::{DisconnectReply, DisconnectReplyView};
pub use disconnect_request::{DisconnectRequest, DisconnectRequestView};
pub use lap_path::LapPathView;
pub use load_alternate_path::{LoadAlternatePath, LoadAlternatePathView};
pub use mad::{COMMUNICATION_DATA_LENGTH, CmMad, CmMadView};
pub use message::{CmMessage, CmMessageView};
pub use msg_rcpt_ack::{MessageMraed, MsgRcptAck, MsgRcptAckView};
pub use path::{CmPath, CmPathView};
pub use private_data::PrivateData;
pub use ready_to_use::{ReadyToUse, ReadyToUseView};
pub use reject_reason::RejectReason;
pub use service_id_resolution_request::{ServiceIdResolutionRequest, ServiceIdResolutionRequestView};
pub use service_id_resolution_response::{
    ServiceIdResolutionResponse, ServiceIdResolutionResponseView, ServiceIdResolutionStatus,
};
pub use transport::{Transport, TransportServiceType};
