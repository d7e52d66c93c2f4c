//! What goes to the kernel and comes from the disk, as bytes.

use core::ffi::{c_int, c_uchar, c_uint, c_ushort, c_void};

use libc::Ioctl;
use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use super::{Registrations, Reservation, ReservationKey, ReservationKind};

const TYPE: u32 = b'p' as u32;

/// IOC_PR_REGISTER.
pub(super) const REGISTER: Ioctl = libc::_IOW::<Registration>(TYPE, 200);
/// IOC_PR_RESERVE.
pub(super) const RESERVE: Ioctl = libc::_IOW::<Reserve>(TYPE, 201);
/// IOC_PR_RELEASE.
pub(super) const RELEASE: Ioctl = libc::_IOW::<Reserve>(TYPE, 202);
/// IOC_PR_PREEMPT.
pub(super) const PREEMPT: Ioctl = libc::_IOW::<Preempt>(TYPE, 203);
/// IOC_PR_PREEMPT_ABORT.
pub(super) const PREEMPT_ABORT: Ioctl = libc::_IOW::<Preempt>(TYPE, 204);
/// IOC_PR_CLEAR.
pub(super) const CLEAR: Ioctl = libc::_IOW::<Clear>(TYPE, 205);
/// SG_IO.
pub(super) const SG_IO: Ioctl = 0x2285;

/// `struct pr_registration`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Registration {
    pub(super) old_key: u64,
    pub(super) new_key: u64,
    pub(super) flags: u32,
    pub(super) padding: u32,
}

/// `struct pr_reservation`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Reserve {
    pub(super) key: u64,
    pub(super) kind: u32,
    pub(super) flags: u32,
}

/// `struct pr_preempt`. The first key is one's own, the second is the other's: `sd` hands them on in this order, whatever
/// they are called.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Preempt {
    pub(super) own_key: u64,
    pub(super) other_key: u64,
    pub(super) kind: u32,
    pub(super) flags: u32,
}

/// `struct pr_clear`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Clear {
    pub(super) key: u64,
    pub(super) flags: u32,
    pub(super) padding: u32,
}

/// `struct sg_io_hdr`: a command for the disk, and its outcome.
#[derive(Debug)]
#[repr(C)]
pub(super) struct SgIo {
    pub(super) interface: c_int,
    pub(super) direction: c_int,
    pub(super) command_length: c_uchar,
    pub(super) sense_limit: c_uchar,
    pub(super) vectors: c_ushort,
    pub(super) data_length: c_uint,
    pub(super) data: *mut c_void,
    pub(super) command: *const c_uchar,
    pub(super) sense: *mut c_uchar,
    pub(super) timeout_ms: c_uint,
    pub(super) flags: c_uint,
    pub(super) pack_id: c_int,
    pub(super) user: *mut c_void,
    pub(super) status: c_uchar,
    pub(super) masked_status: c_uchar,
    pub(super) message_status: c_uchar,
    pub(super) sense_length: c_uchar,
    pub(super) host_status: c_ushort,
    pub(super) driver_status: c_ushort,
    pub(super) left_over: c_int,
    pub(super) duration_ms: c_uint,
    pub(super) info: c_uint,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<SgIo>() == 88);

/// What is asked of a disk by PERSISTENT RESERVE IN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Keys = 0,
    Reservation = 1,
}

impl Question {
    /// The command, for an answer of up to `length` bytes.
    pub(super) const fn command(self, length: u16) -> [u8; 10] {
        let [high, low] = length.to_be_bytes();
        [0x5E, self as u8, 0, 0, 0, 0, 0, high, low, 0]
    }
}

/// The start of each answer.
#[derive(Clone, Copy, Debug, FromBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct AnswerHeader {
    generation: U32,
    /// Bytes behind this header, also those that there was no room for.
    length: U32,
}

/// A reservation, as the disk describes it.
#[derive(Clone, Copy, Debug, FromBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct ReservationView {
    key: U64,
    obsolete: U32,
    reserved: u8,
    scope_and_kind: u8,
    obsolete_2: U16,
}

const _: () = assert!(size_of::<ReservationView>() == 16);

/// The keys in an answer, and how many bytes the whole answer has; `None` when it is not one.
pub(super) fn keys(answer: &[u8]) -> Option<(Registrations, usize)> {
    let (header, rest) = AnswerHeader::ref_from_prefix(answer).ok()?;
    let length = usize::try_from(header.length.get()).ok()?;
    let (keys, rest) = rest[..rest.len().min(length)].as_chunks::<8>();
    // Keys are whole; with too little room the last one is cut.
    if rest.is_empty() || length > answer.len() - size_of::<AnswerHeader>() {
        let keys = keys.iter().map(|key| ReservationKey(u64::from_be_bytes(*key))).collect();
        let registrations = Registrations { generation: header.generation.get(), keys };
        return Some((registrations, length.saturating_add(size_of::<AnswerHeader>())));
    }
    None
}

/// The reservation in an answer: `None` when it is not one, `Some(None)` when there is no reservation.
pub(super) fn reservation(answer: &[u8]) -> Option<Option<Reservation>> {
    let (header, rest) = AnswerHeader::ref_from_prefix(answer).ok()?;
    if header.length.get() == 0 {
        return Some(None);
    }
    let (view, _) = ReservationView::ref_from_prefix(rest).ok()?;
    let kind = ReservationKind::of_scsi(view.scope_and_kind & 0x0F)?;
    Some(Some(Reservation { key: ReservationKey(view.key.get()), kind }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    #[test]
    fn requests_have_the_numbers_of_the_kernel() {
        assert_eq!(
            [REGISTER, RESERVE, RELEASE, PREEMPT, PREEMPT_ABORT, CLEAR],
            [0x4018_70C8, 0x4010_70C9, 0x4010_70CA, 0x4018_70CB, 0x4018_70CC, 0x4010_70CD]
        );
    }

    #[test]
    fn commands_say_how_much_room_there_is() {
        assert_eq!(Question::Keys.command(0x0108), [0x5E, 0, 0, 0, 0, 0, 0, 1, 8, 0]);
        assert_eq!(Question::Reservation.command(24), [0x5E, 1, 0, 0, 0, 0, 0, 0, 24, 0]);
    }

    #[test]
    fn keys_are_read_as_far_as_there_was_room() {
        let mut answer = vec![0, 0, 0, 7, 0, 0, 0, 16];
        answer.extend(0xA1_u64.to_be_bytes());
        answer.extend(0xB2_u64.to_be_bytes());
        let (read, length) = keys(&answer).unwrap();
        assert_eq!((read.generation, length), (7, 24));
        assert_eq!(read.keys, [ReservationKey(0xA1), ReservationKey(0xB2)]);
        let (read, length) = keys(&answer[..20]).unwrap();
        assert_eq!((read.keys.len(), length), (1, 24));
        // Room behind the answer.
        answer.extend([0xFF; 40]);
        assert_eq!(keys(&answer).unwrap().0.keys.len(), 2);
        assert_eq!(keys(&answer[..7]), None);
        answer[7] = 12;
        assert_eq!(keys(&answer), None);
    }

    #[test]
    fn a_reservation_has_a_key_and_a_kind() {
        let mut answer = vec![0, 0, 0, 7, 0, 0, 0, 16];
        answer.extend(0xA1_u64.to_be_bytes());
        answer.extend([0, 0, 0, 0, 0, 0x05, 0, 0]);
        let kind = ReservationKind::WriteExclusiveRegistrantsOnly;
        assert_eq!(reservation(&answer), Some(Some(Reservation { key: ReservationKey(0xA1), kind })));
        answer[21] = 0x02;
        assert_eq!(reservation(&answer), None);
        assert_eq!(reservation(&[0, 0, 0, 7, 0, 0, 0, 0]), Some(None));
        assert_eq!(reservation(&answer[..23]), None);
    }

    quickcheck! {
        fn any_answer_is_read_without_panic(answer: Vec<u8>) -> bool {
            let _ = reservation(&answer);
            keys(&answer).is_none_or(|(read, _)| read.keys.len() * 8 + 8 <= answer.len())
        }
    }
}
