//! No field is without an oracle unless the list says why, and no oracle has a field that nobody checks.

extern crate alloc;

use alloc::collections::BTreeSet;

use oracles::matrix::{WITHOUT_ORACLE, render, rows};
use oracles::{IbTypes, Libibmad, Linux, Oracle};

#[test]
fn every_gap_has_a_reason() {
    let rows = rows();
    println!("{}", render(&rows));
    let gaps: BTreeSet<&str> = rows.iter().filter(|row| row.is_gap()).map(|row| row.key.as_str()).collect();
    let listed: BTreeSet<&str> = WITHOUT_ORACLE.iter().map(|(key, _)| *key).collect();
    assert_eq!(gaps, listed, "left: fields without an oracle; right: those that are listed");
}

#[test]
fn every_field_of_an_oracle_is_one_of_ours() {
    let rows = rows();
    let ours: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(ours.len(), rows.len(), "a field is listed twice");
    for oracle in [&Libibmad as &dyn Oracle, &IbTypes, &Linux] {
        let mut seen = BTreeSet::new();
        for key in oracle.keys() {
            assert!(ours.contains(key), "{} knows {key}, which is no field of ib-mad", oracle.name());
            assert!(seen.insert(key), "{} has {key} twice", oracle.name());
        }
    }
}
