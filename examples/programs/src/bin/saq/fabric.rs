//! What a question is divided by when its table does not come whole.

use ib_mad::sa::SaRequest;
use ib_mad::wire::{
    NodeRecord, NodeRecordQuery, NodeType, SwitchInfo, SwitchInfoRecord, SwitchInfoRecordQuery,
};
use ib_mad::{Gid, Lid};
use programs::{ProgramError, Session};
use transport::LocalPort;

/// A port that has LIDs, and its node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) lid: Lid,
    pub(crate) gid: Gid,
    pub(crate) lmc: u8,
    /// Numbers of the node's ports: from 0 on for a switch, its own for an adapter.
    pub(crate) first_port: u8,
    pub(crate) last_port: u8,
    pub(crate) partition_capacity: u16,
    /// What a switch says of its tables.
    pub(crate) switch: Option<SwitchInfo>,
}

/// The ports of a subnet that have LIDs, in the order of those.
#[derive(Clone, Debug)]
pub(crate) struct Fabric {
    pub(crate) ends: Vec<End>,
}

impl Fabric {
    /// Read it LID by LID.
    pub(crate) async fn read(session: &mut Session, port: &LocalPort) -> Result<Self, ProgramError> {
        let found = session.end_ports(port).await?;
        let nodes =
            Vec::from_iter(found.iter().map(|end| SaRequest::get(&NodeRecordQuery::new().lid(end.lid))));
        let mut ends = Vec::new();
        for (end, outcome) in found.iter().zip(session.ask(port, &nodes).await?) {
            let what = || format!("node at LID {}", end.lid);
            let node = outcome
                .and_then(|record| record.parse::<NodeRecord>())
                .map_err(|failure| ProgramError::Administration { what: what(), failure })?;
            let info = node.node_info;
            let is_switch = info.node_type == NodeType::Switch;
            let switch = if is_switch { switch_info(session, port, end.lid).await? } else { None };
            let (first_port, last_port) = if is_switch {
                (0, info.number_of_ports)
            } else {
                (info.local_port_number, info.local_port_number)
            };
            ends.push(End {
                lid: end.lid,
                gid: end.gid(port.gid.prefix()),
                lmc: end.lmc,
                first_port,
                last_port,
                partition_capacity: info.partition_capacity,
                switch,
            });
        }
        ends.sort_by_key(|end| end.lid);
        Ok(Self { ends })
    }

    pub(crate) fn lids(&self) -> impl Iterator<Item = Lid> {
        self.ends.iter().map(|end| end.lid)
    }

    /// The ports of the node with a LID.
    pub(crate) fn ports_of(&self, lid: Lid) -> impl Iterator<Item = u8> + use<> {
        let end = self.ends.iter().find(|end| end.lid == lid);
        end.map(|end| end.first_port..=end.last_port).into_iter().flatten()
    }

    pub(crate) fn switches(&self) -> impl Iterator<Item = (Lid, &SwitchInfo)> {
        self.ends.iter().filter_map(|end| Some((end.lid, end.switch.as_ref()?)))
    }
}

async fn switch_info(
    session: &mut Session,
    port: &LocalPort,
    lid: Lid,
) -> Result<Option<SwitchInfo>, ProgramError> {
    let request = SaRequest::get(&SwitchInfoRecordQuery::new().lid(lid));
    let outcome = session.ask(port, &[request]).await?.pop();
    let record = outcome.and_then(Result::ok).and_then(|record| record.parse::<SwitchInfoRecord>().ok());
    Ok(record.map(|record| record.switch_info))
}
