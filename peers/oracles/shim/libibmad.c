/* Names of libibmad's fields. */
#include "oracles.h"
#include <infiniband/mad.h>

/* In a record, PortInfo stands behind the LID, the port and a byte of options. */
#define PORT(name, id) { "PortInfo." name, IB_PORT_##id##_F }, { "PortInfoRecord.port_info." name, IB_PORT_##id##_F, 4 }
#define NODE(name, id) { "NodeInfo." name, IB_NODE_##id##_F }
#define NODE_RECORD(name, id) { "NodeRecord." name, IB_SA_NR_##id##_F }
/* In a record, SwitchInfo stands behind the LID and two reserved bytes. */
#define SWITCH(name, id) { "SwitchInfo." name, IB_SW_##id##_F }, \
	{ "SwitchInfoRecord.switch_info." name, IB_SW_##id##_F, 4 }
#define CLASS(name, id) { "ClassPortInfo." name, IB_CPI_##id##_F }

#define GUID(n) { "GuidInfo.guid_" #n, IB_GI_GUID##n##_F }, { "GuidInfoRecord.guid_info.guid_" #n, IB_SA_GIR_GUID##n##_F }
#define SM(name, id) { "SmInfo." name, IB_SMINFO_##id##_F }, { "SmInfoRecord.sm_info." name, IB_SMINFO_##id##_F, 4 }
#define MEMBER(name, id) { "McMemberRecord." name, IB_SA_MCM_##id##_F }
#define SERVICE(name, id) { "ServiceRecord." name, IB_SA_SR_##id##_F }
#define FDR10(name, id) { "ExtPortInfo." name, IB_MLNX_EXT_PORT_##id##_F }
#define COUNTER(name, id) { "PortCounters." name, IB_PC_##id##_F }
#define EXTENDED(name, id) { "PortCountersExtended." name, IB_PC_EXT_##id##_F }

static const struct libibmad_field fields[] = {
	{ "MadHeader.base_version", IB_MAD_BASEVER_F },
	{ "MadHeader.class", IB_MAD_MGMTCLASS_F },
	{ "MadHeader.class_version", IB_MAD_CLASSVER_F },
	{ "MadHeader.is_response", IB_MAD_RESPONSE_F },
	{ "MadHeader.method_without_response", IB_MAD_METHOD_F },
	{ "MadHeader.status", IB_MAD_STATUS_F },
	{ "MadHeader.transaction_id", IB_MAD_TRID_F },
	{ "MadHeader.attribute_id", IB_MAD_ATTRID_F },
	{ "MadHeader.attribute_modifier", IB_MAD_ATTRMOD_F },

	{ "SaMad.rmpp.version", IB_SA_RMPP_VERS_F },
	{ "SaMad.rmpp.kind", IB_SA_RMPP_TYPE_F },
	{ "SaMad.rmpp.response_time", IB_SA_RMPP_RESP_F },
	{ "SaMad.rmpp.flags", IB_SA_RMPP_FLAGS_F },
	{ "SaMad.rmpp.status", IB_SA_RMPP_STATUS_F },
	{ "SaMad.rmpp.segment", IB_SA_RMPP_SEGNUM_F },
	{ "SaMad.rmpp.length_or_window", IB_SA_RMPP_LEN_F },
	{ "SaMad.sa.sm_key", IB_SA_MKEY_F },
	{ "SaMad.sa.attribute_offset", IB_SA_ATTROFFS_F },
	{ "SaMad.sa.component_mask", IB_SA_COMPMASK_F },

	{ "Smp.m_key", IB_MAD_MKEY_F },
	{ "DirectedRouteSmp.header.status", IB_DRSMP_STATUS_F },
	{ "DirectedRouteSmp.is_returning", IB_DRSMP_DIRECTION_F },
	{ "DirectedRouteSmp.hop_pointer", IB_DRSMP_HOPPTR_F },
	{ "DirectedRouteSmp.hop_count", IB_DRSMP_HOPCNT_F },
	{ "DirectedRouteSmp.m_key", IB_MAD_MKEY_F },
	{ "DirectedRouteSmp.source_lid", IB_DRSMP_DRSLID_F },
	{ "DirectedRouteSmp.destination_lid", IB_DRSMP_DRDLID_F },
	{ "DirectedRouteSmp.initial_path", IB_DRSMP_PATH_F },
	{ "DirectedRouteSmp.return_path", IB_DRSMP_RPATH_F },

	{ "PathRecord.destination_gid", IB_SA_PR_DGID_F },
	{ "PathRecord.source_gid", IB_SA_PR_SGID_F },
	{ "PathRecord.destination_lid", IB_SA_PR_DLID_F },
	{ "PathRecord.source_lid", IB_SA_PR_SLID_F },
	{ "PathRecord.number_of_paths", IB_SA_PR_NPATH_F },
	{ "PathRecord.service_level", IB_SA_PR_SL_F },

	{ "Notice.is_generic", IB_NOTICE_IS_GENERIC_F },
	{ "Notice.notice_type", IB_NOTICE_TYPE_F },
	{ "Notice.producer_type_or_vendor_id", IB_NOTICE_PRODUCER_F },
	{ "Notice.trap_number_or_device_id", IB_NOTICE_TRAP_NUMBER_F },
	{ "Notice.issuer_lid", IB_NOTICE_ISSUER_LID_F },
	{ "Notice.notice_toggle", IB_NOTICE_TOGGLE_F },
	{ "Notice.notice_count", IB_NOTICE_COUNT_F },
	{ "Notice.data_details", IB_NOTICE_DATA_DETAILS_F },
	{ "Trap128.lid", IB_NOTICE_DATA_LID_F },
	{ "Trap144.lid", IB_NOTICE_DATA_144_LID_F },
	{ "Trap144.capability_mask", IB_NOTICE_DATA_144_CAPMASK_F },

	{ "NodeDescription.text", IB_NODE_DESC_F },

	NODE("base_version", BASE_VERS), NODE("class_version", CLASS_VERS), NODE("node_type", TYPE),
	NODE("number_of_ports", NPORTS), NODE("system_image_guid", SYSTEM_GUID), NODE("node_guid", GUID),
	NODE("port_guid", PORT_GUID), NODE("partition_capacity", PARTITION_CAP), NODE("device_id", DEVID),
	NODE("revision", REVISION), NODE("local_port_number", LOCAL_PORT), NODE("vendor_id", VENDORID),

	NODE_RECORD("lid", LID), NODE_RECORD("node_info.base_version", BASEVER),
	NODE_RECORD("node_info.class_version", CLASSVER), NODE_RECORD("node_info.node_type", TYPE),
	NODE_RECORD("node_info.number_of_ports", NPORTS), NODE_RECORD("node_info.system_image_guid", SYSTEM_GUID),
	NODE_RECORD("node_info.node_guid", GUID), NODE_RECORD("node_info.port_guid", PORT_GUID),
	NODE_RECORD("node_info.partition_capacity", PARTITION_CAP), NODE_RECORD("node_info.device_id", DEVID),
	NODE_RECORD("node_info.revision", REVISION), NODE_RECORD("node_info.local_port_number", LOCAL_PORT),
	NODE_RECORD("node_info.vendor_id", VENDORID), NODE_RECORD("node_description", NODEDESC),

	SWITCH("linear_fdb_capacity", LINEAR_FDB_CAP), SWITCH("random_fdb_capacity", RANDOM_FDB_CAP),
	SWITCH("multicast_fdb_capacity", MCAST_FDB_CAP), SWITCH("linear_fdb_top", LINEAR_FDB_TOP),
	SWITCH("default_port", DEF_PORT), SWITCH("default_multicast_primary_port", DEF_MCAST_PRIM),
	SWITCH("default_multicast_not_primary_port", DEF_MCAST_NOT_PRIM), SWITCH("life_time_value", LIFE_TIME),
	SWITCH("port_state_change", STATE_CHANGE),
	SWITCH("optimized_sl_to_vl_mapping_programming", OPT_SLTOVL_MAPPING),
	SWITCH("lids_per_port", LIDS_PER_PORT), SWITCH("partition_enforcement_capacity", PARTITION_ENFORCE_CAP),
	SWITCH("inbound_enforcement_capable", PARTITION_ENF_INB),
	SWITCH("outbound_enforcement_capable", PARTITION_ENF_OUTB),
	SWITCH("filter_raw_inbound_capable", FILTER_RAW_INB), SWITCH("filter_raw_outbound_capable", FILTER_RAW_OUTB),
	SWITCH("enhanced_port_0", ENHANCED_PORT0), SWITCH("multicast_fdb_top", MCAST_FDB_TOP),

	PORT("m_key", MKEY), PORT("gid_prefix", GID_PREFIX), PORT("lid", LID), PORT("master_sm_lid", SMLID),
	PORT("capability_mask", CAPMASK), PORT("diag_code", DIAG), PORT("m_key_lease_period", MKEY_LEASE),
	PORT("local_port_number", LOCAL_PORT), PORT("link_width_enabled", LINK_WIDTH_ENABLED),
	PORT("link_width_supported", LINK_WIDTH_SUPPORTED), PORT("link_width_active", LINK_WIDTH_ACTIVE),
	PORT("link_speed_supported", LINK_SPEED_SUPPORTED), PORT("port_state", STATE),
	PORT("port_physical_state", PHYS_STATE), PORT("link_down_default_state", LINK_DOWN_DEF),
	PORT("m_key_protect_bits", MKEY_PROT_BITS), PORT("lmc", LMC), PORT("link_speed_active", LINK_SPEED_ACTIVE),
	PORT("link_speed_enabled", LINK_SPEED_ENABLED), PORT("neighbor_mtu", NEIGHBOR_MTU),
	PORT("master_sm_sl", SMSL), PORT("vl_cap", VL_CAP), PORT("init_type", INIT_TYPE),
	PORT("vl_high_limit", VL_HIGH_LIMIT), PORT("vl_arbitration_high_cap", VL_ARBITRATION_HIGH_CAP),
	PORT("vl_arbitration_low_cap", VL_ARBITRATION_LOW_CAP), PORT("init_type_reply", INIT_TYPE_REPLY),
	PORT("mtu_cap", MTU_CAP), PORT("vl_stall_count", VL_STALL_COUNT), PORT("hoq_life", HOQ_LIFE),
	PORT("operational_vls", OPER_VLS), PORT("partition_enforcement_inbound", PART_EN_INB),
	PORT("partition_enforcement_outbound", PART_EN_OUTB), PORT("filter_raw_inbound", FILTER_RAW_INB),
	PORT("filter_raw_outbound", FILTER_RAW_OUTB), PORT("m_key_violations", MKEY_VIOL),
	PORT("p_key_violations", PKEY_VIOL), PORT("q_key_violations", QKEY_VIOL), PORT("guid_cap", GUID_CAP),
	PORT("client_reregister", CLIENT_REREG),
	PORT("multicast_p_key_trap_suppression_enabled", MCAST_PKEY_SUPR_ENAB),
	PORT("subnet_timeout", SUBN_TIMEOUT), PORT("response_time_value", RESP_TIME_VAL),
	PORT("local_phy_errors", LOCAL_PHYS_ERR), PORT("overrun_errors", OVERRUN_ERR),
	PORT("max_credit_hint", MAX_CREDIT_HINT), PORT("link_round_trip_latency", LINK_ROUND_TRIP),
	PORT("capability_mask2", CAPMASK2), PORT("link_speed_ext_active", LINK_SPEED_EXT_ACTIVE),
	PORT("link_speed_ext_supported", LINK_SPEED_EXT_SUPPORTED),
	PORT("link_speed_ext_enabled", LINK_SPEED_EXT_ENABLED),

	CLASS("base_version", BASEVER), CLASS("class_version", CLASSVER), CLASS("capability_mask", CAPMASK),
	CLASS("capability_mask2", CAPMASK2), CLASS("response_time_value", RESP_TIME_VALUE),
	CLASS("redirect_gid", REDIRECT_GID), CLASS("redirect_traffic_class", REDIRECT_TC),
	CLASS("redirect_service_level", REDIRECT_SL), CLASS("redirect_flow_label", REDIRECT_FL),
	CLASS("redirect_lid", REDIRECT_LID), CLASS("redirect_p_key", REDIRECT_PKEY),
	CLASS("redirect_qpn", REDIRECT_QP), CLASS("redirect_q_key", REDIRECT_QKEY),
	CLASS("trap_gid", TRAP_GID), CLASS("trap_traffic_class", TRAP_TC), CLASS("trap_service_level", TRAP_SL),
	CLASS("trap_flow_label", TRAP_FL), CLASS("trap_lid", TRAP_LID), CLASS("trap_p_key", TRAP_PKEY),
	CLASS("trap_hop_limit", TRAP_HL), CLASS("trap_qpn", TRAP_QP), CLASS("trap_q_key", TRAP_QKEY),

	GUID(0), GUID(1), GUID(2), GUID(3), GUID(4), GUID(5), GUID(6), GUID(7),
	{ "GuidInfoRecord.lid", IB_SA_GIR_LID_F }, { "GuidInfoRecord.block_number", IB_SA_GIR_BLOCKNUM_F },
	{ "LinearForwardingTable.ports", IB_LINEAR_FORW_TBL_F },
	{ "LinearForwardingTableRecord.linear_forwarding_table.ports", IB_LINEAR_FORW_TBL_F, 8 },
	{ "MulticastForwardingTable.port_masks", IB_MULTICAST_FORW_TBL_F },
	{ "MulticastForwardingTableRecord.multicast_forwarding_table.port_masks", IB_MULTICAST_FORW_TBL_F, 8 },

	SM("guid", GUID), SM("sm_key", KEY), SM("act_count", ACT), SM("priority", PRIO), SM("state", STATE),

	MEMBER("mgid", MGID), MEMBER("port_gid", PORTGID), MEMBER("q_key", QKEY), MEMBER("mlid", MLID),
	MEMBER("mtu", MTU), MEMBER("traffic_class", TCLASS), MEMBER("p_key", PKEY), MEMBER("rate", RATE),
	MEMBER("service_level", SL), MEMBER("flow_label", FLOW_LABEL), MEMBER("join_state", JOIN_STATE),
	MEMBER("proxy_join", PROXY_JOIN),

	{ "MultiPathRecord.number_of_paths", IB_SA_MP_NPATH_F },
	{ "MultiPathRecord.source_gid_count", IB_SA_MP_NSRC_F },
	{ "MultiPathRecord.destination_gid_count", IB_SA_MP_NDEST_F },

	SERVICE("service_id", ID), SERVICE("service_gid", GID), SERVICE("service_p_key", PKEY),
	SERVICE("service_lease", LEASE), SERVICE("service_key", KEY), SERVICE("service_name", NAME),
	SERVICE("data", DATA),

	FDR10("state_change_enable", STATE_CHG_ENABLE), FDR10("link_speed_supported", LINK_SPEED_SUPPORTED),
	FDR10("link_speed_enabled", LINK_SPEED_ENABLED), FDR10("link_speed_active", LINK_SPEED_ACTIVE),

	/* Not IB_PC_QP1_DROP_F, which libibmad has at the place of VL15Dropped. */
	COUNTER("port_select", PORT_SELECT), COUNTER("counter_select", COUNTER_SELECT),
	COUNTER("symbol_error_counter", ERR_SYM), COUNTER("link_error_recovery_counter", LINK_RECOVERS),
	COUNTER("link_downed_counter", LINK_DOWNED), COUNTER("port_rcv_errors", ERR_RCV),
	COUNTER("port_rcv_remote_physical_errors", ERR_PHYSRCV), COUNTER("port_rcv_switch_relay_errors", ERR_SWITCH_REL),
	COUNTER("port_xmit_discards", XMT_DISCARDS), COUNTER("port_xmit_constraint_errors", ERR_XMTCONSTR),
	COUNTER("port_rcv_constraint_errors", ERR_RCVCONSTR), COUNTER("counter_select2", COUNTER_SELECT2),
	COUNTER("local_link_integrity_errors", ERR_LOCALINTEG), COUNTER("excessive_buffer_overrun_errors", ERR_EXCESS_OVR),
	COUNTER("vl15_dropped", VL15_DROPPED), COUNTER("port_xmit_data", XMT_BYTES),
	COUNTER("port_rcv_data", RCV_BYTES), COUNTER("port_xmit_pkts", XMT_PKTS),
	COUNTER("port_rcv_pkts", RCV_PKTS), COUNTER("port_xmit_wait", XMT_WAIT),

	EXTENDED("port_select", PORT_SELECT), EXTENDED("counter_select", COUNTER_SELECT),
	EXTENDED("counter_select2", COUNTER_SELECT2), EXTENDED("port_xmit_data", XMT_BYTES),
	EXTENDED("port_rcv_data", RCV_BYTES), EXTENDED("port_xmit_pkts", XMT_PKTS),
	EXTENDED("port_rcv_pkts", RCV_PKTS), EXTENDED("port_unicast_xmit_pkts", XMT_UPKTS),
	EXTENDED("port_unicast_rcv_pkts", RCV_UPKTS), EXTENDED("port_multicast_xmit_pkts", XMT_MPKTS),
	EXTENDED("port_multicast_rcv_pkts", RCV_MPKTS), EXTENDED("symbol_error_counter", ERR_SYM),
	EXTENDED("link_error_recovery_counter", LINK_RECOVERS), EXTENDED("link_downed_counter", LINK_DOWNED),
	EXTENDED("port_rcv_errors", ERR_RCV), EXTENDED("port_rcv_remote_physical_errors", ERR_PHYSRCV),
	EXTENDED("port_rcv_switch_relay_errors", ERR_SWITCH_REL), EXTENDED("port_xmit_discards", XMT_DISCARDS),
	EXTENDED("port_xmit_constraint_errors", ERR_XMTCONSTR), EXTENDED("port_rcv_constraint_errors", ERR_RCVCONSTR),
	EXTENDED("local_link_integrity_errors", ERR_LOCALINTEG), EXTENDED("excessive_buffer_overrun_errors", ERR_EXCESS_OVR),
	EXTENDED("vl15_dropped", VL15_DROPPED), EXTENDED("port_xmit_wait", XMT_WAIT),
	EXTENDED("qp1_dropped", QP1_DROP),
};

const struct libibmad_field *oracle_libibmad_fields(size_t *count)
{
	*count = sizeof(fields) / sizeof(fields[0]);
	return fields;
}
