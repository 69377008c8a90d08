/* A C program that uses the shared library as an application does:
 *   c99_test CHECKPOINT
 * with a checkpoint of LeNet, trained on bytes. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lenslet_c.h"

enum { kPixels = 28 * 28, kClasses = 10, kExamples = 40 };

static int failures = 0;

#define EXPECT(condition)                                               \
  do {                                                                  \
    if (!(condition)) {                                                 \
      printf("%s:%d: not so: %s; last error: %s\n", __FILE__, __LINE__, \
             #condition, lenslet_last_error());                         \
      ++failures;                                                       \
    }                                                                   \
  } while (0)

static uint8_t images[kExamples * kPixels];
static int32_t classes[kExamples];

static void MakeExamples(void) {
  uint32_t state = 1;
  int i;
  for (i = 0; i < kExamples * kPixels; ++i) {
    state = state * 1664525u + 1013904223u;
    images[i] = (uint8_t)(state >> 24);
  }
  for (i = 0; i < kExamples; ++i) classes[i] = i % kClasses;
}

static void TestPredict(lenslet_network* network) {
  float scores[kExamples * kClasses], again[kExamples * kClasses];
  float floats[kPixels];
  float sum = 0;
  int i;
  EXPECT(lenslet_predict_bytes(network, images, kExamples * kPixels, scores,
                               kExamples * kClasses) == LENSLET_OK);
  for (i = 0; i < kExamples; ++i) {
    EXPECT(lenslet_predict_bytes(network, images + i * kPixels, kPixels,
                                 again + i * kClasses, kClasses) == LENSLET_OK);
  }
  EXPECT(memcmp(scores, again, sizeof scores) == 0);

  for (i = 0; i < kPixels; ++i) floats[i] = (float)images[i] / 255.0f;
  EXPECT(lenslet_predict_floats(network, floats, kPixels, again, kClasses) ==
         LENSLET_OK);
  EXPECT(memcmp(scores, again, kClasses * sizeof scores[0]) == 0);

  EXPECT(lenslet_set_block(network, 16) == LENSLET_OK);
  EXPECT(lenslet_predict_bytes(network, images, kExamples * kPixels, again,
                               kExamples * kClasses) == LENSLET_OK);
  for (i = 0; i < kExamples * kClasses; ++i) {
    EXPECT(fabs(scores[i] - again[i]) < 1e-3);
  }
  EXPECT(lenslet_set_block(network, 1) == LENSLET_OK);

  EXPECT(lenslet_probabilities(network, scores, kClasses, scores) ==
         LENSLET_OK);
  for (i = 0; i < kClasses; ++i) sum += scores[i];
  EXPECT(fabs(sum - 1) < 1e-5);
}

static void TestTrain(lenslet_network* network) {
  lenslet_training training = LENSLET_TRAINING_DEFAULTS;
  lenslet_trainer* trainer = NULL;
  lenslet_batch batch;
  double loss = 0, first = 0;
  int step;
  memset(&batch, 0, sizeof batch);
  batch.examples = kExamples;
  batch.bytes = images;
  batch.input_elements = kExamples * kPixels;
  batch.classes = classes;
  batch.target_elements = kExamples;
  training.optimizer = LENSLET_ADAM;
  training.learning_rate = 0.002;
  EXPECT(lenslet_trainer_create(network, &training, &trainer) == LENSLET_OK);
  for (step = 0; step < 30; ++step) {
    EXPECT(lenslet_train_step(trainer, &batch, &loss) == LENSLET_OK);
    if (step == 0) first = loss;
  }
  EXPECT(loss < first);
  EXPECT(lenslet_steps(trainer) == 30);
  EXPECT(lenslet_train_step(trainer, &batch, NULL) == LENSLET_OK);
  lenslet_trainer_free(trainer);
}

static void TestSaveAndLoad(lenslet_network* network) {
  lenslet_network* copy = NULL;
  void *bytes = NULL, *again = NULL;
  size_t size = 0, again_size = 0;
  EXPECT(lenslet_save_memory(network, &bytes, &size) == LENSLET_OK);
  EXPECT(lenslet_load_memory(bytes, size, &copy) == LENSLET_OK);
  EXPECT(lenslet_save_memory(copy, &again, &again_size) == LENSLET_OK);
  EXPECT(size == again_size && memcmp(bytes, again, size) == 0);
  EXPECT(strcmp(lenslet_output_name(copy, 9),
                lenslet_output_name(network, 9)) == 0);
  lenslet_free(copy);
  EXPECT(lenslet_load_memory(bytes, size / 2, &copy) == LENSLET_DATA_LOSS);
  EXPECT(copy == NULL);
  EXPECT(lenslet_last_code() == LENSLET_DATA_LOSS);
  EXPECT(strstr(lenslet_last_error(), "damaged") != NULL);
  lenslet_free_bytes(bytes);
  lenslet_free_bytes(again);
}

int main(int argc, char** argv) {
  lenslet_network* network = NULL;
  int64_t dims[LENSLET_MAX_RANK];
  if (argc != 2) return 2;
  EXPECT(lenslet_abi_version() == LENSLET_ABI_VERSION);
  EXPECT(lenslet_last_code() == LENSLET_OK);
  EXPECT(strcmp(lenslet_last_error(), "") == 0);
  EXPECT(lenslet_load_file("no such file", &network) == LENSLET_NOT_FOUND);
  EXPECT(network == NULL);
  EXPECT(lenslet_load_file(argv[1], &network) == LENSLET_OK);
  if (network == NULL) return 1;

  EXPECT(lenslet_input_shape(network, dims) == 3);
  EXPECT(dims[0] == 28 && dims[1] == 28 && dims[2] == 1);
  EXPECT(lenslet_output_shape(network, dims) == 1);
  EXPECT(dims[0] == kClasses);
  EXPECT(lenslet_input_elements(network) == kPixels);
  EXPECT(lenslet_output_elements(network) == kClasses);
  EXPECT(lenslet_trained_on(network) == LENSLET_INPUT_BYTES);
  EXPECT(lenslet_output_kind(network) == LENSLET_CLASSES);
  EXPECT(lenslet_output_names(network) == kClasses);
  EXPECT(strcmp(lenslet_output_name(network, 0), "T-shirt/top") == 0);
  EXPECT(lenslet_output_name(network, kClasses) == NULL);

  MakeExamples();
  TestPredict(network);
  TestTrain(network);
  TestSaveAndLoad(network);
  lenslet_free(network);
  return failures == 0 ? 0 : 1;
}
