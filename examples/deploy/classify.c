#include <stdio.h>

#include "lenet.h"

static float arena[LENET_ARENA];
static uint8_t image[LENET_INPUTS];

int main(void) {
  if (!lenet_self_test(arena)) return 1;
  const int best = lenet_class(image, arena);
  printf("%s %g\n", lenet_class_names[best], lenet_scores(image, arena)[best]);
  return 0;
}
