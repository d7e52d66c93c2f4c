//! Writes what a port sends and receives to a file that Wireshark opens.
//!
//! The file is a pcap of ERF records (link type 197) of type 21, InfiniBand: local route header, base transport
//! header, datagram extended transport header, the datagram, and both checksums. A transport hands over datagrams,
//! not packets; what surrounds them is what they would have on a link, checksums left zero. Sources: IBTA volume 1,
//! 7.7, 9.2 and 9.3.3; Endace's ERF types as in Wireshark's `wiretap/erf.c`.

use core::time::Duration;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use async_trait::async_trait;
use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Lid, PKey, QKey, Qpn, ServiceLevel};
use zerocopy::IntoBytes;

use super::erf::ErfHeader;
use super::headers::{INVARIANT_CHECKSUM, LocalRoute, TRANSPORT, Transport, VARIANT_CHECKSUM};
use crate::channel::{Delivery, Incoming, ManagementChannel, Outgoing};
use crate::error::ChannelError;
use crate::port::LocalPort;

const ERF_HEADER: usize = size_of::<ErfHeader>();
/// Local route, base transport and datagram extended transport header, datagram, both checksums.
const PACKET: usize =
    size_of::<LocalRoute>() + TRANSPORT + MAD_LENGTH + INVARIANT_CHECKSUM + VARIANT_CHECKSUM;
const RECORD: usize = 16 + ERF_HEADER + PACKET;

/// A packet's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketAddresses {
    /// LID of the port that sent it.
    pub from: Lid,
    /// LID of the port that it was sent to.
    pub to: Lid,
    /// Service level that it was sent with.
    pub service_level: ServiceLevel,
    /// Queue pair that it was sent to.
    pub qpn: Qpn,
}

/// A capture file. Every record is written at once, so that the file is whole even if the program is killed.
#[derive(Debug)]
pub struct CaptureFile<W = File> {
    file: W,
    packets: u32,
}

impl CaptureFile {
    /// Make the file; one that is there is replaced.
    ///
    /// # Errors
    /// The system's.
    pub fn create(path: &Path) -> io::Result<Self> {
        Self::new(File::create(path)?)
    }
}

impl<W: Write> CaptureFile<W> {
    /// Write a capture to `file`, which should not buffer.
    ///
    /// # Errors
    /// Those of `file`.
    pub fn new(mut file: W) -> io::Result<Self> {
        let mut header = [0; 24];
        // Times in nanoseconds, version 2.4, records of up to 65,535 bytes.
        header[..4].copy_from_slice(&0xA1B2_3C4D_u32.to_le_bytes());
        header[4..6].copy_from_slice(&2_u16.to_le_bytes());
        header[6..8].copy_from_slice(&4_u16.to_le_bytes());
        header[16..20].copy_from_slice(&0xFFFF_u32.to_le_bytes());
        header[20..24].copy_from_slice(&super::LINK_TYPE_ERF.to_le_bytes());
        file.write_all(&header)?;
        file.flush()?;
        Ok(Self { file, packets: 0 })
    }

    /// Add a packet; `time` is since 1970.
    ///
    /// # Errors
    /// Those of the file.
    pub fn write(
        &mut self,
        time: Duration,
        addresses: &PacketAddresses,
        mad: &[u8; MAD_LENGTH],
    ) -> io::Result<()> {
        let record = record(time, self.packets, addresses, mad);
        self.packets = self.packets.wrapping_add(1);
        self.file.write_all(&record)?;
        self.file.flush()
    }
}

#[cfg(test)]
impl<W> CaptureFile<W> {
    pub(super) fn into_inner(self) -> W {
        self.file
    }
}

/// One record of the file; `time` is since 1970.
fn record(time: Duration, number: u32, addresses: &PacketAddresses, mad: &[u8; MAD_LENGTH]) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    let (head, packet) = record.split_at_mut(16 + ERF_HEADER);
    let (pcap, erf) = head.split_at_mut(16);
    let length = (ERF_HEADER + PACKET) as u32;
    pcap[..4].copy_from_slice(&(time.as_secs() as u32).to_le_bytes());
    pcap[4..8].copy_from_slice(&time.subsec_nanos().to_le_bytes());
    pcap[8..12].copy_from_slice(&length.to_le_bytes());
    pcap[12..16].copy_from_slice(&length.to_le_bytes());
    // It cannot fail: the header has its room.
    let _ = ErfHeader::infiniband(time, PACKET).write_to(erf);
    write_packet(packet, number, addresses, mad);
    record
}

fn write_packet(packet: &mut [u8], number: u32, addresses: &PacketAddresses, mad: &[u8; MAD_LENGTH]) {
    let management = addresses.qpn == Qpn::SUBNET_MANAGEMENT;
    // Virtual lane 15 is for subnet management.
    let (lane, q_key, from) = if management {
        (15, QKey(0), Qpn::SUBNET_MANAGEMENT)
    } else {
        (0, QKey::GENERAL_SERVICES, Qpn::GENERAL_SERVICES)
    };
    let length = PACKET - VARIANT_CHECKSUM;
    let route = LocalRoute::new(lane, addresses.service_level, addresses.from, addresses.to, length);
    let transport = Transport::new(PKey::DEFAULT_FULL, number, q_key, from, addresses.qpn);
    let (head, rest) = packet.split_at_mut(size_of::<LocalRoute>() + TRANSPORT);
    // It cannot fail: both headers have their room.
    let _ = route.write_to_prefix(head);
    let _ = transport.write_to_suffix(head);
    rest[..MAD_LENGTH].copy_from_slice(mad);
}

/// A channel whose traffic is written to a file.
#[derive(Debug)]
pub struct Captured<C> {
    channel: C,
    file: CaptureFile,
    own: Lid,
}

impl<C: ManagementChannel> Captured<C> {
    /// Write to `file` what passes through `channel`.
    ///
    /// # Errors
    /// When the channel does not tell its LID.
    pub async fn new(mut channel: C, file: CaptureFile) -> Result<Self, ChannelError> {
        let own = channel.port().await?.lid;
        Ok(Self { channel, file, own })
    }

    fn write(&mut self, addresses: &PacketAddresses, mad: &[u8; MAD_LENGTH]) -> Result<(), ChannelError> {
        let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.file.write(time, addresses, mad).map_err(ChannelError::io("writing the capture"))
    }
}

#[async_trait]
impl<C: ManagementChannel> ManagementChannel for Captured<C> {
    async fn port(&mut self) -> Result<LocalPort, ChannelError> {
        let port = self.channel.port().await?;
        self.own = port.lid;
        Ok(port)
    }

    async fn announce_manager(&mut self) -> Result<(), ChannelError> {
        self.channel.announce_manager().await
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<(), ChannelError> {
        if self.own == Lid::UNASSIGNED {
            self.port().await?;
        }
        for outgoing in batch {
            let from = if outgoing.to == Lid::PERMISSIVE { Lid::PERMISSIVE } else { self.own };
            let Outgoing { to, service_level, qpn, mad } = *outgoing;
            self.write(&PacketAddresses { from, to, service_level, qpn }, &mad)?;
        }
        self.channel.send(batch).await
    }

    async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), ChannelError> {
        let start = batch.len();
        self.channel.receive(batch).await?;
        for incoming in &batch[start..] {
            // What the fabric returned is in the file since it was sent; on a link it would not come back.
            if incoming.delivery == Delivery::Received {
                let Incoming { from, qpn, service_level, mad, .. } = *incoming;
                let to = if from == Lid::PERMISSIVE { Lid::PERMISSIVE } else { self.own };
                self.write(&PacketAddresses { from, to, service_level, qpn }, &mad)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(qpn: Qpn) -> PacketAddresses {
        PacketAddresses {
            from: Lid(0x0102),
            to: Lid(0x0304),
            service_level: ServiceLevel::new(5).unwrap(),
            qpn,
        }
    }

    #[test]
    fn records_are_laid_out_as_on_a_link() {
        let mad = [0xAB; MAD_LENGTH];
        let time = Duration::new(0x1234, 500_000_000);
        let record = record(time, 9, &addresses(Qpn::GENERAL_SERVICES), &mad);
        assert_eq!(record[..16], [0x34, 0x12, 0, 0, 0, 0x65, 0xCD, 0x1D, 0x32, 1, 0, 0, 0x32, 1, 0, 0]);
        assert_eq!(record[16..32], [0, 0, 0, 0x80, 0x34, 0x12, 0, 0, 21, 4, 1, 0x32, 0, 0, 1, 0x22]);
        assert_eq!(record[32..40], [0x00, 0x52, 3, 4, 0, 72, 1, 2]);
        assert_eq!(record[40..52], [0x64, 0, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 9]);
        assert_eq!(record[52..60], [0x80, 1, 0, 0, 0, 0, 0, 1]);
        assert_eq!(record[60..316], mad);
        assert_eq!(record[316..], [0; 6]);
    }

    #[test]
    fn subnet_management_has_its_own_lane_and_no_key() {
        let record = record(Duration::ZERO, 0, &addresses(Qpn::SUBNET_MANAGEMENT), &[0; MAD_LENGTH]);
        assert_eq!(record[32], 0xF0);
        assert_eq!(record[44..48], [0; 4]);
        assert_eq!(record[52..60], [0; 8]);
    }

    #[test]
    fn a_file_is_a_header_and_its_records() {
        let mut file = CaptureFile::new(Vec::new()).unwrap();
        for _ in 0..3 {
            file.write(Duration::ZERO, &addresses(Qpn::GENERAL_SERVICES), &[0; MAD_LENGTH]).unwrap();
        }
        assert_eq!(file.file.len(), 24 + 3 * RECORD);
        assert_eq!(file.file[..4], [0x4D, 0x3C, 0xB2, 0xA1]);
        assert_eq!(file.file[20..24], [197, 0, 0, 0]);
    }
}
