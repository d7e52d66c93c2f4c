//! Communication management: the specification's names of fields, in small letters.

use core::fmt;

use super::meaning::{Meaning, name};
use super::value::{Value, secret};
use super::{Fields, Visit};
use crate::types::{CommunicationId, Eecn, Psn, TimeoutValue};
use crate::wire::{
    AdditionalInformation, AlternatePathResponse, Attribute, CmPath, ConnectReject, ConnectReply,
    ConnectRequest, DisconnectReply, DisconnectRequest, LoadAlternatePath, MsgRcptAck, ReadyToUse,
    ServiceIdResolutionRequest, ServiceIdResolutionResponse,
};

impl From<CommunicationId> for Value<'_> {
    fn from(id: CommunicationId) -> Self {
        Self::wide_hex(id.0, 8)
    }
}

impl From<Psn> for Value<'_> {
    fn from(number: Psn) -> Self {
        Self::wide_hex(number.get(), 6)
    }
}

impl From<Eecn> for Value<'_> {
    fn from(number: Eecn) -> Self {
        Self::wide_hex(number.get(), 6)
    }
}

impl From<TimeoutValue> for Value<'_> {
    fn from(time: TimeoutValue) -> Self {
        time.get().into()
    }
}

const fn transport_service_type(number: u8) -> Meaning {
    Meaning { number, write: |code, f| name(code, &["RC", "UC", "RD", "extended"], f) }
}

const fn message_mraed(number: u8) -> Meaning {
    Meaning { number, write: |code, f| name(code, &["REQ", "REP", "LAP"], f) }
}

const fn message_rejected(number: u8) -> Meaning {
    Meaning { number, write: |code, f| name(code, &["REQ", "REP", "other"], f) }
}

const fn failover_accepted(number: u8) -> Meaning {
    Meaning { number, write: |code, f| name(code, &["accepted", "not supported", "rejected"], f) }
}

/// A code that says itself what it means.
fn code(number: impl Into<u64>, name: &dyn fmt::Display) -> Value<'_> {
    Value::Named { number: number.into(), name }
}

/// Bytes without the zeros behind them, of which a message has as many as there is room for.
fn used(bytes: &[u8]) -> Value<'_> {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    Value::Bytes(bytes.get(..end).unwrap_or(bytes))
}

/// Both ids of a connection.
fn ids(visit: &mut Visit<'_>, local: CommunicationId, remote: CommunicationId) {
    visit("local_communication_id", local.into());
    visit("remote_communication_id", remote.into());
}

fn information(visit: &mut Visit<'_>, information: &AdditionalInformation) {
    visit("additional_information_length", information.length.into());
    visit("additional_information", used(&information.data));
}

impl Fields for CmPath {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("local_port_lid", self.local_lid.into());
        visit("remote_port_lid", self.remote_lid.into());
        visit("local_port_gid", self.local_gid.into());
        visit("remote_port_gid", self.remote_gid.into());
        visit("flow_label", Value::hex(self.flow_label & 0xF_FFFF));
        visit("packet_rate", self.packet_rate.0.into());
        visit("traffic_class", Value::hex(self.traffic_class));
        visit("hop_limit", self.hop_limit.into());
        visit("sl", self.service_level.into());
        visit("subnet_local", self.subnet_local.into());
        visit("local_ack_timeout", self.local_ack_timeout.into());
    }

    fn telling(&self) -> &'static [&'static str] {
        &["local_port_lid", "remote_port_lid", "sl"]
    }
}

impl Fields for ConnectRequest {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("local_communication_id", self.local_communication_id.into());
        visit("vendor_id", Value::wide_hex(self.vendor_id & 0xFF_FFFF, 6));
        visit("service_id", Value::wide_hex(self.service_id, 16));
        visit("local_ca_guid", self.local_ca_guid.into());
        secret(visit, "local_q_key", self.local_q_key);
        visit("local_qpn", self.local_qpn.into());
        visit("responder_resources", self.responder_resources.into());
        visit("local_eecn", self.local_eecn.into());
        visit("initiator_depth", self.initiator_depth.into());
        visit("remote_eecn", self.remote_eecn.into());
        visit("remote_cm_response_timeout", self.remote_cm_response_timeout.into());
        visit("transport_service_type", (&transport_service_type(self.transport_service_type.0)).into());
        visit("end_to_end_flow_control", self.end_to_end_flow_control.into());
        visit("starting_psn", self.starting_psn.into());
        visit("local_cm_response_timeout", self.local_cm_response_timeout.into());
        visit("retry_count", self.retry_count.into());
        visit("partition_key", self.p_key.into());
        visit("path_packet_payload_mtu", (&super::meaning::mtu(self.path_mtu.0)).into());
        visit("rdc_exists", self.rdc_exists.into());
        visit("rnr_retry_count", self.rnr_retry_count.into());
        visit("max_cm_retries", self.max_cm_retries.into());
        visit("srq", self.srq.into());
        visit("extended_transport_type", self.extended_transport_type.into());
        visit("primary_path", Value::Structure(&self.primary_path));
        visit("alternate_path", Value::Structure(&self.alternate_path));
        visit("sap_supported", self.sap_supported.into());
        visit("private_data", used(&self.private_data.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["local_communication_id", "service_id", "local_qpn", "transport_service_type"]
    }
}

impl Fields for MsgRcptAck {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        ids(visit, self.local_communication_id, self.remote_communication_id);
        visit("message_mraed", (&message_mraed(self.message_mraed.0)).into());
        visit("service_timeout", self.service_timeout.into());
        visit("private_data", used(&self.private_data.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["local_communication_id", "remote_communication_id", "message_mraed", "service_timeout"]
    }
}

impl Fields for ConnectReject {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        ids(visit, self.local_communication_id, self.remote_communication_id);
        visit("message_rejected", (&message_rejected(self.message_rejected.0)).into());
        visit("reason", code(self.reason.0, &self.reason));
        information(visit, &self.additional_reject_information);
        visit("private_data", used(&self.private_data.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["local_communication_id", "remote_communication_id", "message_rejected", "reason"]
    }
}

impl Fields for ConnectReply {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        ids(visit, self.local_communication_id, self.remote_communication_id);
        secret(visit, "local_q_key", self.local_q_key);
        visit("local_qpn", self.local_qpn.into());
        visit("local_ee_context_number", self.local_eecn.into());
        visit("starting_psn", self.starting_psn.into());
        visit("vendor_id", Value::wide_hex(self.vendor_id & 0xFF_FFFF, 6));
        visit("responder_resources", self.responder_resources.into());
        visit("initiator_depth", self.initiator_depth.into());
        visit("target_ack_delay", self.target_ack_delay.into());
        visit("failover_accepted", (&failover_accepted(self.failover_accepted.0)).into());
        visit("end_to_end_flow_control", self.end_to_end_flow_control.into());
        visit("rnr_retry_count", self.rnr_retry_count.into());
        visit("srq", self.srq.into());
        visit("local_ca_guid", self.local_ca_guid.into());
        visit("private_data", used(&self.private_data.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["local_communication_id", "remote_communication_id", "local_qpn", "failover_accepted"]
    }
}

/// Messages that have nothing but the connection's ids and private data.
macro_rules! plain {
    ($($message:ident),+) => { $(
        impl Fields for $message {
            fn name(&self) -> &'static str {
                Self::NAME
            }

            fn fields(&self, visit: &mut Visit<'_>) {
                ids(visit, self.local_communication_id, self.remote_communication_id);
                visit("private_data", used(&self.private_data.0));
            }

            fn telling(&self) -> &'static [&'static str] {
                &["local_communication_id", "remote_communication_id"]
            }
        }
    )+ };
}
plain!(ReadyToUse, DisconnectReply);

impl Fields for DisconnectRequest {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        ids(visit, self.local_communication_id, self.remote_communication_id);
        visit("remote_qpn_eecn", self.remote_qpn_eecn.into());
        visit("private_data", used(&self.private_data.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["local_communication_id", "remote_communication_id", "remote_qpn_eecn"]
    }
}

impl Fields for LoadAlternatePath {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        ids(visit, self.local_communication_id, self.remote_communication_id);
        visit("remote_qpn_eecn", self.remote_qpn_eecn.into());
        visit("remote_cm_response_timeout", self.remote_cm_response_timeout.into());
        visit("alternate_path", Value::Structure(&self.alternate_path));
        visit("private_data", used(&self.private_data.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["local_communication_id", "remote_communication_id", "remote_qpn_eecn"]
    }
}

impl Fields for AlternatePathResponse {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        ids(visit, self.local_communication_id, self.remote_communication_id);
        visit("ap_status", code(self.status.0, &self.status));
        information(visit, &self.additional_information);
        visit("private_data", used(&self.private_data.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["local_communication_id", "remote_communication_id", "ap_status"]
    }
}

impl Fields for ServiceIdResolutionRequest {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("request_id", self.request_id.into());
        visit("partition_key", self.p_key.into());
        visit("service_id", Value::wide_hex(self.service_id, 16));
        visit("private_data", used(&self.private_data.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["request_id", "service_id"]
    }
}

impl Fields for ServiceIdResolutionResponse {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("request_id", self.request_id.into());
        visit("status", code(self.status.0, &self.status));
        visit("vendor_id", Value::wide_hex(self.vendor_id & 0xFF_FFFF, 6));
        visit("qpn", self.qpn.into());
        visit("service_id", Value::wide_hex(self.service_id, 16));
        secret(visit, "q_key", self.q_key);
        information(visit, &self.additional_information);
        visit("private_data", used(&self.private_data.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["request_id", "status", "service_id", "qpn"]
    }
}
