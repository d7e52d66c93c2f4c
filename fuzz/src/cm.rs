use ib_mad::wire::{
    AlternatePathResponse, Attribute, AttributeId, COMMUNICATION_DATA_LENGTH, ClassPortInfo, CmMadView,
    CmMessageView, CmPath, ConnectReject, ConnectReply, ConnectRequest, DisconnectReply, DisconnectRequest,
    LoadAlternatePath, MsgRcptAck, ReadyToUse, ServiceIdResolutionRequest, ServiceIdResolutionResponse,
};

use crate::layout::{check, checked};

/// A datagram of communication management and the message that its header names. Bytes that are no such datagram are taken
/// for the message themselves, told by the first one.
pub fn cm(data: &[u8]) {
    match CmMadView::new(data) {
        Ok(mad) => message(mad.header().attribute_id(), mad.data()),
        Err(_) => {
            if let Some((id, bytes)) = data.split_first() {
                message(AttributeId(u16::from(*id)), bytes);
            }
        }
    }
}

fn message(id: AttributeId, bytes: &[u8]) {
    match id {
        AttributeId::CLASS_PORT_INFO => check::<ClassPortInfo>(bytes, &[]),
        AttributeId::CONNECT_REQUEST => {
            if let Some(request) = checked::<ConnectRequest>(bytes, &[]) {
                // Its paths are paths by themselves, but for the flag in the last byte.
                assert_eq!(CmPath::parse(&bytes[52..]), Ok(request.primary_path));
                assert_eq!(CmPath::parse(&bytes[96..]), Ok(request.alternate_path));
                check_path(&request.primary_path);
            }
        }
        AttributeId::MSG_RCPT_ACK => check::<MsgRcptAck>(bytes, &[]),
        AttributeId::CONNECT_REJECT => {
            if let Some(reject) = checked::<ConnectReject>(bytes, &[]) {
                let information = reject.additional_reject_information;
                assert_eq!(information.as_bytes().len(), usize::from(information.length).min(72));
                assert!(!reject.reason.to_string().is_empty());
            }
        }
        AttributeId::CONNECT_REPLY => check::<ConnectReply>(bytes, &[]),
        AttributeId::READY_TO_USE => check::<ReadyToUse>(bytes, &[]),
        AttributeId::DISCONNECT_REQUEST => check::<DisconnectRequest>(bytes, &[]),
        AttributeId::DISCONNECT_REPLY => check::<DisconnectReply>(bytes, &[]),
        AttributeId::SERVICE_ID_RESOLUTION_REQUEST => check::<ServiceIdResolutionRequest>(bytes, &[]),
        AttributeId::SERVICE_ID_RESOLUTION_RESPONSE => check::<ServiceIdResolutionResponse>(bytes, &[]),
        AttributeId::LOAD_ALTERNATE_PATH => {
            if let Some(load) = checked::<LoadAlternatePath>(bytes, &[]) {
                check_path(&load.alternate_path);
                let answer = load.answer(Default::default());
                assert_eq!(answer.local_communication_id, load.remote_communication_id);
            }
        }
        AttributeId::ALTERNATE_PATH_RESPONSE => check::<AlternatePathResponse>(bytes, &[]),
        _ => {}
    }
    if let Some(data) = bytes.first_chunk::<COMMUNICATION_DATA_LENGTH>() {
        let known = matches!(id.0, 0x01 | 0x10..=0x1A);
        assert_eq!(CmMessageView::new(id, data).name().is_some(), known, "{id}");
    }
}

/// A path within the subnet that goes there and back is the same, but for a timeout that has no lifetime.
fn check_path(path: &CmPath) {
    let back = path.way_back(Default::default(), Default::default());
    let again = CmPath::from(&back);
    assert_eq!((again.local_gid, again.remote_gid), (path.remote_gid, path.local_gid));
    assert_eq!(again.subnet_local, path.hop_limit <= 1);
    if again.subnet_local {
        assert_eq!((again.local_lid, again.remote_lid), (path.remote_lid, path.local_lid));
    }
    if path.local_ack_timeout.get() > 1 {
        assert_eq!(again.local_ack_timeout, path.local_ack_timeout);
    }
}
