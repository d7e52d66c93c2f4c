use ib_mad::wire::{
    AttributeId, CmMad, DirectedRouteSmp, MAD_LENGTH, Mad, MadHeader, PerformanceMad, PortCounters,
    PortCountersExtended, RmppHeader, SaHeader, SaMad, Smp,
};

use crate::layout::{Raw, check};

/// A datagram of any class: what is accepted is written again, reads the same, and differs from what came in reserved
/// bytes only. Of performance management, the counters too.
pub fn mad(data: &[u8]) {
    check::<MadHeader>(data, &[]);
    let Ok(mad) = Mad::new(data) else {
        return;
    };
    assert_eq!(data.len(), MAD_LENGTH);
    assert!(!format!("{mad:?} {:?}", mad.header()).is_empty());
    match mad {
        Mad::Sa(view) => {
            let headers = SaMad::from_view(view);
            let written = headers.emit(&Raw(*view.data())).expect("the data come from one");
            assert_same(data, &written, &[18..20, 46..48]);
            let Ok(Mad::Sa(again)) = Mad::new(&written) else { panic!("{headers:?} is another class") };
            assert_eq!(SaMad::from_view(again), headers);
            check::<RmppHeader>(&data[24..], &[]);
            check::<SaHeader>(&data[36..], &[]);
        }
        Mad::Smp(view) => {
            let headers = Smp::from_view(view);
            let written = headers.emit(&Raw(*view.data())).expect("the data come from one");
            assert_same(data, &written, &[18..20, 32..64, 128..256]);
            let Ok(Mad::Smp(again)) = Mad::new(&written) else { panic!("{headers:?} is another class") };
            assert_eq!(Smp::from_view(again), headers);
        }
        Mad::DirectedRoute(view) => {
            let headers = DirectedRouteSmp::from_view(view);
            let written = headers.emit(&Raw(*view.data())).expect("the data come from one");
            assert_same(data, &written, &[18..20, 36..64]);
            let Ok(Mad::DirectedRoute(again)) = Mad::new(&written) else {
                panic!("{headers:?} is another class")
            };
            assert_eq!(DirectedRouteSmp::from_view(again), headers);
        }
        Mad::Performance(view) => {
            let headers = PerformanceMad::from_view(view);
            let written = headers.emit(&Raw(*view.data())).expect("the data come from one");
            assert_same(data, &written, &[18..20, 24..64]);
            let Ok(Mad::Performance(again)) = Mad::new(&written) else {
                panic!("{headers:?} is another class")
            };
            assert_eq!(PerformanceMad::from_view(again), headers);
            match view.header().attribute_id() {
                AttributeId::PORT_COUNTERS => check::<PortCounters>(view.data(), &[]),
                AttributeId::PORT_COUNTERS_EXTENDED => check::<PortCountersExtended>(view.data(), &[]),
                _ => {}
            }
        }
        Mad::Communication(view) => {
            let headers = CmMad::from_view(view);
            let written = headers.emit(&Raw(*view.data())).expect("the data come from one");
            assert_same(data, &written, core::slice::from_ref(&(18..20)));
            let Ok(Mad::Communication(again)) = Mad::new(&written) else {
                panic!("{headers:?} is another class")
            };
            assert_eq!(CmMad::from_view(again), headers);
        }
        Mad::Other(_, rest) => assert_eq!(rest, &data[24..]),
        _ => {}
    }
}

/// `written` is `data`, but for zeros in the reserved ranges.
fn assert_same(data: &[u8], written: &[u8; MAD_LENGTH], reserved: &[core::ops::Range<usize>]) {
    for (place, (new, old)) in written.iter().zip(data).enumerate() {
        let is_reserved = reserved.iter().any(|range| range.contains(&place));
        assert_eq!(*new, if is_reserved { 0 } else { *old }, "byte {place}");
    }
}
