use ib_mad::wire::{Attribute, Notice, RepathNotice, SmpNotice, TrapDetails};

use crate::layout::{check, checked, write};

/// A Notice, short, whole, or with a path record behind it, and the details of the trap that it tells of.
pub fn notice(data: &[u8]) {
    check::<SmpNotice>(data, &[]);
    check_repath(data);
    let Some(notice) = checked::<Notice>(data, &[]) else { return };
    let Some(trap) = notice.trap() else { return };
    assert!(!format!("{trap:?}").is_empty());
    // Laid out again, the details lose what is reserved in them, and nothing that they say.
    let details = trap.to_data_details();
    assert_eq!(TrapDetails::from_data_details(trap.trap_number(), &details), trap);
    for (place, (new, old)) in details.iter().zip(&notice.data_details).enumerate() {
        assert_eq!(new & !old, 0, "byte {place} of the details came out of nothing");
    }
}

/// A Notice with the path record that may follow it, which is there unless it is missing or all zero.
pub(crate) fn check_repath(bytes: &[u8]) {
    let Ok(repath) = RepathNotice::parse(bytes) else {
        assert!(bytes.len() < Notice::LENGTH);
        return;
    };
    assert_eq!(Ok(repath.notice), Notice::parse(bytes));
    assert_eq!(RepathNotice::parse(&write(&repath)), Ok(repath));
    if bytes.len() < RepathNotice::LENGTH {
        assert_eq!(repath.path_record, None);
    }
}
