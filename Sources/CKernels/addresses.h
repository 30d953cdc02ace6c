// A set of IP addresses that is looked for in text.
#pragma once

#include "prefilter.h"

// Makes a set of `count` addresses of 16 bytes each, ascending. Sets `starts` for every byte with which one may begin. Returns NULL
// if there is no memory.
sluice_addresses *sluice_addresses_create(const uint8_t *addresses, size_t count, uint8_t starts[256]);
void sluice_addresses_destroy(sluice_addresses *addresses);
