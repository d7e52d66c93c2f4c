/* Fields by the name that the Rust side gives them, as independent sources lay them out. */
#ifndef FABRIC_HA_ORACLES_H
#define FABRIC_HA_ORACLES_H

#include <stddef.h>
#include <stdint.h>

/* A field of a header: either whole bytes at an offset, or accessors for a value in host order. */
struct c_field {
	const char *key;
	size_t offset;
	size_t size;			/* 0: use the accessors */
	uint64_t (*get)(const void *layout);
	void (*set)(void *layout, uint64_t value);	/* NULL: the header only reads it */
};

/* A field of libibmad. */
struct libibmad_field {
	const char *key;
	int id;
	int base;			/* where the attribute starts that the field is of */
};

/* A component mask of ib_types.h, in network order. */
struct ib_types_mask {
	const char *key;
	uint64_t mask;
};

/* A number, in host order. */
struct named_number {
	const char *key;
	uint64_t number;
};

const struct named_number *oracle_cm_codes(size_t *count);
const struct ib_types_mask *oracle_ib_types_masks(size_t *count);
const struct c_field *oracle_ib_types_fields(size_t *count);
const struct c_field *oracle_linux_fields(size_t *count);
const struct libibmad_field *oracle_libibmad_fields(size_t *count);

/* What a header of a umad device is filled with. */
struct umad_fields {
	uint32_t id, timeout_ms, qpn, q_key, flow_label;
	uint16_t lid, p_key_index;
	uint8_t service_level, path_bits, gid_index, hop_limit, traffic_class;
	uint8_t gid[16];
};

/* What an agent of a umad device is to be. */
struct umad_registration {
	uint32_t qpn, oui;
	uint8_t class, class_version, method, kernel_rmpp;
};

void oracle_umad_numbers(uint64_t numbers[5]);
/* They write the structure to bytes, which has room for 64, and tell its size. */
size_t oracle_umad_header(const struct umad_fields *fields, uint8_t *bytes);
size_t oracle_umad_header_old(const struct umad_fields *fields, uint8_t *bytes);
size_t oracle_umad_register(const struct umad_registration *wanted, uint8_t *bytes);
size_t oracle_umad_register_old(const struct umad_registration *wanted, uint8_t *bytes);

#endif
