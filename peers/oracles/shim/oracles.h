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

#endif
