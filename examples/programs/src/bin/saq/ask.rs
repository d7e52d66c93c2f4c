//! The questions.

use ib_mad::sa::{SaFailure, SaRecord, SaRequest};
use ib_mad::wire::{
    NodeDescription, NodeRecord, NodeRecordQuery, NodeType, PathRecord, PathRecordQuery, SaStatus,
};
use ib_mad::{Gid, Guid, Lid};
use programs::{EndPortLine, NodeLine, Output, PathLine, PortName, ProgramError, Session};
use transport::LocalPort;

/// An end of a path, as a query can carry it.
enum End {
    Lid(Lid),
    Gid(Gid),
}

/// Asks, and prints the answers.
pub(crate) struct Asker {
    pub(crate) session: Session,
    pub(crate) port: LocalPort,
    pub(crate) output: Output,
}

impl Asker {
    pub(crate) async fn path(&mut self, from: Option<PortName>, to: PortName) -> Result<(), ProgramError> {
        let from = from.unwrap_or(PortName::Lid(self.port.lid));
        let what = format!("path from {from} to {to}");
        let query = match self.resolve(from).await? {
            End::Lid(lid) => PathRecordQuery::new().source_lid(lid),
            End::Gid(gid) => PathRecordQuery::new().source_gid(gid),
        };
        let query = match self.resolve(to).await? {
            End::Lid(lid) => query.destination_lid(lid),
            End::Gid(gid) => query.destination_gid(gid),
        };
        let record = self.ask(what, SaRequest::get(&query.number_of_paths(1))).await?;
        let path = record.parse::<PathRecord>().map_err(wrong_answer)?;
        self.output.print(&PathLine::from(&path))
    }

    async fn resolve(&mut self, address: PortName) -> Result<End, ProgramError> {
        Ok(match address {
            PortName::Lid(lid) => End::Lid(lid),
            PortName::Gid(gid) => End::Gid(gid),
            PortName::Guid(guid) => End::Gid(Gid::new(self.port.gid.prefix(), guid)),
            PortName::Description(name) => End::Lid(self.find_node_named(&name).await?.lid),
        })
    }

    pub(crate) async fn node_at(&mut self, lid: Lid) -> Result<(), ProgramError> {
        let record = self.find_node(format!("node at LID {lid}"), NodeRecordQuery::new().lid(lid)).await?;
        self.output.print(&NodeLine::from(&record))
    }

    /// By the port's GUID; if no port has it, by the node's.
    pub(crate) async fn node_with(&mut self, guid: Guid) -> Result<(), ProgramError> {
        let what = format!("node with GUID {guid}");
        let record = match self.find_node(what.clone(), NodeRecordQuery::new().port_guid(guid)).await {
            Err(ProgramError::Administration { failure: SaFailure::Status(status), .. })
                if status.sa() == SaStatus::NoRecords =>
            {
                self.find_node(what, NodeRecordQuery::new().node_guid(guid)).await?
            }
            other => other?,
        };
        self.output.print(&NodeLine::from(&record))
    }

    pub(crate) async fn node_named(&mut self, name: &str) -> Result<(), ProgramError> {
        let record = self.find_node_named(name).await?;
        self.output.print(&NodeLine::from(&record))
    }

    async fn find_node_named(&mut self, name: &str) -> Result<NodeRecord, ProgramError> {
        let query = NodeRecordQuery::new().node_description(NodeDescription::new(name));
        self.find_node(format!("node \"{name}\""), query).await
    }

    async fn find_node(&mut self, what: String, query: NodeRecordQuery) -> Result<NodeRecord, ProgramError> {
        self.ask(what, SaRequest::get(&query)).await?.parse().map_err(wrong_answer)
    }

    pub(crate) async fn nodes(&mut self) -> Result<(), ProgramError> {
        let mut ends = self.session.end_ports(&self.port).await?;
        ends.sort_by_key(|end| end.lid);
        for end in &ends {
            self.output.print(&EndPortLine::from(end))?;
        }
        Ok(())
    }

    pub(crate) async fn paths(&mut self) -> Result<(), ProgramError> {
        let mut hosts = self.session.end_ports(&self.port).await?;
        hosts.retain(|end| end.node_type == NodeType::ChannelAdapter);
        for entry in self.session.paths(&self.port, hosts).await?.iter() {
            self.output.print(&PathLine::from(&entry.to_record()))?;
        }
        Ok(())
    }

    async fn ask(&mut self, what: String, request: SaRequest) -> Result<SaRecord, ProgramError> {
        match self.session.ask(&self.port, &[request]).await?.pop() {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(failure)) => Err(ProgramError::Administration { what, failure }),
            None => Err(ProgramError::Interrupted),
        }
    }
}

/// The client matches answers with requests, so that this is a fault of this program.
fn wrong_answer(failure: SaFailure) -> ProgramError {
    ProgramError::Other(format!("{failure}: please report this"))
}
