//! The real peers alone: what the rest of the tests and the demo rely on holds for ibsim, OpenSM and the diags as they
//! are installed here.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]

use std::collections::BTreeMap;

use peers::{Diags, Ibsim, MESH_3X2, OpenSm, PeerError, RunDir};

type Levels = BTreeMap<(String, String), u8>;

/// The service level of every ordered pair of hosts.
async fn service_levels(diags: Diags<'_>) -> Result<Levels, PeerError> {
    let lids = diags.host_lids().await?;
    let mut levels = Levels::new();
    for (source, &from) in &lids {
        for (destination, &to) in lids.iter().filter(|(name, _)| *name != source) {
            levels.insert((source.clone(), destination.clone()), diags.service_level(from, to).await?);
        }
    }
    Ok(levels)
}

#[tokio::test]
async fn only_the_middle_link_changes_service_levels() {
    let dir = RunDir::new().unwrap();
    let mut ibsim = Ibsim::start(MESH_3X2, &dir).await.unwrap();
    let mut opensm = OpenSm::start(&ibsim, "H7", "lash", &dir).unwrap();
    opensm.wait_for_subnet_up(1).await.unwrap();
    let whole = service_levels(Diags::new(&ibsim, "H7")).await.unwrap();
    assert_eq!(whole.len(), 8 * 7);

    ibsim.unlink("S1", 1).await.unwrap();
    opensm.wait_for_subnet_up(2).await.unwrap();
    assert_eq!(service_levels(Diags::new(&ibsim, "H7")).await.unwrap(), whole, "an outer link: S1-S2");
    let before_relink = opensm.subnet_ups();
    ibsim.relink("S1", 1).await.unwrap();
    opensm.wait_until_settled(before_relink + 1).await.unwrap();

    let before_cut = opensm.subnet_ups();
    ibsim.unlink("S2", 3).await.unwrap();
    opensm.wait_for_subnet_up(before_cut + 1).await.unwrap();
    let cut = service_levels(Diags::new(&ibsim, "H7")).await.unwrap();
    assert!(cut.iter().any(|(pair, level)| whole[pair] != *level), "the middle link: S2-S5");
}

#[tokio::test]
async fn a_path_record_has_the_fields_that_hosts_compare() {
    let dir = RunDir::new().unwrap();
    let ibsim = Ibsim::start(MESH_3X2, &dir).await.unwrap();
    let mut opensm = OpenSm::start(&ibsim, "H7", "lash", &dir).unwrap();
    opensm.wait_for_subnet_up(1).await.unwrap();
    let diags = Diags::new(&ibsim, "H1");
    let lids = diags.host_lids().await.unwrap();
    let record = diags.path_record(lids["H1"], lids["H2"]).await.unwrap();
    assert_eq!(record["slid"], lids["H1"].to_string());
    assert_eq!(record["dlid"], lids["H2"].to_string());
    assert_eq!(record["pkey"], "0xFFFF");
    for field in ["sl", "mtu", "rate", "pkt_life", "sgid", "dgid"] {
        assert!(record.contains_key(field), "{field} in {record:?}");
    }
    let sm_lid = lids["H7"].to_string();
    assert!(diags.run("sminfo", &[]).await.unwrap().contains(&format!("sm lid {sm_lid} ")));
    let error = diags.path_record(lids["H1"], 999).await.unwrap_err();
    assert!(matches!(error, PeerError::Answer { .. } | PeerError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_topology_and_an_unknown_node_are_named() {
    let dir = RunDir::new().unwrap();
    let dangling = MESH_3X2.replacen("[5] \"H2\"[1]", "[5] \"H9\"[1]", 1);
    let error = Ibsim::start(&dangling, &dir).await.unwrap_err().to_string();
    assert!(error.contains("can't find remote node \"H9\" connected to node \"S2\" port 5"), "{error}");

    let mut ibsim = Ibsim::start(MESH_3X2, &dir).await.unwrap();
    let error = ibsim.unlink("S9", 3).await.unwrap_err().to_string();
    assert!(error.contains("# nodeid \"S9\" (S9) not found"), "{error}");
    let error = OpenSm::start(&ibsim, "H9", "lash", &dir).unwrap().wait_for_subnet_up(1).await.unwrap_err();
    assert!(matches!(error, PeerError::Ended { .. }), "{error}");
}
