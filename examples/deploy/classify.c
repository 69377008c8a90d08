#include <stdio.h>

#include "lenet.h"

static float arena[LENET_ARENA];
static uint8_t image[LENET_INPUTS];

/* classify [IMAGE]: an image is a file of 28 x 28 bytes. */
int main(int argc, char** argv) {
  if (!lenet_self_test(arena)) return 1;
  FILE* file = argc > 1 ? fopen(argv[1], "rb") : 0;
  if (file != 0) {
    if (fread(image, 1, LENET_INPUTS, file) != LENET_INPUTS) return 1;
    fclose(file);
  }
  const int best = lenet_class(image, arena);
  printf("%s %g\n", lenet_class_names[best], lenet_scores(image, arena)[best]);
  return 0;
}
