/* Classifies an image by a checkpoint, with the C library:
 *   predict CHECKPOINT < IMAGE
 * where IMAGE has the bytes of the image's pixels, row by row. */

#include <stdio.h>
#include <stdlib.h>

#include "lenslet_c.h"

int main(int argc, char** argv) {
  lenslet_network* network;
  if (argc != 2) {
    fprintf(stderr, "usage: predict CHECKPOINT < IMAGE\n");
    return 2;
  }
  if (lenslet_load_file(argv[1], &network) != LENSLET_OK) {
    fprintf(stderr, "%s\n", lenslet_last_error());
    return 1;
  }
  const int64_t pixels = lenslet_input_elements(network);
  const int64_t classes = lenslet_output_elements(network);
  uint8_t* image = malloc(pixels);
  float* scores = malloc(classes * sizeof(float));
  if (image == NULL || scores == NULL ||
      fread(image, 1, pixels, stdin) != (size_t)pixels) {
    fprintf(stderr, "expected the %lld bytes of an image\n", (long long)pixels);
    return 1;
  }
  if (lenslet_predict_bytes(network, image, pixels, scores, classes) !=
          LENSLET_OK ||
      lenslet_probabilities(network, scores, classes, scores) != LENSLET_OK) {
    fprintf(stderr, "%s\n", lenslet_last_error());
    return 1;
  }
  int64_t best = 0;
  for (int64_t i = 1; i < classes; ++i) {
    if (scores[i] > scores[best]) best = i;
  }
  printf("%s %.3f\n", lenslet_output_name(network, best), scores[best]);
  free(scores);
  free(image);
  lenslet_free(network);
  return 0;
}
