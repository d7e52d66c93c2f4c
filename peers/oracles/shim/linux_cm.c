/*
 * Fields of Linux's communication management messages: through the accessors that the kernel has for them in
 * include/rdma/ibta_vol1_c12.h, compiled for user space. Of the kernel's own world they need what follows.
 */
#include "oracles.h"
#include <endian.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef uint16_t __be16;
typedef uint32_t __be32;
typedef uint64_t __be64;

#define be16_to_cpu be16toh
#define be32_to_cpu be32toh
#define cpu_to_be16 htobe16
#define cpu_to_be32 htobe32
#define cpu_to_be64 htobe64
#define GENMASK(high, low) GENMASK_ULL(high, low)
#define GENMASK_ULL(high, low) ((~0ULL << (low)) & (~0ULL >> (63 - (high))))
#define FIELD_PREP(mask, value) (((u64)(value) << __builtin_ctzll(mask)) & (mask))
#define FIELD_GET(mask, word) (((u64)(word) & (mask)) >> __builtin_ctzll(mask))
#define BUILD_BUG_ON_ZERO(condition) ((int)(sizeof(char[1 - 2 * !!(condition)]) - 1))
#define WARN_ON(condition) ((void)(condition))

static inline u64 unaligned_be64(const void *place)
{
	u64 value;
	memcpy(&value, place, sizeof(value));
	return value;
}
#define get_unaligned(place) unaligned_be64(place)
#define be64_to_cpu be64toh
#define put_unaligned(value, place) \
	do { u64 word = (value); memcpy(place, &word, sizeof(word)); } while (0)

union ib_gid {
	u8 raw[16];
};

/* A message is looked at without the header in front of it. */
struct ib_mad_hdr {
};

#include <rdma/ibta_vol1_c12.h>

/* X(key, field): fields that are numbers. */
#define REQUEST_PATH(X, name, FIELD) \
	X("ConnectRequest." name ".local_lid", REQ_##FIELD##_LOCAL_PORT_LID) \
	X("ConnectRequest." name ".remote_lid", REQ_##FIELD##_REMOTE_PORT_LID) \
	X("ConnectRequest." name ".flow_label", REQ_##FIELD##_FLOW_LABEL) \
	X("ConnectRequest." name ".packet_rate", REQ_##FIELD##_PACKET_RATE) \
	X("ConnectRequest." name ".traffic_class", REQ_##FIELD##_TRAFFIC_CLASS) \
	X("ConnectRequest." name ".hop_limit", REQ_##FIELD##_HOP_LIMIT) \
	X("ConnectRequest." name ".service_level", REQ_##FIELD##_SL) \
	X("ConnectRequest." name ".subnet_local", REQ_##FIELD##_SUBNET_LOCAL) \
	X("ConnectRequest." name ".local_ack_timeout", REQ_##FIELD##_LOCAL_ACK_TIMEOUT)
#define IDS(X, name, FIELD) \
	X(name ".local_communication_id", FIELD##_LOCAL_COMM_ID) \
	X(name ".remote_communication_id", FIELD##_REMOTE_COMM_ID)
#define NUMBERS(X) \
	X("ConnectRequest.local_communication_id", REQ_LOCAL_COMM_ID) \
	X("ConnectRequest.vendor_id", REQ_VENDOR_ID) \
	X("ConnectRequest.service_id", REQ_SERVICE_ID) \
	X("ConnectRequest.local_ca_guid", REQ_LOCAL_CA_GUID) \
	X("ConnectRequest.local_q_key", REQ_LOCAL_Q_KEY) \
	X("ConnectRequest.local_qpn", REQ_LOCAL_QPN) \
	X("ConnectRequest.responder_resources", REQ_RESPONDER_RESOURCES) \
	X("ConnectRequest.local_eecn", REQ_LOCAL_EECN) \
	X("ConnectRequest.initiator_depth", REQ_INITIATOR_DEPTH) \
	X("ConnectRequest.remote_eecn", REQ_REMOTE_EECN) \
	X("ConnectRequest.remote_cm_response_timeout", REQ_REMOTE_CM_RESPONSE_TIMEOUT) \
	X("ConnectRequest.transport_service_type", REQ_TRANSPORT_SERVICE_TYPE) \
	X("ConnectRequest.end_to_end_flow_control", REQ_END_TO_END_FLOW_CONTROL) \
	X("ConnectRequest.starting_psn", REQ_STARTING_PSN) \
	X("ConnectRequest.local_cm_response_timeout", REQ_LOCAL_CM_RESPONSE_TIMEOUT) \
	X("ConnectRequest.retry_count", REQ_RETRY_COUNT) \
	X("ConnectRequest.p_key", REQ_PARTITION_KEY) \
	X("ConnectRequest.path_mtu", REQ_PATH_PACKET_PAYLOAD_MTU) \
	X("ConnectRequest.rdc_exists", REQ_RDC_EXISTS) \
	X("ConnectRequest.rnr_retry_count", REQ_RNR_RETRY_COUNT) \
	X("ConnectRequest.max_cm_retries", REQ_MAX_CM_RETRIES) \
	X("ConnectRequest.srq", REQ_SRQ) \
	X("ConnectRequest.extended_transport_type", REQ_EXTENDED_TRANSPORT_TYPE) \
	X("ConnectRequest.sap_supported", REQ_SAP_SUPPORTED) \
	REQUEST_PATH(X, "primary_path", PRIMARY) \
	REQUEST_PATH(X, "alternate_path", ALTERNATE) \
	IDS(X, "MsgRcptAck", MRA) \
	X("MsgRcptAck.message_mraed", MRA_MESSAGE_MRAED) \
	X("MsgRcptAck.service_timeout", MRA_SERVICE_TIMEOUT) \
	IDS(X, "ConnectReject", REJ) \
	X("ConnectReject.message_rejected", REJ_MESSAGE_REJECTED) \
	X("ConnectReject.additional_reject_information.length", REJ_REJECTED_INFO_LENGTH) \
	X("ConnectReject.reason", REJ_REASON) \
	IDS(X, "ConnectReply", REP) \
	X("ConnectReply.local_q_key", REP_LOCAL_Q_KEY) \
	X("ConnectReply.local_qpn", REP_LOCAL_QPN) \
	X("ConnectReply.local_eecn", REP_LOCAL_EE_CONTEXT_NUMBER) \
	X("ConnectReply.starting_psn", REP_STARTING_PSN) \
	X("ConnectReply.responder_resources", REP_RESPONDER_RESOURCES) \
	X("ConnectReply.initiator_depth", REP_INITIATOR_DEPTH) \
	X("ConnectReply.target_ack_delay", REP_TARGET_ACK_DELAY) \
	X("ConnectReply.failover_accepted", REP_FAILOVER_ACCEPTED) \
	X("ConnectReply.end_to_end_flow_control", REP_END_TO_END_FLOW_CONTROL) \
	X("ConnectReply.rnr_retry_count", REP_RNR_RETRY_COUNT) \
	X("ConnectReply.srq", REP_SRQ) \
	X("ConnectReply.local_ca_guid", REP_LOCAL_CA_GUID) \
	IDS(X, "ReadyToUse", RTU) \
	IDS(X, "DisconnectRequest", DREQ) \
	X("DisconnectRequest.remote_qpn_eecn", DREQ_REMOTE_QPN_EECN) \
	IDS(X, "DisconnectReply", DREP) \
	IDS(X, "LoadAlternatePath", LAP) \
	X("LoadAlternatePath.remote_qpn_eecn", LAP_REMOTE_QPN_EECN) \
	X("LoadAlternatePath.remote_cm_response_timeout", LAP_REMOTE_CM_RESPONSE_TIMEOUT) \
	X("LoadAlternatePath.alternate_path.local_lid", LAP_ALTERNATE_LOCAL_PORT_LID) \
	X("LoadAlternatePath.alternate_path.remote_lid", LAP_ALTERNATE_REMOTE_PORT_LID) \
	X("LoadAlternatePath.alternate_path.flow_label", LAP_ALTERNATE_FLOW_LABEL) \
	X("LoadAlternatePath.alternate_path.traffic_class", LAP_ALTERNATE_TRAFFIC_CLASS) \
	X("LoadAlternatePath.alternate_path.hop_limit", LAP_ALTERNATE_HOP_LIMIT) \
	X("LoadAlternatePath.alternate_path.packet_rate", LAP_ALTERNATE_PACKET_RATE) \
	X("LoadAlternatePath.alternate_path.service_level", LAP_ALTERNATE_SL) \
	X("LoadAlternatePath.alternate_path.subnet_local", LAP_ALTERNATE_SUBNET_LOCAL) \
	X("LoadAlternatePath.alternate_path.local_ack_timeout", LAP_ALTERNATE_LOCAL_ACK_TIMEOUT) \
	IDS(X, "AlternatePathResponse", APR) \
	X("AlternatePathResponse.additional_information.length", APR_ADDITIONAL_INFORMATION_LENGTH) \
	X("AlternatePathResponse.status", APR_AR_STATUS) \
	X("ServiceIdResolutionRequest.request_id", SIDR_REQ_REQUESTID) \
	X("ServiceIdResolutionRequest.p_key", SIDR_REQ_PARTITION_KEY) \
	X("ServiceIdResolutionRequest.service_id", SIDR_REQ_SERVICEID) \
	X("ServiceIdResolutionResponse.request_id", SIDR_REP_REQUESTID) \
	X("ServiceIdResolutionResponse.status", SIDR_REP_STATUS) \
	X("ServiceIdResolutionResponse.additional_information.length", SIDR_REP_ADDITIONAL_INFORMATION_LENGTH) \
	X("ServiceIdResolutionResponse.qpn", SIDR_REP_QPN) \
	X("ServiceIdResolutionResponse.service_id", SIDR_REP_SERVICEID) \
	X("ServiceIdResolutionResponse.q_key", SIDR_REP_Q_KEY)

/* X(key, field): fields that are bytes. */
#define BYTES(X) \
	X("ConnectRequest.primary_path.local_gid", REQ_PRIMARY_LOCAL_PORT_GID) \
	X("ConnectRequest.primary_path.remote_gid", REQ_PRIMARY_REMOTE_PORT_GID) \
	X("ConnectRequest.alternate_path.local_gid", REQ_ALTERNATE_LOCAL_PORT_GID) \
	X("ConnectRequest.alternate_path.remote_gid", REQ_ALTERNATE_REMOTE_PORT_GID) \
	X("ConnectRequest.private_data", REQ_PRIVATE_DATA) \
	X("MsgRcptAck.private_data", MRA_PRIVATE_DATA) \
	X("ConnectReject.additional_reject_information.data", REJ_ARI) \
	X("ConnectReject.private_data", REJ_PRIVATE_DATA) \
	X("ConnectReply.private_data", REP_PRIVATE_DATA) \
	X("ReadyToUse.private_data", RTU_PRIVATE_DATA) \
	X("DisconnectRequest.private_data", DREQ_PRIVATE_DATA) \
	X("DisconnectReply.private_data", DREP_PRIVATE_DATA) \
	X("LoadAlternatePath.alternate_path.local_gid", LAP_ALTERNATE_LOCAL_PORT_GID) \
	X("LoadAlternatePath.alternate_path.remote_gid", LAP_ALTERNATE_REMOTE_PORT_GID) \
	X("LoadAlternatePath.private_data", LAP_PRIVATE_DATA) \
	X("AlternatePathResponse.additional_information.data", APR_ADDITIONAL_INFORMATION) \
	X("AlternatePathResponse.private_data", APR_PRIVATE_DATA) \
	X("ServiceIdResolutionRequest.private_data", SIDR_REQ_PRIVATE_DATA) \
	X("ServiceIdResolutionResponse.additional_information.data", SIDR_REP_ADDITIONAL_INFORMATION) \
	X("ServiceIdResolutionResponse.private_data", SIDR_REP_PRIVATE_DATA)

#define SIZE_OF(field) SIZE_OF_(field)
#define SIZE_OF_(layout, place, type, bits) ((bits) / 8)
#define PLACE_OF(field) PLACE_OF_(field)
#define PLACE_OF_(layout, place, type, bits) (place)

/* The vendor's id is in pieces between other fields. */
static uint64_t get_reply_vendor(const void *p)
{
	return (uint64_t)IBA_GET(CM_REP_VENDOR_ID_H, p) << 16 | IBA_GET(CM_REP_VENDOR_ID_M, p) << 8 |
	       IBA_GET(CM_REP_VENDOR_ID_L, p);
}

static void set_reply_vendor(void *p, uint64_t value)
{
	IBA_SET(CM_REP_VENDOR_ID_H, p, value >> 16);
	IBA_SET(CM_REP_VENDOR_ID_M, p, value >> 8 & 0xFF);
	IBA_SET(CM_REP_VENDOR_ID_L, p, value & 0xFF);
}

static uint64_t get_resolution_vendor(const void *p)
{
	return (uint64_t)IBA_GET(CM_SIDR_REP_VENDOR_ID_H, p) << 8 | IBA_GET(CM_SIDR_REP_VENDOR_ID_L, p);
}

static void set_resolution_vendor(void *p, uint64_t value)
{
	IBA_SET(CM_SIDR_REP_VENDOR_ID_H, p, value >> 8);
	IBA_SET(CM_SIDR_REP_VENDOR_ID_L, p, value & 0xFF);
}

#define ACCESSORS(key, field) \
	static uint64_t get_##field(const void *p) { return IBA_GET(CM_##field, p); } \
	static void set_##field(void *p, uint64_t value) { IBA_SET(CM_##field, p, value); }
NUMBERS(ACCESSORS)

#define NUMBER_ENTRY(key, field) { key, 0, 0, get_##field, set_##field },
#define BYTES_ENTRY(key, field) { key, PLACE_OF(CM_##field), SIZE_OF(CM_##field), NULL, NULL },

static const struct c_field fields[] = {
	NUMBERS(NUMBER_ENTRY)
	BYTES(BYTES_ENTRY)
	{ "ConnectReply.vendor_id", 0, 0, get_reply_vendor, set_reply_vendor },
	{ "ServiceIdResolutionResponse.vendor_id", 0, 0, get_resolution_vendor, set_resolution_vendor },
};

const struct c_field *oracle_linux_fields(size_t *count)
{
	*count = sizeof(fields) / sizeof(*fields);
	return fields;
}
