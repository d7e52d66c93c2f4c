//! Headers.

use super::{Bits, Shown, joined, whole};

/// Types of RMPP segment.
const NONE: &[u8] = &[0];
const DATA: &[u8] = &[1];
const ACK: &[u8] = &[2];
const DATA_OR_ACK: &[u8] = &[1, 2];
const STOP_OR_ABORT: &[u8] = &[3, 4];

pub(super) fn shown(layout: &str) -> Option<Vec<Shown>> {
    Some(match layout {
        "MadHeader" => whole!("mad" {
            "baseversion": "base_version",
            "mgmtclass": "class",
            "classversion": "class_version",
            "method": "method",
            "status": "status",
            "classspecific": "class_specific",
            "transactionid": "transaction_id",
            "attributeid": "attribute_id",
            "attributemodifier": "attribute_modifier",
        }),
        "SaMad" => sa(),
        "Smp" => vec![Shown::whole("infiniband.smplid.mkey", "m_key")],
        "DirectedRouteSmp" => directed_route(),
        _ => return None,
    })
}

fn sa() -> Vec<Shown> {
    const FIVE_BITS: &str =
        "the response time has five bits and the flags three: tshark's masks are 0xF0 and 0x0F";
    let segment = "rmpp.segment";
    let last = "rmpp.length_or_window";
    joined([
        whole!("rmpp" { "rmppversion": "rmpp.version", "rmpptype": "rmpp.kind" }),
        vec![
            Shown::bits("infiniband.rmpp.rresptime", "rmpp.response_time", 0, 4).deviates(FIVE_BITS),
            Shown::new(
                "infiniband.rmpp.rmppflags",
                vec![Bits::range("rmpp.response_time", 4, 1), Bits::whole("rmpp.flags")],
            )
            .deviates(FIVE_BITS),
            Shown::whole("infiniband.rmpp.rmppstatus", "rmpp.status"),
            Shown::whole("infiniband.rmpp.segmentnumber", segment).in_rmpp(DATA_OR_ACK),
            Shown::whole("infiniband.rmpp.payloadlength", last).in_rmpp(DATA),
            Shown::whole("infiniband.rmpp.newwindowlast", last).in_rmpp(ACK),
            Shown::reserved("infiniband.reserved", 28, vec![Bits::whole(segment)]).in_rmpp(STOP_OR_ABORT),
            Shown::reserved("infiniband.reserved", 32, vec![Bits::whole(last)]).in_rmpp(STOP_OR_ABORT),
            Shown::whole("infiniband.rmpp.data1", segment).in_rmpp(NONE),
            Shown::whole("infiniband.rmpp.data2", last).in_rmpp(NONE),
        ],
        whole!("sa" {
            "smkey": "sa.sm_key",
            "attributeoffset": "sa.attribute_offset",
            "componentmask": "sa.component_mask",
        }),
    ])
}

fn directed_route() -> Vec<Shown> {
    vec![
        Shown::zero("infiniband.smpdirected.d")
            .deviates("tshark takes a mask of 16 bits to one byte: it shows 0, whatever the direction"),
        Shown::new(
            "infiniband.smpdirected.smpstatus",
            vec![Bits::whole("is_returning"), Bits::whole("header.status")],
        )
        .deviates("the direction is the top bit of what tshark shows as status"),
        Shown::whole("infiniband.smpdirected.hoppointer", "hop_pointer"),
        Shown::whole("infiniband.smpdirected.hopcount", "hop_count"),
        Shown::whole("infiniband.smplid.mkey", "m_key"),
        Shown::whole("infiniband.smpdirected.drslid", "source_lid"),
        Shown::whole("infiniband.smpdirected.drdlid", "destination_lid"),
        Shown::whole("infiniband.smpdirected.initialpath", "initial_path"),
        Shown::whole("infiniband.smpdirected.returnpath", "return_path"),
    ]
}
