// A set of IP addresses to find in text.
#pragma once

#include "prefilter.h"

// Creates a set of `count` addresses of 16 bytes each, in ascending order. Sets `starts[byte]` to 1 for each byte that
// may begin the text of an address. Returns NULL if there is no memory.
sluice_addresses *sluice_addresses_create(const uint8_t *addresses, size_t count, uint8_t starts[256]);
void sluice_addresses_destroy(sluice_addresses *addresses);
