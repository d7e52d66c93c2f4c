//! Datagrams that tshark is asked about, each with what it should show.

use core::time::Duration;

use ib_mad::wire::{MAD_LENGTH, RmppType};
use ib_mad::{Lid, Qpn, ServiceLevel};
use oracles::{Buffer, Layout, layouts};
use peers::{Capture, Difference, Dissection, Expected, RunDir, compare};
use transport::{CaptureFile, PacketAddresses};

use super::decoded;

/// A datagram, and what tshark should show of it.
#[derive(Clone, Debug)]
pub(crate) struct Datagram {
    /// What it is, for messages of failures.
    pub(crate) name: String,
    pub(crate) bytes: [u8; MAD_LENGTH],
    /// The queue pair that it goes to.
    pub(crate) qpn: Qpn,
    pub(crate) expected: Vec<Expected>,
    /// Texts that stand in its tree: they say which message tshark takes it for. Case does not count.
    pub(crate) labels: Vec<String>,
    /// What tshark complains about although the datagram is right.
    pub(crate) complaint: Option<&'static str>,
    /// Whether ib-mad made it. Others leave remains in reserved fields.
    pub(crate) is_ours: bool,
}

/// A structure that a datagram is made of.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) layout: &'a Layout,
    /// Its bytes.
    pub(crate) buffer: &'a Buffer,
    /// Where it begins in the datagram.
    pub(crate) offset: usize,
}

/// The layout of a name.
pub(crate) fn layout<'a>(layouts: &'a [Layout], name: &str) -> &'a Layout {
    layouts.iter().find(|layout| layout.name == name).unwrap_or_else(|| panic!("there is no layout {name}"))
}

/// What tshark should show of the structures that a datagram is made of.
pub(crate) fn expected(parts: &[Part<'_>], rmpp: Option<RmppType>) -> Vec<Expected> {
    let mut expected = Vec::new();
    for part in parts {
        for shown in oracles::tshark::shown(part.layout.name) {
            if let (Some(types), Some(rmpp)) = (shown.rmpp_types, rmpp)
                && !types.contains(&rmpp.into())
            {
                continue;
            }
            let fields = shown.bits.iter().map(|bits| format!("{}.{}", part.layout.name, bits.field));
            expected.push(Expected {
                name: shown.name,
                offset: shown.offset.map(|offset| part.offset + offset),
                ours: fields.collect::<Vec<_>>().join(" and "),
                value: shown.value(part.layout, part.buffer),
            });
        }
    }
    expected
}

/// Write the datagrams to a capture and let tshark read it, once for all.
pub(crate) async fn dissect(datagrams: &[Datagram], dir: &RunDir) -> Vec<Dissection> {
    let path = dir.file("datagrams.pcap");
    let mut file = CaptureFile::create(&path).unwrap();
    for datagram in datagrams {
        let addresses = PacketAddresses {
            from: Lid(2),
            to: Lid(1),
            service_level: ServiceLevel::default(),
            qpn: datagram.qpn,
        };
        file.write(Duration::from_secs(1), &addresses, &datagram.bytes).unwrap();
    }
    let dissections = Capture::new(path).dissect().await.unwrap();
    assert_eq!(dissections.len(), datagrams.len(), "packets that tshark read");
    dissections
}

/// Compare every field that tshark shows of the datagrams, and say how many those were.
pub(crate) async fn report(what: &str, datagrams: &[Datagram]) {
    let dir = RunDir::new().unwrap();
    let dissections = dissect(datagrams, &dir).await;
    check(what, datagrams, &dissections);
}

/// Compare what tshark makes of a capture with what ib-mad does, and say how many fields that were.
pub(crate) async fn report_capture(what: &str, capture: &Capture) {
    let layouts = layouts();
    let mut dissections = capture.dissect().await.unwrap();
    dissections.retain(|dissection| dissection.named("infiniband.mad").next().is_some());
    let datagram = |(number, dissection): (usize, &Dissection)| {
        let bytes = dissection.named("infiniband.mad").next().and_then(|whole| whole.value.clone());
        let bytes = bytes.unwrap().try_into().expect("a whole datagram");
        decoded(&format!("datagram {number} of {what}"), bytes, &layouts)
    };
    let datagrams: Vec<Datagram> = dissections.iter().enumerate().map(datagram).collect();
    assert!(!datagrams.is_empty(), "{what} has no datagrams");
    check(what, &datagrams, &dissections);
}

fn check(what: &str, datagrams: &[Datagram], dissections: &[Dissection]) {
    let mut failures = Vec::new();
    let mut fields = 0;
    for (datagram, dissection) in datagrams.iter().zip(dissections) {
        let (compared, mut differences) = compare(dissection, &datagram.bytes, &datagram.expected);
        differences.retain(|it| datagram.is_ours || !matches!(it, Difference::Bytes { .. }));
        fields += compared;
        failures.extend(differences.iter().map(|difference| format!("{}: {difference}", datagram.name)));
        for label in &datagram.labels {
            let is_it = |shown: &str| shown.to_lowercase().contains(&label.to_lowercase());
            if !dissection.fields.iter().any(|field| is_it(&field.label)) {
                failures.push(format!("{}: tshark does not take it for {label}", datagram.name));
            }
        }
        let complaints = dissection.complaints();
        let is_right = match datagram.complaint {
            None => complaints.is_empty(),
            Some(text) => complaints.first().is_some_and(|first| first.contains(text)),
        };
        if !is_right {
            failures.push(format!("{}: complaints {complaints:?}", datagram.name));
        }
    }
    let shown = failures[..failures.len().min(40)].join("\n");
    assert!(failures.is_empty(), "{what}: {} differences:\n{shown}", failures.len());
    println!("{what}: {fields} fields of {} datagrams are equal", datagrams.len());
}
