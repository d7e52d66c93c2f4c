//! The tables that can be asked for, and how a question is narrowed on the command line.

use clap::{Args, Subcommand};
use ib_mad::wire::{
    GuidInfoRecordQuery, InformInfoRecordQuery, LinearForwardingTableRecordQuery, LinkRecordQuery,
    McMemberRecordQuery, MulticastForwardingTableRecordQuery, NodeRecordQuery, NodeType,
    PKeyTableRecordQuery, PortInfoRecordQuery, ServiceName, ServiceRecordQuery, SlToVlMappingRecordQuery,
    SmInfoRecordQuery, SwitchInfoRecordQuery, VlArbitrationRecordQuery,
};
use ib_mad::{Gid, Lid, PKey};
use programs::{PortName, ProgramError};

use super::ask::Asker;
use super::print::Printer;

#[derive(Debug, Subcommand)]
pub(crate) enum Tables {
    /// Every port that has a LID, with its node (NodeRecord)
    #[command(alias = "NR")]
    Nodes(NodesOptions),
    /// What ports are set to (PortInfoRecord)
    #[command(alias = "PIR")]
    Ports {
        #[command(flatten)]
        of: OfPort,
        /// Number of the port on its node
        #[arg(long, value_name = "NUMBER")]
        number: Option<u8>,
    },
    /// What switches can do and are set to (SwitchInfoRecord)
    #[command(alias = "SWIR")]
    Switches(OfPort),
    /// Links, each from both of its ends (LinkRecord)
    #[command(alias = "LR")]
    Links(LinksOptions),
    /// Paths: all, those from or to a port, or those between two (PathRecord)
    #[command(alias = "PR")]
    Paths(PathsOptions),
    /// Multicast groups (MCMemberRecord)
    #[command(alias = "MCMR")]
    Groups(GroupsOptions),
    /// Members of multicast groups (MCMemberRecord); the manager tells all only to whom it trusts: see --sm-key
    Members(GroupsOptions),
    /// Registered services (ServiceRecord)
    #[command(alias = "SR")]
    Services(ServicesOptions),
    /// Who is told of which events (InformInfoRecord)
    #[command(alias = "IIR")]
    Subscriptions {
        /// Of this subscriber: LID, GID, port GUID or node description
        #[arg(value_name = "PORT")]
        of: Option<PortName>,
    },
    /// Where switches send packets by their destination (LFTRecord)
    #[command(alias = "LFTR")]
    Lft {
        #[command(flatten)]
        of: OfPort,
        /// 64 LIDs from this number times 64 on
        #[arg(long, value_name = "NUMBER")]
        block: Option<u16>,
    },
    /// Where switches send packets of multicast groups (MFTRecord)
    #[command(alias = "MFTR")]
    Mft {
        #[command(flatten)]
        of: OfPort,
        /// 32 multicast LIDs from this number times 32 on
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(..512))]
        block: Option<u16>,
        /// 16 ports from this number times 16 on
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(..16))]
        position: Option<u8>,
    },
    /// GUIDs that ports have (GUIDInfoRecord)
    #[command(alias = "GIR")]
    Guidinfo {
        #[command(flatten)]
        of: OfPort,
        /// 8 GUIDs from this number times 8 on
        #[arg(long, value_name = "NUMBER")]
        block: Option<u8>,
    },
    /// Partition tables of ports (P_KeyTableRecord); only for whom the manager trusts: see --sm-key
    #[command(alias = "PKTR")]
    Pkeys {
        #[command(flatten)]
        of: OfPort,
        /// Number of the port on its node
        #[arg(long, value_name = "NUMBER")]
        number: Option<u8>,
        /// 32 keys from this number times 32 on
        #[arg(long, value_name = "NUMBER")]
        block: Option<u16>,
    },
    /// Which virtual lane each service level takes (SLtoVLMappingTableRecord)
    #[command(alias = "SL2VL")]
    Sl2vl {
        #[command(flatten)]
        of: OfPort,
        /// Number of the port by which packets come in
        #[arg(long, value_name = "NUMBER")]
        input: Option<u8>,
        /// Number of the port by which they leave
        #[arg(long, value_name = "NUMBER")]
        output: Option<u8>,
    },
    /// Shares of the virtual lanes (VLArbitrationTableRecord)
    #[command(alias = "VLAR")]
    Vlarb {
        #[command(flatten)]
        of: OfPort,
        /// Number of the port on its node
        #[arg(long, value_name = "NUMBER")]
        number: Option<u8>,
        /// 1 and 2 for low priority, 3 and 4 for high
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=4))]
        block: Option<u8>,
    },
    /// Subnet managers (SMInfoRecord)
    #[command(alias = "SMIR")]
    Sminfo(OfPort),
}

#[derive(Args, Debug)]
pub(crate) struct OfPort {
    /// Only of this one: LID, GID, port GUID (0x…) or node description
    #[arg(value_name = "PORT")]
    of: Option<PortName>,
}

#[derive(Args, Debug)]
pub(crate) struct NodesOptions {
    #[command(flatten)]
    of: OfPort,
    /// Only these
    #[arg(long = "type", value_enum)]
    kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    Host,
    Switch,
    Router,
}

#[derive(Args, Debug)]
pub(crate) struct LinksOptions {
    /// Only from this node or port: LID, GID, port GUID or node description
    #[arg(long, value_name = "PORT")]
    from: Option<PortName>,
    /// Number of the port that they start at
    #[arg(long, value_name = "NUMBER")]
    from_number: Option<u8>,
    /// Only to this node or port
    #[arg(long, value_name = "PORT")]
    to: Option<PortName>,
    /// Number of the port that they end at
    #[arg(long, value_name = "NUMBER")]
    to_number: Option<u8>,
}

#[derive(Args, Debug)]
pub(crate) struct PathsOptions {
    /// Only from this port: LID, GID, port GUID or node description
    #[arg(long, value_name = "PORT")]
    from: Option<PortName>,
    /// Only to this port
    #[arg(long, value_name = "PORT")]
    to: Option<PortName>,
    /// From every host to every other, asked pair by pair
    #[arg(long)]
    pub(crate) hosts: bool,
}

#[derive(Args, Debug)]
pub(crate) struct GroupsOptions {
    /// The group with this GID
    #[arg(long, value_parser = parse_gid)]
    mgid: Option<Gid>,
    /// Groups with this multicast LID, like 0xc000
    #[arg(long, value_parser = parse_mlid)]
    mlid: Option<Lid>,
    /// Groups with this partition key, like 0xffff
    #[arg(long, value_parser = parse_p_key)]
    pkey: Option<PKey>,
    /// Groups with this member: LID, GID, port GUID or node description
    #[arg(long, value_name = "PORT")]
    member: Option<PortName>,
}

#[derive(Args, Debug)]
pub(crate) struct ServicesOptions {
    /// With this number, like 0x1000000000000001
    #[arg(long, value_parser = parse_number)]
    id: Option<u64>,
    /// With this name
    #[arg(long)]
    name: Option<String>,
    /// At this port: LID, GID, port GUID or node description
    #[arg(long, value_name = "PORT")]
    at: Option<PortName>,
}

/// A component that is asked for if it is given.
fn with<Q, T>(query: Q, value: Option<T>, add: impl FnOnce(Q, T) -> Q) -> Q {
    match value {
        Some(value) => add(query, value),
        None => query,
    }
}

impl Tables {
    /// Refuse what contradicts itself, before anybody is asked.
    pub(crate) fn check(&self) -> Result<(), ProgramError> {
        match self {
            Self::Paths(PathsOptions { from, to, hosts: true }) if from.is_some() || to.is_some() => {
                Err(ProgramError::Usage(
                    "paths: --hosts asks for every pair of hosts: leave it out, or --from and --to"
                        .to_owned(),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Ask, and print what comes.
    pub(crate) async fn print(self, asker: &mut Asker, printer: &mut Printer) -> Result<(), ProgramError> {
        match self {
            Self::Nodes(NodesOptions { of, kind }) => {
                let query = with(NodeRecordQuery::new(), of.lid(asker).await?, NodeRecordQuery::lid);
                let query = with(query, kind.map(Kind::node_type), NodeRecordQuery::node_type);
                asker.table(printer, query).await
            }
            Self::Ports { of, number } => {
                let query = with(PortInfoRecordQuery::new(), of.lid(asker).await?, PortInfoRecordQuery::lid);
                asker.table(printer, with(query, number, PortInfoRecordQuery::port_number)).await
            }
            Self::Switches(of) => {
                let query =
                    with(SwitchInfoRecordQuery::new(), of.lid(asker).await?, SwitchInfoRecordQuery::lid);
                asker.table(printer, query).await
            }
            Self::Links(options) => options.print(asker, printer).await,
            Self::Paths(PathsOptions { from, to, .. }) => {
                let query = asker.paths_query(from, to).await?;
                asker.table(printer, query).await
            }
            Self::Groups(options) | Self::Members(options) => options.print(asker, printer).await,
            Self::Services(options) => options.print(asker, printer).await,
            Self::Subscriptions { of } => {
                let of = match of {
                    Some(name) => Some(asker.gid(name).await?),
                    None => None,
                };
                let query = with(InformInfoRecordQuery::new(), of, InformInfoRecordQuery::subscriber_gid);
                asker.table(printer, query).await
            }
            Self::Lft { of, block } => {
                type Query = LinearForwardingTableRecordQuery;
                let query = with(Query::new(), of.lid(asker).await?, Query::lid);
                asker.table(printer, with(query, block, Query::block_number)).await
            }
            Self::Mft { of, block, position } => {
                type Query = MulticastForwardingTableRecordQuery;
                let query = with(Query::new(), of.lid(asker).await?, Query::lid);
                let query = with(query, block, Query::block_number);
                asker.table(printer, with(query, position, Query::position)).await
            }
            Self::Guidinfo { of, block } => {
                let query = with(GuidInfoRecordQuery::new(), of.lid(asker).await?, GuidInfoRecordQuery::lid);
                asker.table(printer, with(query, block, GuidInfoRecordQuery::block_number)).await
            }
            Self::Pkeys { of, number, block } => {
                let query =
                    with(PKeyTableRecordQuery::new(), of.lid(asker).await?, PKeyTableRecordQuery::lid);
                let query = with(query, number, PKeyTableRecordQuery::port_number);
                asker.table(printer, with(query, block, PKeyTableRecordQuery::block_number)).await
            }
            Self::Sl2vl { of, input, output } => {
                type Query = SlToVlMappingRecordQuery;
                let query = with(Query::new(), of.lid(asker).await?, Query::lid);
                let query = with(query, input, Query::input_port);
                asker.table(printer, with(query, output, Query::output_port)).await
            }
            Self::Vlarb { of, number, block } => {
                type Query = VlArbitrationRecordQuery;
                let query = with(Query::new(), of.lid(asker).await?, Query::lid);
                let query = with(query, number, Query::output_port);
                asker.table(printer, with(query, block, Query::block_number)).await
            }
            Self::Sminfo(of) => {
                let query = with(SmInfoRecordQuery::new(), of.lid(asker).await?, SmInfoRecordQuery::lid);
                asker.table(printer, query).await
            }
        }
    }
}

impl OfPort {
    async fn lid(self, asker: &mut Asker) -> Result<Option<Lid>, ProgramError> {
        match self.of {
            Some(name) => asker.lid(name).await.map(Some),
            None => Ok(None),
        }
    }
}

impl Kind {
    const fn node_type(self) -> NodeType {
        match self {
            Self::Host => NodeType::ChannelAdapter,
            Self::Switch => NodeType::Switch,
            Self::Router => NodeType::Router,
        }
    }
}

impl LinksOptions {
    async fn print(self, asker: &mut Asker, printer: &mut Printer) -> Result<(), ProgramError> {
        let from = OfPort { of: self.from }.lid(asker).await?;
        let to = OfPort { of: self.to }.lid(asker).await?;
        let query = with(LinkRecordQuery::new(), from, LinkRecordQuery::from_lid);
        let query = with(query, self.from_number, LinkRecordQuery::from_port);
        let query = with(query, to, LinkRecordQuery::to_lid);
        asker.table(printer, with(query, self.to_number, LinkRecordQuery::to_port)).await
    }
}

impl GroupsOptions {
    async fn print(self, asker: &mut Asker, printer: &mut Printer) -> Result<(), ProgramError> {
        type Query = McMemberRecordQuery;
        let query = with(Query::new(), self.mgid, Query::mgid);
        let query = with(query, self.mlid, Query::mlid);
        let query = with(query, self.pkey, Query::p_key);
        let query = match self.member {
            Some(name) => query.port_gid(asker.gid(name).await?),
            None => query,
        };
        asker.table(printer, query).await
    }
}

impl ServicesOptions {
    async fn print(self, asker: &mut Asker, printer: &mut Printer) -> Result<(), ProgramError> {
        type Query = ServiceRecordQuery;
        let query = with(Query::new(), self.id, Query::service_id);
        let query = with(query, self.name.as_deref().map(ServiceName::new), Query::service_name);
        let query = match self.at {
            Some(name) => query.service_gid(asker.gid(name).await?),
            None => query,
        };
        asker.table(printer, query).await
    }
}

/// Decimal, or hexadecimal after `0x`.
pub(crate) fn parse_number(text: &str) -> Result<u64, &'static str> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|_| "a number of up to 64 bits: digits, or 0x and hexadecimal digits")
}

fn parse_mlid(text: &str) -> Result<Lid, &'static str> {
    match parse_number(text).ok().and_then(|number| u16::try_from(number).ok()) {
        Some(number @ 0xC000..=0xFFFE) => Ok(Lid(number)),
        _ => Err("a multicast LID is a number from 0xc000 to 0xfffe"),
    }
}

fn parse_p_key(text: &str) -> Result<PKey, &'static str> {
    let number = parse_number(text).ok().and_then(|number| u16::try_from(number).ok());
    number.map(PKey).ok_or("a partition key is a number of 16 bits, like 0xffff")
}

fn parse_gid(text: &str) -> Result<Gid, &'static str> {
    let address = text.parse::<core::net::Ipv6Addr>();
    address.map(|address| Gid(address.octets())).map_err(|_| "a GID is written like an IPv6 address")
}
