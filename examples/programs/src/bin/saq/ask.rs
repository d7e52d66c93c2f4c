//! Finds out what a question is about, and asks for single records.

use ib_mad::dump::Fields;
use ib_mad::sa::{SaAttribute, SaFailure, SaRequest};
use ib_mad::wire::{
    ClassPortInfo, NodeDescription, NodeRecord, NodeRecordQuery, PathRecord, PathRecordQuery, Query,
    SaStatus, Status,
};
use ib_mad::{Gid, Guid, Lid, SmKey};
use programs::{PortName, ProgramError, Session};
use transport::LocalPort;

use super::fabric::Fabric;
use super::narrow::Table;
use super::print::Printer;

/// An end of a path, as a query can carry it.
enum End {
    Lid(Lid),
    Gid(Gid),
}

/// Asks through a port.
pub(crate) struct Asker {
    pub(crate) session: Session,
    pub(crate) port: LocalPort,
    pub(crate) sm_key: SmKey,
    fabric: Option<Fabric>,
}

impl Asker {
    pub(crate) const fn new(session: Session, port: LocalPort, sm_key: SmKey) -> Self {
        Self { session, port, sm_key, fabric: None }
    }

    /// The ports of the subnet, which are read once.
    pub(crate) async fn fabric(&mut self) -> Result<&Fabric, ProgramError> {
        let fabric = match self.fabric.take() {
            Some(fabric) => fabric,
            None => Fabric::read(&mut self.session, &self.port).await?,
        };
        Ok(self.fabric.insert(fabric))
    }

    /// Print a table. That nothing matches is a failure when something was looked for.
    pub(crate) async fn table<R: Table>(
        &mut self,
        printer: &mut Printer,
        query: Query<R>,
    ) -> Result<(), ProgramError> {
        let samples = R::samples();
        let samples = Vec::from_iter(samples.iter().map(|sample| sample as &dyn Fields));
        printer.header(&samples)?;
        let count = self.harvest(query, |record| printer.record(record, &samples)).await?;
        if count == 0 && query.component_mask() != 0 {
            let failure = SaFailure::Status(Status::NO_RECORDS);
            return Err(ProgramError::Administration { what: R::NAME.to_owned(), failure });
        }
        Ok(())
    }

    pub(crate) async fn path(
        &mut self,
        printer: &mut Printer,
        from: Option<PortName>,
        to: PortName,
    ) -> Result<(), ProgramError> {
        let from = from.unwrap_or(PortName::Lid(self.port.lid));
        let what = format!("path from {from} to {to}");
        let query = self.paths_query(Some(from), Some(to)).await?.number_of_paths(1);
        let record: PathRecord = self.get(what, SaRequest::get(&query)).await?;
        printer.record(&record, &[&record])
    }

    /// The paths between ports, or from or to one.
    pub(crate) async fn paths_query(
        &mut self,
        from: Option<PortName>,
        to: Option<PortName>,
    ) -> Result<PathRecordQuery, ProgramError> {
        let mut query = PathRecordQuery::new();
        if let Some(from) = from {
            query = match self.end(from).await? {
                End::Lid(lid) => query.source_lid(lid),
                End::Gid(gid) => query.source_gid(gid),
            };
        }
        if let Some(to) = to {
            query = match self.end(to).await? {
                End::Lid(lid) => query.destination_lid(lid),
                End::Gid(gid) => query.destination_gid(gid),
            };
        }
        Ok(query)
    }

    async fn end(&mut self, name: PortName) -> Result<End, ProgramError> {
        Ok(match name {
            PortName::Lid(lid) => End::Lid(lid),
            PortName::Gid(gid) => End::Gid(gid),
            PortName::Guid(guid) => End::Gid(Gid::new(self.port.gid.prefix(), guid)),
            PortName::Description(name) => End::Lid(self.node_named(&name).await?.lid),
        })
    }

    /// The LID of a port, however it is named.
    pub(crate) async fn lid(&mut self, name: PortName) -> Result<Lid, ProgramError> {
        Ok(match name {
            PortName::Lid(lid) => lid,
            PortName::Guid(guid) => self.node_with(guid).await?.lid,
            PortName::Gid(gid) => {
                self.node(format!("port {gid}"), NodeRecordQuery::new().port_guid(gid.guid())).await?.lid
            }
            PortName::Description(name) => self.node_named(&name).await?.lid,
        })
    }

    /// The GID of a port, however it is named.
    pub(crate) async fn gid(&mut self, name: PortName) -> Result<Gid, ProgramError> {
        let prefix = self.port.gid.prefix();
        Ok(match name {
            PortName::Gid(gid) => gid,
            PortName::Guid(guid) => Gid::new(prefix, guid),
            PortName::Lid(lid) => Gid::new(prefix, self.node_at(lid).await?.node_info.port_guid),
            PortName::Description(name) => {
                Gid::new(prefix, self.node_named(&name).await?.node_info.port_guid)
            }
        })
    }

    pub(crate) async fn node_at(&mut self, lid: Lid) -> Result<NodeRecord, ProgramError> {
        self.node(format!("node at LID {lid}"), NodeRecordQuery::new().lid(lid)).await
    }

    /// By the port's GUID; if no port has it, by the node's.
    pub(crate) async fn node_with(&mut self, guid: Guid) -> Result<NodeRecord, ProgramError> {
        let what = format!("node with GUID {guid}");
        match self.node(what.clone(), NodeRecordQuery::new().port_guid(guid)).await {
            Err(ProgramError::Administration { failure: SaFailure::Status(status), .. })
                if status.sa() == SaStatus::NoRecords =>
            {
                self.node(what, NodeRecordQuery::new().node_guid(guid)).await
            }
            other => other,
        }
    }

    pub(crate) async fn node_named(&mut self, name: &str) -> Result<NodeRecord, ProgramError> {
        let query = NodeRecordQuery::new().node_description(NodeDescription::new(name));
        self.node(format!("node \"{name}\""), query).await
    }

    async fn node(&mut self, what: String, query: NodeRecordQuery) -> Result<NodeRecord, ProgramError> {
        self.get(what, SaRequest::get(&query)).await
    }

    pub(crate) async fn class_port_info(&mut self, printer: &mut Printer) -> Result<(), ProgramError> {
        let info: ClassPortInfo = self.get("ClassPortInfo".to_owned(), SaRequest::class_port_info()).await?;
        printer.record(&info, &[&info])
    }

    async fn get<A: SaAttribute>(&mut self, what: String, request: SaRequest) -> Result<A, ProgramError> {
        let outcome = self.session.ask(&self.port, &[request]).await?.pop();
        let outcome = outcome.ok_or(ProgramError::Interrupted)?;
        outcome
            .and_then(|record| record.parse())
            .map_err(|failure| ProgramError::Administration { what, failure })
    }
}
