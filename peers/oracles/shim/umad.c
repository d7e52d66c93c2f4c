/* The kernel's ib_user_mad.h, as a C compiler lays it out. */
#include <arpa/inet.h>
#include <string.h>
#include <rdma/ib_user_mad.h>
#include "oracles.h"

void oracle_umad_numbers(uint64_t numbers[5])
{
	numbers[0] = IB_USER_MAD_ABI_VERSION;
	numbers[1] = IB_USER_MAD_REGISTER_AGENT;
	numbers[2] = IB_USER_MAD_UNREGISTER_AGENT;
	numbers[3] = IB_USER_MAD_ENABLE_PKEY;
	numbers[4] = IB_USER_MAD_REGISTER_AGENT2;
}

/* What both layouts of the header have. */
#define FILL(header, fields) do { \
	memset(&(header), 0, sizeof(header)); \
	(header).id = (fields)->id; \
	(header).timeout_ms = (fields)->timeout_ms; \
	(header).qpn = htonl((fields)->qpn); \
	(header).qkey = htonl((fields)->q_key); \
	(header).lid = htons((fields)->lid); \
	(header).sl = (fields)->service_level; \
	(header).path_bits = (fields)->path_bits; \
	(header).grh_present = 1; \
	(header).gid_index = (fields)->gid_index; \
	(header).hop_limit = (fields)->hop_limit; \
	(header).traffic_class = (fields)->traffic_class; \
	memcpy((header).gid, (fields)->gid, sizeof((header).gid)); \
	(header).flow_label = htonl((fields)->flow_label); \
} while (0)

size_t oracle_umad_header(const struct umad_fields *fields, uint8_t *bytes)
{
	struct ib_user_mad_hdr header;

	FILL(header, fields);
	header.pkey_index = fields->p_key_index;
	memcpy(bytes, &header, sizeof(header));
	return sizeof(header);
}

size_t oracle_umad_header_old(const struct umad_fields *fields, uint8_t *bytes)
{
	struct ib_user_mad_hdr_old header;

	FILL(header, fields);
	memcpy(bytes, &header, sizeof(header));
	return sizeof(header);
}

size_t oracle_umad_register(const struct umad_registration *wanted, uint8_t *bytes)
{
	struct ib_user_mad_reg_req2 request;

	memset(&request, 0, sizeof(request));
	request.qpn = wanted->qpn;
	request.mgmt_class = wanted->class;
	request.mgmt_class_version = wanted->class_version;
	request.flags = wanted->kernel_rmpp ? 0 : IB_USER_MAD_USER_RMPP;
	request.method_mask[wanted->method / 64] = 1ULL << (wanted->method % 64);
	request.oui = wanted->oui;
	request.rmpp_version = wanted->kernel_rmpp;
	memcpy(bytes, &request, sizeof(request));
	return sizeof(request);
}

size_t oracle_umad_register_old(const struct umad_registration *wanted, uint8_t *bytes)
{
	const unsigned bits = 8 * sizeof(long);
	struct ib_user_mad_reg_req request;

	memset(&request, 0, sizeof(request));
	request.qpn = wanted->qpn;
	request.mgmt_class = wanted->class;
	request.mgmt_class_version = wanted->class_version;
	request.method_mask[wanted->method / bits] = 1UL << (wanted->method % bits);
	request.oui[0] = wanted->oui >> 16;
	request.oui[1] = wanted->oui >> 8;
	request.oui[2] = wanted->oui;
	request.rmpp_version = wanted->kernel_rmpp;
	memcpy(bytes, &request, sizeof(request));
	return sizeof(request);
}
