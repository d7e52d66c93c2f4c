/* Fields of OpenSM's ib_types.h: through its accessors where it has them, else where the compiler puts its members. */
#include "oracles.h"
#include <string.h>
#include <infiniband/iba/ib_types.h>

#define REPEAT16(M, X) M(X, 0) M(X, 1) M(X, 2) M(X, 3) M(X, 4) M(X, 5) M(X, 6) M(X, 7) \
	M(X, 8) M(X, 9) M(X, 10) M(X, 11) M(X, 12) M(X, 13) M(X, 14) M(X, 15)
#define LANE(X, n) \
	X(lane_##n, "SlToVlMapping.lane_" #n, ib_slvl_table_t, ib_slvl_table_get(l, n), ib_slvl_table_set(l, n, v)) \
	X(lane_record_##n, "SlToVlMappingRecord.sl_to_vl_mapping.lane_" #n, ib_slvl_table_record_t, \
		ib_slvl_table_get(&l->slvl_tbl, n), ib_slvl_table_set(&l->slvl_tbl, n, v))

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
	X(multi_0, "MultiPathRecord.qos_class", ib_multipath_rec_t, ib_multipath_rec_qos_class(l), ib_multipath_rec_set_qos_class(l, v)) \
	X(multi_1, "MultiPathRecord.service_level", ib_multipath_rec_t, ib_multipath_rec_sl(l), ib_multipath_rec_set_sl(l, v)) \
	X(member_0, "McMemberRecord.service_level", ib_member_rec_t, get_member(l).sl, set_member(l, v, get_member(l).flow, get_member(l).hop)) \
	X(member_1, "McMemberRecord.flow_label", ib_member_rec_t, get_member(l).flow, set_member(l, get_member(l).sl, v, get_member(l).hop)) \
	X(member_2, "McMemberRecord.hop_limit", ib_member_rec_t, get_member(l).hop, set_member(l, get_member(l).sl, get_member(l).flow, v)) \
	X(member_3, "McMemberRecord.scope", ib_member_rec_t, get_member(l).scope, l->scope_state = ib_member_set_scope_state(v, get_member(l).state)) \
	X(member_4, "McMemberRecord.join_state", ib_member_rec_t, get_member(l).state, ib_member_set_join_state(l, v)) \
	REPEAT16(LANE, X) \
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
	X(multi_ro_0, "MultiPathRecord.number_of_paths", ib_multipath_rec_t, ib_multipath_rec_num_path(l)) \
	X(multi_ro_1, "MultiPathRecord.mtu", ib_multipath_rec_t, ib_multipath_rec_mtu(l)) \
	X(multi_ro_2, "MultiPathRecord.mtu_selector", ib_multipath_rec_t, ib_multipath_rec_mtu_sel(l)) \
	X(multi_ro_3, "MultiPathRecord.rate", ib_multipath_rec_t, ib_multipath_rec_rate(l)) \
	X(multi_ro_4, "MultiPathRecord.rate_selector", ib_multipath_rec_t, ib_multipath_rec_rate_sel(l)) \
	X(multi_ro_5, "MultiPathRecord.packet_lifetime", ib_multipath_rec_t, ib_multipath_rec_pkt_life(l)) \
	X(multi_ro_6, "MultiPathRecord.packet_lifetime_selector", ib_multipath_rec_t, ib_multipath_rec_pkt_life_sel(l)) \
	X(multi_ro_7, "MultiPathRecord.service_id", ib_multipath_rec_t, cl_ntoh64(ib_multipath_rec_service_id(l))) \
	X(ro_33, "SmInfo.priority", ib_sm_info_t, ib_sminfo_get_priority(l)) \
	X(ro_34, "SmInfo.state", ib_sm_info_t, ib_sminfo_get_state(l)) \
	X(ro_35, "SmInfoRecord.sm_info.priority", ib_sminfo_record_t, ib_sminfo_get_priority(&l->sm_info)) \
	X(ro_36, "SmInfoRecord.sm_info.state", ib_sminfo_record_t, ib_sminfo_get_state(&l->sm_info)) \
	X(ro_29, "DirectedRouteSmp.header.status", ib_smp_t, cl_ntoh16(ib_smp_get_status(l))) \
	X(ro_30, "DirectedRouteSmp.is_returning", ib_smp_t, !!ib_smp_is_d(l))

struct member {
	uint8_t sl, hop, scope, state;
	uint32_t flow;
};

static struct member get_member(const ib_member_rec_t *record)
{
	struct member member;
	ib_member_get_sl_flow_hop(record->sl_flow_hop, &member.sl, &member.flow, &member.hop);
	ib_member_get_scope_state(record->scope_state, &member.scope, &member.state);
	return member;
}

static void set_member(ib_member_rec_t *record, uint8_t sl, uint32_t flow, uint8_t hop)
{
	record->sl_flow_hop = ib_member_set_sl_flow_hop(sl, flow, hop);
}

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
#define PORT(name, member) M("PortInfo." name, ib_port_info_t, member), \
	M("PortInfoRecord.port_info." name, ib_portinfo_record_t, port_info.member)
#define GUID(n) M("GuidInfo.guid_" #n, ib_guid_info_t, guid[n]), \
	M("GuidInfoRecord.guid_info.guid_" #n, ib_guidinfo_record_t, guid_info.guid[n])
#define TURN(n) M("VlArbitration.lane_" #n, ib_vl_arb_table_t, vl_entry[n].vl), \
	M("VlArbitration.weight_" #n, ib_vl_arb_table_t, vl_entry[n].weight), \
	M("VlArbitrationRecord.vl_arbitration.lane_" #n, ib_vl_arb_table_record_t, vl_arb_tbl.vl_entry[n].vl), \
	M("VlArbitrationRecord.vl_arbitration.weight_" #n, ib_vl_arb_table_record_t, vl_arb_tbl.vl_entry[n].weight)
#define SM(name, member) M("SmInfo." name, ib_sm_info_t, member), \
	M("SmInfoRecord.sm_info." name, ib_sminfo_record_t, sm_info.member)
#define SERVICE(name, member) M("ServiceRecord." name, ib_service_record_t, member)
#define MULTI(name, member) M("MultiPathRecord." name, ib_multipath_rec_t, member)
#define MEMBER(name, member) M("McMemberRecord." name, ib_member_rec_t, member)
#define SPEED(name, member) M("ExtPortInfo." name, ib_mlnx_ext_port_info_t, member)
#define COUNTER(name, member) M("PortCounters." name, ib_port_counters_t, member)
#define EXTENDED(name, member) M("PortCountersExtended." name, ib_port_counters_ext_t, member)
#define NODE(name, member) M("NodeInfo." name, ib_node_info_t, member), \
	M("NodeRecord.node_info." name, ib_node_record_t, node_info.member)
#define SWITCH(name, member) M("SwitchInfo." name, ib_switch_info_t, member), \
	M("SwitchInfoRecord.switch_info." name, ib_switch_info_record_t, switch_info.member)
#define CLASS(name, member) M("ClassPortInfo." name, ib_class_port_info_t, member)
#define INFORM(name, member) M("InformInfo." name, ib_inform_info_t, member), \
	M("InformInfoRecord.inform_info." name, ib_inform_info_record_t, inform_info.member)
#define DETAILS(key, member) M(key, ib_mad_notice_attr_t, data_details.member)

#define KEY(name, member) DETAILS("Trap257." name, ntc_257_258.member), DETAILS("Trap258." name, ntc_257_258.member)

static const struct c_field fields[] = {
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

	GUID(0), GUID(1), GUID(2), GUID(3), GUID(4), GUID(5), GUID(6), GUID(7),
	TURN(0), TURN(1), TURN(2), TURN(3), TURN(4), TURN(5), TURN(6), TURN(7),
	TURN(8), TURN(9), TURN(10), TURN(11), TURN(12), TURN(13), TURN(14), TURN(15),
	TURN(16), TURN(17), TURN(18), TURN(19), TURN(20), TURN(21), TURN(22), TURN(23),
	TURN(24), TURN(25), TURN(26), TURN(27), TURN(28), TURN(29), TURN(30), TURN(31),
	M("GuidInfoRecord.lid", ib_guidinfo_record_t, lid), M("GuidInfoRecord.block_number", ib_guidinfo_record_t, block_num),
	M("PKeyTable.p_keys", ib_pkey_table_t, pkey_entry), M("PKeyTableRecord.lid", ib_pkey_table_record_t, lid),
	M("PKeyTableRecord.block_number", ib_pkey_table_record_t, block_num),
	M("PKeyTableRecord.port_number", ib_pkey_table_record_t, port_num),
	M("PKeyTableRecord.p_key_table.p_keys", ib_pkey_table_record_t, pkey_tbl.pkey_entry),
	M("SlToVlMappingRecord.lid", ib_slvl_table_record_t, lid),
	M("SlToVlMappingRecord.input_port", ib_slvl_table_record_t, in_port_num),
	M("SlToVlMappingRecord.output_port", ib_slvl_table_record_t, out_port_num),
	M("VlArbitrationRecord.lid", ib_vl_arb_table_record_t, lid),
	M("VlArbitrationRecord.output_port", ib_vl_arb_table_record_t, port_num),
	M("VlArbitrationRecord.block_number", ib_vl_arb_table_record_t, block_num),
	M("LinearForwardingTableRecord.lid", ib_lft_record_t, lid),
	M("LinearForwardingTableRecord.block_number", ib_lft_record_t, block_num),
	M("LinearForwardingTableRecord.linear_forwarding_table.ports", ib_lft_record_t, lft),
	M("MulticastForwardingTableRecord.lid", ib_mft_record_t, lid),
	M("MulticastForwardingTableRecord.multicast_forwarding_table.port_masks", ib_mft_record_t, mft),

	SM("guid", guid), SM("sm_key", sm_key), SM("act_count", act_count), M("SmInfoRecord.lid", ib_sminfo_record_t, lid),
	M("PortInfoRecord.lid", ib_portinfo_record_t, lid), M("PortInfoRecord.port_number", ib_portinfo_record_t, port_num),
	M("PortInfoRecord.options", ib_portinfo_record_t, options),
	M("LinkRecord.from_lid", ib_link_record_t, from_lid), M("LinkRecord.from_port", ib_link_record_t, from_port_num),
	M("LinkRecord.to_port", ib_link_record_t, to_port_num), M("LinkRecord.to_lid", ib_link_record_t, to_lid),

	MULTI("traffic_class", tclass), MULTI("p_key", pkey), MULTI("source_gid_count", sgid_count),
	MULTI("destination_gid_count", dgid_count),

	SERVICE("service_id", service_id), SERVICE("service_gid", service_gid), SERVICE("service_p_key", service_pkey),
	SERVICE("service_lease", service_lease), SERVICE("service_key", service_key), SERVICE("service_name", service_name),
	SERVICE("data8", service_data8), SERVICE("data16", service_data16), SERVICE("data32", service_data32),
	SERVICE("data64", service_data64),

	/* Not proxy_join: a bit field of C, which is the wrong end of its byte on a machine of little endian. */
	MEMBER("mgid", mgid), MEMBER("port_gid", port_gid), MEMBER("q_key", qkey), MEMBER("mlid", mlid),
	MEMBER("traffic_class", tclass), MEMBER("p_key", pkey),

	SPEED("state_change_enable", state_change_enable), SPEED("link_speed_supported", link_speed_supported),
	SPEED("link_speed_enabled", link_speed_enabled), SPEED("link_speed_active", link_speed_active),

	COUNTER("port_select", port_select), COUNTER("counter_select", counter_select),
	COUNTER("symbol_error_counter", symbol_err_cnt), COUNTER("link_error_recovery_counter", link_err_recover),
	COUNTER("link_downed_counter", link_downed), COUNTER("port_rcv_errors", rcv_err),
	COUNTER("port_rcv_remote_physical_errors", rcv_rem_phys_err), COUNTER("port_rcv_switch_relay_errors", rcv_switch_relay_err),
	COUNTER("port_xmit_discards", xmit_discards), COUNTER("port_xmit_constraint_errors", xmit_constraint_err),
	COUNTER("port_rcv_constraint_errors", rcv_constraint_err), COUNTER("counter_select2", counter_select2),
	COUNTER("qp1_dropped", qp1_dropped), COUNTER("vl15_dropped", vl15_dropped),
	COUNTER("port_xmit_data", xmit_data), COUNTER("port_rcv_data", rcv_data),
	COUNTER("port_xmit_pkts", xmit_pkts), COUNTER("port_rcv_pkts", rcv_pkts),
	COUNTER("port_xmit_wait", xmit_wait),

	EXTENDED("port_select", port_select), EXTENDED("counter_select", counter_select),
	EXTENDED("counter_select2", counter_select2), EXTENDED("port_xmit_data", xmit_data),
	EXTENDED("port_rcv_data", rcv_data), EXTENDED("port_xmit_pkts", xmit_pkts),
	EXTENDED("port_rcv_pkts", rcv_pkts), EXTENDED("port_unicast_xmit_pkts", unicast_xmit_pkts),
	EXTENDED("port_unicast_rcv_pkts", unicast_rcv_pkts), EXTENDED("port_multicast_xmit_pkts", multicast_xmit_pkts),
	EXTENDED("port_multicast_rcv_pkts", multicast_rcv_pkts), EXTENDED("symbol_error_counter", symbol_err_cnt),
	EXTENDED("link_error_recovery_counter", link_err_recover), EXTENDED("link_downed_counter", link_downed),
	EXTENDED("port_rcv_errors", rcv_err), EXTENDED("port_rcv_remote_physical_errors", rcv_rem_phys_err),
	EXTENDED("port_rcv_switch_relay_errors", rcv_switch_relay_err), EXTENDED("port_xmit_discards", xmit_discards),
	EXTENDED("port_xmit_constraint_errors", xmit_constraint_err), EXTENDED("port_rcv_constraint_errors", rcv_constraint_err),
	EXTENDED("local_link_integrity_errors", link_integrity_err), EXTENDED("excessive_buffer_overrun_errors", buffer_overrun),
	EXTENDED("vl15_dropped", vl15_dropped), EXTENDED("port_xmit_wait", xmit_wait),
	EXTENDED("qp1_dropped", qp1_dropped),

	DETAILS("Trap256.source_lid", ntc_256.lid), DETAILS("Trap256.directed_route_source_lid", ntc_256.dr_slid),
	DETAILS("Trap256.method", ntc_256.method), DETAILS("Trap256.attribute_id", ntc_256.attr_id),
	DETAILS("Trap256.attribute_modifier", ntc_256.attr_mod), DETAILS("Trap256.m_key", ntc_256.mkey),
	DETAILS("Trap256.return_path", ntc_256.dr_rtn_path),
	KEY("source_lid", lid1), KEY("destination_lid", lid2), KEY("key", key), KEY("source_gid", gid1),
	KEY("destination_gid", gid2),
	DETAILS("Trap259.data_valid", ntc_259.data_valid), DETAILS("Trap259.source_lid", ntc_259.lid1),
	DETAILS("Trap259.destination_lid", ntc_259.lid2), DETAILS("Trap259.p_key", ntc_259.pkey),
	DETAILS("Trap259.source_gid", ntc_259.gid1), DETAILS("Trap259.destination_gid", ntc_259.gid2),
	DETAILS("Trap259.switch_lid", ntc_259.sw_lid), DETAILS("Trap259.port_number", ntc_259.port_no),
};

const struct c_field *oracle_ib_types_fields(size_t *count)
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
	{ "GuidInfoRecordMask::LID", IB_GIR_COMPMASK_LID },
	{ "GuidInfoRecordMask::BLOCK_NUMBER", IB_GIR_COMPMASK_BLOCKNUM },
	{ "GuidInfoRecordMask::GUIDS", IB_GIR_COMPMASK_GID0 | IB_GIR_COMPMASK_GID1 | IB_GIR_COMPMASK_GID2 | IB_GIR_COMPMASK_GID3 | IB_GIR_COMPMASK_GID4 | IB_GIR_COMPMASK_GID5 | IB_GIR_COMPMASK_GID6 | IB_GIR_COMPMASK_GID7 },
	{ "PKeyTableRecordMask::LID", IB_PKEY_COMPMASK_LID },
	{ "PKeyTableRecordMask::BLOCK_NUMBER", IB_PKEY_COMPMASK_BLOCK },
	{ "PKeyTableRecordMask::PORT_NUMBER", IB_PKEY_COMPMASK_PORT },
	{ "SlToVlMappingRecordMask::LID", IB_SLVL_COMPMASK_LID },
	{ "SlToVlMappingRecordMask::INPUT_PORT", IB_SLVL_COMPMASK_IN_PORT },
	{ "SlToVlMappingRecordMask::OUTPUT_PORT", IB_SLVL_COMPMASK_OUT_PORT },
	{ "VlArbitrationRecordMask::LID", IB_VLA_COMPMASK_LID },
	{ "VlArbitrationRecordMask::OUTPUT_PORT", IB_VLA_COMPMASK_OUT_PORT },
	{ "VlArbitrationRecordMask::BLOCK_NUMBER", IB_VLA_COMPMASK_BLOCK },
	{ "LinearForwardingTableRecordMask::LID", IB_LFTR_COMPMASK_LID },
	{ "LinearForwardingTableRecordMask::BLOCK_NUMBER", IB_LFTR_COMPMASK_BLOCK },
	{ "MulticastForwardingTableRecordMask::LID", IB_MFTR_COMPMASK_LID },
	{ "MulticastForwardingTableRecordMask::POSITION", IB_MFTR_COMPMASK_POSITION },
	{ "MulticastForwardingTableRecordMask::BLOCK_NUMBER", IB_MFTR_COMPMASK_BLOCK },
	{ "SmInfoRecordMask::LID", IB_SMIR_COMPMASK_LID },
	{ "SmInfoRecordMask::GUID", IB_SMIR_COMPMASK_GUID },
	{ "SmInfoRecordMask::SM_KEY", IB_SMIR_COMPMASK_SMKEY },
	{ "SmInfoRecordMask::ACT_COUNT", IB_SMIR_COMPMASK_ACTCOUNT },
	{ "SmInfoRecordMask::PRIORITY", IB_SMIR_COMPMASK_PRIORITY },
	{ "SmInfoRecordMask::STATE", IB_SMIR_COMPMASK_SMSTATE },
	{ "LinkRecordMask::FROM_LID", IB_LR_COMPMASK_FROM_LID },
	{ "LinkRecordMask::FROM_PORT", IB_LR_COMPMASK_FROM_PORT },
	{ "LinkRecordMask::TO_PORT", IB_LR_COMPMASK_TO_PORT },
	{ "LinkRecordMask::TO_LID", IB_LR_COMPMASK_TO_LID },
	{ "ServiceRecordMask::SERVICE_ID", IB_SR_COMPMASK_SID },
	{ "ServiceRecordMask::SERVICE_GID", IB_SR_COMPMASK_SGID },
	{ "ServiceRecordMask::SERVICE_P_KEY", IB_SR_COMPMASK_SPKEY },
	{ "ServiceRecordMask::SERVICE_LEASE", IB_SR_COMPMASK_SLEASE },
	{ "ServiceRecordMask::SERVICE_KEY", IB_SR_COMPMASK_SKEY },
	{ "ServiceRecordMask::SERVICE_NAME", IB_SR_COMPMASK_SNAME },
	{ "ServiceRecordMask::DATA8", IB_SR_COMPMASK_SDATA8_0 | IB_SR_COMPMASK_SDATA8_1 | IB_SR_COMPMASK_SDATA8_2 | IB_SR_COMPMASK_SDATA8_3 | IB_SR_COMPMASK_SDATA8_4 | IB_SR_COMPMASK_SDATA8_5 | IB_SR_COMPMASK_SDATA8_6 | IB_SR_COMPMASK_SDATA8_7 | IB_SR_COMPMASK_SDATA8_8 | IB_SR_COMPMASK_SDATA8_9 | IB_SR_COMPMASK_SDATA8_10 | IB_SR_COMPMASK_SDATA8_11 | IB_SR_COMPMASK_SDATA8_12 | IB_SR_COMPMASK_SDATA8_13 | IB_SR_COMPMASK_SDATA8_14 | IB_SR_COMPMASK_SDATA8_15 },
	{ "ServiceRecordMask::DATA16", IB_SR_COMPMASK_SDATA16_0 | IB_SR_COMPMASK_SDATA16_1 | IB_SR_COMPMASK_SDATA16_2 | IB_SR_COMPMASK_SDATA16_3 | IB_SR_COMPMASK_SDATA16_4 | IB_SR_COMPMASK_SDATA16_5 | IB_SR_COMPMASK_SDATA16_6 | IB_SR_COMPMASK_SDATA16_7 },
	{ "ServiceRecordMask::DATA32", IB_SR_COMPMASK_SDATA32_0 | IB_SR_COMPMASK_SDATA32_1 | IB_SR_COMPMASK_SDATA32_2 | IB_SR_COMPMASK_SDATA32_3 },
	{ "ServiceRecordMask::DATA64", IB_SR_COMPMASK_SDATA64_0 | IB_SR_COMPMASK_SDATA64_1 },
	{ "McMemberRecordMask::MGID", IB_MCR_COMPMASK_MGID },
	{ "McMemberRecordMask::PORT_GID", IB_MCR_COMPMASK_PORT_GID },
	{ "McMemberRecordMask::Q_KEY", IB_MCR_COMPMASK_QKEY },
	{ "McMemberRecordMask::MLID", IB_MCR_COMPMASK_MLID },
	{ "McMemberRecordMask::MTU", IB_MCR_COMPMASK_MTU | IB_MCR_COMPMASK_MTU_SEL },
	{ "McMemberRecordMask::TRAFFIC_CLASS", IB_MCR_COMPMASK_TCLASS },
	{ "McMemberRecordMask::P_KEY", IB_MCR_COMPMASK_PKEY },
	{ "McMemberRecordMask::RATE", IB_MCR_COMPMASK_RATE | IB_MCR_COMPMASK_RATE_SEL },
	{ "McMemberRecordMask::PACKET_LIFETIME", IB_MCR_COMPMASK_LIFE | IB_MCR_COMPMASK_LIFE_SEL },
	{ "McMemberRecordMask::SERVICE_LEVEL", IB_MCR_COMPMASK_SL },
	{ "McMemberRecordMask::FLOW_LABEL", IB_MCR_COMPMASK_FLOW },
	{ "McMemberRecordMask::HOP_LIMIT", IB_MCR_COMPMASK_HOP },
	{ "McMemberRecordMask::SCOPE", IB_MCR_COMPMASK_SCOPE },
	{ "McMemberRecordMask::JOIN_STATE", IB_MCR_COMPMASK_JOIN_STATE },
	{ "McMemberRecordMask::PROXY_JOIN", IB_MCR_COMPMASK_PROXY },
	{ "PortInfoRecordMask::LID", IB_PIR_COMPMASK_LID },
	{ "PortInfoRecordMask::PORT_NUMBER", IB_PIR_COMPMASK_PORTNUM },
	{ "PortInfoRecordMask::OPTIONS", IB_PIR_COMPMASK_OPTIONS },
	{ "PortInfoRecordMask::M_KEY", IB_PIR_COMPMASK_MKEY },
	{ "PortInfoRecordMask::GID_PREFIX", IB_PIR_COMPMASK_GIDPRE },
	{ "PortInfoRecordMask::BASE_LID", IB_PIR_COMPMASK_BASELID },
	{ "PortInfoRecordMask::MASTER_SM_LID", IB_PIR_COMPMASK_SMLID },
	{ "PortInfoRecordMask::CAPABILITY_MASK", IB_PIR_COMPMASK_CAPMASK },
	{ "PortInfoRecordMask::DIAG_CODE", IB_PIR_COMPMASK_DIAGCODE },
	{ "PortInfoRecordMask::M_KEY_LEASE_PERIOD", IB_PIR_COMPMASK_MKEYLEASEPRD },
	{ "PortInfoRecordMask::LOCAL_PORT_NUMBER", IB_PIR_COMPMASK_LOCALPORTNUM },
	{ "PortInfoRecordMask::LINK_WIDTH_ENABLED", IB_PIR_COMPMASK_LINKWIDTHENABLED },
	{ "PortInfoRecordMask::LINK_WIDTH_SUPPORTED", IB_PIR_COMPMASK_LNKWIDTHSUPPORT },
	{ "PortInfoRecordMask::LINK_WIDTH_ACTIVE", IB_PIR_COMPMASK_LNKWIDTHACTIVE },
	{ "PortInfoRecordMask::LINK_SPEED_SUPPORTED", IB_PIR_COMPMASK_LNKSPEEDSUPPORT },
	{ "PortInfoRecordMask::PORT_STATE", IB_PIR_COMPMASK_PORTSTATE },
	{ "PortInfoRecordMask::PORT_PHYSICAL_STATE", IB_PIR_COMPMASK_PORTPHYSTATE },
	{ "PortInfoRecordMask::LINK_DOWN_DEFAULT_STATE", IB_PIR_COMPMASK_LINKDWNDFLTSTATE },
	{ "PortInfoRecordMask::M_KEY_PROTECT_BITS", IB_PIR_COMPMASK_MKEYPROTBITS },
	{ "PortInfoRecordMask::LMC", IB_PIR_COMPMASK_LMC },
	{ "PortInfoRecordMask::LINK_SPEED_ACTIVE", IB_PIR_COMPMASK_LINKSPEEDACTIVE },
	{ "PortInfoRecordMask::LINK_SPEED_ENABLED", IB_PIR_COMPMASK_LINKSPEEDENABLE },
	{ "PortInfoRecordMask::NEIGHBOR_MTU", IB_PIR_COMPMASK_NEIGHBORMTU },
	{ "PortInfoRecordMask::MASTER_SM_SL", IB_PIR_COMPMASK_MASTERSMSL },
	{ "PortInfoRecordMask::VL_CAP", IB_PIR_COMPMASK_VLCAP },
	{ "PortInfoRecordMask::INIT_TYPE", IB_PIR_COMPMASK_INITTYPE },
	{ "PortInfoRecordMask::VL_HIGH_LIMIT", IB_PIR_COMPMASK_VLHIGHLIMIT },
	{ "PortInfoRecordMask::VL_ARBITRATION_HIGH_CAP", IB_PIR_COMPMASK_VLARBHIGHCAP },
	{ "PortInfoRecordMask::VL_ARBITRATION_LOW_CAP", IB_PIR_COMPMASK_VLARBLOWCAP },
	{ "PortInfoRecordMask::INIT_TYPE_REPLY", IB_PIR_COMPMASK_INITTYPEREPLY },
	{ "PortInfoRecordMask::MTU_CAP", IB_PIR_COMPMASK_MTUCAP },
	{ "PortInfoRecordMask::VL_STALL_COUNT", IB_PIR_COMPMASK_VLSTALLCNT },
	{ "PortInfoRecordMask::HOQ_LIFE", IB_PIR_COMPMASK_HOQLIFE },
	{ "PortInfoRecordMask::OPERATIONAL_VLS", IB_PIR_COMPMASK_OPVLS },
	{ "PortInfoRecordMask::PARTITION_ENFORCEMENT_INBOUND", IB_PIR_COMPMASK_PARENFIN },
	{ "PortInfoRecordMask::PARTITION_ENFORCEMENT_OUTBOUND", IB_PIR_COMPMASK_PARENFOUT },
	{ "PortInfoRecordMask::FILTER_RAW_INBOUND", IB_PIR_COMPMASK_FILTERRAWIN },
	{ "PortInfoRecordMask::FILTER_RAW_OUTBOUND", IB_PIR_COMPMASK_FILTERRAWOUT },
	{ "PortInfoRecordMask::M_KEY_VIOLATIONS", IB_PIR_COMPMASK_MKEYVIO },
	{ "PortInfoRecordMask::P_KEY_VIOLATIONS", IB_PIR_COMPMASK_PKEYVIO },
	{ "PortInfoRecordMask::Q_KEY_VIOLATIONS", IB_PIR_COMPMASK_QKEYVIO },
	{ "PortInfoRecordMask::GUID_CAP", IB_PIR_COMPMASK_GUIDCAP },
	{ "PortInfoRecordMask::CLIENT_REREGISTER", IB_PIR_COMPMASK_CLIENTREREG },
	{ "PortInfoRecordMask::SUBNET_TIMEOUT", IB_PIR_COMPMASK_SUBNTO },
	{ "PortInfoRecordMask::RESPONSE_TIME_VALUE", IB_PIR_COMPMASK_RESPTIME },
	{ "PortInfoRecordMask::LOCAL_PHY_ERRORS", IB_PIR_COMPMASK_LOCALPHYERR },
	{ "PortInfoRecordMask::OVERRUN_ERRORS", IB_PIR_COMPMASK_OVERRUNERR },
	{ "PortInfoRecordMask::MAX_CREDIT_HINT", IB_PIR_COMPMASK_MAXCREDHINT },
	{ "PortInfoRecordMask::LINK_ROUND_TRIP_LATENCY", IB_PIR_COMPMASK_LINKRTLAT },
	{ "PortInfoRecordMask::CAPABILITY_MASK2", IB_PIR_COMPMASK_CAPMASK2 },
	{ "PortInfoRecordMask::LINK_SPEED_EXT_ACTIVE", IB_PIR_COMPMASK_LINKSPDEXTACT },
	{ "PortInfoRecordMask::LINK_SPEED_EXT_SUPPORTED", IB_PIR_COMPMASK_LINKSPDEXTSUPP },
	{ "PortInfoRecordMask::LINK_SPEED_EXT_ENABLED", IB_PIR_COMPMASK_LINKSPDEXTENAB },
	{ "MultiPathRecordMask::RAW", IB_MPR_COMPMASK_RAWTRAFFIC },
	{ "MultiPathRecordMask::FLOW_LABEL", IB_MPR_COMPMASK_FLOWLABEL },
	{ "MultiPathRecordMask::HOP_LIMIT", IB_MPR_COMPMASK_HOPLIMIT },
	{ "MultiPathRecordMask::TRAFFIC_CLASS", IB_MPR_COMPMASK_TCLASS },
	{ "MultiPathRecordMask::REVERSIBLE", IB_MPR_COMPMASK_REVERSIBLE },
	{ "MultiPathRecordMask::NUMBER_OF_PATHS", IB_MPR_COMPMASK_NUMBPATH },
	{ "MultiPathRecordMask::P_KEY", IB_MPR_COMPMASK_PKEY },
	{ "MultiPathRecordMask::QOS_CLASS", IB_MPR_COMPMASK_QOS_CLASS },
	{ "MultiPathRecordMask::SERVICE_LEVEL", IB_MPR_COMPMASK_SL },
	{ "MultiPathRecordMask::MTU", IB_MPR_COMPMASK_MTU | IB_MPR_COMPMASK_MTUSELEC },
	{ "MultiPathRecordMask::RATE", IB_MPR_COMPMASK_RATE | IB_MPR_COMPMASK_RATESELEC },
	{ "MultiPathRecordMask::PACKET_LIFETIME", IB_MPR_COMPMASK_PKTLIFETIME | IB_MPR_COMPMASK_PKTLIFETIMESELEC },
	{ "MultiPathRecordMask::SERVICE_ID", IB_MPR_COMPMASK_SERVICEID },
	{ "MultiPathRecordMask::INDEPENDENCE", IB_MPR_COMPMASK_INDEPSELEC },
	{ "MultiPathRecordMask::SOURCE_GID_COUNT", IB_MPR_COMPMASK_SGIDCOUNT },
	{ "MultiPathRecordMask::DESTINATION_GID_COUNT", IB_MPR_COMPMASK_DGIDCOUNT },
};

const struct ib_types_mask *oracle_ib_types_masks(size_t *count)
{
	*count = sizeof(masks) / sizeof(masks[0]);
	return masks;
}
