//! Responses of which each side reads seven fields: three of the header, four of the attribute.
//!
//! Each field stands here once, as this workspace reads it and as libibmad does, so that both read the same.

use core::ffi::c_int;

use ib_mad::TransactionId;
use ib_mad::wire::{
    Attribute, AttributeId, MAD_LENGTH, MadHeader, MadHeaderView, ManagementClass, McMemberRecord, Method,
    NodeInfo, PathRecord, PerformanceMadView, PortCounters, PortInfo, SaMadView, SmpView, SwitchInfo,
};

use crate::Numbers;
use crate::libibmad::{fields, get_field, get_field64};
use crate::sink::Sink;

/// A class of management: where its attributes lie.
pub trait Class {
    /// Its number.
    const CLASS: ManagementClass;
    /// Where libibmad counts an attribute's fields from.
    const DATA_OFFSET: c_int;

    /// Header and data of a datagram of the class; `None` when length, class or versions are others.
    fn view(bytes: &[u8]) -> Option<(&MadHeaderView, &[u8])>;
}

/// Subnet administration.
#[derive(Clone, Copy, Debug)]
pub struct SubnetAdministration;

impl Class for SubnetAdministration {
    const CLASS: ManagementClass = ManagementClass::SUBNET_ADMINISTRATION;
    const DATA_OFFSET: c_int = fields::SA_DATA_OFFSET;

    #[inline]
    fn view(bytes: &[u8]) -> Option<(&MadHeaderView, &[u8])> {
        SaMadView::new(bytes).ok().map(|mad| (mad.header(), &mad.data()[..]))
    }
}

/// Subnet management, LID routed.
#[derive(Clone, Copy, Debug)]
pub struct SubnetManagement;

impl Class for SubnetManagement {
    const CLASS: ManagementClass = ManagementClass::SUBNET_LID_ROUTED;
    const DATA_OFFSET: c_int = fields::SMP_DATA_OFFSET;

    #[inline]
    fn view(bytes: &[u8]) -> Option<(&MadHeaderView, &[u8])> {
        SmpView::new(bytes).ok().map(|smp| (smp.header(), &smp.data()[..]))
    }
}

/// Performance management.
#[derive(Clone, Copy, Debug)]
pub struct PerformanceManagement;

impl Class for PerformanceManagement {
    const CLASS: ManagementClass = ManagementClass::PERFORMANCE;
    const DATA_OFFSET: c_int = fields::PC_DATA_OFFSET;

    #[inline]
    fn view(bytes: &[u8]) -> Option<(&MadHeaderView, &[u8])> {
        PerformanceMadView::new(bytes).ok().map(|mad| (mad.header(), &mad.data()[..]))
    }
}

/// An attribute in a response.
pub trait Response: Attribute {
    /// The class that it belongs to.
    type Class: Class;
    /// Its number there.
    const ATTRIBUTE_ID: AttributeId;

    /// Read four fields.
    fn read_fields(view: &Self::View, sink: &mut impl Sink);

    /// Read the same four with libibmad.
    ///
    /// # Safety
    /// `mad` points to 256 bytes.
    unsafe fn read_fields_with_libibmad(mad: *const u8, sink: &mut impl Sink);
}

macro_rules! responses {
    ($($attribute:ident in $class:ident, $id:ident, |$view:ident| {
        $($get:ident $field:ident = $ours:expr,)*
    })*) => { $(
        impl Response for $attribute {
            type Class = $class;
            const ATTRIBUTE_ID: AttributeId = AttributeId::$id;

            #[inline]
            fn read_fields($view: &Self::View, sink: &mut impl Sink) {
                $(sink.take($ours);)*
            }

            #[inline]
            unsafe fn read_fields_with_libibmad(mad: *const u8, sink: &mut impl Sink) {
                // SAFETY: the attribute lies in the 256 bytes that the caller vouches for.
                $(sink.take(unsafe { $get(mad, $class::DATA_OFFSET, fields::$field) });)*
            }
        }
    )* };
}

responses! {
    PathRecord in SubnetAdministration, PATH_RECORD, |path| {
        get_field IB_SA_PR_DLID_F = path.destination_lid().0,
        get_field IB_SA_PR_SLID_F = path.source_lid().0,
        get_field IB_SA_PR_SL_F = path.service_level().get(),
        get_field IB_SA_PR_NPATH_F = path.number_of_paths(),
    }
    McMemberRecord in SubnetAdministration, MC_MEMBER_RECORD, |member| {
        get_field IB_SA_MCM_QKEY_F = member.q_key().0,
        get_field IB_SA_MCM_MLID_F = member.mlid().0,
        get_field IB_SA_MCM_MTU_F = member.mtu().0,
        get_field IB_SA_MCM_SL_F = member.service_level().get(),
    }
    NodeInfo in SubnetManagement, NODE_INFO, |node| {
        get_field IB_NODE_TYPE_F = u8::from(node.node_type()),
        get_field IB_NODE_NPORTS_F = node.number_of_ports(),
        get_field64 IB_NODE_GUID_F = node.node_guid().0,
        get_field64 IB_NODE_PORT_GUID_F = node.port_guid().0,
    }
    PortInfo in SubnetManagement, PORT_INFO, |port| {
        get_field IB_PORT_LID_F = port.lid().0,
        get_field IB_PORT_SMLID_F = port.master_sm_lid().0,
        get_field IB_PORT_STATE_F = port.port_state().0,
        get_field IB_PORT_LMC_F = port.lmc(),
    }
    SwitchInfo in SubnetManagement, SWITCH_INFO, |switch| {
        get_field IB_SW_LINEAR_FDB_CAP_F = switch.linear_fdb_capacity(),
        get_field IB_SW_LINEAR_FDB_TOP_F = switch.linear_fdb_top(),
        get_field IB_SW_DEF_PORT_F = switch.default_port(),
        get_field IB_SW_STATE_CHANGE_F = switch.port_state_change(),
    }
    PortCounters in PerformanceManagement, PORT_COUNTERS, |counters| {
        get_field IB_PC_ERR_SYM_F = counters.symbol_error_counter(),
        get_field IB_PC_LINK_DOWNED_F = counters.link_downed_counter(),
        get_field IB_PC_XMT_BYTES_F = counters.port_xmit_data(),
        get_field IB_PC_RCV_BYTES_F = counters.port_rcv_data(),
    }
}

/// Check length, versions, class and method, and read seven fields; whether the datagram was accepted.
#[inline]
pub fn read<R: Response>(bytes: &[u8], sink: &mut impl Sink) -> bool {
    let Some((header, data)) = R::Class::view(bytes) else { return false };
    if header.method() != Method::GET_RESP {
        return false;
    }
    let Ok(view) = R::view(data) else { return false };
    sink.take(header.method().0);
    sink.take(header.attribute_id().0);
    sink.take(header.transaction_id().0);
    R::read_fields(view, sink);
    true
}

/// Read the seven fields with libibmad, with no check. Its method is without the response bit, which is a field of its own.
///
/// # Safety
/// `bytes` are 256.
#[inline]
pub unsafe fn read_with_libibmad<R: Response>(bytes: &[u8], sink: &mut impl Sink) {
    let mad = bytes.as_ptr();
    // SAFETY: the header's fields lie in the first 24 bytes; for the attribute's, the caller vouches.
    unsafe {
        sink.take(get_field(mad, 0, fields::IB_MAD_METHOD_F));
        sink.take(get_field(mad, 0, fields::IB_MAD_ATTRID_F));
        sink.take(get_field64(mad, 0, fields::IB_MAD_TRID_F));
        R::read_fields_with_libibmad(mad, sink);
    }
}

/// The checks of [`read`], then the fields, all with libibmad's means; whether the datagram was accepted.
#[inline]
pub fn check_and_read_with_libibmad<R: Response>(bytes: &[u8], sink: &mut impl Sink) -> bool {
    let class_version = if R::Class::CLASS == ManagementClass::SUBNET_ADMINISTRATION { 2 } else { 1 };
    let mad = bytes.as_ptr();
    // SAFETY: nothing is read unless there are 256 bytes.
    unsafe {
        let is_accepted = bytes.len() == MAD_LENGTH
            && get_field(mad, 0, fields::IB_MAD_BASEVER_F) == 1
            && get_field(mad, 0, fields::IB_MAD_MGMTCLASS_F) == u32::from(R::Class::CLASS.0)
            && get_field(mad, 0, fields::IB_MAD_CLASSVER_F) == class_version
            && get_field(mad, 0, fields::IB_MAD_METHOD_F) == 1
            && get_field(mad, 0, fields::IB_MAD_RESPONSE_F) == 1;
        if is_accepted {
            read_with_libibmad::<R>(bytes, sink);
        }
        is_accepted
    }
}

/// Different responses with headers as their class has them. Everything else is random: no reader can rely on a value.
///
/// # Panics
/// When the two sides read different values of one of them.
pub fn responses<R: Response>(count: usize) -> Vec<[u8; MAD_LENGTH]> {
    let mut numbers = Numbers(1);
    let responses: Vec<_> = (0..count).map(|_| response::<R>(&mut numbers)).collect();
    for response in &responses {
        let (mut ours, mut libibmad) = (Vec::new(), Vec::new());
        assert!(read::<R>(response, &mut ours), "{} was refused", R::NAME);
        assert!(check_and_read_with_libibmad::<R>(response, &mut libibmad), "libibmad refused {}", R::NAME);
        ours[0] &= 0x7F;
        assert_eq!(ours, libibmad, "the two sides read different values of {}", R::NAME);
    }
    responses
}

fn response<R: Response>(numbers: &mut Numbers) -> [u8; MAD_LENGTH] {
    let mut mad = [0; MAD_LENGTH];
    mad.fill_with(|| numbers.draw() as u8);
    let transaction_id = TransactionId(numbers.draw());
    let header = MadHeader::request(R::Class::CLASS, Method::GET, R::ATTRIBUTE_ID, 0, transaction_id);
    let header = MadHeader { method: Method::GET_RESP, ..header };
    header.emit(&mut mad).expect("a header fits a datagram");
    mad
}
