//! Which field has which oracle.

use core::fmt::Write;

use crate::{Access, IbTypes, Libibmad, Linux, Oracle, layouts, tshark};

/// Fields that no oracle knows, and what speaks for their layout instead.
pub const WITHOUT_ORACLE: &[(&str, &str)] = &[
    (
        "Trap259.service_level",
        "top bits of ib_types.h's sl_qp1, as its comment says; tshark gives up on this trap",
    ),
    (
        "Trap259.source_qpn",
        "low bits of ib_types.h's sl_qp1, as its comment says; tshark gives up on this trap",
    ),
    (
        "Trap259.destination_qpn",
        "low bits of ib_types.h's qp2, as its comment says; tshark gives up on this trap",
    ),
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
    /// What Linux's communication manager can do with it.
    pub linux: Option<Access>,
    /// Whether tshark shows all of it.
    pub tshark: bool,
}

impl Row {
    /// Whether nobody else knows the field.
    pub fn is_gap(&self) -> bool {
        self.libibmad.is_none() && self.ib_types.is_none() && self.linux.is_none() && !self.tshark
    }
}

/// Every field of `ib-mad`.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for layout in layouts() {
        for field in &layout.fields {
            let key = layout.key(field);
            let (libibmad, ib_types, linux) =
                (Libibmad.access(&key), IbTypes.access(&key), Linux.access(&key));
            let tshark = tshark::shows(&layout, field.name);
            rows.push(Row { key, bits: field.bits, libibmad, ib_types, linux, tshark });
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
    let mut line = |field: &str, bits: &str, [libibmad, ib_types, linux, tshark]: [&str; 4], gap: &str| {
        let row =
            format!("{field:<58}{bits:>5}  {libibmad:<10}  {ib_types:<10}  {linux:<10}  {tshark:<6}  {gap}");
        writeln!(text, "{}", row.trim_end()).expect("a String takes everything");
    };
    line("field", "bits", [Libibmad.name(), IbTypes.name(), Linux.name(), "tshark"], "");
    for row in rows {
        let reason = WITHOUT_ORACLE.iter().find(|(key, _)| *key == row.key).map(|(_, reason)| *reason);
        let gap = if row.is_gap() {
            format!("GAP: {}", reason.unwrap_or("no reason given"))
        } else {
            String::new()
        };
        let shown = if row.tshark { "shows" } else { "-" };
        let marks = [mark(row.libibmad), mark(row.ib_types), mark(row.linux), shown];
        line(&row.key, &row.bits.to_string(), marks, &gap);
    }
    let count = |holds: fn(&Row) -> bool| rows.iter().filter(|row| holds(row)).count();
    writeln!(
        text,
        "{} fields: {} in libibmad, {} in ib_types.h, {} in Linux, {} in tshark, {} in none",
        rows.len(),
        count(|row| row.libibmad.is_some()),
        count(|row| row.ib_types.is_some()),
        count(|row| row.linux.is_some()),
        count(|row| row.tshark),
        count(Row::is_gap),
    )
    .expect("a String takes everything");
    text
}

/// Where tshark shows other than what a field is, and why.
pub fn render_deviations() -> String {
    let mut text = String::new();
    for layout in layouts() {
        for shown in tshark::shown(layout.name) {
            let Some(why) = shown.deviation else { continue };
            let fields: Vec<String> =
                shown.bits.iter().map(|bits| format!("{}.{}", layout.name, bits.field)).collect();
            let fields = if fields.is_empty() { layout.name.to_owned() } else { fields.join(", ") };
            writeln!(text, "{fields}: {}: {why}", shown.name).expect("a String takes everything");
        }
    }
    text
}
