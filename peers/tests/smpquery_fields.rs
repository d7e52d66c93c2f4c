//! The fields that attributes name, against what `smpquery` and `perfquery` print of the same ports: the same names with the
//! same values, in the same order.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use ib_mad::dump::Fields;
use ib_mad::wire::{
    Attribute, AttributeId, MadHeader, ManagementClass, Method, NodeDescription, NodeInfo, NodeType,
    PerformanceMad, PerformanceMadView, PortCounters, PortCountersExtended, PortInfo, Smp, SmpView,
    SwitchInfo,
};
use ib_mad::{Lid, MKey, Qpn, ServiceLevel, TransactionId};
use transport::{IbsimChannel, ManagementChannel, Outgoing};

use support::{Fabric, SOON, within};

/// Asks agents in this process.
struct Asker {
    channel: IbsimChannel,
    transaction: u64,
}

impl Asker {
    async fn ask(&mut self, lid: u16, qpn: Qpn, mad: [u8; 256]) -> [u8; 256] {
        let outgoing = Outgoing { to: Lid(lid), service_level: ServiceLevel::default(), qpn, mad };
        self.channel.send(&[outgoing]).await.unwrap();
        let mut batch = Vec::new();
        loop {
            within(SOON, "an answer", self.channel.receive(&mut batch)).await.unwrap();
            for incoming in batch.drain(..) {
                // The lower half of the transaction id is the asker's own.
                if incoming.mad[12..16] == mad[12..16] && incoming.mad[3] == Method::GET_RESP.0 {
                    return incoming.mad;
                }
            }
        }
    }

    fn header(&mut self, class: ManagementClass, attribute: AttributeId, modifier: u32) -> MadHeader {
        self.transaction += 1;
        MadHeader::request(class, Method::GET, attribute, modifier, TransactionId(self.transaction))
    }

    async fn subnet<A: Attribute>(&mut self, lid: u16, attribute: AttributeId, modifier: u32) -> A {
        let header = self.header(ManagementClass::SUBNET_LID_ROUTED, attribute, modifier);
        let mad = Smp { header, m_key: MKey(0) }.emit(&NodeDescription::default()).unwrap();
        let answer = self.ask(lid, Qpn::SUBNET_MANAGEMENT, mad).await;
        A::parse(SmpView::new(&answer).unwrap().data()).unwrap()
    }

    async fn performance<A: Attribute>(&mut self, lid: u16, attribute: AttributeId, question: &A) -> A {
        let header = self.header(ManagementClass::PERFORMANCE, attribute, 0);
        let answer =
            self.ask(lid, Qpn::GENERAL_SERVICES, PerformanceMad { header }.emit(question).unwrap()).await;
        A::parse(PerformanceMadView::new(&answer).unwrap().data()).unwrap()
    }
}

/// Names and values of a tool's output, such as `Lid:.............3`; flags below a mask are no fields.
fn printed(text: &str) -> Vec<(String, String)> {
    let field = |line: &str| {
        let (name, value) = line.trim().split_once(":.")?;
        Some((name.to_owned(), value.trim_start_matches('.').to_owned()))
    };
    text.lines().filter_map(field).collect()
}

/// Every name and value as the tools write them.
fn named(structure: &dyn Fields) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    structure.fields(&mut |name, value| {
        let text = match value {
            // The tools print a key only on demand, set or not.
            _ if name == "Mkey" => "<not displayed>".to_owned(),
            value => value.to_string(),
        };
        fields.push((name.to_owned(), text));
    });
    fields
}

/// Counters of traffic, which the questions are part of: their values differ.
const TRAFFIC: &[&str] = &[
    "PortXmitData",
    "PortRcvData",
    "PortXmitPkts",
    "PortRcvPkts",
    "PortUnicastXmitPkts",
    "PortUnicastRcvPkts",
];

/// Extended counters that `perfquery` does not print.
const NOT_PRINTED: &[&str] = &[
    "CounterSelect2",
    "SymbolErrorCounter",
    "LinkErrorRecoveryCounter",
    "LinkDownedCounter",
    "PortRcvErrors",
    "PortRcvRemotePhysicalErrors",
    "PortRcvSwitchRelayErrors",
    "PortXmitDiscards",
    "PortXmitConstraintErrors",
    "PortRcvConstraintErrors",
    "LocalLinkIntegrityErrors",
    "ExcessiveBufferOverrunErrors",
    "VL15Dropped",
    "PortXmitWait",
    "QP1Dropped",
];

/// The same fields are printed, in the same order with the same values, but for those that only one of both has.
#[track_caller]
fn compare(tool: &str, structure: &dyn Fields, only_ours: &[&str], only_theirs: &[&str]) {
    let without = |fields: Vec<(String, String)>, others: &[&str]| {
        let kept = fields.into_iter().filter(|(name, _)| !others.contains(&name.as_str()));
        kept.map(
            |(name, value)| {
                if TRAFFIC.contains(&name.as_str()) { (name, String::new()) } else { (name, value) }
            },
        )
        .collect::<Vec<_>>()
    };
    let (ours, theirs) = (without(named(structure), only_ours), without(printed(tool), only_theirs));
    assert!(!ours.is_empty());
    assert_eq!(ours, theirs, "{}", structure.name());
}

#[tokio::test]
async fn every_node_and_port_as_smpquery_and_perfquery_print_them() {
    let fabric = Fabric::mesh().await;
    let channel = IbsimChannel::connect("H1", Some(fabric.ibsim.socket_name())).await.unwrap();
    let mut asker = Asker { channel, transaction: 0 };
    let diags = fabric.diags();
    let mut switches = 0;
    for lid in [1, 2, 3, 7, 10, 14] {
        let text = lid.to_string();
        let info: NodeInfo = asker.subnet(lid, AttributeId::NODE_INFO, 0).await;
        compare(&diags.run("smpquery", &["nodeinfo", &text]).await.unwrap(), &info, &[], &[]);

        let description: NodeDescription = asker.subnet(lid, AttributeId::NODE_DESCRIPTION, 0).await;
        let said = diags.run("smpquery", &["nodedesc", &text]).await.unwrap();
        assert_eq!(printed(&said), [("Node Description".to_owned(), description.text().to_owned())]);

        for port in [0_u8, 1, 3] {
            // Only a switch has a port 0.
            let is_switch = info.node_type == NodeType::Switch;
            if port > info.number_of_ports || port == 0 && !is_switch {
                continue;
            }
            let info: PortInfo = asker.subnet(lid, AttributeId::PORT_INFO, port.into()).await;
            let said = diags.run("smpquery", &["portinfo", &text, &port.to_string()]).await.unwrap();
            // Of the second extension of speeds, which this crate does not know.
            compare(
                &said,
                &info,
                &[],
                &["LinkSpeedExtActive2", "LinkSpeedExtSupported2", "LinkSpeedExtEnabled2"],
            );
        }
        if info.node_type == NodeType::Switch {
            switches += 1;
            let info: SwitchInfo = asker.subnet(lid, AttributeId::SWITCH_INFO, 0).await;
            compare(&diags.run("smpquery", &["switchinfo", &text]).await.unwrap(), &info, &[], &[]);
        }

        let question = PortCounters { port_select: 1, ..PortCounters::default() };
        let counters: PortCounters = asker.performance(lid, AttributeId::PORT_COUNTERS, &question).await;
        let said = diags.run("perfquery", &[&text, "1"]).await.unwrap();
        compare(&said, &counters, &[], &[]);
        let question = PortCountersExtended { port_select: 1, ..PortCountersExtended::default() };
        let counters: PortCountersExtended =
            asker.performance(lid, AttributeId::PORT_COUNTERS_EXTENDED, &question).await;
        let said = diags.run("perfquery", &["-x", &text, "1"]).await.unwrap();
        // It prints the first eight counters alone; the others have the names of the short ones.
        compare(&said, &counters, NOT_PRINTED, &[]);
    }
    assert!(switches > 0, "a fabric has switches");
}
