//! Asks nodes themselves, as smpquery and perfquery do.

use core::time::Duration;
use std::collections::VecDeque;

use clap::{Args, ValueEnum};
use ib_mad::dump::Fields;
use ib_mad::node::{NodeClient, NodeEvent, NodeHandled, NodeRequest, Route};
use ib_mad::request::RequestLimits;
use ib_mad::wire::{
    Attribute, AttributeId, ExtPortInfo, GuidInfo, LinearForwardingTable, MAD_LENGTH,
    MulticastForwardingTable, NodeDescription, NodeInfo, PKeyTable, PortCounters, PortCountersExtended,
    PortInfo, SlToVlMapping, SmInfo, SwitchInfo, VlArbitration,
};
use ib_mad::{Lid, MKey, Transmit};
use programs::{Moment, PortName, ProgramError, random_u32};
use transport::{Delivery, Incoming, Machine};

use super::ask::Asker;
use super::print::Printer;
use super::tables::parse_number;

#[derive(Args, Debug)]
pub(crate) struct SmpOptions {
    /// What to ask for
    #[arg(value_enum)]
    attribute: SmpAttribute,
    #[command(flatten)]
    node: NodeOptions,
    /// A port's number (of portinfo, pkeys, vlarb, extportinfo; of sl2vl the one by which packets leave); without it 0, which an adapter
    /// takes for its own port
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    number: u8,
    /// The port by which packets come in (of sl2vl)
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    input: u8,
    /// Number of the block (of guidinfo, pkeys, vlarb, lft, mft); those of vlarb count from 1
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(..1024))]
    block: Option<u16>,
    /// 16 ports from this number times 16 on (of mft)
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..16))]
    position: u8,
    /// Key, for ports that show their settings only to whom has it, like 0x1
    #[arg(long, value_name = "KEY", value_parser = parse_number, default_value = "0", hide_default_value = true)]
    m_key: u64,
}

#[derive(Args, Debug)]
#[group(multiple = false)]
struct NodeOptions {
    /// The node: LID, GID, port GUID (0x…) or node description; without it and --route, this one
    #[arg(value_name = "NODE")]
    node: Option<PortName>,
    /// The way to the node: the ports by which it leaves this node and each switch, like 1,3 (or, as smpquery writes it, 0,1,3)
    #[arg(long, value_name = "PORTS", value_parser = parse_route)]
    route: Option<Route>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SmpAttribute {
    Nodeinfo,
    Nodedesc,
    Portinfo,
    Switchinfo,
    Guidinfo,
    Pkeys,
    Sl2vl,
    Vlarb,
    Lft,
    Mft,
    Sminfo,
    Extportinfo,
}

#[derive(Args, Debug)]
pub(crate) struct CountersOptions {
    /// The node: LID, GID, port GUID (0x…) or node description
    #[arg(value_name = "NODE")]
    node: PortName,
    /// A port's number; 255 for all ports together, where the node can add
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    number: u8,
    /// Counters of 64 bits (PortCountersExtended)
    #[arg(long)]
    extended: bool,
}

impl SmpOptions {
    /// Ask, and print what comes.
    pub(crate) async fn print(self, asker: &mut Asker, printer: &mut Printer) -> Result<(), ProgramError> {
        use SmpAttribute as A;
        let (what, route) = self.node.find(asker).await?;
        let (port, block) = (u32::from(self.number), u32::from(self.block.unwrap_or(0)));
        let first = u32::from(self.block.unwrap_or(1));
        let get =
            |attribute, modifier| NodeRequest::get(route, attribute, modifier).with_m_key(MKey(self.m_key));
        let question = Question { asker, printer, what };
        match self.attribute {
            A::Nodeinfo => question.print::<NodeInfo>(get(AttributeId::NODE_INFO, 0)).await,
            A::Nodedesc => question.print::<NodeDescription>(get(AttributeId::NODE_DESCRIPTION, 0)).await,
            A::Portinfo => question.print::<PortInfo>(get(AttributeId::PORT_INFO, port)).await,
            A::Switchinfo => question.print::<SwitchInfo>(get(AttributeId::SWITCH_INFO, 0)).await,
            A::Guidinfo => question.print::<GuidInfo>(get(AttributeId::GUID_INFO, block)).await,
            A::Pkeys => question.print::<PKeyTable>(get(AttributeId::P_KEY_TABLE, port << 16 | block)).await,
            A::Sl2vl => {
                let modifier = u32::from(self.input) << 8 | port;
                question.print::<SlToVlMapping>(get(AttributeId::SL_TO_VL_MAPPING, modifier)).await
            }
            A::Vlarb => {
                question.print::<VlArbitration>(get(AttributeId::VL_ARBITRATION, first << 16 | port)).await
            }
            A::Lft => {
                question
                    .print::<LinearForwardingTable>(get(AttributeId::LINEAR_FORWARDING_TABLE, block))
                    .await
            }
            A::Mft => {
                let modifier = u32::from(self.position) << 28 | block;
                let request = get(AttributeId::MULTICAST_FORWARDING_TABLE, modifier);
                question.print::<MulticastForwardingTable>(request).await
            }
            A::Sminfo => question.print::<SmInfo>(get(AttributeId::SM_INFO, 0)).await,
            A::Extportinfo => question.print::<ExtPortInfo>(get(AttributeId::EXT_PORT_INFO, port)).await,
        }
    }
}

impl CountersOptions {
    /// Ask, and print what comes.
    pub(crate) async fn print(self, asker: &mut Asker, printer: &mut Printer) -> Result<(), ProgramError> {
        let what = self.node.to_string();
        let lid = known_lid(asker, self.node).await?;
        let question = Question { asker, printer, what };
        if self.extended {
            let request = NodeRequest::counters(lid, AttributeId::PORT_COUNTERS_EXTENDED, self.number);
            question.print::<PortCountersExtended>(request).await
        } else {
            let request = NodeRequest::counters(lid, AttributeId::PORT_COUNTERS, self.number);
            question.print::<PortCounters>(request).await
        }
    }
}

impl NodeOptions {
    async fn find(self, asker: &mut Asker) -> Result<(String, Route), ProgramError> {
        if let Some(route) = self.route {
            return Ok((route.to_string(), route));
        }
        match self.node {
            Some(name) => {
                let what = name.to_string();
                Ok((what, Route::lid(known_lid(asker, name).await?)))
            }
            // No hops fit.
            None => Ok(("this node".to_owned(), Route::directed(&[]).unwrap_or(Route::lid(asker.port.lid)))),
        }
    }
}

/// Only a LID can be found without a subnet manager.
async fn known_lid(asker: &mut Asker, name: PortName) -> Result<Lid, ProgramError> {
    match name {
        PortName::Lid(lid) => Ok(lid),
        _ if !asker.port.is_configured() => Err(ProgramError::NoSubnetManager),
        other => asker.lid(other).await,
    }
}

/// A question to a node.
struct Question<'a> {
    asker: &'a mut Asker,
    printer: &'a mut Printer,
    what: String,
}

impl Question<'_> {
    async fn print<A: Attribute + Fields>(self, request: NodeRequest) -> Result<(), ProgramError> {
        let now = self.asker.session.now();
        let mut machine = NodeMachine {
            client: NodeClient::new(RequestLimits::default(), random_u32()),
            events: VecDeque::new(),
        };
        machine.client.request(now, request).map_err(|_full| ProgramError::Interrupted)?;
        let event = loop {
            match self.asker.session.next(&mut machine).await? {
                Moment::Event(event) => break event,
                Moment::Port(_) | Moment::Reregister => {}
                Moment::End => return Err(ProgramError::Interrupted),
            }
        };
        let what = self.what;
        let attribute = event.read::<A>().map_err(|failure| {
            ProgramError::Other(format!(
                "{what}: {failure}: is the node there, and does it have this attribute? `saq nodes` lists what there is"
            ))
        })?;
        self.printer.record(&attribute, &[&attribute])
    }
}

/// A client of nodes, as a machine.
struct NodeMachine {
    client: NodeClient<1>,
    events: VecDeque<NodeEvent>,
}

impl Machine for NodeMachine {
    type Event = NodeEvent;

    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
        // What the fabric returned is asked again when its time is over.
        if incoming.delivery == Delivery::Received
            && let NodeHandled::Answered(event) =
                self.client.handle_datagram(now, incoming.from, &incoming.mad)
        {
            self.events.push_back(event);
        }
    }
    fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.client.poll_transmit(now, buffer)
    }
    fn handle_timeout(&mut self, _: Duration) {}
    fn poll_timeout(&self) -> Option<Duration> {
        self.client.poll_timeout()
    }
    fn poll_event(&mut self, now: Duration) -> Option<NodeEvent> {
        self.events.pop_front().or_else(|| self.client.poll_event(now))
    }
}

/// Ports with commas between them; a first 0 stands for this node.
fn parse_route(text: &str) -> Result<Route, &'static str> {
    const WRONG: &str = "a route is up to 63 port numbers with commas between them, like 0,1,3";
    let ports = text.split(',').map(|port| port.trim().parse::<u8>());
    let ports = ports.collect::<Result<Vec<_>, _>>().map_err(|_| WRONG)?;
    let hops = ports.strip_prefix(&[0]).unwrap_or(&ports);
    if hops.contains(&0) {
        return Err(WRONG);
    }
    Route::directed(hops).ok_or(WRONG)
}
