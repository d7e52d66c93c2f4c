//! Which field has which oracle.

use core::fmt::Write;

use crate::{Access, IbTypes, Libibmad, Oracle, layouts};

/// Fields that neither oracle knows, and what speaks for their layout instead.
pub const WITHOUT_ORACLE: &[(&str, &str)] = &[
    ("PathRecord.is_raw", "top bit of a word whose other fields ib_types.h knows"),
    (
        "PathRecord.is_reversible",
        "top bit of the byte of number_of_paths; set in OpenSM's answers (golden bytes)",
    ),
    ("MultiPathRecord.is_raw", "top bit of ib_types.h's hop_flow_raw, as in PathRecord"),
    ("MultiPathRecord.flow_label", "bits 8 to 27 of ib_types.h's hop_flow_raw, as in PathRecord"),
    ("MultiPathRecord.hop_limit", "low byte of ib_types.h's hop_flow_raw, as in PathRecord"),
    ("MultiPathRecord.is_reversible", "top bit of the byte of number_of_paths, as in PathRecord"),
    ("MultiPathRecord.independence", "top bits of ib_types.h's byte independence, by the order of its masks"),
    ("McMemberRecord.mtu_selector", "top bits of the byte of mtu, as in PathRecord"),
    ("McMemberRecord.rate_selector", "top bits of the byte of rate, as in PathRecord"),
    ("McMemberRecord.packet_lifetime_selector", "top bits of ib_types.h's byte pkt_life, as in PathRecord"),
    ("McMemberRecord.packet_lifetime", "low bits of ib_types.h's byte pkt_life, as in PathRecord"),
    (
        "MulticastForwardingTableRecord.position",
        "top bits of ib_types.h's position_block_num, by the standard",
    ),
    (
        "MulticastForwardingTableRecord.block_number",
        "low bits of ib_types.h's position_block_num, by the standard",
    ),
    ("Trap68.component_mask", "no open implementation is known that sends or reads it; unit tests only"),
    ("Trap68.wait_for_repath", "no open implementation is known that sends or reads it; unit tests only"),
    ("Trap69.component_mask", "no open implementation is known that sends or reads it; unit tests only"),
    ("Trap69.wait_for_repath", "no open implementation is known that sends or reads it; unit tests only"),
    ("Trap256.is_directed_route", "top bit of ib_types.h's byte dr_trunc_hop, by the standard"),
    ("Trap256.is_path_truncated", "second bit of ib_types.h's byte dr_trunc_hop, by the standard"),
    ("Trap256.hop_count", "low bits of ib_types.h's byte dr_trunc_hop, by the standard"),
    ("Trap257.service_level", "top bits of ib_types.h's qp1, as its comment says"),
    ("Trap257.source_qpn", "low bits of ib_types.h's qp1, as its comment says"),
    ("Trap257.destination_qpn", "low bits of ib_types.h's qp2, as its comment says"),
    ("Trap258.service_level", "top bits of ib_types.h's qp1, as its comment says"),
    ("Trap258.source_qpn", "low bits of ib_types.h's qp1, as its comment says"),
    ("Trap258.destination_qpn", "low bits of ib_types.h's qp2, as its comment says"),
    ("Trap259.service_level", "top bits of ib_types.h's sl_qp1, as its comment says"),
    ("Trap259.source_qpn", "low bits of ib_types.h's sl_qp1, as its comment says"),
    ("Trap259.destination_qpn", "low bits of ib_types.h's qp2, as its comment says"),
];

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `Layout.field`.
    pub key: String,
    /// Its width.
    pub bits: usize,
    /// What libibmad can do with it.
    pub libibmad: Option<Access>,
    /// What `ib_types.h` can do with it.
    pub ib_types: Option<Access>,
}

impl Row {
    /// Whether nobody else knows the field.
    pub fn is_gap(&self) -> bool {
        self.libibmad.is_none() && self.ib_types.is_none()
    }
}

/// Every field of `ib-mad`.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for layout in layouts() {
        for field in &layout.fields {
            let key = layout.key(field);
            let (libibmad, ib_types) = (Libibmad.access(&key), IbTypes.access(&key));
            rows.push(Row { key, bits: field.bits, libibmad, ib_types });
        }
    }
    rows
}

/// The matrix as a table, with its totals.
pub fn render(rows: &[Row]) -> String {
    let mark = |access| match access {
        Some(Access::Both) => "both ways",
        Some(Access::Read) => "reads",
        None => "-",
    };
    let mut text = String::new();
    let mut line = |field: &str, bits: &str, libibmad: &str, ib_types: &str, gap: &str| {
        let row = format!("{field:<58}{bits:>5}  {libibmad:<10}  {ib_types:<10}  {gap}");
        writeln!(text, "{}", row.trim_end()).expect("a String takes everything");
    };
    line("field", "bits", Libibmad.name(), IbTypes.name(), "");
    for row in rows {
        let reason = WITHOUT_ORACLE.iter().find(|(key, _)| *key == row.key).map(|(_, reason)| *reason);
        let gap = if row.is_gap() {
            format!("GAP: {}", reason.unwrap_or("no reason given"))
        } else {
            String::new()
        };
        line(&row.key, &row.bits.to_string(), mark(row.libibmad), mark(row.ib_types), &gap);
    }
    let count = |holds: fn(&Row) -> bool| rows.iter().filter(|row| holds(row)).count();
    writeln!(
        text,
        "{} fields: {} in libibmad, {} in ib_types.h, {} in both, {} in neither",
        rows.len(),
        count(|row| row.libibmad.is_some()),
        count(|row| row.ib_types.is_some()),
        count(|row| row.libibmad.is_some() && row.ib_types.is_some()),
        count(Row::is_gap),
    )
    .expect("a String takes everything");
    text
}
