//! Subnet administration, asked in this process.

use core::net::Ipv6Addr;
use core::time::Duration;

use ib_mad::request::RequestLimits;
use ib_mad::sa::{SaAddress, SaAttribute, SaClientConfig, SaFailure, SaRecord, SaRequest};
use ib_mad::wire::{
    InformInfo, JoinState, McMemberRecord, McMemberRecordQuery, ServiceName, ServiceRecord,
    ServiceRecordQuery, TrapNumber,
};
use ib_mad::{Gid, Mtu, PKey, QKey, Rate, Selector, ServiceKey, ServiceLevel};
use peers::Ibsim;
use programs::{SaMachine, SaNews};
use transport::{Driver, IbsimChannel, LocalPort, ManagementChannel, Tally};

use super::{SOON, within};

/// A client on a node of the fabric.
#[derive(Debug)]
pub(crate) struct Sa {
    driver: Driver<IbsimChannel>,
    machine: SaMachine,
    pub(crate) port: LocalPort,
}

impl Sa {
    pub(crate) async fn new(ibsim: &Ibsim, node: &str, limits: RequestLimits) -> Self {
        let mut channel = IbsimChannel::connect(node, Some(ibsim.socket_name())).await.unwrap();
        let port = channel.port().await.unwrap();
        let sa = SaAddress { lid: port.sm_lid, service_level: port.sm_service_level };
        let machine = SaMachine::new(SaClientConfig { limits, ..SaClientConfig::new(sa) });
        Self { driver: Driver::new(channel), machine, port }
    }

    /// The one record that answers.
    pub(crate) async fn ask(&mut self, request: SaRequest) -> Result<SaRecord, SaFailure> {
        let id = self.machine.client().request(self.driver.now(), request).unwrap();
        let news = within(SOON, "an outcome", self.driver.next(&mut self.machine)).await.unwrap();
        let SaNews::Ended(event) = news else { panic!("records of a table: {news:?}") };
        assert_eq!(event.id, id);
        event.outcome.and_then(|answer| answer.one())
    }

    /// Join the group that these tests make, with the first who does.
    pub(crate) async fn join(&mut self) -> McMemberRecord {
        let mgid = Gid("ff12:1234::77".parse::<Ipv6Addr>().unwrap().octets());
        let member = McMemberRecordQuery::new()
            .mgid(mgid)
            .port_gid(self.port.gid)
            .join_state(JoinState::FULL_MEMBER)
            .q_key(QKey(0x1234))
            .traffic_class(3)
            .p_key(PKey(0xFFFF))
            .service_level(ServiceLevel::default())
            .flow_label(0x12345)
            .mtu(Selector::Exactly, Mtu(3))
            .rate(Selector::Exactly, Rate(3));
        self.ask(SaRequest::set(&member)).await.unwrap().parse().unwrap()
    }

    /// Ask to be told of these events.
    pub(crate) async fn subscribe(&mut self, events: TrapNumber) {
        self.ask(SaRequest::inform(&InformInfo::subscribe_to(events))).await.unwrap();
    }

    /// Register the service that these tests have.
    pub(crate) async fn serve(&mut self) {
        let query = ServiceRecordQuery::new()
            .service_id(0x1000_0000_0000_0001)
            .service_gid(self.port.gid)
            .service_p_key(PKey(0xFFFF))
            .service_lease(u32::MAX)
            .service_key(ServiceKey([7; 16]))
            .service_name(ServiceName::new("a service"));
        let made: ServiceRecord = self.ask(SaRequest::set(&query)).await.unwrap().parse().unwrap();
        assert_eq!(made.service_id, 0x1000_0000_0000_0001);
    }

    /// The records of a table.
    pub(crate) async fn table<A: SaAttribute>(&mut self, request: SaRequest) -> Result<Vec<A>, SaFailure> {
        let id = self.machine.client().request(self.driver.now(), request).unwrap();
        let mut records = Vec::new();
        loop {
            match within(SOON, "records", self.driver.next(&mut self.machine)).await.unwrap() {
                SaNews::Records(batch) => {
                    assert_eq!(batch.id, id);
                    records.extend(batch.iter().map(|record| A::parse(record).unwrap()));
                }
                SaNews::Ended(event) => {
                    assert_eq!(event.id, id);
                    return event.outcome.map(|_| records);
                }
            }
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.driver.now()
    }

    pub(crate) fn tally(&self) -> &Tally {
        self.driver.tally()
    }
}

/// The next of a series of numbers without pattern (splitmix64).
pub(crate) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
