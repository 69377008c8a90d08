/* Trains a checkpoint further on a device's own images, with the C library:
 *   fine_tune CHECKPOINT IMAGES LABELS NEW_CHECKPOINT
 * where IMAGES has the bytes of the images' pixels, image by image, and LABELS
 * a byte for each image, its class. Only the last two layers change. */

#include <stdio.h>
#include <stdlib.h>

#include "lenslet_c.h"

enum { kBatch = 32 };

static int Fail(void) {
  fprintf(stderr, "%s\n", lenslet_last_error());
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: fine_tune CHECKPOINT IMAGES LABELS NEW\n");
    return 2;
  }
  lenslet_network* network;
  if (lenslet_load_file(argv[1], &network) != LENSLET_OK) return Fail();

  lenslet_training training = LENSLET_TRAINING_DEFAULTS;
  training.optimizer = LENSLET_ADAM;
  training.learning_rate = 0.001;
  training.batch_size = kBatch;
  training.trained_layers = 2;
  lenslet_trainer* trainer;
  if (lenslet_trainer_create(network, &training, &trainer) != LENSLET_OK) {
    return Fail();
  }

  const int64_t pixels = lenslet_input_elements(network);
  uint8_t* images = malloc(kBatch * pixels);
  FILE* image_file = fopen(argv[2], "rb");
  FILE* label_file = fopen(argv[3], "rb");
  if (images == NULL || image_file == NULL || label_file == NULL) {
    fprintf(stderr, "expected images and labels\n");
    return 1;
  }
  for (;;) {
    uint8_t labels[kBatch];
    int32_t classes[kBatch];
    const size_t examples = fread(images, pixels, kBatch, image_file);
    if (examples == 0 || fread(labels, 1, examples, label_file) != examples) {
      break;
    }
    for (size_t i = 0; i < examples; ++i) classes[i] = labels[i];
    const lenslet_batch batch = {
        .examples = examples,
        .bytes = images,
        .input_elements = examples * pixels,
        .classes = classes,
        .target_elements = examples,
    };
    double loss;
    if (lenslet_train_step(trainer, &batch, &loss) != LENSLET_OK) {
      return Fail();
    }
    if (lenslet_steps(trainer) % 50 == 0) {
      printf("step %lld: loss %.3f\n", (long long)lenslet_steps(trainer), loss);
    }
  }
  fclose(label_file);
  fclose(image_file);
  free(images);
  lenslet_trainer_free(trainer);
  if (lenslet_save_file(network, argv[4]) != LENSLET_OK) return Fail();
  lenslet_free(network);
  return 0;
}
