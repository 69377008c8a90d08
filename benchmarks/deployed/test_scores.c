/* Writes the scores of the images at standard input to standard output, as
 * floats, lowest byte first, as they are on the CPUs that
 * certificate_table.sh runs it on. */

#include <stdio.h>

#include "net.h"

static uint8_t image[NET_INPUTS];
static float arena[NET_ARENA];

int main(void) {
  while (fread(image, 1, NET_INPUTS, stdin) == NET_INPUTS) {
    fwrite(net_scores(image, arena), sizeof(float), NET_OUTPUTS, stdout);
  }
  return net_self_test(arena) ? 0 : 1;
}
