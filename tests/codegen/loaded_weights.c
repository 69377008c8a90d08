/* Runs the self-test of a network whose weights are apart, with those of a
 * file: the exit status is 0 if it passes. */

#include <stdio.h>

#include "net.h"

/* The linker does not know that net.c declares it const. */
float net_weights[NET_WEIGHTS];
static float arena[NET_ARENA];

int main(int argc, char** argv) {
  FILE* file = argc == 2 ? fopen(argv[1], "rb") : 0;
  if (file == 0) return 2;
  const size_t floats = fread(net_weights, sizeof(float), NET_WEIGHTS, file);
  fclose(file);
  printf("%d of %d weights\n", (int)floats, NET_WEIGHTS);
  return net_self_test(arena) ? 0 : 1;
}
