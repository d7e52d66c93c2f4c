/* Fields of OpenSM's ib_types.h: through its accessors where it has them, else where the compiler puts its members. */
#include "oracles.h"
#include <string.h>
#include <infiniband/iba/ib_types.h>

/* X(name, key, layout, what reads it from l, what writes v to it) */
#define BOTH_WAYS(X) \
	X(path_0, "PathRecord.qos_class", ib_path_rec_t, ib_path_rec_qos_class(l), ib_path_rec_set_qos_class(l, v)) \
	X(path_1, "PathRecord.service_level", ib_path_rec_t, ib_path_rec_sl(l), ib_path_rec_set_sl(l, v)) \
	X(port_0, "PortInfo.port_state", ib_port_info_t, ib_port_info_get_port_state(l), ib_port_info_set_port_state(l, v)) \
	X(port_1, "PortInfo.operational_vls", ib_port_info_t, ib_port_info_get_op_vls(l), ib_port_info_set_op_vls(l, v)) \
	X(port_2, "PortInfo.link_speed_supported", ib_port_info_t, ib_port_info_get_link_speed_sup(l), ib_port_info_set_link_speed_sup(v, l)) \
	X(port_3, "PortInfo.port_physical_state", ib_port_info_t, ib_port_info_get_port_phys_state(l), ib_port_info_set_port_phys_state(v, l)) \
	X(port_4, "PortInfo.link_down_default_state", ib_port_info_t, ib_port_info_get_link_down_def_state(l), ib_port_info_set_link_down_def_state(l, v)) \
	X(port_5, "PortInfo.neighbor_mtu", ib_port_info_t, ib_port_info_get_neighbor_mtu(l), ib_port_info_set_neighbor_mtu(l, v)) \
	X(port_6, "PortInfo.master_sm_sl", ib_port_info_t, ib_port_info_get_master_smsl(l), ib_port_info_set_master_smsl(l, v)) \
	X(port_7, "PortInfo.subnet_timeout", ib_port_info_t, ib_port_info_get_timeout(l), ib_port_info_set_timeout(l, v)) \
	X(port_8, "PortInfo.client_reregister", ib_port_info_t, ib_port_info_get_client_rereg(l), ib_port_info_set_client_rereg(l, v)) \
	X(port_9, "PortInfo.multicast_p_key_trap_suppression_enabled", ib_port_info_t, ib_port_info_get_mcast_pkey_trap_suppress(l), ib_port_info_set_mcast_pkey_trap_suppress(l, v)) \
	X(port_10, "PortInfo.link_speed_ext_enabled", ib_port_info_t, ib_port_info_get_link_speed_ext_enabled(l), ib_port_info_set_link_speed_ext_enabled(l, v)) \
	X(port_11, "PortInfo.hoq_life", ib_port_info_t, ib_port_info_get_hoq_lifetime(l), ib_port_info_set_hoq_lifetime(l, v)) \
	X(port_12, "PortInfo.vl_stall_count", ib_port_info_t, ib_port_info_get_vl_stall_count(l), ib_port_info_set_vl_stall_count(l, v)) \
	X(port_13, "PortInfo.lmc", ib_port_info_t, ib_port_info_get_lmc(l), ib_port_info_set_lmc(l, v)) \
	X(port_14, "PortInfo.link_speed_enabled", ib_port_info_t, ib_port_info_get_link_speed_enabled(l), ib_port_info_set_link_speed_enabled(l, v)) \
	X(port_15, "PortInfo.m_key_protect_bits", ib_port_info_t, ib_port_info_get_mpb(l), ib_port_info_set_mpb(l, v)) \
	X(port_16, "PortInfo.local_phy_errors", ib_port_info_t, ib_port_info_get_local_phy_err_thd(l), ib_port_info_set_phy_and_overrun_err_thd(l, v, ib_port_info_get_overrun_err_thd(l))) \
	X(port_17, "PortInfo.overrun_errors", ib_port_info_t, ib_port_info_get_overrun_err_thd(l), ib_port_info_set_phy_and_overrun_err_thd(l, ib_port_info_get_local_phy_err_thd(l), v)) \
	X(class_0, "ClassPortInfo.capability_mask2", ib_class_port_info_t, ib_class_cap_mask2(l), ib_class_set_cap_mask2(l, v)) \
	X(class_1, "ClassPortInfo.response_time_value", ib_class_port_info_t, ib_class_resp_time_val(l), ib_class_set_resp_time_val(l, v)) \
	X(notice_0, "Notice.producer_type_or_vendor_id", ib_mad_notice_attr_t, cl_ntoh32(ib_notice_get_prod_type(l)), ib_notice_set_prod_type(l, cl_hton32(v))) \
	X(inform_0, "InformInfo.qpn", ib_inform_info_t, get_qpn(l), ib_inform_info_set_qpn(l, cl_hton32(v))) \
	X(inform_1, "InformInfoRecord.inform_info.qpn", ib_inform_info_record_t, get_qpn(&l->inform_info), ib_inform_info_set_qpn(&l->inform_info, cl_hton32(v)))

/*
 * ib_types.h has no accessor that writes these, but for the response time: ib_rmpp_set_resp_time() only adds bits to those that
 * are set already, so it is right for a field of zero and no other. Left out for the like reason: ib_switch_info_set_life_time(),
 * which keeps the two low bits of the old value, and ib_switch_info_get_opt_sl2vlmapping(), which looks at one bit of two;
 * ib_mad_is_response() counts TrapRepress as a response, which has no response bit.
 */
#define READ_ONLY(X) \
	X(ro_32, "SaMad.rmpp.response_time", ib_rmpp_mad_t, ib_rmpp_get_resp_time(l)) \
	X(ro_0, "PathRecord.number_of_paths", ib_path_rec_t, ib_path_rec_num_path(l)) \
	X(ro_1, "PathRecord.mtu", ib_path_rec_t, ib_path_rec_mtu(l)) \
	X(ro_2, "PathRecord.mtu_selector", ib_path_rec_t, ib_path_rec_mtu_sel(l)) \
	X(ro_3, "PathRecord.rate", ib_path_rec_t, ib_path_rec_rate(l)) \
	X(ro_4, "PathRecord.rate_selector", ib_path_rec_t, ib_path_rec_rate_sel(l)) \
	X(ro_5, "PathRecord.packet_lifetime", ib_path_rec_t, ib_path_rec_pkt_life(l)) \
	X(ro_6, "PathRecord.packet_lifetime_selector", ib_path_rec_t, ib_path_rec_pkt_life_sel(l)) \
	X(ro_7, "PathRecord.flow_label", ib_path_rec_t, ib_path_rec_flow_lbl(l)) \
	X(ro_8, "PathRecord.hop_limit", ib_path_rec_t, ib_path_rec_hop_limit(l)) \
	X(ro_9, "NodeInfo.local_port_number", ib_node_info_t, ib_node_info_get_local_port_num(l)) \
	X(ro_10, "NodeInfo.vendor_id", ib_node_info_t, cl_ntoh32(ib_node_info_get_vendor_id(l))) \
	X(ro_11, "NodeRecord.node_info.local_port_number", ib_node_record_t, ib_node_info_get_local_port_num(&l->node_info)) \
	X(ro_12, "NodeRecord.node_info.vendor_id", ib_node_record_t, cl_ntoh32(ib_node_info_get_vendor_id(&l->node_info))) \
	X(ro_13, "PortInfo.vl_cap", ib_port_info_t, ib_port_info_get_vl_cap(l)) \
	X(ro_14, "PortInfo.init_type", ib_port_info_t, ib_port_info_get_init_type(l)) \
	X(ro_15, "PortInfo.link_speed_active", ib_port_info_t, ib_port_info_get_link_speed_active(l)) \
	X(ro_16, "PortInfo.mtu_cap", ib_port_info_t, ib_port_info_get_mtu_cap(l)) \
	X(ro_17, "PortInfo.link_speed_ext_active", ib_port_info_t, ib_port_info_get_link_speed_ext_active(l)) \
	X(ro_18, "PortInfo.link_speed_ext_supported", ib_port_info_t, ib_port_info_get_link_speed_ext_sup(l)) \
	X(ro_19, "PortInfo.response_time_value", ib_port_info_t, ib_port_info_get_resp_time_value(l)) \
	X(ro_20, "SwitchInfo.port_state_change", ib_switch_info_t, !!ib_switch_info_get_state_change(l)) \
	X(ro_22, "SwitchInfo.enhanced_port_0", ib_switch_info_t, !!ib_switch_info_is_enhanced_port0(l)) \
	X(ro_23, "Notice.is_generic", ib_mad_notice_attr_t, !!ib_notice_is_generic(l)) \
	X(ro_24, "Notice.notice_type", ib_mad_notice_attr_t, ib_notice_get_type(l)) \
	X(ro_25, "InformInfo.producer_type_or_vendor_id", ib_inform_info_t, cl_ntoh32(ib_inform_info_get_prod_type(l))) \
	X(ro_26, "InformInfoRecord.inform_info.producer_type_or_vendor_id", ib_inform_info_record_t, cl_ntoh32(ib_inform_info_get_prod_type(&l->inform_info))) \
	X(ro_27, "InformInfo.response_time_value", ib_inform_info_t, get_response_time(l)) \
	X(ro_28, "InformInfoRecord.inform_info.response_time_value", ib_inform_info_record_t, get_response_time(&l->inform_info)) \
	X(ro_29, "DirectedRouteSmp.header.status", ib_smp_t, cl_ntoh16(ib_smp_get_status(l))) \
	X(ro_30, "DirectedRouteSmp.is_returning", ib_smp_t, !!ib_smp_is_d(l))

static uint64_t get_qpn(const ib_inform_info_t *info)
{
	ib_net32_t qpn;
	ib_inform_info_get_qpn_resp_time(info->g_or_v.generic.qpn_resp_time_val, &qpn, NULL);
	return cl_ntoh32(qpn);
}

static uint64_t get_response_time(const ib_inform_info_t *info)
{
	uint8_t value;
	ib_inform_info_get_qpn_resp_time(info->g_or_v.generic.qpn_resp_time_val, NULL, &value);
	return value;
}

#define GETTER(name, key, layout, read, ...) \
	static uint64_t get_##name(const void *bytes) { layout *l = (layout *)bytes; return read; }
#define SETTER(name, key, layout, read, write) \
	static void set_##name(void *bytes, uint64_t v) { layout *l = bytes; write; }

BOTH_WAYS(GETTER)
READ_ONLY(GETTER)
BOTH_WAYS(SETTER)

#define ROW_BOTH(name, key, layout, read, write) { key, 0, 0, get_##name, set_##name },
#define ROW_READ(name, key, layout, read) { key, 0, 0, get_##name, NULL },
/* Whole bytes. */
#define M(key, layout, member) { key, offsetof(layout, member), sizeof(((layout *)0)->member), NULL, NULL }
#define PATH(name, member) M("PathRecord." name, ib_path_rec_t, member)
#define PORT(name, member) M("PortInfo." name, ib_port_info_t, member)
#define NODE(name, member) M("NodeInfo." name, ib_node_info_t, member), \
	M("NodeRecord.node_info." name, ib_node_record_t, node_info.member)
#define SWITCH(name, member) M("SwitchInfo." name, ib_switch_info_t, member), \
	M("SwitchInfoRecord.switch_info." name, ib_switch_info_record_t, switch_info.member)
#define CLASS(name, member) M("ClassPortInfo." name, ib_class_port_info_t, member)
#define INFORM(name, member) M("InformInfo." name, ib_inform_info_t, member), \
	M("InformInfoRecord.inform_info." name, ib_inform_info_record_t, inform_info.member)
#define DETAILS(key, member) M(key, ib_mad_notice_attr_t, data_details.member)

static const struct ib_types_field fields[] = {
	BOTH_WAYS(ROW_BOTH)
	READ_ONLY(ROW_READ)

	M("MadHeader.base_version", ib_mad_t, base_ver), M("MadHeader.class", ib_mad_t, mgmt_class),
	M("MadHeader.class_version", ib_mad_t, class_ver), M("MadHeader.method", ib_mad_t, method),
	M("MadHeader.status", ib_mad_t, status), M("MadHeader.class_specific", ib_mad_t, class_spec),
	M("MadHeader.transaction_id", ib_mad_t, trans_id), M("MadHeader.attribute_id", ib_mad_t, attr_id),
	M("MadHeader.attribute_modifier", ib_mad_t, attr_mod),

	M("SaMad.rmpp.version", ib_sa_mad_t, rmpp_version), M("SaMad.rmpp.kind", ib_sa_mad_t, rmpp_type),
	M("SaMad.rmpp.status", ib_sa_mad_t, rmpp_status), M("SaMad.rmpp.segment", ib_sa_mad_t, seg_num),
	M("SaMad.rmpp.length_or_window", ib_sa_mad_t, paylen_newwin), M("SaMad.sa.sm_key", ib_sa_mad_t, sm_key),
	M("SaMad.sa.attribute_offset", ib_sa_mad_t, attr_offset),
	M("SaMad.sa.component_mask", ib_sa_mad_t, comp_mask),

	M("Smp.m_key", ib_smp_t, m_key), M("DirectedRouteSmp.m_key", ib_smp_t, m_key),
	M("DirectedRouteSmp.hop_pointer", ib_smp_t, hop_ptr), M("DirectedRouteSmp.hop_count", ib_smp_t, hop_count),
	M("DirectedRouteSmp.source_lid", ib_smp_t, dr_slid), M("DirectedRouteSmp.destination_lid", ib_smp_t, dr_dlid),
	M("DirectedRouteSmp.initial_path", ib_smp_t, initial_path),
	M("DirectedRouteSmp.return_path", ib_smp_t, return_path),

	PATH("service_id", service_id), PATH("destination_gid", dgid), PATH("source_gid", sgid),
	PATH("destination_lid", dlid), PATH("source_lid", slid), PATH("traffic_class", tclass),
	PATH("p_key", pkey), PATH("preference", preference),

	M("Notice.trap_number_or_device_id", ib_mad_notice_attr_t, g_or_v.generic.trap_num),
	M("Notice.issuer_lid", ib_mad_notice_attr_t, issuer_lid),
	M("Notice.data_details", ib_mad_notice_attr_t, data_details.raw_data),
	M("Notice.issuer_gid", ib_mad_notice_attr_t, issuer_gid),
	DETAILS("Trap64.gid", ntc_64_67.gid), DETAILS("Trap65.gid", ntc_64_67.gid),
	DETAILS("Trap66.mgid", ntc_64_67.gid), DETAILS("Trap67.mgid", ntc_64_67.gid),
	DETAILS("Trap128.lid", ntc_128.sw_lid),
	DETAILS("Trap129.lid", ntc_129_131.lid), DETAILS("Trap129.port_number", ntc_129_131.port_num),
	DETAILS("Trap130.lid", ntc_129_131.lid), DETAILS("Trap130.port_number", ntc_129_131.port_num),
	DETAILS("Trap131.lid", ntc_129_131.lid), DETAILS("Trap131.port_number", ntc_129_131.port_num),
	DETAILS("Trap144.lid", ntc_144.lid), DETAILS("Trap144.capability_mask", ntc_144.new_cap_mask),
	DETAILS("Trap144.change_flags", ntc_144.change_flgs), DETAILS("Trap144.capability_mask2", ntc_144.cap_mask2),
	DETAILS("Trap144.other_local_changes", ntc_144.local_changes),
	DETAILS("Trap145.lid", ntc_145.lid), DETAILS("Trap145.system_image_guid", ntc_145.new_sys_guid),

	INFORM("gid", gid), INFORM("lid_range_begin", lid_range_begin), INFORM("lid_range_end", lid_range_end),
	INFORM("is_generic", is_generic), INFORM("subscribe", subscribe), INFORM("notice_type", trap_type),
	INFORM("trap_number_or_device_id", g_or_v.generic.trap_num),
	M("InformInfoRecord.subscriber_gid", ib_inform_info_record_t, subscriber_gid),
	M("InformInfoRecord.subscriber_enum", ib_inform_info_record_t, subscriber_enum),

	CLASS("base_version", base_ver), CLASS("class_version", class_ver), CLASS("capability_mask", cap_mask),
	CLASS("redirect_gid", redir_gid), CLASS("redirect_lid", redir_lid), CLASS("redirect_p_key", redir_pkey),
	CLASS("redirect_q_key", redir_qkey), CLASS("trap_gid", trap_gid), CLASS("trap_lid", trap_lid),
	CLASS("trap_p_key", trap_pkey), CLASS("trap_q_key", trap_qkey),

	NODE("base_version", base_version), NODE("class_version", class_version), NODE("node_type", node_type),
	NODE("number_of_ports", num_ports), NODE("system_image_guid", sys_guid), NODE("node_guid", node_guid),
	NODE("port_guid", port_guid), NODE("partition_capacity", partition_cap), NODE("device_id", device_id),
	NODE("revision", revision),
	M("NodeRecord.lid", ib_node_record_t, lid), M("NodeRecord.node_description", ib_node_record_t, node_desc),
	M("NodeDescription.text", ib_node_desc_t, description),

	SWITCH("linear_fdb_capacity", lin_cap), SWITCH("random_fdb_capacity", rand_cap),
	SWITCH("multicast_fdb_capacity", mcast_cap), SWITCH("linear_fdb_top", lin_top),
	SWITCH("default_port", def_port), SWITCH("default_multicast_primary_port", def_mcast_pri_port),
	SWITCH("default_multicast_not_primary_port", def_mcast_not_port), SWITCH("lids_per_port", lids_per_port),
	SWITCH("partition_enforcement_capacity", enforce_cap), SWITCH("multicast_fdb_top", mcast_top),
	M("SwitchInfoRecord.lid", ib_switch_info_record_t, lid),

	PORT("m_key", m_key), PORT("gid_prefix", subnet_prefix), PORT("lid", base_lid),
	PORT("master_sm_lid", master_sm_base_lid), PORT("capability_mask", capability_mask),
	PORT("diag_code", diag_code), PORT("m_key_lease_period", m_key_lease_period),
	PORT("local_port_number", local_port_num), PORT("link_width_enabled", link_width_enabled),
	PORT("link_width_supported", link_width_supported), PORT("link_width_active", link_width_active),
	PORT("vl_high_limit", vl_high_limit), PORT("vl_arbitration_high_cap", vl_arb_high_cap),
	PORT("vl_arbitration_low_cap", vl_arb_low_cap), PORT("m_key_violations", m_key_violations),
	PORT("p_key_violations", p_key_violations), PORT("q_key_violations", q_key_violations),
	PORT("guid_cap", guid_cap), PORT("max_credit_hint", max_credit_hint),
	PORT("capability_mask2", capability_mask2),
};

const struct ib_types_field *oracle_ib_types_fields(size_t *count)
{
	*count = sizeof(fields) / sizeof(fields[0]);
	return fields;
}

static const struct ib_types_mask masks[] = {
	{ "PathRecordMask::SERVICE_ID", IB_PR_COMPMASK_SERVICEID },
	{ "PathRecordMask::DESTINATION_GID", IB_PR_COMPMASK_DGID },
	{ "PathRecordMask::SOURCE_GID", IB_PR_COMPMASK_SGID },
	{ "PathRecordMask::DESTINATION_LID", IB_PR_COMPMASK_DLID },
	{ "PathRecordMask::SOURCE_LID", IB_PR_COMPMASK_SLID },
	{ "PathRecordMask::RAW", IB_PR_COMPMASK_RAWTRAFFIC },
	{ "PathRecordMask::FLOW_LABEL", IB_PR_COMPMASK_FLOWLABEL },
	{ "PathRecordMask::HOP_LIMIT", IB_PR_COMPMASK_HOPLIMIT },
	{ "PathRecordMask::TRAFFIC_CLASS", IB_PR_COMPMASK_TCLASS },
	{ "PathRecordMask::REVERSIBLE", IB_PR_COMPMASK_REVERSIBLE },
	{ "PathRecordMask::NUMBER_OF_PATHS", IB_PR_COMPMASK_NUMBPATH },
	{ "PathRecordMask::P_KEY", IB_PR_COMPMASK_PKEY },
	{ "PathRecordMask::QOS_CLASS", IB_PR_COMPMASK_QOS_CLASS },
	{ "PathRecordMask::SERVICE_LEVEL", IB_PR_COMPMASK_SL },
	{ "PathRecordMask::MTU", IB_PR_COMPMASK_MTU | IB_PR_COMPMASK_MTUSELEC },
	{ "PathRecordMask::RATE", IB_PR_COMPMASK_RATE | IB_PR_COMPMASK_RATESELEC },
	{ "PathRecordMask::PACKET_LIFETIME", IB_PR_COMPMASK_PKTLIFETIME | IB_PR_COMPMASK_PKTLIFETIMESELEC },
	{ "NodeRecordMask::LID", IB_NR_COMPMASK_LID },
	{ "NodeRecordMask::BASE_VERSION", IB_NR_COMPMASK_BASEVERSION },
	{ "NodeRecordMask::CLASS_VERSION", IB_NR_COMPMASK_CLASSVERSION },
	{ "NodeRecordMask::NODE_TYPE", IB_NR_COMPMASK_NODETYPE },
	{ "NodeRecordMask::NUMBER_OF_PORTS", IB_NR_COMPMASK_NUMPORTS },
	{ "NodeRecordMask::SYSTEM_IMAGE_GUID", IB_NR_COMPMASK_SYSIMAGEGUID },
	{ "NodeRecordMask::NODE_GUID", IB_NR_COMPMASK_NODEGUID },
	{ "NodeRecordMask::PORT_GUID", IB_NR_COMPMASK_PORTGUID },
	{ "NodeRecordMask::PARTITION_CAPACITY", IB_NR_COMPMASK_PARTCAP },
	{ "NodeRecordMask::DEVICE_ID", IB_NR_COMPMASK_DEVID },
	{ "NodeRecordMask::REVISION", IB_NR_COMPMASK_REV },
	{ "NodeRecordMask::LOCAL_PORT_NUMBER", IB_NR_COMPMASK_PORTNUM },
	{ "NodeRecordMask::VENDOR_ID", IB_NR_COMPMASK_VENDID },
	{ "NodeRecordMask::NODE_DESCRIPTION", IB_NR_COMPMASK_NODEDESC },
	{ "SwitchInfoRecordMask::LID", IB_SWIR_COMPMASK_LID },
	{ "InformInfoRecordMask::SUBSCRIBER_GID", IB_IIR_COMPMASK_SUBSCRIBERGID },
	{ "InformInfoRecordMask::SUBSCRIBER_ENUM", IB_IIR_COMPMASK_ENUM },
	{ "InformInfoRecordMask::GID", IB_IIR_COMPMASK_GID },
	{ "InformInfoRecordMask::LID_RANGE_BEGIN", IB_IIR_COMPMASK_LIDRANGEBEGIN },
	{ "InformInfoRecordMask::LID_RANGE_END", IB_IIR_COMPMASK_LIDRANGEEND },
	{ "InformInfoRecordMask::IS_GENERIC", IB_IIR_COMPMASK_ISGENERIC },
	{ "InformInfoRecordMask::SUBSCRIBE", IB_IIR_COMPMASK_SUBSCRIBE },
	{ "InformInfoRecordMask::NOTICE_TYPE", IB_IIR_COMPMASK_TYPE },
	{ "InformInfoRecordMask::TRAP_NUMBER_OR_DEVICE_ID", IB_IIR_COMPMASK_TRAPNUMB },
	{ "InformInfoRecordMask::QPN", IB_IIR_COMPMASK_QPN },
	{ "InformInfoRecordMask::RESPONSE_TIME_VALUE", IB_IIR_COMPMASK_RESPTIME },
	{ "InformInfoRecordMask::PRODUCER_TYPE_OR_VENDOR_ID", IB_IIR_COMPMASK_PRODTYPE },
};

const struct ib_types_mask *oracle_ib_types_masks(size_t *count)
{
	*count = sizeof(masks) / sizeof(masks[0]);
	return masks;
}
