//! Details of traps.

use super::{Shown, whole};

pub(super) fn shown(layout: &str) -> Option<Vec<Shown>> {
    Some(match layout {
        "Trap64" | "Trap65" => whole!("trap" { "gidaddr": "gid" }),
        "Trap66" | "Trap67" => whole!("trap" { "gidaddr": "mgid" }),
        "Trap68" | "Trap69" => {
            whole!("trap" { "comp_mask": "component_mask", "wait_for_repath": "wait_for_repath" })
        }
        "Trap128" => whole!("trap" { "lidaddr": "lid" }),
        "Trap129" | "Trap130" | "Trap131" => whole!("trap" { "lidaddr": "lid", "portno": "port_number" }),
        "Trap144" => local_changes(),
        "Trap145" => whole!("trap" { "lidaddr": "lid", "systemimageguid": "system_image_guid" }),
        "Trap256" => whole!("trap" {
            "lidaddr": "source_lid",
            "drslid": "directed_route_source_lid",
            "method": "method",
            "attributeid": "attribute_id",
            "attributemodifier": "attribute_modifier",
            "mkey": "m_key",
            "drnotice": "is_directed_route",
            "drpathtruncated": "is_path_truncated",
            "drhopcount": "hop_count",
            "drnoticereturnpath": "return_path",
        }),
        "Trap257" | "Trap258" => whole!("trap" {
            "lidaddr1": "source_lid",
            "lidaddr2": "destination_lid",
            "key": "key",
            "sl": "service_level",
            "qp1": "source_qpn",
            "qp2": "destination_qpn",
            "gidaddr1": "source_gid",
            "gidaddr2": "destination_gid",
        }),
        _ => return None,
    })
}

fn local_changes() -> Vec<Shown> {
    let flag = |name, bit: usize| Shown::bits(name, "change_flags", 15 - bit, 1);
    let mut shown = whole!("trap" {
        "lidaddr": "lid",
        "otherlocalchanges": "other_local_changes",
        "capabilitymask": "capability_mask",
    });
    shown.extend([
        flag("infiniband.trap.linkspeecenabledchange", 2),
        flag("infiniband.trap.linkwidthenabledchange", 1),
        flag("infiniband.trap.nodedescriptionchange", 0),
    ]);
    shown
}
