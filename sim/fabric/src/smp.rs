//! What a node makes of a packet of subnet management: its agent answers, or its manager gets it.

use ib_mad::wire::{
    Attribute, AttributeId, DirectedRouteSmpView, MAD_LENGTH, MKeyViolation, MadHeader, ManagementClass,
    Method, NoticeType, SMP_DATA_LENGTH, Status, TRAP_RETURN_PATH_LENGTH, TrapDetails,
};
use ib_mad::{Lid, MKey};

use crate::agent::{self, Agent, BAD_METHOD, BAD_VERSION, Effect};
use crate::directed_route;
use crate::drops::DropReason;
use crate::fabric::Fabric;
use crate::node::Conduct;
use crate::packet::{Packet, Payload};
use crate::pool::PacketId;
use crate::port::PortId;
use crate::schedule::Timer;

const METHOD: usize = 3;
const STATUS: usize = 4;
const TRANSACTION: usize = 8;
const M_KEY: core::ops::Range<usize> = 24..32;
const DATA: usize = 64;
/// In an answer with a wrong transaction id, what is wrong about it.
const WRONG: u8 = 0x5A;

impl Fabric {
    /// A directed route that had a part by LID comes to the switch where it starts, or to its end.
    pub(crate) fn pass_mixed(&mut self, at: PortId, id: PacketId) {
        let Payload::Mad(mad) = &mut self.packets[id].packet.payload else {
            return self.discard(id, DropReason::Malformed);
        };
        let before = *mad;
        let step = match directed_route::start(mad) {
            directed_route::Step::Discard => {
                *mad = before;
                directed_route::arrive(mad, false, 0)
            }
            step => step,
        };
        self.take_step(at, id, step);
    }

    /// A packet of subnet management has come to its node by the port `at`.
    pub(crate) fn handle_smp(&mut self, at: PortId, id: PacketId) {
        self.release(id);
        let (index, number) = (self.port(at).node, self.port(at).number);
        let end = self.node(index).end_port(number);
        let Some(mad) = self.packets[id].packet.mad() else {
            return self.discard(id, DropReason::Malformed);
        };
        let Ok(header) = MadHeader::parse(mad) else { return self.discard(id, DropReason::Malformed) };
        let is_class = matches!(
            header.class,
            ManagementClass::SUBNET_LID_ROUTED | ManagementClass::SUBNET_DIRECTED_ROUTE
        );
        if header.base_version != 1 || !is_class {
            return self.discard(id, DropReason::Malformed);
        }
        match header.method {
            method if method.is_response() => return self.hand_up(end, id),
            Method::TRAP if self.is_manager(end) => return self.hand_up(end, id),
            Method::TRAP => return self.discard(id, DropReason::NoManager),
            Method::TRAP_REPRESS => {
                self.repress(at, id);
                self.packets.remove(id);
                return;
            }
            _ => {}
        }
        if self.node(index).conduct == Conduct::Silent {
            return self.discard(id, DropReason::Silent);
        }
        if header.class_version != 1 {
            return self.reply(at, id, Err(BAD_VERSION));
        }
        if !matches!(header.method, Method::GET | Method::SET) {
            return self.reply(at, id, Err(BAD_METHOD));
        }
        if header.attribute_id == AttributeId::SM_INFO && self.is_manager(end) {
            return self.hand_up(end, id);
        }
        if !self.check_m_key(end, id, &header) {
            return;
        }
        let outcome = self.ask_agent(at, id, &header);
        self.reply(at, id, outcome);
    }

    /// Whether a request's key admits it. If not it is dropped, counted, and told of with trap 256.
    fn check_m_key(&mut self, end: PortId, id: PacketId, header: &MadHeader) -> bool {
        let packet = &self.packets[id].packet;
        let Some(mad) = packet.mad() else { return false };
        let key = presented_key(mad);
        if agent::admits(self.port(end), header.method, key) {
            let port = self.port_mut(end);
            // The manager is there: the lease goes on.
            if port.lease % 2 == 1 && port.info.m_key == key {
                port.lease = port.lease.wrapping_add(1);
            }
            return true;
        }
        let violation = m_key_violation(packet, mad, header, key);
        let now = self.now;
        let port = self.port_mut(end);
        port.info.m_key_violations = port.info.m_key_violations.saturating_add(1);
        if port.lease.is_multiple_of(2)
            && let Some(lease) = agent::lease(port)
        {
            port.lease = port.lease.wrapping_add(1);
            let number = port.lease;
            self.schedule.timer(now.after(lease), Timer::Lease(end, number));
        }
        self.discard(id, DropReason::MKey);
        self.raise(end, 0, NoticeType::SECURITY, &TrapDetails::BadMKey(violation));
        false
    }

    /// Nobody with the right key came while the lease ran out: anybody may read the key now.
    pub(crate) fn end_lease(&mut self, port: PortId, lease: u32) {
        let port = self.port_mut(port);
        if port.lease == lease {
            port.lease = lease.wrapping_add(1);
            port.info.m_key_protect_bits = 0;
        }
    }

    fn ask_agent(
        &mut self,
        at: PortId,
        id: PacketId,
        header: &MadHeader,
    ) -> Result<[u8; SMP_DATA_LENGTH], Status> {
        let (index, arrival) = (self.port(at).node, self.port(at).number);
        let node = &mut self.nodes[index as usize];
        let first = node.first.0 as usize;
        let count = usize::from(node.ports - node.lowest()) + 1;
        let mut data = [0; SMP_DATA_LENGTH];
        let mut m_key = MKey(0);
        if let Some(mad) = self.packets[id].packet.mad() {
            m_key = presented_key(mad);
            data.copy_from_slice(&mad[DATA..DATA + SMP_DATA_LENGTH]);
        }
        let mut agent = Agent { node, ports: &mut self.ports[first..first + count], arrival, m_key };
        let (attribute, modifier) = (header.attribute_id, header.attribute_modifier);
        if header.method == Method::SET {
            let effect = agent.set(attribute, modifier, &data)?;
            if effect != Effect::None {
                self.carry_out(index, effect);
                return self.shown(index, arrival, m_key, attribute, modifier);
            }
        }
        data = [0; SMP_DATA_LENGTH];
        agent.get(attribute, modifier, &mut data)?;
        Ok(data)
    }

    /// An attribute as it is after a Set that had effects elsewhere.
    fn shown(
        &mut self,
        index: u32,
        arrival: u8,
        m_key: MKey,
        attribute: AttributeId,
        modifier: u32,
    ) -> Result<[u8; SMP_DATA_LENGTH], Status> {
        let node = &mut self.nodes[index as usize];
        let first = node.first.0 as usize;
        let count = usize::from(node.ports - node.lowest()) + 1;
        let agent = Agent { node, ports: &mut self.ports[first..first + count], arrival, m_key };
        let mut data = [0; SMP_DATA_LENGTH];
        agent.get(attribute, modifier, &mut data)?;
        Ok(data)
    }

    fn carry_out(&mut self, index: u32, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Retrain(number) => self.retrain(self.node(index).port(number)),
            Effect::Link(number) => self.settle_link(self.node(index).port(number), true),
        }
    }

    /// Make a request its own answer, and send it when the agent is done.
    fn reply(&mut self, at: PortId, id: PacketId, outcome: Result<[u8; SMP_DATA_LENGTH], Status>) {
        let conduct = self.node(self.port(at).node).conduct;
        let packet = &mut self.packets[id].packet;
        let Payload::Mad(mad) = &mut packet.payload else { return };
        mad[METHOD] = Method(mad[METHOD]).response().0;
        let status = outcome.err().unwrap_or(Status::OK);
        mad[STATUS..STATUS + 2].copy_from_slice(&status.0.to_be_bytes());
        mad[M_KEY].fill(0);
        if let Ok(data) = outcome {
            mad[DATA..DATA + SMP_DATA_LENGTH].copy_from_slice(&data);
        }
        if mad[1] == ManagementClass::SUBNET_DIRECTED_ROUTE.0 {
            directed_route::turn(mad);
        }
        if conduct == Conduct::WrongTransaction {
            mad[TRANSACTION + 7] ^= WRONG;
        }
        (packet.source_qpn, packet.destination_qpn) = (packet.destination_qpn, packet.source_qpn);
        (packet.source_lid, packet.destination_lid) = (packet.destination_lid, packet.source_lid);
        self.packets[id].hops = 0;
        let due = self.now.after(self.settings.agent_latency);
        match conduct {
            Conduct::Late(by) => self.schedule.timer(due.after(by), Timer::Answer(id, at)),
            Conduct::Proper | Conduct::Silent | Conduct::WrongTransaction => {
                self.schedule.answer(due, id, at)
            }
        }
    }

    /// An answer leaves the agent that a request had come to by the port `at`.
    pub(crate) fn answer(&mut self, at: PortId, id: PacketId) {
        let (index, number) = (self.port(at).node, self.port(at).number);
        if !self.node(index).is_on {
            return self.discard(id, DropReason::NodeDown);
        }
        let packet = &self.packets[id].packet;
        // One that had a part by LID begins with it on its way back.
        if !packet.is_directed() || packet.destination_lid != Lid::PERMISSIVE {
            return self.originate(self.node(index).end_port(number), id);
        }
        let Payload::Mad(mad) = &mut self.packets[id].packet.payload else { return };
        let step = directed_route::start(mad);
        self.take_step(at, id, step);
    }
}

fn presented_key(mad: &[u8; MAD_LENGTH]) -> MKey {
    let mut key = [0; 8];
    key.copy_from_slice(&mad[M_KEY]);
    MKey(u64::from_be_bytes(key))
}

fn m_key_violation(packet: &Packet, mad: &[u8; MAD_LENGTH], header: &MadHeader, key: MKey) -> MKeyViolation {
    let directed = DirectedRouteSmpView::new(mad).ok();
    let hops = directed.map_or(0, DirectedRouteSmpView::hop_count);
    let mut return_path = [0; TRAP_RETURN_PATH_LENGTH];
    if let Some(view) = directed {
        for (to, from) in return_path.iter_mut().zip(view.return_path().iter().skip(1)) {
            *to = *from;
        }
    }
    MKeyViolation {
        source_lid: packet.source_lid,
        directed_route_source_lid: directed.map_or(Lid::UNASSIGNED, DirectedRouteSmpView::source_lid),
        method: header.method,
        attribute_id: header.attribute_id,
        attribute_modifier: header.attribute_modifier,
        m_key: key,
        is_directed_route: directed.is_some(),
        is_path_truncated: usize::from(hops) > TRAP_RETURN_PATH_LENGTH,
        hop_count: hops,
        return_path,
    }
}
