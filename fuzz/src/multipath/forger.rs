use barrier::{Supervisory, SupervisoryKind};
use multipath::wire::{Control, Header, Operation, Packet, Transaction};

use super::Mutant;

/// Stands between the requester and the paths, and makes of it one without the rule that a mutant leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Forger {
    /// The number that a barrier wrote last.
    written: Vec<u8>,
}

/// What becomes of a packet.
pub(super) struct Altered {
    /// What goes on the path.
    pub(super) packet: Option<Vec<u8>>,
    /// What the requester takes for the answer.
    pub(super) answer: Option<Vec<u8>>,
}

impl Forger {
    /// What becomes of `bytes` on a path that is cut, or works.
    pub(super) fn alter(&mut self, mutant: Mutant, bytes: &[u8], is_cut: bool) -> Altered {
        let packet = Packet::parse(bytes).expect("it was just written");
        let header = packet.header;
        let kept = Altered { packet: Some(bytes.to_vec()), answer: None };
        match mutant {
            // The last has another setting.
            Mutant::None | Mutant::UsesEveryPath => kept,
            Mutant::NoIncarnation => {
                let header = Header { incarnation: 0, ..header };
                Altered { packet: Some(emitted(&header, packet.address, packet.payload)), answer: None }
            }
            Mutant::NoBarrier if is_cut => kept,
            Mutant::NoBarrier if header.vi == 0 && header.operation == Operation::Write => {
                self.written = packet.payload.to_vec();
                Altered { packet: None, answer: Some(answer(&header, &[])) }
            }
            Mutant::NoBarrier if header.vi == 0 && header.operation == Operation::Read => {
                Altered { packet: None, answer: Some(answer(&header, &self.written)) }
            }
            Mutant::NoBarrier => kept,
            Mutant::NoPathDownAcknowledgement => match path_message(&header, &packet) {
                Some(message) if message.kind == SupervisoryKind::PathDown => {
                    Altered { answer: Some(acknowledged(&header, message)), ..kept }
                }
                _ => kept,
            },
            Mutant::AcceptsEveryPath => match path_message(&header, &packet) {
                Some(message) => Altered { packet: None, answer: Some(acknowledged(&header, message)) },
                None => kept,
            },
        }
    }
}

fn path_message(header: &Header, packet: &Packet<'_>) -> Option<Supervisory> {
    match Control::parse(packet.payload).filter(|_| header.vi == 0)? {
        Control::Path(message) => Some(message),
        Control::Open(_) | Control::Opened(_) => None,
    }
}

fn acknowledged(request: &Header, message: Supervisory) -> Vec<u8> {
    let kind = match message.kind {
        SupervisoryKind::PathDown => SupervisoryKind::PathDownAcknowledge,
        SupervisoryKind::PathUp => SupervisoryKind::PathUpAcknowledge,
        other => other,
    };
    let control = Control::Path(Supervisory { kind, ..message });
    let mut payload = vec![0; control.length()];
    control.emit(&mut payload);
    answer(request, &payload)
}

fn answer(request: &Header, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("it is short");
    emitted(&request.response(Transaction::Acknowledge, length), None, payload)
}

fn emitted(header: &Header, address: Option<u64>, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0; header.packet_length()];
    header.emit(address, None, &mut out, |place| place.copy_from_slice(payload)).expect("it has its length");
    out
}
