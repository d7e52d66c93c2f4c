//! Queue pairs.

use core::mem;
use core::ptr::{self, NonNull};
use std::sync::Arc;

use ib_mad::{Gid, Qpn};
use rdma_mummy_sys as ffi;

use super::{RawAddressHandle, RawCompletionQueue, RawProtectionDomain, Refused, done, object};
use crate::verbs::modification::Values;
use crate::verbs::{Attributes, Capacity, Modification, QueuePairType, Route};

/// Bytes of a registered region, as work names them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) address: u64,
    pub(crate) length: u32,
    pub(crate) key: u32,
}

impl Segment {
    const fn entry(self) -> ffi::ibv_sge {
        ffi::ibv_sge { addr: self.address, length: self.length, lkey: self.key }
    }
}

/// What work is done with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    /// The peer's next receive.
    Receive,
    /// Memory of the peer, written.
    Write { address: u64, key: u32 },
    /// Memory of the peer, read.
    Read { address: u64, key: u32 },
    /// A receive of any queue pair that the handle leads to.
    Datagram { handle: &'a RawAddressHandle, queue_pair: u32, key: u32 },
}

/// Work for a send queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendRequest<'a> {
    pub(crate) id: u64,
    pub(crate) local: Segment,
    pub(crate) target: Target<'a>,
}

/// A queue pair.
#[derive(Debug)]
pub(crate) struct RawQueuePair {
    pointer: NonNull<ffi::ibv_qp>,
    domain: Arc<RawProtectionDomain>,
    // Held as long as the queue pair exists.
    _completions: Arc<RawCompletionQueue>,
}

// SAFETY: the library locks its queue pairs.
unsafe impl Send for RawQueuePair {}
// SAFETY: as above.
unsafe impl Sync for RawQueuePair {}

/// The address vector of a route.
pub(super) fn address_vector(route: &Route) -> ffi::ibv_ah_attr {
    ffi::ibv_ah_attr {
        grh: ffi::ibv_global_route {
            dgid: gid(route.destination),
            flow_label: route.flow_label & 0xF_FFFF,
            sgid_index: route.source_gid_index,
            hop_limit: route.hop_limit,
            traffic_class: route.traffic_class,
        },
        dlid: route.lid.0,
        sl: route.service_level.get(),
        src_path_bits: route.path_bits,
        static_rate: route.static_rate,
        is_global: route.is_global.into(),
        port_num: route.port,
    }
}

const fn gid(gid: Gid) -> ffi::ibv_gid {
    ffi::ibv_gid { raw: gid.0 }
}

impl RawQueuePair {
    pub(crate) fn new(
        domain: &Arc<RawProtectionDomain>,
        completions: &Arc<RawCompletionQueue>,
        kind: QueuePairType,
        capacity: Capacity,
    ) -> Result<Self, Refused> {
        let mut attributes = ffi::ibv_qp_init_attr {
            qp_context: ptr::null_mut(),
            send_cq: completions.as_ptr(),
            recv_cq: completions.as_ptr(),
            srq: ptr::null_mut(),
            cap: ffi::ibv_qp_cap {
                max_send_wr: capacity.send,
                max_recv_wr: capacity.receive,
                max_send_sge: 1,
                max_recv_sge: 1,
                max_inline_data: 0,
            },
            qp_type: match kind {
                QueuePairType::ReliableConnection => ffi::ibv_qp_type::IBV_QPT_RC,
                QueuePairType::UnreliableDatagram => ffi::ibv_qp_type::IBV_QPT_UD,
            },
            sq_sig_all: 1,
        };
        // SAFETY: domain and completion queue exist and are held as long as the queue pair; the structure lives through
        // the call.
        let pointer = unsafe { ffi::ibv_create_qp(domain.as_ptr(), &raw mut attributes) };
        Ok(Self {
            pointer: object("ibv_create_qp", pointer)?,
            domain: Arc::clone(domain),
            _completions: Arc::clone(completions),
        })
    }

    const fn as_ptr(&self) -> *mut ffi::ibv_qp {
        self.pointer.as_ptr()
    }

    pub(crate) const fn domain(&self) -> &Arc<RawProtectionDomain> {
        &self.domain
    }

    pub(crate) fn number(&self) -> u32 {
        // SAFETY: the queue pair exists, and its number never changes.
        unsafe { self.pointer.as_ref() }.qp_num
    }

    pub(crate) fn modify(&self, modification: &Modification) -> Result<(), Refused> {
        let mut attributes = attributes(&modification.values);
        let mask = modification.mask().bits();
        // SAFETY: the queue pair exists; the structure lives through the call.
        let returned = unsafe { ffi::ibv_modify_qp(self.as_ptr(), &raw mut attributes, mask.cast_signed()) };
        done("ibv_modify_qp", returned)
    }

    /// The state's number, whether the send queue drains, and the address vector's traffic class and destination.
    pub(crate) fn query(&self) -> Result<Attributes, Refused> {
        // SAFETY: the structure is integers and arrays of them: all zeros is a value of it.
        let mut attributes: ffi::ibv_qp_attr = unsafe { mem::zeroed() };
        // SAFETY: as above; its pointers are null.
        let mut initial: ffi::ibv_qp_init_attr = unsafe { mem::zeroed() };
        let wanted = ffi::ibv_qp_attr_mask::IBV_QP_STATE
            | ffi::ibv_qp_attr_mask::IBV_QP_AV
            | ffi::ibv_qp_attr_mask::IBV_QP_PATH_MIG_STATE;
        let wanted = wanted.0;
        // SAFETY: the queue pair exists; both structures live through the call.
        let returned = unsafe {
            ffi::ibv_query_qp(self.as_ptr(), &raw mut attributes, wanted.cast_signed(), &raw mut initial)
        };
        done("ibv_query_qp", returned)?;
        let route = attributes.ah_attr;
        Ok(Attributes {
            state: attributes.qp_state,
            migration_state: attributes.path_mig_state,
            // SAFETY: every value of the union is sixteen bytes.
            destination: Gid(unsafe { route.grh.dgid.raw }),
            source_gid_index: route.grh.sgid_index,
            traffic_class: route.grh.traffic_class,
            flow_label: route.grh.flow_label,
            hop_limit: route.grh.hop_limit,
            peer: Qpn::new(attributes.dest_qp_num),
        })
    }

    pub(crate) fn post_send(&self, request: &SendRequest<'_>) -> Result<(), Refused> {
        let mut entry = request.local.entry();
        // SAFETY: the structure is integers, pointers and unions of them: all zeros is a value of it.
        let mut work: ffi::ibv_send_wr = unsafe { mem::zeroed() };
        work.wr_id = request.id;
        work.sg_list = &raw mut entry;
        work.num_sge = 1;
        work.send_flags = ffi::ibv_send_flags::IBV_SEND_SIGNALED.0;
        work.opcode = match request.target {
            Target::Receive => ffi::ibv_wr_opcode::IBV_WR_SEND,
            Target::Write { address, key } => {
                work.wr.rdma = ffi::rdma_t { remote_addr: address, rkey: key };
                ffi::ibv_wr_opcode::IBV_WR_RDMA_WRITE
            }
            Target::Read { address, key } => {
                work.wr.rdma = ffi::rdma_t { remote_addr: address, rkey: key };
                ffi::ibv_wr_opcode::IBV_WR_RDMA_READ
            }
            Target::Datagram { handle, queue_pair, key } => {
                work.wr.ud = ffi::ud_t { ah: handle.as_ptr(), remote_qpn: queue_pair, remote_qkey: key };
                ffi::ibv_wr_opcode::IBV_WR_SEND
            }
        };
        let mut refused = ptr::null_mut();
        // SAFETY: the queue pair exists, and the request and its entry live through the call, which copies them. The memory
        // that the entry names is in a region that the caller holds until the queue pair is gone.
        done("ibv_post_send", unsafe { ffi::ibv_post_send(self.as_ptr(), &raw mut work, &raw mut refused) })
    }

    pub(crate) fn post_receive(&self, id: u64, local: Segment) -> Result<(), Refused> {
        let mut entry = local.entry();
        let mut work =
            ffi::ibv_recv_wr { wr_id: id, next: ptr::null_mut(), sg_list: &raw mut entry, num_sge: 1 };
        let mut refused = ptr::null_mut();
        // SAFETY: as of work for the send queue.
        done("ibv_post_recv", unsafe { ffi::ibv_post_recv(self.as_ptr(), &raw mut work, &raw mut refused) })
    }

    pub(crate) fn attach(&self, group: Gid, lid: u16) -> Result<(), Refused> {
        // SAFETY: the queue pair exists; the GID lives through the call.
        done("ibv_attach_mcast", unsafe { ffi::ibv_attach_mcast(self.as_ptr(), &gid(group), lid) })
    }

    pub(crate) fn detach(&self, group: Gid, lid: u16) -> Result<(), Refused> {
        // SAFETY: as of attaching.
        done("ibv_detach_mcast", unsafe { ffi::ibv_detach_mcast(self.as_ptr(), &gid(group), lid) })
    }
}

fn attributes(values: &Values) -> ffi::ibv_qp_attr {
    // SAFETY: the structure is integers and arrays of them: all zeros is a value of it.
    let mut attributes: ffi::ibv_qp_attr = unsafe { mem::zeroed() };
    attributes.qp_state = values.state;
    attributes.path_mtu = u32::from(values.path_mtu);
    attributes.path_mig_state = values.migration_state;
    attributes.qkey = values.q_key;
    attributes.rq_psn = values.receive_psn;
    attributes.sq_psn = values.send_psn;
    attributes.dest_qp_num = values.peer;
    attributes.qp_access_flags = values.access;
    attributes.pkey_index = values.p_key_index;
    attributes.en_sqd_async_notify = values.notify_drained;
    attributes.max_rd_atomic = values.max_reads_out;
    attributes.max_dest_rd_atomic = values.max_reads_in;
    attributes.min_rnr_timer = values.receiver_not_ready_timer;
    attributes.port_num = values.port;
    attributes.timeout = values.timeout;
    attributes.retry_cnt = values.retries;
    attributes.rnr_retry = values.receiver_not_ready_retries;
    if let Some(route) = &values.route {
        attributes.ah_attr = address_vector(route);
    }
    if let Some(alternate) = &values.alternate {
        attributes.alt_ah_attr = address_vector(&alternate.route);
        attributes.alt_port_num = alternate.route.port;
        attributes.alt_timeout = alternate.timeout.get();
        attributes.alt_pkey_index = values.p_key_index;
    }
    attributes
}

impl Drop for RawQueuePair {
    fn drop(&mut self) {
        // SAFETY: nobody uses the queue pair after this. The adapter lets go of its work before the call returns.
        unsafe { ffi::ibv_destroy_qp(self.as_ptr()) };
    }
}
