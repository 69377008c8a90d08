/* The C code that lenslet export wrote. */

#include "net.h"
#include "worker.h"

static float arena[NET_ARENA];

int prepare(const char* parameters) {
  return parameters != 0 && net_self_test(arena);
}

const float* scores_of(const uint8_t* image) {
  return net_scores(image, arena);
}
